package storetest

import (
	"strings"
	"time"

	"example.com/customer"
)

var keyCases = []testCase{
	{
		name:     "idempotency/same draft",
		contract: "Under a key used before, a draft that means the same returns the customer made the first time, as it is now, and changes nothing.",
		run:      keyWithSameDraft,
	},
	{
		name:     "idempotency/other draft",
		contract: "Under a key used before, any other draft is ErrKeyReused, even where the customer looks like it by now.",
		run:      keyWithOtherDraft,
	},
	{
		name:     "idempotency/in every state",
		contract: "A key stands as long as its customer, archived and redacted too; deleting erases it, and a later retry creates anew.",
		run:      keyInEveryState,
	},
	{
		name:     "idempotency/before conflicts",
		contract: "Create looks up its key before it looks for conflicts, and after validation.",
		run:      keyBeforeConflicts,
	},
	{
		name:     "idempotency/distinct keys",
		contract: "Keys are 1 to 255 bytes from 0x21 to 0x7E, compared exactly; drafts without a key are never repeats.",
		run:      keysAreDistinct,
	},
}

func keyWithSameDraft(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key-1"
	c := t.create(d)
	t.clock.move(time.Hour)

	tidy := d
	tidy.Name, tidy.Notes, tidy.Tags = " Ada Lovelace\u00a0", d.Notes+"\n", []string{"VIP", " b2b", "vip", ""}
	tidy.Metadata = map[string]string{"seats": " 5 ", "plan": "gold", "none": ""}
	elsewhere := d
	elsewhere.ID, elsewhere.CreatedAt = t.ids.next(), day(1)
	same := []customer.Draft{d, tidy, elsewhere}

	replay := func(want customer.Customer) {
		t.Helper()
		for _, d := range same {
			t.same("Create under a key used before", t.create(d), want)
		}
		t.stored(want)
		if n := len(t.everything()); n != 1 {
			t.Errorf("there are %d customers, want 1", n)
		}
	}
	replay(c)
	c = t.update(c.ID, 1, customer.Patch{Name: new("Augusta"), Email: new("augusta@example.com"), ExternalID: new("")})
	replay(c)
	c = t.update(c.ID, 2, customer.Patch{Name: new(""), Tags: &[]string{}, ReplaceMetadata: true})
	replay(c)
}

func keyWithOtherDraft(t *trial) {
	d := customer.Draft{Name: "Ada", IdempotencyKey: "key", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold"}}
	c := t.create(d)
	others := []func(d *customer.Draft){
		func(d *customer.Draft) { d.Name = "ada" },
		func(d *customer.Draft) { d.Email = "ada@example.com" },
		func(d *customer.Draft) { d.Phone = "555 0100" },
		func(d *customer.Draft) { d.Company = "Acme" },
		func(d *customer.Draft) { d.Notes = "n" },
		func(d *customer.Draft) { d.ExternalID = "e" },
		func(d *customer.Draft) { d.Address.Line2 = "2" },
		func(d *customer.Draft) { d.Address.Country = "GB" },
		func(d *customer.Draft) { d.Tags = nil },
		func(d *customer.Draft) { d.Tags = []string{"vip", "new"} },
		func(d *customer.Draft) { d.Metadata = map[string]string{"plan": "Gold"} },
		func(d *customer.Draft) { d.Metadata = map[string]string{"Plan": "gold"} },
	}
	t.changesNothing(func() {
		for _, change := range others {
			other := d
			change(&other)
			_, err := t.store.Create(t.Context(), other)
			t.fails("Create of another draft under the key", err, customer.ErrKeyReused)
		}
	})
	c = t.update(c.ID, 1, customer.Patch{Company: new("Acme")})
	now := d
	now.Company = "Acme"
	_, err := t.store.Create(t.Context(), now)
	t.fails("Create of a draft that the customer looks like by now", err, customer.ErrKeyReused)
	t.same("Create of the draft it was made from", t.create(d), c)
}

func keyInEveryState(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key"
	c := t.archive(t.create(d).ID)
	t.same("Create after archiving", t.create(d), c)
	other := d
	other.Name = "other"
	_, err := t.store.Create(t.Context(), other)
	t.fails("Create of another draft after archiving", err, customer.ErrKeyReused)
	c = t.update(c.ID, 2, customer.Patch{Name: new(""), Email: new(""), Phone: new(""), Company: new(""), ExternalID: new(""), Tags: &[]string{}})
	t.same("Create after redaction", t.create(d), c)
	t.stored(c)

	t.delete(c.ID)
	again := t.create(d)
	if again.ID == c.ID || again.Version != 1 {
		t.Errorf("after deleting, ID %s and version %d, want another than %s and 1", again.ID, again.Version, c.ID)
	}
	t.same("Create under the key of after", t.create(d), again)
	t.stored(again)
	t.delete(again.ID)
	t.stored(t.create(other))
}

func keyBeforeConflicts(t *trial) {
	holder := t.create(customer.Draft{Email: "taken@example.com", ExternalID: "taken"})
	d := customer.Draft{Email: "mine@example.com", IdempotencyKey: "key"}
	c := t.create(d)
	t.changesNothing(func() {
		_, err := t.store.Create(t.Context(), customer.Draft{ID: holder.ID, Email: "taken@example.com", ExternalID: "taken", IdempotencyKey: "key"})
		t.fails("Create of a draft that conflicts under a key used before", err, customer.ErrKeyReused)
		_, err = t.store.Create(t.Context(), customer.Draft{Email: "not an email", IdempotencyKey: "key"})
		t.fails("Create of an invalid draft under a key used before", err, customer.ErrInvalid)
		_, err = t.store.Create(t.cancelled(), d)
		t.fails("Create under a key used before in a context that ended", err, t.cancelled().Err())
		taken := d
		taken.ID = holder.ID
		t.same("Create of the same draft with an ID that is taken", t.create(taken), c)
	})

	c = t.update(c.ID, 1, customer.Patch{Email: new("moved@example.com")})
	heir := t.create(customer.Draft{Email: "mine@example.com"})
	t.same("Create of the same draft when its email is another's", t.create(d), c)
	t.delete(c.ID)
	_, err := t.store.Create(t.Context(), d)
	t.conflicts("Create anew when the email is another's", err, "email", heir.ID)
	t.delete(heir.ID)
	t.stored(t.create(d))
}

func keysAreDistinct(t *trial) {
	keys := []string{"", "", "a", "A", "!", "~", "'", `"quoted"`, `\`, "%", "_", strings.Repeat("k", 254), strings.Repeat("k", 255), customer.HashKey("a")}
	ids := make(map[customer.ID]bool)
	for _, key := range keys {
		ids[t.create(customer.Draft{Name: "same", IdempotencyKey: key}).ID] = true
	}
	if len(ids) != len(keys) {
		t.Errorf("%d keys made %d customers", len(keys), len(ids))
	}
	for _, key := range keys[2:] {
		if id := t.create(customer.Draft{Name: "same", IdempotencyKey: key}).ID; !ids[id] {
			t.Errorf("the key %q made a second customer", key)
		}
	}
}
