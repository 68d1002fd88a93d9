package customer_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"example.com/customer"
)

// A small vocabulary, so that drawn filters match drawn customers often enough to tell a wrong matcher.
var (
	someNames   = []string{"", "Ada Lovelace", "ada", "José Ñandú", "jose nandu", "Bjørn O’Reilly", "o'reilly", "Straße 5", "ΟΔΥΣΣΕΥΣ", "हिंदी", "パハ", "王小明", "محمد", "Łódź"}
	someEmails  = []string{"", "ada@example.com", "Ada@Example.com", "jose@exämple.de", "jose@xn--exmple-cua.de", "o'hara+x@b.ie", "ü@b.co", "5@4.co"}
	somePhones  = []string{"", "+49 0711 2842222", "+497112842222", "555-0100 x5", "(030) 5555", "٠١٢٣"}
	someIDs     = []customer.ID{{15: 1}, {15: 2}, {0: 0xff, 15: 3}}
	someTags    = []string{"vip", "VIP", "b2b", "zwei worte", "ÄÖ", "a-b", "-x", "(x)", `"q"`}
	someKeys    = []string{"plan", "Plan", "k-1", "_"}
	someValues  = []string{"gold", "Gold", "a,b", `say "hi"`, "-1", "0", "é", "*", "..", "OR"}
	nastyValues = []string{
		`"`, `“quoted”`, `\`, `a\"b`, `\\“`, "*", "a*", "*a", "*a*", "a*b", "name:x", ":", ":x", "-x", "-5", "~x", "=x", "==", "<x", ">=x", ",", "a,b",
		"AND", "OR", "NOT", "and", "(", ")", "(a)", "a b", " a", "٣", "5", "-٣", "한글", "パ", "㌖", "@", "@acme.com", "x@y", "@x@", "..", "a..b", "'", "%_",
		"\u00a0x", "a\u2003b", "e\u0301", "I\u0307", "\u017f", "ﬁ", "½", "has:x", "00491", "1234", "status:active",
	}
	someTimes = []time.Time{
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), noon, noon.Add(time.Microsecond), noon.Add(time.Nanosecond), noon.Add(24 * time.Hour),
		time.Date(2026, 1, 31, 0, 0, 0, 0, time.FixedZone("", 5*3600+1800)), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	}
)

