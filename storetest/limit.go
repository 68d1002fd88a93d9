package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

var limitCases = []testCase{
	{
		name:     "limit/filters",
		contract: "A filter of 32 nodes, of depth 4, with 100 values is answered; one more of any is ErrInvalid, in Search and in Count.",
		run:      limitsOfFilters,
	},
	{
		name:     "limit/after normalizing",
		contract: "Limits count after Normalize: repeated operands and nested groups of one kind are free, and so is what ActiveUnlessNamed adds.",
		run:      limitsAfterNormalizing,
	},
	{
		name:     "limit/malformed filters",
		contract: "A nil inside a filter, an empty value, an unknown field, a year beyond 9999 and the like are ErrInvalid, never everything or nothing.",
		run:      limitsOfMalformedFilters,
	},
	{
		name:     "limit/unknown filters",
		contract: "A node or operator that the store does not know is errors.ErrUnsupported at any depth, never ignored.",
		run:      limitsOfUnknownFilters,
	},
}

// names returns n filters that differ.
func names(n int) []customer.Filter {
	out := make([]customer.Filter, n)
	for i := range out {
		out[i] = customer.ByName.Is(fmt.Sprint("name ", i))
	}
	return out
}

// nested returns a filter of the depth, in which Or and And take turns; it matches who is named name 0.
func nested(depth int) customer.Filter {
	f := customer.ByName.Is("name 0")
	for i := range depth - 1 {
		if i%2 == 0 {
			f = customer.Or(f, customer.ByName.Is("nobody"))
		} else {
			f = customer.And(f, customer.ByPhone.Present())
		}
	}
	return f
}

func values(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("name ", i)
	}
	return out
}

func limitsOfFilters(t *trial) {
	c := t.create(customer.Draft{Name: "name 0", Phone: "555 0100", Tags: []string{"name 0"}, Metadata: map[string]string{"k": "name 0"}, ExternalID: "name 0"})
	ids := func(n int) customer.Filter {
		list := make([]customer.ID, n)
		for i := range list {
			list[i] = t.ids.next()
		}
		list[n/2] = c.ID
		return customer.HasID(list...)
	}
	kinds := map[string]struct {
		limit int
		build func(n int) customer.Filter
	}{
		"nodes":           {customer.MaxNodes, func(n int) customer.Filter { return customer.Or(names(n - 1)...) }},
		"depth":           {customer.MaxDepth, nested},
		"names":           {customer.MaxValues, func(n int) customer.Filter { return customer.ByName.Is(values(n)...) }},
		"prefixes":        {customer.MaxValues, func(n int) customer.Filter { return customer.ByExternalID.Prefix(values(n)...) }},
		"IDs":             {customer.MaxValues, ids},
		"tags":            {customer.MaxValues, func(n int) customer.Filter { return customer.HasAnyTag(values(n)...) }},
		"metadata values": {customer.MaxValues, func(n int) customer.Filter { return customer.HasMetadata("k", values(n)...) }},
		"values of two": {customer.MaxValues, func(n int) customer.Filter {
			return customer.And(customer.ByName.Contains(values(n/2)...), customer.ByExternalID.Suffix(values(n-n/2)...))
		}},
		"words": {customer.MaxValues, func(n int) customer.Filter {
			return customer.Or(customer.ByName.Is("name 0"), customer.Text(strings.Join(numbers(n-1), " ")))
		}},
	}
	for what, kind := range kinds {
		for n := kind.limit - 1; n <= kind.limit; n++ {
			t.found(fmt.Sprintf("with %d %s", n, what), kind.build(n), c)
			t.same(fmt.Sprintf("Count with %d %s", n, what), t.count(kind.build(n), 0), customer.Total{Value: 1, Exact: true})
		}
		t.refuses(fmt.Sprintf("%d %s", kind.limit+1, what), kind.build(kind.limit+1))
	}
	t.found("with a text of 512 bytes", customer.Text(strings.Repeat("name ", 102)+"na"), c)
	t.refuses("a text of 513 bytes", customer.Text(strings.Repeat("name ", 102)+"nam"))
	t.found("with a name of 200 runes", customer.ByName.Is(strings.Repeat("ä", 200)))
	t.refuses("a name of 201 runes", customer.ByName.Is(strings.Repeat("ä", 201)))
}

func numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

// refuses checks that Search and Count find the filter invalid.
func (t *trial) refuses(what string, f customer.Filter) {
	t.Helper()
	_, err := t.store.Search(t.Context(), customer.Query{Where: f})
	t.sameFault("Search with "+what, err, customer.Query{Where: f}.Validate())
	_, err = t.store.Count(t.Context(), f, 0)
	t.sameFault("Count with "+what, err, customer.Query{Where: f}.Validate())
}

