package storetest

import (
	"context"
	"strings"

	"example.com/customer"
)

var tenantCases = []testCase{
	{
		name:     "tenant/apart",
		contract: "One tenant's customers are absent for every other: by ID, email, external id, filter and count, for reading and for writing.",
		run:      tenantsApart,
	},
	{
		name:     "tenant/no conflicts",
		contract: "IDs, emails, external ids and idempotency keys are unique within a tenant only.",
		run:      tenantsWithoutConflicts,
	},
	{
		name:     "tenant/one database",
		contract: "Two views of one tenant are one: what one writes the other reads.",
		run:      tenantsOfOneDatabase,
	},
	{
		name:     "tenant/names",
		contract: "A tenant's name is [a-z0-9][a-z0-9_-]{0,62}; every call on a view of any other is ErrInvalid, after the context's error.",
		run:      tenantsByName,
	},
}

func tenantsApart(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key"
	c := t.create(d)
	for _, name := range []string{"acme", "acme-2", "a"} {
		other := t.as(name)
		other.absent(c.ID)
		t.same("the other tenant's customers", len(other.everything()), 0)
		t.same("Count for the other tenant", other.count(nil, 0), customer.Total{Exact: true})
		_, err := customer.FindByEmail(t.Context(), other.store, c.Email)
		t.fails("FindByEmail for another tenant", err, customer.ErrNotFound)
		_, err = customer.FindByExternalID(t.Context(), other.store, c.ExternalID)
		t.fails("FindByExternalID for another tenant", err, customer.ErrNotFound)
		other.found("the other tenant's matches", customer.Text("ada"))
		for _, v := range []customer.Version{1, 7, customer.AnyVersion} {
			for _, p := range []customer.Patch{{}, {Name: new("x")}, {Status: new(customer.Archived)}, {Email: new("none")}} {
				_, err = other.store.Update(t.Context(), c.ID, v, p)
				t.fails("Update for another tenant", err, customer.ErrNotFound)
			}
			t.fails("Delete for another tenant", other.store.Delete(t.Context(), c.ID, v), customer.ErrNotFound)
		}
		_, err = other.store.Update(t.Context(), c.ID, 0, customer.Patch{})
		t.fails("Update at version 0 for another tenant", err, customer.ErrInvalid)
	}
	t.stored(c)
}

func tenantsWithoutConflicts(t *trial) {
	d := fullDraft()
	d.ID, d.IdempotencyKey = t.ids.next(), "key"
	acme, globex := t.as("acme"), t.as("globex")
	first, second := t.create(d), acme.create(d)
	d.Name = "another draft"
	third := globex.create(d)
	for _, on := range []struct {
		*trial
		c customer.Customer
	}{{t, first}, {acme, second}, {globex, third}} {
		on.stored(on.c)
		_, err := on.store.Create(t.Context(), customer.Draft{Email: d.Email})
		t.conflicts("Create within one tenant", err, "email", on.c.ID)
	}
	second = acme.update(second.ID, 1, customer.Patch{Name: new("Augusta")})
	t.stored(first)
	globex.archive(third.ID)
	globex.restore(third.ID)
	t.same("Create under the key of another tenant too", t.create(fullDraftWith(d.ID, "key")), first)
	t.same("Create under the key of another tenant too", acme.create(fullDraftWith(d.ID, "key")), second)
	t.delete(first.ID)
	acme.stored(second)
	t.absent(first.ID)
	if got := t.create(fullDraftWith(d.ID, "key")); got.Version != 1 {
		t.Errorf("version %d of a new customer, want 1", got.Version)
	}
}

func fullDraftWith(id customer.ID, key string) customer.Draft {
	d := fullDraft()
	d.ID, d.IdempotencyKey = id, key
	return d
}

func tenantsOfOneDatabase(t *trial) {
	one, two := t.as("acme"), t.as("acme")
	c := one.create(fullDraft())
	two.stored(c)
	c = two.update(c.ID, 1, customer.Patch{Name: new("Augusta")})
	one.stored(c)
	one.delete(c.ID)
	two.absent(c.ID)
	unnamed := t.create(fullDraft())
	t.as("").stored(unnamed)
}

func tenantsByName(t *trial) {
	for _, name := range []string{"a", "0", "a-b_c", strings.Repeat("z", 63)} {
		t.as(name).stored(t.as(name).create(customer.Draft{Name: name}))
	}
	for _, name := range []string{"A", "-a", "_a", "a b", "ä", "a.b", "a/b", "a'b", "%", "a\x00", " ", strings.Repeat("z", 64)} {
		store := t.as(name).store
		id := t.ids.next()
		calls := map[string]func(ctx context.Context) error{
			"Create": func(ctx context.Context) error { _, err := store.Create(ctx, customer.Draft{Name: "x"}); return err },
			"Get":    func(ctx context.Context) error { _, err := store.Get(ctx, id); return err },
			"Update": func(ctx context.Context) error { _, err := store.Update(ctx, id, 1, customer.Patch{}); return err },
			"Delete": func(ctx context.Context) error { return store.Delete(ctx, id, customer.AnyVersion) },
			"Search": func(ctx context.Context) error { _, err := store.Search(ctx, customer.Query{}); return err },
			"Count":  func(ctx context.Context) error { _, err := store.Count(ctx, nil, 0); return err },
			"GetMany": func(ctx context.Context) error {
				_, err := customer.GetMany(ctx, store, []customer.ID{id})
				return err
			},
		}
		for what, call := range calls {
			t.fails(what+" for a tenant named "+name, call(t.Context()), customer.ErrInvalid)
			t.fails(what+" for a tenant named "+name+" in a context that ended", call(t.cancelled()), context.Canceled)
		}
	}
}
