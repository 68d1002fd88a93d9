package storetest

import (
	"fmt"
	"slices"
	"time"

	"example.com/customer"
)

var pagingCases = []testCase{
	{
		name:     "paging/every order and limit",
		contract: "The pages of a query hold every match exactly once in the order of customer.Compare, whatever the limit.",
		run:      pagesInEveryOrder,
	},
	{
		name:     "paging/ties",
		contract: "Customers with equal keys are ordered by ID in the direction of the order, and no page boundary among them loses or repeats one.",
		run:      pagesOfTies,
	},
	{
		name:     "paging/page sizes",
		contract: "A page holds 50 customers by default, 200 at most, and is the last one exactly when no match comes after it.",
		run:      pagesOfEverySize,
	},
	{
		name:     "paging/limits that change",
		contract: "The limit may change from page to page.",
		run:      pagesOfChangingSize,
	},
	{
		name:     "paging/writes between pages",
		contract: "Inserts, deletes and updates between pages never repeat or skip a customer whose sort key did not change.",
		run:      pagesBetweenWrites,
	},
	{
		name:     "paging/after the last of the page is gone",
		contract: "A walk goes on behind the place of a customer that was deleted or moved since.",
		run:      pagesAfterTheGone,
	},
	{
		name:     "paging/malformed queries",
		contract: "A limit below 0 or above 200 and an unknown order are ErrInvalid with a *QueryError.",
		run:      pagesOfMalformedQueries,
	},
}

func sorted(all []customer.Customer, o customer.Order) []customer.Customer {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b customer.Customer) int { return customer.Compare(a, b, o) })
	return all
}

func pagesInEveryOrder(t *trial) {
	all := t.populate()
	for _, order := range append(customer.Orders(), "") {
		want := sorted(all, order)
		for _, limit := range []int{1, 2, 3, 7, 50, 200} {
			got := t.walk(customer.Query{OrderBy: order, Limit: limit}, nil)
			t.same(fmt.Sprintf("a walk in the order %q by %d", order, limit), got, want)
			if t.Failed() {
				return
			}
		}
		some := slices.DeleteFunc(want, func(c customer.Customer) bool { return c.Status != customer.Active || c.Company == "" })
		q := customer.Query{Where: customer.And(customer.ByCompany.Present(), customer.HasStatus(customer.Active)), OrderBy: order, Limit: 3}
		t.same(fmt.Sprintf("a walk over some in the order %q", order), t.walk(q, nil), some)
	}
}

func pagesOfTies(t *trial) {
	all := t.crowd(205)
	t.clock.move(time.Second)
	for i := range all[:20] {
		all[i] = t.archive(all[i].ID)
	}
	for _, order := range customer.Orders() {
		want := sorted(all, order)
		for _, limit := range []int{7, 50, 200} {
			got := t.walk(customer.Query{OrderBy: order, Limit: limit}, nil)
			t.same(fmt.Sprintf("a walk in the order %q by %d", order, limit), got, want)
			if t.Failed() {
				return
			}
		}
	}
}

func pagesOfEverySize(t *trial) {
	all := t.crowd(51)
	for _, n := range []int{51, 50, 49, 1, 0} {
		for _, c := range all[n:] {
			t.delete(c.ID)
		}
		all = all[:n]
		want := sorted(all, customer.NewestFirst)
		for _, limit := range []int{0, 1, 49, 50, 51, 200} {
			q := customer.Query{Limit: limit}
			page := t.search(q)
			size := min(n, q.PageSize())
			t.same(fmt.Sprintf("the first page of %d with limit %d", n, limit), idsOf(page.Customers), idsOf(want[:size]))
			if more := page.Next != ""; more != (n > size) {
				t.Errorf("a page of %d with limit %d: there is a cursor for more: %t", n, limit, more)
			}
		}
	}
}

