package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/customer"
)

var updateCases = []testCase{
	{
		name:     "update/returned equals reread",
		contract: "Update stores the customer that Patch.Apply makes of the one before, and returns what every read returns afterwards.",
		run:      updatedEqualsReread,
	},
	{
		name:     "update/versions",
		contract: "A version is 1 on create and one higher for every change, without gaps; what fails or changes nothing takes none.",
		run:      updatedVersions,
	},
	{
		name:     "update/no change",
		contract: "A patch that changes nothing returns the record as it is and writes nothing, whatever the clock says, archived or not.",
		run:      updatedWithoutChange,
	},
	{
		name:     "update/stale",
		contract: "A version that is not the current one is a *StaleError with both versions; AnyVersion is never stale.",
		run:      updatedStale,
	},
	{
		name:     "update/a clock that goes back",
		contract: "UpdatedAt is the later of now and what it was: it never moves back, and CreatedAt never moves.",
		run:      updatedAgainstTheClock,
	},
	{
		name:     "update/invalid patches",
		contract: "A patch that breaks a rule is a *ValidationError with every fault that Patch.Apply finds, and changes nothing.",
		run:      updatedInvalid,
	},
}

func updatedEqualsReread(t *trial) {
	address := customer.AddressPatch{Line1: new("1"), Line2: new("2"), City: new("Köln"), Region: new("NRW"), PostalCode: new("50667"), Country: new("DE")}
	patches := []customer.Patch{
		{Name: new(" Augusta\u0301 ")},
		{Email: new("Augusta@Exämple.de")},
		{Phone: new("+49\u00a00711–2842222")},
		{Company: new("Öl & Söhne")},
		{Notes: new("one\ntwo\tthree")},
		{ExternalID: new("crm-43")},
		{Address: address},
		{Address: customer.AddressPatch{Line2: new(""), City: new("Bonn")}},
		{Tags: &[]string{"Zeta", "alpha", "zeta"}},
		{AddTags: []string{"NEW", "alpha"}, RemoveTags: []string{"zeta", "absent"}},
		{Metadata: map[string]*string{"plan": new("silver"), "seats": nil, "new": new(" x "), "gone": new("")}},
		{Metadata: map[string]*string{"only": new(`{"a":"b"}`)}, ReplaceMetadata: true},
		{Name: new(""), Email: new(""), Company: new(""), Notes: new(""), ExternalID: new(""), Tags: &[]string{}, ReplaceMetadata: true},
		{Address: customer.AddressPatch{Line1: new(""), Line2: new(""), City: new(""), Region: new(""), PostalCode: new(""), Country: new(" ")}},
		{Name: new("back"), Email: new("back@example.com"), AddTags: []string{"vip"}, Metadata: map[string]*string{"plan": new("gold")}},
		{Status: new(customer.Archived)},
		{Status: new(customer.Active)},
	}
	c := t.create(fullDraft())
	for i, p := range patches {
		t.clock.move(time.Second)
		want, _, err := p.Apply(c, t.clock.now())
		if err != nil {
			t.Fatalf("Apply of patch %d: %v", i, err)
		}
		v := c.Version
		if i%3 == 2 {
			v = customer.AnyVersion
		}
		c = t.update(c.ID, v, p)
		t.same(fmt.Sprintf("Update with patch %d", i), c, want)
		t.stored(want)
	}
}

func updatedVersions(t *trial) {
	c := t.create(customer.Draft{Name: "one", Email: "one@example.com"})
	t.create(customer.Draft{Email: "taken@example.com"})
	want := customer.Version(1)
	if c.Version != want {
		t.Fatalf("version %d of a new customer, want 1", c.Version)
	}
	for i := range 5 {
		c = t.update(c.ID, want, customer.Patch{Notes: new(fmt.Sprint("note ", i))})
		if want++; c.Version != want {
			t.Fatalf("version %d after %d changes, want %d", c.Version, i+1, want)
		}
		for _, p := range []customer.Patch{{Phone: new("none")}, {Email: new("taken@example.com")}, {Name: new("x"), Status: new(customer.Archived)}} {
			if _, err := t.store.Update(t.Context(), c.ID, want, p); err == nil {
				t.Errorf("Update with %+v succeeds", p)
			}
		}
		if c = t.update(c.ID, want, customer.Patch{Name: new("one")}); c.Version != want {
			t.Errorf("version %d after a patch that changes nothing, want %d", c.Version, want)
		}
		t.stored(c)
	}
	if c = t.update(c.ID, customer.AnyVersion, customer.Patch{Notes: new("last")}); c.Version != want+1 {
		t.Errorf("version %d after an update at AnyVersion, want %d", c.Version, want+1)
	}
	t.stored(c)
}

