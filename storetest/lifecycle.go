package storetest

import (
	"fmt"
	"time"

	"example.com/customer"
)

var lifecycleCases = []testCase{
	{
		name:     "lifecycle/archive and restore",
		contract: "Archiving sets status and ArchivedAt, restoring clears it; each is one change, and none where the customer is there already.",
		run:      archivedAndRestored,
	},
	{
		name:     "lifecycle/archive frees the email",
		contract: "Archiving frees the email; restoring is a conflict that names the holder while another active customer has it.",
		run:      archivedFreesEmail,
	},
	{
		name:     "lifecycle/archived is read-only",
		contract: "An archived customer takes no change but one that only empties fields and removes tags or metadata; any other is ErrArchived.",
		run:      archivedIsReadOnly,
	},
	{
		name:     "lifecycle/redaction",
		contract: "An archived customer may be emptied to the last field; restored without identity it is ErrInvalid with identity_required.",
		run:      archivedRedacted,
	},
	{
		name:     "lifecycle/delete",
		contract: "Delete erases for good in either state, and frees ID, email, external id and idempotency key.",
		run:      deletedForGood,
	},
	{
		name:     "lifecycle/delete at a version",
		contract: "Delete needs the current version or AnyVersion; a customer that is gone is ErrNotFound.",
		run:      deletedAtVersion,
	},
}

func archivedAndRestored(t *trial) {
	first := t.create(fullDraft())
	for round := range 3 {
		t.clock.move(time.Hour)
		want := first
		want.Version, want.Status = customer.Version(2*round+2), customer.Archived
		want.UpdatedAt = t.clock.now().UTC().Truncate(time.Microsecond)
		want.ArchivedAt = want.UpdatedAt
		got, err := customer.Archive(t.Context(), t.store, first.ID, want.Version-1)
		t.fails("Archive", err, nil)
		t.same("Archive", got, want)
		t.clock.move(time.Hour)
		got, err = customer.Archive(t.Context(), t.store, first.ID, want.Version)
		t.fails("Archive again", err, nil)
		t.same("Archive again", got, want)
		t.stored(want)

		want.Version, want.Status, want.ArchivedAt = want.Version+1, customer.Active, time.Time{}
		want.UpdatedAt = t.clock.now().UTC().Truncate(time.Microsecond)
		got, err = customer.Restore(t.Context(), t.store, first.ID, want.Version-1)
		t.fails("Restore", err, nil)
		t.same("Restore", got, want)
		t.clock.move(time.Hour)
		got, err = customer.Restore(t.Context(), t.store, first.ID, customer.AnyVersion)
		t.fails("Restore again", err, nil)
		t.same("Restore again", got, want)
		t.stored(want)
	}
}

func archivedFreesEmail(t *trial) {
	email := customer.Draft{Name: "first", Email: "ada@example.com"}
	first := t.archive(t.create(email).ID)
	email.Name = "second"
	second := t.archive(t.create(email).ID)
	email.Name, email.Email = "third", "ADA@example.com"
	third := t.create(email)

	for _, archived := range []customer.Customer{first, second} {
		for _, v := range []customer.Version{2, customer.AnyVersion} {
			_, err := customer.Restore(t.Context(), t.store, archived.ID, v)
			t.conflicts("Restore", err, "email", third.ID)
			t.stored(archived)
		}
	}
	t.delete(third.ID)
	second = t.restore(second.ID)
	t.stored(second)
	_, err := customer.Restore(t.Context(), t.store, first.ID, 2)
	t.conflicts("Restore", err, "email", second.ID)

	first = t.update(first.ID, 2, customer.Patch{Email: new("")})
	first = t.restore(first.ID)
	t.stored(first)
	if first.Version != 4 || first.Email != "" {
		t.Errorf("version %d, email %q, want 4 and none", first.Version, first.Email)
	}
}

