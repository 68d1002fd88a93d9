package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"

	"example.com/customer"
)

// plan is which way to the rows a statement leaves the planner.
type plan int

const (
	planIndexed plan = iota // the planner's choice
	planWalk                // not the trigram index
	planGIN                 // not a walk in order
)

// column is a column that pages are ordered by.
type column struct {
	name   string
	hidden string // the same value as an expression without an index
	isTime bool
}

var orderColumns = map[string]column{
	"created_at": {"created_at", "created_at + interval '0'", true},
	"updated_at": {"updated_at", "updated_at + interval '0'", true},
	"name":       {"name_key", "(name_key || '')", false},
	"email":      {"email_key", "(email_key || '')", false},
	"company":    {"company_key", "(company_key || '')", false},
}

// matchColumns hold the keys that [customer.Match] compares. Those that are part of words have the trigram index to help.
var matchColumns = map[customer.TextField]struct {
	name    string
	inWords bool
}{
	customer.ByName:        {"name_key", true},
	customer.ByCompany:     {"company_key", true},
	customer.ByEmail:       {"email_key", true},
	customer.ByEmailDomain: {"domain_key", false},
	customer.ByPhone:       {"phone_key", true},
	customer.ByExternalID:  {"external_id", true},
	customer.ByCity:        {"city_key", true},
	customer.ByRegion:      {"region_key", false},
	customer.ByPostalCode:  {"postal_key", false},
	customer.ByCountry:     {"country_key", false},
}

// emailTextColumn is an email as it is compared but for equality; under COLLATE "C" lower changes ASCII alone.
const emailTextColumn = "lower(email)"

// compile returns the condition of one node: a fragment whose values are all bound.
func (p plan) compile(f customer.Filter) (squirrel.Sqlizer, error) {
	switch f := f.(type) {
	case customer.AllOf:
		parts, err := p.each(f)
		return squirrel.And(parts), err
	case customer.AnyOf:
		parts, err := p.each(f)
		return squirrel.Or(parts), err
	case customer.NoneOf:
		parts, err := p.each(f)
		return squirrel.Expr("NOT (?)", squirrel.Or(parts)), err
	case customer.Match:
		return p.match(f), nil
	case customer.Span:
		return span(f), nil
	case customer.StatusIn:
		return status(f), nil
	case customer.IDIn:
		return squirrel.Expr("id = ANY(?)", rawIDs(f)), nil
	case customer.Tagged:
		if f.All {
			return squirrel.Expr("tags @> ?::text[]", nonNil(f.Tags)), nil
		}
		return squirrel.Expr("tags && ?::text[]", nonNil(f.Tags)), nil
	case customer.MetadataIn:
		return metadata(f)
	case customer.Present:
		return present(f), nil
	case customer.HasWords:
		return p.words(f), nil
	}
	return nil, fmt.Errorf("customer: postgres: filter %T: %w", f, errors.ErrUnsupported)
}

