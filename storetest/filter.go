package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"example.com/customer"
)

var filterCases = []testCase{
	{
		name:     "filter/random",
		contract: "A store finds what customer.Matches finds, whatever the filter, order and limit, and f and Not(f) part the records in two.",
		run:      filtersAtRandom,
	},
}

const (
	filterSeed  = 20260314
	filterCount = 500
)

func filtersAtRandom(t *trial) {
	people := t.populate()
	keys := make(map[customer.ID]customer.Keys)
	inOrder := make(map[customer.Order][]customer.Customer)
	for _, c := range people {
		keys[c.ID] = customer.KeysOf(c)
	}
	for _, order := range customer.Orders() {
		inOrder[order] = sorted(people, order)
	}
	g := generator{rnd: rand.New(rand.NewPCG(filterSeed, 0)), people: people}
	for i := 0; i < filterCount && !t.Failed(); i++ {
		f, order := g.filter(), pick(&g, customer.Orders())
		limit := pick(&g, []int{3, 7, 20, 50, 200})
		match, err := customer.Compile(f)
		if err != nil {
			t.Fatalf("seed %d, filter %d: Compile(%#v): %v", filterSeed, i, f, err)
		}
		var want, rest []customer.Customer
		for _, c := range inOrder[order] {
			if k := keys[c.ID]; match(&c, &k) {
				want = append(want, c)
			} else {
				rest = append(rest, c)
			}
		}
		what := fmt.Sprintf("seed %d, filter %d, order %q, limit %d: %#v", filterSeed, i, order, limit, f)
		t.same(what, t.walk(customer.Query{Where: f, OrderBy: order, Limit: limit}, nil), want)
		t.same("not: "+what, t.walk(customer.Query{Where: customer.Not(f), OrderBy: order, Limit: customer.MaxLimit}, nil), rest)
		t.same("count: "+what, t.count(f, limit), customer.Total{Value: min(len(want), limit), Exact: len(want) <= limit})
	}
}

// generator makes filters of every kind, with values that some of the people have, or nearly.
type generator struct {
	rnd    *rand.Rand
	people []customer.Customer
}

// filter returns a filter that is valid, as is its complement.
func (g *generator) filter() customer.Filter {
	for {
		f := g.node(g.rnd.IntN(customer.MaxDepth))
		if (customer.Query{Where: f}).Validate() == nil && (customer.Query{Where: customer.Not(f)}).Validate() == nil {
			return f
		}
	}
}

func (g *generator) node(depth int) customer.Filter {
	if depth == 0 {
		return g.leaf()
	}
	parts := make([]customer.Filter, pick(g, []int{0, 1, 2, 2, 2, 3, 3, 3}))
	for i := range parts {
		parts[i] = g.node(g.rnd.IntN(depth))
	}
	switch g.rnd.IntN(4) {
	case 0:
		return customer.And(parts...)
	case 1:
		return customer.Or(parts...)
	case 2:
		return customer.NoneOf(parts)
	}
	return customer.Not(g.node(depth - 1))
}

func (g *generator) leaf() customer.Filter {
	c := g.person()
	switch g.rnd.IntN(12) {
	case 0:
		return customer.StatusIn(some(g, []customer.Status{customer.Active, customer.Archived}))
	case 1:
		return customer.HasID(c.ID, g.person().ID, customer.ID{15: 1})
	case 2:
		return customer.Tagged{Tags: some(g, append(slices.Clone(c.Tags), "vip", "Absent")), All: g.rnd.IntN(2) == 0}
	case 3:
		return customer.HasMetadata(pick(g, []string{"plan", "seats", "sign", "Plan"}), pick(g, []string{"gold", "silver", "5", "_", "%"}), "50%")
	case 4:
		fields := []string{"notes", "address", "tag", "metadata", "archived_at", "metadata.plan"}
		for _, f := range customer.TextFields() {
			fields = append(fields, string(f))
		}
		return customer.Has(pick(g, fields))
	case 5:
		return g.span(c)
	case 6, 7:
		text := pick(g, []string{c.Name, c.Company, c.Email, c.Phone, c.Address.City, c.ExternalID})
		return customer.Text(g.respell(g.part(text) + " " + g.part(pick(g, strings.Fields(text+" x")))))
	}
	field := pick(g, customer.TextFields())
	op := pick(g, []customer.MatchOp{customer.Is, customer.Prefix, customer.Suffix, customer.Contains})
	return customer.Match{Field: field, Op: op, Values: []string{g.value(c, field, op), g.value(g.person(), field, op)}[:1+g.rnd.IntN(2)]}
}

func (g *generator) person() customer.Customer { return pick(g, g.people) }

// value returns what the field of c would be found by, most of the time.
func (g *generator) value(c customer.Customer, field customer.TextField, op customer.MatchOp) string {
	text := map[customer.TextField]string{
		customer.ByName: c.Name, customer.ByCompany: c.Company, customer.ByEmail: c.Email, customer.ByPhone: c.Phone, customer.ByExternalID: c.ExternalID,
		customer.ByCity: c.Address.City, customer.ByRegion: c.Address.Region, customer.ByPostalCode: c.Address.PostalCode, customer.ByCountry: c.Address.Country,
		customer.ByEmailDomain: c.Email[strings.IndexByte(c.Email, '@')+1:],
	}[field]
	runes := []rune(text)
	if len(runes) == 0 {
		return pick(g, []string{"a", "e", "1", "%", "_", `\`, "acme"})
	}
	cut := g.rnd.IntN(len(runes))
	switch op {
	case customer.Prefix:
		text = string(runes[:cut+1])
	case customer.Suffix:
		text = string(runes[cut:])
	case customer.Contains:
		text = g.part(text)
	}
	return g.respell(text)
}

// part returns a run of runes of text.
func (g *generator) part(text string) string {
	runes := []rune(text)
	if len(runes) == 0 {
		return ""
	}
	from := g.rnd.IntN(len(runes))
	return string(runes[from : from+1+g.rnd.IntN(len(runes)-from)])
}

// respell changes case or accents now and then.
func (g *generator) respell(text string) string {
	switch g.rnd.IntN(5) {
	case 0:
		return strings.Map(unicode.ToUpper, text)
	case 1:
		return customer.Fold(text)
	}
	return text
}

// span returns an interval that begins or ends at, or just beside, a time of c.
func (g *generator) span(c customer.Customer) customer.Filter {
	field := pick(g, customer.TimeFields())
	at := map[customer.TimeField]time.Time{
		customer.ByCreatedAt: c.CreatedAt, customer.ByUpdatedAt: c.UpdatedAt, customer.ByArchivedAt: c.ArchivedAt,
	}[field]
	if at.IsZero() || at.Year() < 1901 || at.Year() > 9998 {
		at = day(5)
	}
	at = at.Add(pick(g, []time.Duration{0, 0, 1, -1, time.Microsecond, -time.Microsecond, time.Hour}))
	switch g.rnd.IntN(3) {
	case 0:
		return field.Since(at)
	case 1:
		return field.Before(at)
	}
	return field.Between(at, at.Add(pick(g, []time.Duration{-time.Hour, 0, 1, time.Microsecond, 48 * time.Hour})))
}

func pick[T any](g *generator, from []T) T { return from[g.rnd.IntN(len(from))] }

// some returns any number of elements, in any order.
func some[T any](g *generator, from []T) []T {
	out := make([]T, g.rnd.IntN(len(from)+1))
	for i := range out {
		out[i] = pick(g, from)
	}
	return out
}
