package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/customer"
)

var readCases = []testCase{
	{
		name:     "read/own writes",
		contract: "A search sees every write that returned before it was called, in every field, and nothing of what was there before.",
		run:      readsOwnWrites,
	},
	{
		name:     "read/own writes many times",
		contract: "A record changed a moment ago, again and again, is found by its new word and no longer by the old one.",
		run:      readsOwnWritesRepeatedly,
	},
	{
		name:     "read/count",
		contract: "Count is the lesser of matches and limit, exact where there are no more; 0 is no limit, a negative one ErrInvalid, nil matches all.",
		run:      readsCount,
	},
	{
		name:     "read/many",
		contract: "GetMany takes any number of IDs, repeated ones and ones that name nobody too, and returns each customer in either state.",
		run:      readsMany,
	},
	{
		name:     "read/all",
		contract: "All walks every page from the cursor it is given, stops where the loop does, and ends with the first error.",
		run:      readsAll,
	},
	{
		name:     "read/by email and external id",
		contract: "FindByEmail finds active customers only and knows every spelling; FindByExternalID finds both states by exact bytes.",
		run:      readsByUniqueField,
	},
}

func readsOwnWrites(t *trial) {
	c := t.create(fullDraft())
	v := c.Version
	changes := []struct {
		patch    customer.Patch
		now, was customer.Filter
	}{
		{customer.Patch{Name: new("Augusta")}, customer.Text("augusta"), customer.Text("lovelace")},
		{customer.Patch{Company: new("Difference")}, customer.ByCompany.Contains("differ"), customer.ByCompany.Contains("engine")},
		{customer.Patch{Email: new("byron@acme.com")}, customer.ByEmailDomain.Is("acme.com"), customer.Text("@example.com")},
		{customer.Patch{Phone: new("555 0100")}, customer.Text("5550100"), customer.Text("442079460958")},
		{customer.Patch{ExternalID: new("erp-7")}, customer.ByExternalID.Prefix("erp"), customer.ByExternalID.Is("crm-0042")},
		{customer.Patch{Address: customer.AddressPatch{City: new("Köln")}}, customer.Text("koln"), customer.ByCity.Is("london")},
		{customer.Patch{Address: customer.AddressPatch{Region: new("NRW")}}, customer.ByRegion.Is("nrw"), customer.ByRegion.Suffix("london")},
		{customer.Patch{Address: customer.AddressPatch{PostalCode: new("50667")}}, customer.ByPostalCode.Prefix("506"), customer.ByPostalCode.Prefix("SW1Y")},
		{customer.Patch{Address: customer.AddressPatch{Country: new("DE")}}, customer.ByCountry.Is("de"), customer.ByCountry.Is("GB")},
		{
			customer.Patch{Address: customer.AddressPatch{Line1: new(""), Line2: new(""), City: new(""), Region: new(""), PostalCode: new(""), Country: new("")}},
			customer.Not(customer.Has("address")), customer.Has("address"),
		},
		{customer.Patch{Notes: new("")}, customer.Not(customer.Has("notes")), customer.Has("notes")},
		{customer.Patch{AddTags: []string{"new"}, RemoveTags: []string{"vip"}}, customer.HasAllTags("new", "b2b"), customer.HasAnyTag("vip")},
		{customer.Patch{Metadata: map[string]*string{"plan": new("silver")}}, customer.HasMetadata("plan", "silver"), customer.HasMetadata("plan", "gold")},
		{customer.Patch{Metadata: map[string]*string{"seats": nil}}, customer.Has("metadata"), customer.Has("metadata.seats")},
		{customer.Patch{Status: new(customer.Archived)}, customer.Has("archived_at"), customer.HasStatus(customer.Active)},
		{customer.Patch{Status: new(customer.Active)}, customer.HasStatus(customer.Active), customer.Has("archived_at")},
	}
	for i, change := range changes {
		t.found(fmt.Sprintf("before change %d by the old value", i), change.was, c)
		t.clock.move(time.Second)
		c = t.update(c.ID, v, change.patch)
		v = c.Version
		t.found(fmt.Sprintf("after change %d by the old value", i), change.was)
		t.found(fmt.Sprintf("after change %d by the new value", i), change.now, c)
		t.found(fmt.Sprintf("after change %d by its time", i), customer.ByUpdatedAt.Since(t.clock.now().Truncate(time.Microsecond)), c)
	}
	t.delete(c.ID)
	t.found("after deleting", customer.Text("augusta"))
	t.found("after deleting, all", nil)
}

