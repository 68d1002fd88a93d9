package storetest

import (
	"context"
	"fmt"
	"time"

	"example.com/customer"
)

var orderCases = []testCase{
	{
		name:     "errors/in order",
		contract: "Errors come in one order: context, malformed arguments, not found, stale, success without a change, archived, validation, conflict.",
		run:      errorsInOrder,
	},
	{
		name:     "errors/in order when creating",
		contract: "Create fails in the order context, validation, key reused, conflict.",
		run:      errorsInOrderOfCreate,
	},
	{
		name:     "errors/context",
		contract: "Every method returns the error of a context that has ended, before any other error, and changes nothing.",
		run:      errorsOfContext,
	},
	{
		name:     "errors/not found",
		contract: "An ID that is no customer's, the zero ID too, is ErrNotFound.",
		run:      errorsOfAbsence,
	},
}

// attempt is an update or, without a patch, a delete, and the class of error that it is refused with; nil is success.
type attempt struct {
	what    string
	ctx     context.Context
	id      customer.ID
	version customer.Version
	patch   *customer.Patch
	want    error
}

func (t *trial) attempt(a attempt) {
	t.Helper()
	if a.patch == nil {
		t.fails("Delete: "+a.what, t.store.Delete(a.ctx, a.id, a.version), a.want)
		return
	}
	_, err := t.store.Update(a.ctx, a.id, a.version, *a.patch)
	t.fails("Update: "+a.what, err, a.want)
}

func errorsInOrder(t *trial) {
	t.create(customer.Draft{Name: "holder", Email: "taken@example.com", ExternalID: "taken"})
	active := t.create(customer.Draft{Name: "active", Email: "active@example.com"}).ID
	archived := t.archive(t.create(customer.Draft{Name: "archived", Email: "taken@example.org", Tags: []string{"vip"}}).ID).ID
	redacted := t.archive(t.create(customer.Draft{Name: "redacted"}).ID).ID
	t.update(redacted, 2, customer.Patch{Name: new("")})
	heir := t.create(customer.Draft{Name: "heir", Email: "taken@example.org"}).ID
	missing := t.ids.next()

	var (
		live, ended = t.Context(), t.cancelled()
		malformed   = &customer.Patch{Status: new(customer.Archived), Name: new("x")}
		unknown     = &customer.Patch{Status: new(customer.Status("gone"))}
		invalid     = &customer.Patch{Phone: new("none"), Email: new("taken@example.com")}
		taken       = &customer.Patch{Email: new("taken@example.com")}
		rename      = &customer.Patch{Name: new("renamed")}
		idle        = &customer.Patch{RemoveTags: []string{"absent"}}
		restore     = &customer.Patch{Status: new(customer.Active)}
	)
	attempts := []attempt{
		{"the context before a malformed version", ended, missing, 0, rename, context.Canceled},
		{"the context before a malformed patch", ended, active, 1, malformed, context.Canceled},
		{"the context before success", ended, active, 1, idle, context.Canceled},
		{"the context before a malformed version", ended, missing, -2, nil, context.Canceled},
		{"version 0 before not found", live, missing, 0, rename, customer.ErrInvalid},
		{"version -2 before not found", live, missing, -2, rename, customer.ErrInvalid},
		{"version 0 without a change", live, active, 0, idle, customer.ErrInvalid},
		{"version -2 on an archived customer", live, archived, -2, rename, customer.ErrInvalid},
		{"the least version", live, active, -1 << 63, rename, customer.ErrInvalid},
		{"version 0 before not found", live, missing, 0, nil, customer.ErrInvalid},
		{"version -2 before not found", live, missing, -2, nil, customer.ErrInvalid},
		{"version 0", live, active, 0, nil, customer.ErrInvalid},
		{"a malformed patch before not found", live, missing, 1, malformed, customer.ErrInvalid},
		{"an unknown status before not found", live, missing, customer.AnyVersion, unknown, customer.ErrInvalid},
		{"a malformed patch before stale", live, active, 7, malformed, customer.ErrInvalid},
		{"a malformed patch before archived", live, archived, 2, malformed, customer.ErrInvalid},
		{"not found before validation", live, missing, 1, invalid, customer.ErrNotFound},
		{"not found for a patch without a change", live, missing, customer.AnyVersion, idle, customer.ErrNotFound},
		{"not found", live, missing, 7, nil, customer.ErrNotFound},
		{"stale for a patch without a change", live, active, 7, idle, customer.ErrStale},
		{"stale before archived", live, archived, 1, rename, customer.ErrStale},
		{"stale before validation", live, active, 7, invalid, customer.ErrStale},
		{"stale before a conflict", live, active, 7, taken, customer.ErrStale},
		{"stale for a restore that would conflict", live, archived, 1, restore, customer.ErrStale},
		{"stale", live, archived, 1, nil, customer.ErrStale},
		{"success without a change on an archived customer", live, archived, 2, idle, nil},
		{"success without a change at any version", live, archived, customer.AnyVersion, idle, nil},
		{"archived before validation", live, archived, 2, invalid, customer.ErrArchived},
		{"archived before a conflict", live, archived, 2, taken, customer.ErrArchived},
		{"archived, though a part of the patch only empties", live, archived, 2, &customer.Patch{Notes: new("n"), Email: new("")}, customer.ErrArchived},
		{"validation before a conflict", live, active, 1, invalid, customer.ErrInvalid},
		{"validation at any version", live, active, customer.AnyVersion, invalid, customer.ErrInvalid},
		{"a restore without identity", live, redacted, 3, restore, customer.ErrInvalid},
		{"a conflict", live, active, 1, taken, customer.ErrConflict},
		{"a conflict at any version", live, active, customer.AnyVersion, taken, customer.ErrConflict},
		{"a restore that conflicts", live, archived, 2, restore, customer.ErrConflict},
	}
	t.changesNothing(func() {
		for _, a := range attempts {
			t.attempt(a)
		}
	})
	t.delete(heir)
	t.stored(t.restore(archived))
}

