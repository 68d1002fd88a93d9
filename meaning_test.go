package customer_test

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"example.com/customer"
)

func matches(t *rapid.T, f customer.Filter, c customer.Customer) bool {
	t.Helper()
	ok, err := customer.Matches(f, c)
	if err != nil {
		t.Fatalf("Matches(%#v): %v", f, err)
	}
	return ok
}

// meaning says what f means in the plainest way, node by node, without Normalize and without a compiler.
func meaning(f customer.Filter, c customer.Customer) bool {
	is := func(f customer.Filter) bool { return meaning(f, c) }
	switch f := f.(type) {
	case customer.AllOf:
		return !slices.ContainsFunc(f, func(f customer.Filter) bool { return !is(f) })
	case customer.AnyOf:
		return slices.ContainsFunc(f, is)
	case customer.NoneOf:
		return !slices.ContainsFunc(f, is)
	case customer.Match:
		return meansMatch(f, c)
	case customer.Span:
		at := map[customer.TimeField]time.Time{"created_at": c.CreatedAt, "updated_at": c.UpdatedAt, "archived_at": c.ArchivedAt}[f.Field]
		return !at.IsZero() && !at.Before(f.From) && (f.To.IsZero() || at.Before(f.To))
	case customer.StatusIn:
		return slices.Contains(f, c.Status)
	case customer.IDIn:
		return slices.Contains(f, c.ID)
	case customer.Tagged:
		has := func(tag string) bool {
			stored, err := customer.Draft{Name: "x", Tags: []string{tag}}.Build(someID, noon)
			return err == nil && slices.Contains(c.Tags, stored.Tags[0])
		}
		if f.All {
			return !slices.ContainsFunc(f.Tags, func(tag string) bool { return !has(tag) })
		}
		return slices.ContainsFunc(f.Tags, has)
	case customer.MetadataIn:
		value, has := c.Metadata[f.Key]
		return has && slices.Contains(f.Values, value)
	case customer.Present:
		return meansPresent(f.Field, c)
	case customer.HasWords:
		return meansWords(f.Text, c)
	}
	return f == nil
}

func meansMatch(f customer.Match, c customer.Customer) bool {
	keys := customer.KeysOf(c)
	text, key := "", customer.Fold
	switch f.Field {
	case customer.ByName:
		text = customer.Fold(c.Name)
	case customer.ByCompany:
		text = customer.Fold(c.Company)
	case customer.ByCity:
		text = customer.Fold(c.Address.City)
	case customer.ByRegion:
		text = customer.Fold(c.Address.Region)
	case customer.ByPostalCode:
		text = customer.Fold(c.Address.PostalCode)
	case customer.ByCountry:
		text = customer.Fold(c.Address.Country)
	case customer.ByExternalID:
		text, key = c.ExternalID, norm.NFC.String
	case customer.ByPhone:
		text, key = keys.Phone, func(v string) string { return customer.KeysOf(customer.Customer{Phone: v}).Phone }
	case customer.ByEmail:
		text, key = asciiLower(c.Email), emailText
		if f.Op == customer.Is {
			text, key = keys.Email, func(v string) string { return customer.KeysOf(customer.Customer{Email: strings.TrimSpace(v)}).Email }
		}
	case customer.ByEmailDomain:
		text, key = keys.Domain, emailText
		if f.Op == customer.Is {
			key = func(v string) string {
				return customer.KeysOf(customer.Customer{Email: "x@" + strings.TrimSpace(v)}).Domain
			}
		}
	}
	compare := map[customer.MatchOp]func(s, part string) bool{
		customer.Is: func(s, part string) bool { return s == part }, customer.Contains: strings.Contains,
		customer.Prefix: strings.HasPrefix, customer.Suffix: strings.HasSuffix,
	}[f.Op]
	return slices.ContainsFunc(f.Values, func(v string) bool { return compare(text, key(v)) })
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

func emailText(v string) string { return asciiLower(norm.NFC.String(strings.TrimSpace(v))) }

func meansPresent(field string, c customer.Customer) bool {
	if key, ok := strings.CutPrefix(field, "metadata."); ok {
		_, has := c.Metadata[key]
		return has
	}
	return map[string]bool{
		"name": c.Name != "", "company": c.Company != "", "email": c.Email != "", "email_domain": c.Email != "", "phone": c.Phone != "",
		"external_id": c.ExternalID != "", "city": c.Address.City != "", "region": c.Address.Region != "", "postal_code": c.Address.PostalCode != "",
		"country": c.Address.Country != "", "notes": c.Notes != "", "address": c.Address != customer.Address{}, "tag": len(c.Tags) > 0,
		"metadata": len(c.Metadata) > 0, "archived_at": c.Status == customer.Archived,
	}[field]
}

func meansWords(text string, c customer.Customer) bool {
	keys := customer.KeysOf(c)
	for _, token := range strings.Fields(text) {
		if strings.Contains(token, "@") {
			switch domain := strings.TrimPrefix(token, "@"); {
			case !strings.ContainsFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			case domain != token && !strings.Contains(domain, "@"):
				if keys.Domain != customer.KeysOf(customer.Customer{Email: "x@" + domain}).Domain {
					return false
				}
			case !strings.HasPrefix(asciiLower(c.Email), emailText(token)):
				return false
			}
			continue
		}
		for _, word := range strings.FieldsFunc(customer.Fold(token), betweenWords) {
			if !meansWord(word, keys.Words) {
				return false
			}
		}
	}
	return true
}

func betweenWords(r rune) bool {
	return r == 'ʼ' || r == 'ʻ' || !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

func meansWord(word, words string) bool {
	switch {
	case !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return true
	case strings.Trim(word, "0123456789") == "" && len(word) >= 4:
		return strings.Contains(words, strings.TrimPrefix(word, "00"))
	case strings.ContainsFunc(word, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	}):
		return strings.Contains(words, word)
	}
	return strings.Contains(words, " "+word)
}