func drawCustomer(t *rapid.T) customer.Customer {
	pick := func(label string, from []string) string { return rapid.SampledFrom(from).Draw(t, label) }
	d := customer.Draft{
		Name: pick("name", someNames), Company: pick("company", slices.Concat(someNames, []string{"Acme"})), Email: pick("email", someEmails), Phone: pick("phone", somePhones),
		ExternalID: pick("external id", slices.Concat(someValues, []string{""})), Notes: pick("notes", []string{"", "line\nbreak"}),
		Address: customer.Address{
			Line1: pick("line1", []string{"", "1 Main St"}), City: pick("city", someNames), Region: pick("region", someNames),
			PostalCode: pick("postal code", []string{"", "70173", "SW1A 1AA"}), Country: pick("country", []string{"", "NL", "nl"}),
		},
		Tags: rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 3).Draw(t, "tags"), Metadata: map[string]string{},
		CreatedAt: rapid.SampledFrom(someTimes[:6]).Draw(t, "created"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "metadata") {
		d.Metadata[pick("key", someKeys)] = pick("value", someValues)
	}
	if d.Name+d.Company+d.Email+d.Phone == "" {
		d.Name = "Ada"
	}
	c, err := d.Build(rapid.SampledFrom(someIDs).Draw(t, "id"), rapid.SampledFrom(someTimes[:6]).Draw(t, "now"))
	if err != nil {
		t.Fatalf("Build of %+v: %v", d, err)
	}
	if rapid.Bool().Draw(t, "archived") {
		if c, _, err = (customer.Patch{Status: new(customer.Archived)}).Apply(c, rapid.SampledFrom(someTimes[:6]).Draw(t, "archived at")); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func valid(f customer.Filter) bool { return customer.Query{Where: f}.Validate() == nil }

// drawFilter returns a valid filter of any shape.
func drawFilter(t *rapid.T) customer.Filter {
	return rapid.Custom(func(t *rapid.T) customer.Filter { return drawNode(t, 4) }).Filter(valid).Draw(t, "filter")
}

func drawNode(t *rapid.T, depth int) customer.Filter {
	if depth == 1 || rapid.IntRange(0, 9).Draw(t, "leaf or group") < 5 {
		return rapid.Custom(drawLeaf).Filter(valid).Draw(t, "leaf")
	}
	parts := make([]customer.Filter, rapid.SampledFrom([]int{2, 2, 2, 3, 1, 0}).Draw(t, "operands"))
	for i := range parts {
		parts[i] = drawNode(t, depth-1)
	}
	switch rapid.IntRange(0, 2).Draw(t, "group") {
	case 0:
		return customer.AllOf(parts)
	case 1:
		return customer.AnyOf(parts)
	}
	return customer.NoneOf(parts)
}

// drawLeaf returns a leaf that may be invalid.
func drawLeaf(t *rapid.T) customer.Filter {
	all := rapid.Bool().Draw(t, "all")
	switch rapid.IntRange(0, 8).Draw(t, "node") {
	case 0, 1:
		return drawMatch(t)
	case 2:
		times := slices.Concat([]time.Time{{}}, someTimes)
		return customer.Span{
			Field: rapid.SampledFrom(customer.TimeFields()).Draw(t, "field"),
			From:  rapid.SampledFrom(times).Draw(t, "from"), To: rapid.SampledFrom(times).Draw(t, "to"),
		}
	case 3:
		return customer.StatusIn(rapid.SliceOfN(rapid.SampledFrom([]customer.Status{customer.Active, customer.Archived}), 0, 3).Draw(t, "statuses"))
	case 4:
		return customer.IDIn(rapid.SliceOfN(rapid.SampledFrom(someIDs), 0, 3).Draw(t, "ids"))
	case 5:
		return customer.Tagged{Tags: drawValues(t, someTags, 0), All: all}
	case 6:
		return customer.MetadataIn{Key: rapid.SampledFrom(someKeys).Draw(t, "key"), Values: drawValues(t, someValues, 1)}
	case 7:
		fields := []string{"notes", "address", "tag", "metadata", "metadata.plan", "metadata.k-1", "archived_at"}
		for _, f := range customer.TextFields() {
			fields = append(fields, string(f))
		}
		return customer.Has(rapid.SampledFrom(fields).Draw(t, "present"))
	}
	words := drawValues(t, slices.Concat(someNames[1:], someEmails, somePhones), 1)
	return customer.Text(strings.Join(words, rapid.SampledFrom([]string{" ", "\u3000 ", "."}).Draw(t, "between")))
}

func drawMatch(t *rapid.T) customer.Filter {
	field := rapid.SampledFrom(customer.TextFields()).Draw(t, "field")
	op := rapid.SampledFrom([]customer.MatchOp{customer.Is, customer.Prefix, customer.Suffix, customer.Contains}).Draw(t, "op")
	from := slices.Concat(someNames, someEmails, somePhones, []string{"acme.com", "exämple.de", "b.ie"})
	values := drawValues(t, from, 1)
	if op != customer.Is {
		for i, v := range values {
			values[i] = piece(t, v)
		}
	}
	return customer.Match{Field: field, Op: op, Values: values}
}

// piece returns a run of the runes of s.
func piece(t *rapid.T, s string) string {
	runes := []rune(s)
	from := rapid.IntRange(0, len(runes)).Draw(t, "from")
	return string(runes[from:rapid.IntRange(from, len(runes)).Draw(t, "to")])
}

// drawValues returns values that customers have, values that a parser could stumble over, and any at all.
func drawValues(t *rapid.T, usual []string, atLeast int) []string {
	value := rapid.OneOf(rapid.SampledFrom(usual), rapid.SampledFrom(nastyValues), rapid.StringN(0, 8, -1), rapid.StringOfN(rapid.RuneFrom([]rune(`"\\*:,.()~=<>-@“” a5ÄORNT`)), 1, 8, -1))
	return rapid.SliceOfN(value, atLeast, 3).Draw(t, "values")
}