func errorsInOrderOfCreate(t *trial) {
	holder := t.create(customer.Draft{Name: "holder", Email: "taken@example.com", ExternalID: "taken", IdempotencyKey: "used"})
	conflicting := customer.Draft{ID: holder.ID, Email: "taken@example.com", ExternalID: "taken"}
	invalid, reused := conflicting, conflicting
	invalid.Phone, invalid.IdempotencyKey = "none", "used"
	reused.IdempotencyKey = "used"
	t.changesNothing(func() {
		for _, d := range []customer.Draft{conflicting, invalid, reused, {}} {
			_, err := t.store.Create(t.cancelled(), d)
			t.fails("Create: the context before all else", err, context.Canceled)
		}
		_, err := t.store.Create(t.Context(), invalid)
		t.fails("Create: validation before the key and conflicts", err, customer.ErrInvalid)
		_, err = t.store.Create(t.Context(), reused)
		t.fails("Create: the key before conflicts", err, customer.ErrKeyReused)
		_, err = t.store.Create(t.Context(), conflicting)
		t.conflicts("Create", err, "id", holder.ID)
	})
}

func errorsOfContext(t *trial) {
	c := t.create(fullDraft())
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, ended := range []context.Context{t.cancelled(), late} {
		t.changesNothing(func() { t.refusesContext(ended, c.ID) })
	}
}

// refusesContext calls every method with arguments that would succeed and, where there are any, with malformed ones.
func (t *trial) refusesContext(ctx context.Context, id customer.ID) {
	t.Helper()
	want := ctx.Err()
	check := func(what string, err error) {
		t.Helper()
		t.fails(fmt.Sprintf("%s in a context that ended", what), err, want)
	}
	_, err := t.store.Create(ctx, customer.Draft{Name: "new"})
	check("Create", err)
	_, err = t.store.Get(ctx, id)
	check("Get", err)
	_, err = t.store.Get(ctx, customer.ID{})
	check("Get of nobody", err)
	_, err = t.store.Update(ctx, id, 1, customer.Patch{Name: new("changed")})
	check("Update", err)
	_, err = customer.Archive(ctx, t.store, id, customer.AnyVersion)
	check("Archive", err)
	_, err = customer.Restore(ctx, t.store, id, 1)
	check("Restore without a change", err)
	check("Delete", t.store.Delete(ctx, id, 1))
	_, err = t.store.Search(ctx, customer.Query{})
	check("Search", err)
	_, err = t.store.Search(ctx, customer.Query{Limit: -1, After: "junk"})
	check("Search with a malformed query", err)
	_, err = t.store.Search(ctx, customer.Query{Where: customer.Or()})
	check("Search for nobody", err)
	_, err = t.store.Count(ctx, nil, 0)
	check("Count", err)
	_, err = t.store.Count(ctx, customer.Has("nothing"), -1)
	check("Count with malformed arguments", err)
	for _, ids := range [][]customer.ID{{id}, {}} {
		_, err = customer.GetMany(ctx, t.store, ids)
		check("GetMany", err)
	}
	_, err = customer.FindByEmail(ctx, t.store, fullDraft().Email)
	check("FindByEmail", err)
	err = nil
	for _, err = range customer.All(ctx, t.store, customer.Query{}) {
		break
	}
	check("All", err)
}

func errorsOfAbsence(t *trial) {
	c := t.create(fullDraft())
	neighbour := c.ID
	neighbour[15] ^= 1
	for _, id := range []customer.ID{{}, t.ids.next(), neighbour} {
		t.absent(id)
		_, err := t.store.Update(t.Context(), id, 1, customer.Patch{Name: new("x")})
		t.fails("Update", err, customer.ErrNotFound)
		t.fails("Delete", t.store.Delete(t.Context(), id, customer.AnyVersion), customer.ErrNotFound)
	}
	t.stored(c)
}