// sameFault checks for the fault that Query.Validate finds.
func (t *trial) sameFault(what string, err, want error) {
	t.Helper()
	t.fails(what, err, customer.ErrInvalid)
	got, ok := errors.AsType[*customer.QueryError](err)
	expected, _ := errors.AsType[*customer.QueryError](want)
	if !ok || expected == nil || got.Param != expected.Param || got.Code != expected.Code {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func limitsAfterNormalizing(t *trial) {
	c := t.create(customer.Draft{Name: "name 0", Phone: "555 0100"})
	t.archive(t.create(customer.Draft{Name: "name 1"}).ID)
	repeated := slices.Concat(names(8), names(8), names(8), names(8), names(8))
	deep := customer.ByName.Is("name 0")
	for range 20 {
		deep = customer.And(customer.Not(customer.Not(customer.Or(deep))))
	}
	t.found("with 40 operands of which 8 differ", customer.And(customer.Or(repeated...), customer.ByPhone.Present()), c)
	t.found("nested in 60 nodes that say nothing", deep, c)
	t.found("with the same value 150 times", customer.ByName.Is(slices.Repeat([]string{"name 0"}, 150)...), c)
	t.found("with a full filter and active", customer.ActiveUnlessNamed(customer.Or(names(customer.MaxNodes-1)...)), c)
	t.found("with a deep filter and active", customer.ActiveUnlessNamed(nested(customer.MaxDepth)), c)
	t.refuses("a full filter and a status", customer.And(customer.Or(names(customer.MaxNodes-1)...), customer.HasStatus(customer.Archived)))
}

func limitsOfMalformedFilters(t *trial) {
	t.crowd(3)
	bad := map[string]customer.Filter{
		"nil in And":              customer.And(nil),
		"nil in Or":               customer.Or(customer.And(), nil),
		"nil in Not":              customer.Not(nil),
		"no value":                customer.ByName.Is(),
		"an empty value":          customer.ByName.Contains(""),
		"one empty value of two":  customer.ByCity.Prefix("a", ""),
		"a blank value":           customer.ByCompany.Is(" \u00a0"),
		"a phone without digits":  customer.ByPhone.Contains("abc"),
		"NUL":                     customer.ByName.Contains("a\x00"),
		"invalid UTF-8":           customer.ByExternalID.Is("a\xff"),
		"a bidi override":         customer.ByName.Contains("a\u202eb"),
		"an unknown text field":   customer.TextField("shoe_size").Is("44"),
		"notes as a text field":   customer.TextField("notes").Contains("a"),
		"an unknown time field":   customer.TimeField("born_at").Since(day(1)),
		"an open span":            customer.ByCreatedAt.Between(time.Time{}, time.Time{}),
		"a span before 1900":      customer.ByCreatedAt.Since(time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)),
		"a span after 9999":       customer.ByUpdatedAt.Before(time.Date(10000, 1, 1, 0, 0, 0, 1, time.UTC)),
		"an unknown status":       customer.HasStatus(customer.Active, "gone"),
		"an empty tag":            customer.HasAnyTag("vip", " "),
		"a tag with a comma":      customer.HasAllTags("a,b"),
		"no metadata key":         customer.HasMetadata("", "x"),
		"a malformed key":         customer.HasMetadata("no key", "x"),
		"no metadata value":       customer.HasMetadata("plan"),
		"an empty metadata value": customer.HasMetadata("plan", "gold", ""),
		"presence of nothing":     customer.Has(""),
		"presence of the unknown": customer.Has("shoe_size"),
		"presence of no key":      customer.Has("metadata."),
		"a text of nothing":       customer.Text(""),
		"a text without a word":   customer.Text(" ?! 👩‍🚀 "),
		"a text with a NUL":       customer.Text("ada\x00"),
		"a fault in the depth":    customer.And(customer.HasStatus(customer.Active), customer.Or(customer.Not(customer.Text("-")))),
		"a fault beside nothing":  customer.And(customer.Or(), customer.ByName.Is("")),
	}
	for what, f := range bad {
		t.refuses(what, f)
	}
}

// foreign is a filter that no version of the root package knows.
type foreign struct{ customer.Filter }

func limitsOfUnknownFilters(t *trial) {
	t.crowd(3)
	unknown := []customer.Filter{
		foreign{customer.ByName.Is("twin")},
		&foreign{},
		customer.And(customer.HasStatus(customer.Active), foreign{customer.And()}),
		customer.Or(customer.And(), customer.Not(foreign{customer.And()})),
		customer.Match{Field: customer.ByName, Op: "like", Values: []string{"t%"}},
		customer.Not(customer.Match{Field: customer.ByName, Values: []string{"twin"}}),
	}
	for _, f := range unknown {
		_, err := t.store.Search(t.Context(), customer.Query{Where: f})
		t.fails(fmt.Sprintf("Search with %T", f), err, errors.ErrUnsupported)
		_, err = t.store.Count(t.Context(), f, 0)
		t.fails(fmt.Sprintf("Count with %T", f), err, errors.ErrUnsupported)
	}
}