// idlePatches change nothing of the customer made from fullDraft.
func idlePatches() []customer.Patch {
	return []customer.Patch{
		{},
		{Name: new("Ada Lovelace")},
		{Name: new("\u00a0Ada Lovelace ")},
		{Email: new("Ada@Example.com"), Phone: new("+44 (0)20 7946 0958"), ExternalID: new("crm-0042")},
		{Address: customer.AddressPatch{City: new("London")}},
		{Tags: &[]string{"VIP", "b2b", "vip"}},
		{AddTags: []string{" Vip "}},
		{RemoveTags: []string{"absent"}},
		{Metadata: map[string]*string{"plan": new("gold"), "absent": nil, "none": new("")}},
		{Metadata: map[string]*string{"plan": new("gold"), "seats": new("5")}, ReplaceMetadata: true},
	}
}

func updatedWithoutChange(t *trial) {
	c := t.create(fullDraft())
	check := func(c customer.Customer, idle []customer.Patch) {
		for i, p := range idle {
			for _, v := range []customer.Version{c.Version, customer.AnyVersion} {
				t.clock.move(time.Minute)
				t.same(fmt.Sprintf("Update of a customer %s with idle patch %d", c.Status, i), t.update(c.ID, v, p), c)
			}
		}
		t.stored(c)
	}
	check(c, append(idlePatches(), customer.Patch{Status: new(customer.Active)}))
	c = t.archive(c.ID)
	check(c, append(idlePatches(), customer.Patch{Status: new(customer.Archived)}))
}

func updatedStale(t *trial) {
	c := t.create(fullDraft())
	for range 3 {
		c = t.update(c.ID, c.Version, customer.Patch{Notes: new(fmt.Sprint("at ", c.Version))})
	}
	t.changesNothing(func() {
		for _, v := range []customer.Version{1, 3, 5, 1 << 62} {
			for _, p := range append(idlePatches(), customer.Patch{Name: new("x")}, customer.Patch{Status: new(customer.Archived)}) {
				_, err := t.store.Update(t.Context(), c.ID, v, p)
				t.stale("Update", err, customer.StaleError{ID: c.ID, Want: v, Have: 4})
			}
			t.stale("Delete", t.store.Delete(t.Context(), c.ID, v), customer.StaleError{ID: c.ID, Want: v, Have: 4})
		}
	})
	t.stored(t.update(c.ID, 4, customer.Patch{Name: new("current")}))
	t.stored(t.update(c.ID, customer.AnyVersion, customer.Patch{Name: new("any")}))
}

func (t *trial) stale(what string, err error, want customer.StaleError) {
	t.Helper()
	t.fails(what, err, customer.ErrStale)
	if got, ok := errors.AsType[*customer.StaleError](err); !ok || *got != want {
		t.Errorf("%s: error %v, want %v", what, err, &want)
	}
}

func updatedAgainstTheClock(t *trial) {
	c := t.create(fullDraft())
	steps := []time.Duration{time.Hour, -time.Minute, -24 * time.Hour, time.Microsecond, 25 * time.Hour, -time.Nanosecond, 0, 999 * time.Nanosecond}
	statuses := []customer.Status{customer.Archived, customer.Active}
	for i, step := range slices.Concat(steps, steps) {
		t.clock.move(step)
		p := customer.Patch{Notes: new(fmt.Sprint("note ", i))}
		if i >= len(steps) {
			p = customer.Patch{Status: new(statuses[(i-len(steps))%2])}
		}
		want := t.clock.now().Truncate(time.Microsecond)
		if want.Before(c.UpdatedAt) {
			want = c.UpdatedAt
		}
		next := t.update(c.ID, c.Version, p)
		if !next.UpdatedAt.Equal(want) || !next.CreatedAt.Equal(c.CreatedAt) {
			t.Errorf("step %d: created %v, updated %v, want %v and %v", i, next.CreatedAt, next.UpdatedAt, c.CreatedAt, want)
		}
		if next.Status == customer.Archived && !next.ArchivedAt.Equal(want) {
			t.Errorf("step %d: archived %v, want %v", i, next.ArchivedAt, want)
		}
		t.stored(next)
		c = next
	}
}

func updatedInvalid(t *trial) {
	c := t.create(customer.Draft{Name: "Ada", Tags: []string{"vip"}})
	patches := []customer.Patch{
		{Name: new("")},
		{Name: new("a\x00b")},
		{Email: new("Bob <a@b.co>"), Phone: new("12"), Address: customer.AddressPatch{City: new("a\nb")}},
		{AddTags: []string{"a,b"}},
		{Tags: &[]string{"ok", "a\u202eb"}},
		{Metadata: map[string]*string{"no key": new("x")}},
		{Metadata: map[string]*string{"key": new("a\tb")}},
		{Tags: &[]string{"x"}, AddTags: []string{"y"}},
		{AddTags: []string{"x"}, RemoveTags: []string{" X"}},
		{Status: new(customer.Status("gone"))},
		{Status: new(customer.Archived), Name: new("x")},
	}
	t.changesNothing(func() {
		for _, p := range patches {
			_, _, want := p.Apply(c, t.clock.now())
			_, err := t.store.Update(t.Context(), c.ID, 1, p)
			t.faults("Update", err, want)
		}
	})
}
