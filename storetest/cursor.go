package storetest

import (
	"fmt"
	"strings"

	"example.com/customer"
)

var cursorCases = []testCase{
	{
		name:     "cursor/of another query",
		contract: "A cursor serves no other filter, order or tenant: it is refused with cursor_mismatch.",
		run:      cursorsOfAnotherQuery,
	},
	{
		name:     "cursor/damaged",
		contract: "What is no cursor, or a damaged one, is refused with invalid_cursor, down to the last bit.",
		run:      cursorsDamaged,
	},
	{
		name:     "cursor/another spelling",
		contract: "A cursor serves every spelling of its filter that is equal after Normalize, every limit, and both names of the default order.",
		run:      cursorsOfAnotherSpelling,
	},
	{
		name:     "cursor/the same in every store",
		contract: "The cursor of a page is NextCursor of its query, tenant and last customer, so that a walk may go on in another store.",
		run:      cursorsOfEveryStore,
	},
}

func cursorsOfAnotherQuery(t *trial) {
	t.crowd(10)
	acme := t.as("acme")
	acme.crowd(10)
	q := customer.Query{Where: customer.ByPhone.Contains("555"), OrderBy: customer.NameAZ, Limit: 3}
	after, foreign := t.search(q).Next, acme.search(q).Next
	others := map[string]customer.Query{
		"another value":      {Where: customer.ByPhone.Contains("5550"), OrderBy: q.OrderBy},
		"another operator":   {Where: customer.ByPhone.Prefix("555"), OrderBy: q.OrderBy},
		"another field":      {Where: customer.ByName.Contains("555"), OrderBy: q.OrderBy},
		"one more condition": {Where: customer.And(q.Where, customer.HasStatus(customer.Active)), OrderBy: q.OrderBy},
		"the complement":     {Where: customer.Not(q.Where), OrderBy: q.OrderBy},
		"no filter":          {OrderBy: q.OrderBy},
		"another direction":  {Where: q.Where, OrderBy: customer.NameZA},
		"another key":        {Where: q.Where, OrderBy: customer.EmailAZ},
		"an order by time":   {Where: q.Where, OrderBy: customer.OldestFirst},
		"the default order":  {Where: q.Where},
	}
	for what, other := range others {
		other.After = after
		_, err := t.store.Search(t.Context(), other)
		t.queryFault("Search with the cursor of another query: "+what, err, customer.CodeCursorMismatch)
	}
	q.After = foreign
	_, err := t.store.Search(t.Context(), q)
	t.queryFault("Search with the cursor of a named tenant", err, customer.CodeCursorMismatch)
	q.After = after
	_, err = acme.store.Search(t.Context(), q)
	t.queryFault("Search with the cursor of the unnamed tenant", err, customer.CodeCursorMismatch)
	t.search(q)
}

func cursorsDamaged(t *trial) {
	t.crowd(10)
	for _, order := range []customer.Order{customer.NewestFirst, customer.NameAZ} {
		q := customer.Query{OrderBy: order, Limit: 7}
		whole := string(t.search(q).Next)
		damaged := []string{
			"junk", " ", "=", "\x00", "ü", "' OR 1=1", whole + "=", whole + "\n", " " + whole, whole + whole, whole + "A", "A" + whole,
			strings.ToLower(whole), strings.Repeat("A", 40), strings.Repeat("A", 5000),
		}
		for n := 1; n < len(whole); n++ {
			damaged = append(damaged, whole[:n], whole[n:])
		}
		for i := range len(whole) {
			for bit := range 8 {
				flipped := []byte(whole)
				flipped[i] ^= 1 << bit
				damaged = append(damaged, string(flipped))
			}
		}
		for _, token := range damaged {
			q.After = customer.Cursor(token)
			_, err := t.store.Search(t.Context(), q)
			t.queryFault(fmt.Sprintf("Search with the cursor %q for %q", token, whole), err, customer.CodeInvalidCursor)
		}
	}
}

func cursorsOfAnotherSpelling(t *trial) {
	t.crowd(20)
	named, taller := customer.ByName.Is("twin", "zed"), customer.ByPhone.Present()
	spellings := []customer.Filter{
		customer.And(named, taller),
		customer.And(taller, customer.ByName.Is("zed", "twin", "zed")),
		customer.And(customer.And(taller), customer.Or(named), taller),
		customer.Not(customer.Not(customer.And(named, taller))),
	}
	q := customer.Query{Where: spellings[0], OrderBy: customer.NameZA, Limit: 2}
	next := 0
	want := t.walk(customer.Query{Where: q.Where, OrderBy: q.OrderBy}, nil)
	got := t.walk(q, func(q *customer.Query) {
		next++
		q.Where = spellings[next%len(spellings)]
	})
	t.same("a walk that changes its spelling", got, want)

	first := t.search(customer.Query{Limit: 6})
	for _, q := range []customer.Query{{}, {OrderBy: customer.NewestFirst}, {Where: customer.And()}, {Where: customer.NoneOf{}}} {
		q.After = first.Next
		if got := t.search(q); len(got.Customers) != 14 {
			t.Errorf("the page after the first six of 20 has %d customers, want 14", len(got.Customers))
		}
	}
}

func cursorsOfEveryStore(t *trial) {
	for _, tenant := range []string{"", "acme"} {
		on := t
		if tenant != "" {
			on = t.as(tenant)
		}
		on.crowd(10)
		for _, order := range customer.Orders() {
			q := customer.Query{Where: customer.ByName.Present(), OrderBy: order, Limit: 3}
			on.walk(q, func(next *customer.Query) {
				before := q
				page := on.search(before)
				if len(page.Customers) == 0 {
					t.Fatalf("a page in the order %q is empty when it is read again", order)
				}
				want := customer.NextCursor(before, tenant, page.Customers[len(page.Customers)-1])
				t.same(fmt.Sprintf("the cursor after a page in the order %q", order), next.After, want)
				q.After = next.After
			})
		}
	}
}