func pagesOfChangingSize(t *trial) {
	all := t.populate()
	sizes := []int{3, 1, 7, 2, 0, 200}
	for i, order := range customer.Orders() {
		next := i
		got := t.walk(customer.Query{OrderBy: order, Limit: 4}, func(q *customer.Query) {
			q.Limit = sizes[next%len(sizes)]
			next++
		})
		t.same(fmt.Sprintf("a walk in the order %q", order), got, sorted(all, order))
	}
}

func pagesBetweenWrites(t *trial) {
	for _, order := range customer.Orders() {
		all := t.crowd(32)
		step, inserted := 0, make(map[customer.ID]bool)
		got := t.walk(customer.Query{OrderBy: order, Limit: 3}, func(*customer.Query) {
			if step++; step > 8 {
				return
			}
			t.clock.move(time.Second)
			c := t.create(customer.Draft{Name: []string{"Twin", "", "Aa", "Zz"}[step%4], Company: "Acme", Phone: "555 0199", CreatedAt: all[0].CreatedAt})
			inserted[c.ID] = true
			t.delete(all[4*step-1].ID)
			t.update(all[4*step-2].ID, 1, customer.Patch{Notes: new("touched")})
		})
		t.comparesWalk(order, got, all, inserted)
		t.deleteAll()
	}
}

// comparesWalk checks a walk during which a fourth of all was deleted and a fourth updated.
func (t *trial) comparesWalk(order customer.Order, got, all []customer.Customer, inserted map[customer.ID]bool) {
	t.Helper()
	if !slices.IsSortedFunc(got, func(a, b customer.Customer) int { return customer.Compare(a, b, order) }) {
		t.Errorf("a walk beside writes in the order %q is out of order", order)
	}
	seen := make(map[customer.ID]int)
	for _, c := range got {
		seen[c.ID]++
	}
	key, _ := order.Key()
	for i, c := range all {
		n := seen[c.ID]
		delete(seen, c.ID)
		switch {
		case i%4 == 3 && n <= 1:
		case i%4 == 2 && key == "updated_at":
		case n != 1:
			t.Errorf("a walk beside writes in the order %q has customer %d of %d %d times, want once", order, i, len(all), n)
		}
	}
	for id, n := range seen {
		if !inserted[id] || n > 1 {
			t.Errorf("a walk beside writes in the order %q has customer %s %d times", order, id, n)
		}
	}
}

func pagesAfterTheGone(t *trial) {
	for _, order := range []customer.Order{customer.NewestFirst, customer.NameAZ, customer.CompanyZA} {
		want := sorted(t.crowd(12), order)
		page := t.search(customer.Query{OrderBy: order, Limit: 5})
		if len(page.Customers) != 5 {
			t.Fatalf("the first page has %d customers, want 5", len(page.Customers))
		}
		t.delete(page.Customers[4].ID)
		t.update(page.Customers[3].ID, 1, customer.Patch{Name: new("Moved"), Company: new("Moved")})
		t.delete(page.Customers[2].ID)
		rest := t.walk(customer.Query{OrderBy: order, Limit: 4, After: page.Next}, nil)
		rest = slices.DeleteFunc(rest, func(c customer.Customer) bool { return c.Name == "Moved" })
		t.same(fmt.Sprintf("the pages after the first in the order %q", order), rest, want[5:])
		t.deleteAll()
	}
}

func (t *trial) deleteAll() {
	t.Helper()
	for _, c := range t.everything() {
		t.delete(c.ID)
	}
}

func pagesOfMalformedQueries(t *trial) {
	t.crowd(3)
	for _, limit := range []int{-1, 201, -1 << 62, 1 << 40} {
		_, err := t.store.Search(t.Context(), customer.Query{Limit: limit})
		t.queryFault(fmt.Sprintf("Search with limit %d", limit), err, customer.CodeInvalidParameter)
	}
	for _, order := range []customer.Order{"shoe_size", "-", "--name", "Name", "name ", "name,email", "name desc", "id", "notes", "name;--"} {
		_, err := t.store.Search(t.Context(), customer.Query{OrderBy: order})
		t.queryFault(fmt.Sprintf("Search in the order %q", order), err, customer.CodeInvalidParameter)
	}
}