func (p plan) each(filters []customer.Filter) ([]squirrel.Sqlizer, error) {
	parts := make([]squirrel.Sqlizer, len(filters))
	for i, f := range filters {
		var err error
		if parts[i], err = p.compile(f); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (p plan) match(f customer.Match) squirrel.Sqlizer {
	column, keys := matchColumns[f.Field], f.Keys()
	if f.Op == customer.Is {
		cond := squirrel.Expr(column.name+" = ANY(?)", keys)
		if len(keys) == 1 {
			cond = squirrel.Expr(column.name+" = ?", keys[0])
		}
		if f.Field == customer.ByExternalID {
			// The partial index serves only statements that repeat its condition.
			return squirrel.And{cond, squirrel.Expr("external_id <> ''")}
		}
		return cond
	}
	name := column.name
	if f.Field == customer.ByEmail {
		name = emailTextColumn
	}
	any := make(squirrel.Or, len(keys))
	for i, key := range keys {
		all := squirrel.And{squirrel.Expr(name+" LIKE ?", like(f.Op, key))}
		switch {
		case f.Field == customer.ByEmail && f.Op == customer.Prefix:
			all = append(all, p.emailHints(key)...)
		case column.inWords:
			all = append(all, p.hints(key)...)
		}
		any[i] = all
	}
	return any
}

func like(op customer.MatchOp, key string) string {
	switch op {
	case customer.Prefix:
		return escape(key) + "%"
	case customer.Suffix:
		return "%" + escape(key)
	}
	return "%" + escape(key) + "%"
}

// escape makes the characters that LIKE gives a meaning mean themselves.
func escape(s string) string {
	if !strings.ContainsAny(s, `\%_`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// hints lets the trigram index help with a part of a field that is part of words: each run of ASCII letters and digits in it stands in words
// too. The longest two are enough.
func (p plan) hints(key string) []squirrel.Sqlizer {
	if p == planWalk {
		return nil
	}
	runs := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	runs = slices.DeleteFunc(runs, func(run string) bool { return len(run) < 3 })
	slices.SortFunc(runs, func(a, b string) int { return len(b) - len(a) })
	hints := make([]squirrel.Sqlizer, min(len(runs), 2))
	for i := range hints {
		hints[i] = squirrel.Expr("words LIKE ?", "%"+runs[i]+"%")
	}
	return hints
}

// emailHints lets the index of emails help with the beginning of one. What stands before the @ is the same in the text and in the key of an
// email if it is ASCII; the domain may not be.
func (p plan) emailHints(beginning string) []squirrel.Sqlizer {
	local, _, whole := strings.Cut(beginning, "@")
	if !whole || local == "" || strings.IndexFunc(local, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return p.hints(beginning)
	}
	return []squirrel.Sqlizer{squirrel.Expr("email_key LIKE ?", escape(local)+"@%")}
}

func span(f customer.Span) squirrel.Sqlizer {
	column := string(f.Field)
	all := squirrel.And{}
	if f.Field == customer.ByArchivedAt {
		all = append(all, squirrel.Expr("status = 'archived'"))
	}
	if !f.From.IsZero() {
		all = append(all, squirrel.Expr(column+" >= ?", f.From))
	}
	if !f.To.IsZero() {
		all = append(all, squirrel.Expr(column+" < ?", f.To))
	}
	return all
}

// status writes literals: a parameter would hide the partial indexes.
func status(f customer.StatusIn) squirrel.Sqlizer {
	any := squirrel.Or{}
	if slices.Contains(f, customer.Active) {
		any = append(any, squirrel.Expr("status = 'active'"))
	}
	if slices.Contains(f, customer.Archived) {
		any = append(any, squirrel.Expr("status = 'archived'"))
	}
	if len(any) == 1 {
		return any[0]
	}
	return any
}

func metadata(f customer.MetadataIn) (squirrel.Sqlizer, error) {
	any := make(squirrel.Or, len(f.Values))
	for i, value := range f.Values {
		pair, err := json.Marshal(map[string]string{f.Key: value})
		if err != nil {
			return nil, err
		}
		any[i] = squirrel.Expr("metadata @> ?::jsonb", pair)
	}
	return any, nil
}

func present(f customer.Present) squirrel.Sqlizer {
	switch f.Field {
	case "notes":
		return squirrel.Expr("notes <> ''")
	case "address":
		return squirrel.Expr("(line1 <> '' OR line2 <> '' OR city <> '' OR region <> '' OR postal_code <> '' OR country <> '')")
	case "tag":
		return squirrel.Expr("tags <> '{}'")
	case "metadata":
		return squirrel.Expr("metadata <> '{}'")
	case string(customer.ByArchivedAt):
		return squirrel.Expr("status = 'archived'")
	}
	if key, ok := strings.CutPrefix(f.Field, "metadata."); ok {
		return squirrel.Expr("metadata ?? ?", key)
	}
	return squirrel.Expr(matchColumns[customer.TextField(f.Field)].name + " <> ''")
}

func (p plan) words(f customer.HasWords) squirrel.Sqlizer {
	column := "words"
	if p == planWalk {
		column = "(words || '')"
	}
	var all squirrel.And
	for _, term := range f.Terms() {
		switch term.Kind {
		case customer.TermPrefix:
			all = append(all, squirrel.Expr(column+" LIKE ?", "% "+escape(term.Text)+"%"))
		case customer.TermAnywhere:
			all = append(all, squirrel.Expr(column+" LIKE ?", "%"+escape(term.Text)+"%"))
		case customer.TermEmail:
			all = append(append(all, squirrel.Expr(emailTextColumn+" LIKE ?", like(customer.Prefix, term.Text))), p.emailHints(term.Text)...)
		case customer.TermDomain:
			all = append(all, squirrel.Expr("domain_key = ?", term.Text))
		}
	}
	return all
}

// namesWords reports whether a filter compares words, anywhere in it.
func namesWords(f customer.Filter) bool {
	switch f := f.(type) {
	case customer.AllOf:
		return slices.ContainsFunc(f, namesWords)
	case customer.AnyOf:
		return slices.ContainsFunc(f, namesWords)
	case customer.NoneOf:
		return slices.ContainsFunc(f, namesWords)
	case customer.HasWords:
		return true
	case customer.Match:
		return f.Op != customer.Is && matchColumns[f.Field].inWords
	}
	return false
}