func readsOwnWritesRepeatedly(t *trial) {
	t.crowd(10)
	c := t.create(customer.Draft{Name: "word0"})
	for i := range 20 {
		c = t.update(c.ID, c.Version, customer.Patch{Name: new(fmt.Sprintf("word%d", i+1))})
		t.found("by the word of before", customer.ByName.Is(fmt.Sprintf("word%d", i)))
		t.found("by the word of now", customer.And(customer.Text(c.Name), customer.ByName.Is(c.Name)), c)
		page := t.search(customer.Query{OrderBy: customer.NameZA, Limit: 2, Where: customer.ByName.Prefix("WORD")})
		t.same("in the order by name", page, customer.Page{Customers: []customer.Customer{c}})
	}
}

func (t *trial) count(f customer.Filter, limit int) customer.Total {
	t.Helper()
	total, err := t.store.Count(t.Context(), f, limit)
	if err != nil {
		t.Fatalf("Count of %#v: %v", f, err)
	}
	return total
}

func readsCount(t *trial) {
	t.same("Count in an empty database", t.count(nil, 0), customer.Total{Exact: true})
	for _, c := range t.crowd(60)[:5] {
		t.archive(c.ID)
	}
	rows := []struct {
		f       customer.Filter
		matches int
	}{
		{nil, 60},
		{customer.And(), 60},
		{customer.Or(), 0},
		{customer.HasStatus(customer.Archived), 5},
		{customer.ActiveUnlessNamed(nil), 55},
		{customer.ByName.Is("twin"), 24},
		{customer.Not(customer.ByName.Present()), 12},
		{customer.Text("nobody"), 0},
	}
	for _, row := range rows {
		for _, limit := range []int{0, 1, row.matches - 1, row.matches, row.matches + 1, 50, 200, 1 << 40} {
			if limit < 0 {
				continue
			}
			want := customer.Total{Value: row.matches, Exact: true}
			if limit > 0 && limit < row.matches {
				want = customer.Total{Value: limit}
			}
			t.same(fmt.Sprintf("Count of %#v up to %d", row.f, limit), t.count(row.f, limit), want)
		}
	}
	for _, limit := range []int{-1, -1 << 62} {
		_, err := t.store.Count(t.Context(), nil, limit)
		t.fails(fmt.Sprintf("Count up to %d", limit), err, customer.ErrInvalid)
	}
}

func readsMany(t *trial) {
	all := t.crowd(120)
	all[7] = t.archive(all[7].ID)
	want := make(map[customer.ID]customer.Customer)
	var ids []customer.ID
	for i, c := range all {
		ids = append(ids, c.ID, t.ids.next())
		if i%3 == 0 {
			ids = append(ids, c.ID)
		}
		want[c.ID] = c
	}
	ids = append(ids, ids[:30]...)
	ids = append(ids, customer.ID{})
	for _, n := range []int{len(ids), 0, 1, 2, 99, 100, 101, 200, 201} {
		wanted := make(map[customer.ID]customer.Customer)
		for _, id := range ids[:n] {
			if c, ok := want[id]; ok {
				wanted[id] = c
			}
		}
		got, err := customer.GetMany(t.Context(), t.store, ids[:n:n])
		t.fails("GetMany", err, nil)
		if len(got) > 0 || len(wanted) > 0 {
			t.same(fmt.Sprintf("GetMany of %d IDs", n), got, wanted)
		}
	}
}