func archivedIsReadOnly(t *trial) {
	c := t.archive(t.create(fullDraft()).ID)
	refused := []customer.Patch{
		{Name: new("Augusta")},
		{Email: new("ada@example.com")},
		{Notes: new("more"), Phone: new("")},
		{Address: customer.AddressPatch{City: new("Paris"), Country: new("")}},
		{AddTags: []string{"new"}},
		{AddTags: []string{"new"}, RemoveTags: []string{"vip"}},
		{Tags: &[]string{"vip", "new"}},
		{Metadata: map[string]*string{"plan": new("silver")}},
		{Metadata: map[string]*string{"plan": nil, "new": new("x")}},
		{Metadata: map[string]*string{"plan": new("silver")}, ReplaceMetadata: true},
	}
	t.changesNothing(func() {
		for i, p := range refused {
			for _, v := range []customer.Version{2, customer.AnyVersion} {
				_, err := t.store.Update(t.Context(), c.ID, v, p)
				t.fails(fmt.Sprintf("Update of an archived customer with patch %d", i), err, customer.ErrArchived)
			}
		}
	})
	t.stored(c)
}

func archivedRedacted(t *trial) {
	c := t.archive(t.create(fullDraft()).ID)
	empties := []customer.Patch{
		{Notes: new(""), Phone: new(" ")},
		{RemoveTags: []string{"vip"}},
		{Metadata: map[string]*string{"plan": nil}},
		{Address: customer.AddressPatch{Line1: new(""), Line2: new(""), City: new("")}},
		{ExternalID: new("")},
		{Name: new(""), Company: new(""), Email: new(""), Tags: &[]string{}, ReplaceMetadata: true},
	}
	for i, p := range empties {
		t.clock.move(time.Second)
		want, _, err := p.Apply(c, t.clock.now())
		if err != nil {
			t.Fatalf("Apply of patch %d: %v", i, err)
		}
		c = t.update(c.ID, c.Version, p)
		t.same(fmt.Sprintf("Update of an archived customer with patch %d", i), c, want)
		t.stored(want)
	}
	t.stored(t.create(customer.Draft{Name: "free again", ExternalID: fullDraft().ExternalID}))
	for _, v := range []customer.Version{c.Version, customer.AnyVersion} {
		_, err := customer.Restore(t.Context(), t.store, c.ID, v)
		_, _, want := customer.Patch{Status: new(customer.Active)}.Apply(c, t.clock.now())
		t.faults("Restore without identity", err, want)
		t.stored(c)
	}
	t.found("the words of what was emptied", customer.Text("lovelace"))
	t.delete(c.ID)
}

func deletedForGood(t *trial) {
	for _, archived := range []bool{false, true} {
		d := fullDraft()
		d.ID, d.IdempotencyKey = t.ids.next(), "key"
		c := t.create(d)
		if archived {
			c = t.archive(c.ID)
		}
		if err := t.store.Delete(t.Context(), c.ID, c.Version); err != nil {
			t.Fatalf("Delete, archived: %t: %v", archived, err)
		}
		t.absent(c.ID)
		if left := t.everything(); len(left) > 0 {
			t.Errorf("%d customers are left, want none", len(left))
		}
		_, err := customer.FindByExternalID(t.Context(), t.store, d.ExternalID)
		t.fails("FindByExternalID", err, customer.ErrNotFound)
		_, err = customer.FindByEmail(t.Context(), t.store, d.Email)
		t.fails("FindByEmail", err, customer.ErrNotFound)

		d.Notes = "another draft under the same key"
		again := t.create(d)
		if again.Version != 1 {
			t.Errorf("version %d of a new customer under an old ID, want 1", again.Version)
		}
		t.stored(again)
		t.delete(again.ID)
	}
}

func deletedAtVersion(t *trial) {
	c := t.create(fullDraft())
	c = t.update(c.ID, 1, customer.Patch{Notes: new("second")})
	t.stale("Delete", t.store.Delete(t.Context(), c.ID, 1), customer.StaleError{ID: c.ID, Want: 1, Have: 2})
	t.stored(c)
	t.fails("Delete", t.store.Delete(t.Context(), c.ID, 2), nil)
	for _, v := range []customer.Version{1, 2, customer.AnyVersion} {
		t.fails("Delete of a customer that is gone", t.store.Delete(t.Context(), c.ID, v), customer.ErrNotFound)
		_, err := t.store.Update(t.Context(), c.ID, v, customer.Patch{Name: new("x")})
		t.fails("Update of a customer that is gone", err, customer.ErrNotFound)
	}
}
