package customer_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/customer"
)

func TestNormalizeChangesNothingTheSecondTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := customer.Normalize(drawFilter(t))
		if diff := cmp.Diff(once, customer.Normalize(once)); diff != "" {
			t.Fatalf("(-once +twice):\n%s", diff)
		}
		if err := (customer.Query{Where: once}).Validate(); err != nil {
			t.Fatalf("the normal form %#v of a valid filter is invalid: %v", once, err)
		}
	})
}

func TestNormalizeKeepsTheMeaning(t *testing.T) {
	t.Parallel()
	matched, tried := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f, c := drawFilter(t), drawCustomer(t)
		got, want := matches(t, customer.Normalize(f), c), meaning(f, c)
		if got != want || matches(t, f, c) != want {
			t.Fatalf("%#v of %+v: %t, normalised %t, want %t", f, c, matches(t, f, c), got, want)
		}
		if tried++; want {
			matched++
		}
	})
	if matched*10 < tried || matched*10 > tried*9 {
		t.Errorf("%d of %d filters matched: too one-sided to tell anything", matched, tried)
	}
}

func TestNormalizeTouchesNothingOfItsArgument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFilter(t)
		before := customer.And(f, customer.Or(f)) // a second spelling, made before and compared after
		_ = customer.Normalize(f)
		overwrite(customer.Normalize(f))
		if want := customer.Normalize(before); !reflect.DeepEqual(customer.Normalize(customer.And(f, customer.Or(f))), want) {
			t.Fatalf("Normalize shares memory with %#v", f)
		}
	})
}

// overwrite spoils every slice of a normal form.
func overwrite(f customer.Filter) {
	switch f := f.(type) {
	case customer.AllOf:
		slices.Reverse(f)
	case customer.AnyOf:
		slices.Reverse(f)
	case customer.NoneOf:
		overwrite(f[0])
	case customer.Match:
		clear(f.Values)
	case customer.StatusIn:
		clear(f)
	case customer.IDIn:
		clear(f)
	case customer.Tagged:
		clear(f.Tags)
	case customer.MetadataIn:
		clear(f.Values)
	}
}

func TestNormalizeMakesSpellingsEqual(t *testing.T) {
	t.Parallel()
	a, b, c := customer.ByName.Is("a"), customer.HasAnyTag("x", "y"), customer.HasStatus(customer.Active)
	and, or, not := customer.And, customer.Or, customer.Not
	for _, tt := range []struct {
		name     string
		one, two customer.Filter
	}{
		{"no filter is an And of nothing", nil, customer.AllOf{}},
		{"the order of operands", and(a, b, c), and(c, b, a)},
		{"the order of operands of Or", or(a, b, c), or(c, a, b)},
		{"And in And", and(a, and(b, c)), and(and(a, b), c)},
		{"Or in Or", or(a, or(b, c)), or(or(a), b, c)},
		{"And and Or of one", and(or(and(a))), a},
		{"a repeated operand", and(a, b, a), and(b, a)},
		{"double Not", not(not(a)), a},
		{"double Not of many", not(customer.NoneOf{a, b}), or(a, b)},
		{"none of many", customer.NoneOf{a, b}, not(or(b, a))},
		{"none of nothing", customer.NoneOf{}, and()},
		{"the order of values", customer.ByName.Is("b", "a", "b"), customer.ByName.Is("a", "b")},
		{"the order of states", customer.HasStatus(customer.Archived, customer.Active), customer.HasStatus(customer.Active, customer.Archived)},
		{"the order of ids", customer.HasID(someIDs[1], someIDs[0], someIDs[1]), customer.HasID(someIDs[0], someIDs[1])},
		{"tags as stored", customer.HasAnyTag(" VIP", "B2B"), customer.HasAnyTag("b2b", "vip")},
		{"any and all of one tag", customer.HasAllTags("vip"), customer.HasAnyTag("vip")},
		{"all tags of one And", and(customer.HasAnyTag("a"), customer.HasAllTags("b", "c")), customer.HasAllTags("a", "b", "c")},
		{"spans of one And", and(customer.ByCreatedAt.Since(noon), customer.ByCreatedAt.Before(noon.Add(time.Hour)), customer.ByCreatedAt.Since(noon.Add(time.Second))), customer.ByCreatedAt.Between(noon.Add(time.Second), noon.Add(time.Hour))},
		{"time zones", customer.ByCreatedAt.Since(noon.In(time.FixedZone("", 3600))), customer.ByCreatedAt.Since(noon)},
		{"parts of a microsecond", customer.ByCreatedAt.Since(noon.Add(1)), customer.ByCreatedAt.Since(noon.Add(time.Microsecond))},
		{"the order and case of words", customer.Text("Love  ADA"), customer.Text("ada love")},
		{"repeated words", customer.Text("ada ada"), customer.Text("ada")},
		{"accents of words", customer.Text("José"), customer.Text("jose")},
		{"texts of one And", and(customer.Text("ada"), b, customer.Text("love")), and(customer.Text("love ada"), b)},
		{"a domain in the search box", customer.Text("ada @acme.com"), and(customer.ByEmailDomain.Is("acme.com"), customer.Text("ada"))},
		{"a domain alone in the search box", customer.Text("@acme.com"), customer.ByEmailDomain.Is("acme.com")},
		{"texts around Not", and(not(not(customer.Text("ada"))), customer.Text("love")), customer.Text("love ada")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(customer.Normalize(tt.one), customer.Normalize(tt.two), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-one +two):\n%s", diff)
			}
			q := customer.Query{Where: tt.one}
			q.After, q.Where = customer.NextCursor(q, "", customer.Customer{ID: someID}), tt.two
			if _, ok, err := q.Position(""); !ok || err != nil {
				t.Errorf("the cursor of one does not serve the other: %v", err)
			}
		})
	}
}

func TestNormalizeKeepsDifferentFiltersApart(t *testing.T) {
	t.Parallel()
	different := []customer.Filter{
		nil, customer.Or(), customer.Not(nil), customer.ByName.Is("a"), customer.ByName.Is("A"), customer.ByName.Is("a", "b"), customer.ByName.Is("ab"),
		customer.ByName.Prefix("a"), customer.ByCompany.Is("a"), customer.And(customer.ByName.Is("a"), customer.ByName.Is("b")),
		customer.Or(customer.ByName.Is("a"), customer.ByName.Is("b")), customer.Not(customer.ByName.Is("a")), customer.HasStatus(), customer.HasID(),
		customer.HasStatus(customer.Active), customer.HasAnyTag("active"), customer.HasAnyTag("a", "b"), customer.HasAllTags("a", "b"), customer.HasAnyTag(),
		customer.HasAllTags(), customer.HasMetadata("a", "b"), customer.HasMetadata("b", "a"), customer.HasMetadata("a", "b", "c"), customer.Has("tag"),
		customer.Has("metadata"), customer.Has("metadata.a"), customer.Text("a"), customer.Text("a b"), customer.ByCreatedAt.Since(noon),
		customer.ByCreatedAt.Before(noon), customer.ByUpdatedAt.Since(noon), customer.ByCreatedAt.Between(noon, noon.Add(time.Hour)),
	}
	for i, f := range different {
		for _, g := range different[:i] {
			q := customer.Query{Where: f}
			q.After, q.Where = customer.NextCursor(q, "", customer.Customer{ID: someID}), g
			if _, _, err := q.Position(""); err == nil {
				t.Errorf("%#v and %#v share cursors", f, g)
			}
		}
	}
}