func readsAll(t *trial) {
	want := sorted(t.crowd(23), customer.CompanyZA)
	for _, limit := range []int{0, 1, 5, 23, 24} {
		q := customer.Query{OrderBy: customer.CompanyZA, Limit: limit}
		t.same(fmt.Sprintf("All with pages of %d", limit), t.all(q, len(want)+1), want)
		t.same("All up to the third", t.all(q, 3), want[:3])
		if limit == 5 {
			q.After = t.search(q).Next
			t.same("All from the second page on", t.all(q, len(want)+1), want[5:])
		}
	}
	var errs []error
	for c, err := range customer.All(t.Context(), t.store, customer.Query{Limit: -1}) {
		t.same("the customer beside an error", c, customer.Customer{})
		errs = append(errs, err)
		if len(errs) > 1 {
			break
		}
	}
	if len(errs) != 1 || !errors.Is(errs[0], customer.ErrInvalid) {
		t.Errorf("All with a bad limit yields the errors %v, want one, %v", errs, customer.ErrInvalid)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range customer.All(ctx, t.store, customer.Query{Limit: 4}) {
		if n++; n == 4 {
			cancel()
		}
		if n > 4 {
			t.fails("All when the context ended after a page", err, context.Canceled)
			break
		}
	}
	if n != 5 {
		t.Errorf("All yields %d times, want 4 customers and an error", n)
	}
}

// all returns the first limit customers of a walk.
func (t *trial) all(q customer.Query, limit int) []customer.Customer {
	t.Helper()
	var got []customer.Customer
	for c, err := range customer.All(t.Context(), t.store, q) {
		if err != nil {
			t.Fatalf("All: %v", err)
		}
		if got = append(got, c); len(got) == limit {
			break
		}
	}
	return got
}

func readsByUniqueField(t *trial) {
	archived := t.archive(t.create(customer.Draft{Email: "shared@exämple.de", ExternalID: "old"}).ID)
	active := t.create(customer.Draft{Email: "Shared@Exämple.de", ExternalID: "New", Name: "a%"})
	t.create(customer.Draft{Email: "sharedx@exämple.de", ExternalID: "N"})
	gone := t.archive(t.create(customer.Draft{Email: "gone@example.com"}).ID)

	for _, email := range []string{"shared@exämple.de", " SHARED@EXÄMPLE.de ", "Shared@xn--exmple-cua.de", "shared@exa\u0308mple.de"} {
		got, err := customer.FindByEmail(t.Context(), t.store, email)
		t.fails(fmt.Sprintf("FindByEmail(%q)", email), err, nil)
		t.same(fmt.Sprintf("FindByEmail(%q)", email), got, active)
	}
	for _, email := range []string{gone.Email, "share@exämple.de", "shared@example.de", "s%@exämple.de", "share_@exämple.de", "none"} {
		_, err := customer.FindByEmail(t.Context(), t.store, email)
		t.fails(fmt.Sprintf("FindByEmail(%q)", email), err, customer.ErrNotFound)
	}
	for external, want := range map[string]customer.Customer{"old": archived, "New": active} {
		got, err := customer.FindByExternalID(t.Context(), t.store, external)
		t.fails(fmt.Sprintf("FindByExternalID(%q)", external), err, nil)
		t.same(fmt.Sprintf("FindByExternalID(%q)", external), got, want)
	}
	for _, external := range []string{"new", "OLD", "Ne", "N%", "N__", `\`} {
		_, err := customer.FindByExternalID(t.Context(), t.store, external)
		t.fails(fmt.Sprintf("FindByExternalID(%q)", external), err, customer.ErrNotFound)
	}
	for _, empty := range []string{"", "\x00", "\xff"} {
		_, err := customer.FindByEmail(t.Context(), t.store, empty)
		t.fails(fmt.Sprintf("FindByEmail(%q)", empty), err, customer.ErrInvalid)
		_, err = customer.FindByExternalID(t.Context(), t.store, empty)
		t.fails(fmt.Sprintf("FindByExternalID(%q)", empty), err, customer.ErrInvalid)
	}
}
