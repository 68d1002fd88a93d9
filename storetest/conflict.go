package storetest

import (
	"errors"
	"fmt"
	"time"

	"example.com/customer"
)

var conflictCases = []testCase{
	{
		name:     "conflict/email",
		contract: "An email is unique among the active customers of a tenant by its key: ASCII case, NFC and the spelling of the domain do not count, all else does.",
		run:      emailsThatConflict,
	},
	{
		name:     "conflict/external id",
		contract: "An external id is unique among all customers of a tenant, archived ones too, by its exact bytes in NFC.",
		run:      externalIDsThatConflict,
	},
	{
		name:     "conflict/order and holder",
		contract: "A conflict names the first field taken of id, external id and email, and the ID of the customer that holds it.",
		run:      conflictsInOrder,
	},
	{
		name:     "conflict/on update",
		contract: "An update that conflicts leaves the record as it was, in all its fields.",
		run:      conflictsOnUpdate,
	},
	{
		name:     "conflict/not with itself",
		contract: "A customer's own email and external id are free to it: a new spelling of either is a change, not a conflict.",
		run:      conflictsNotWithItself,
	},
	{
		name:     "conflict/empty fields",
		contract: "Empty is absent: any number of customers have no email and no external id.",
		run:      conflictsNotOverEmptyFields,
	},
	{
		name:     "conflict/leaves nothing behind",
		contract: "A create that fails takes nothing: not its ID, its external id, its email nor its idempotency key.",
		run:      conflictsLeaveNothing,
	},
	{
		name:     "conflict/freed by a change",
		contract: "An email or external id that a customer gives up is free at once.",
		run:      conflictsEndWithAChange,
	},
}

func emailsThatConflict(t *trial) {
	same := [][2]string{
		{"a1@ex.com", "A1@Ex.COM"},
		{"u\u0308mlaut@ex.com", "\u00fcmlaut@ex.com"},
		{"a2@exämple.de", "a2@xn--exmple-cua.de"},
		{"a3@EXÄMPLE.de", "A3@exa\u0308mple.DE"},
		{"\u212aelvin@ex.com", "kelvin@ex.com"},
		{"o'hara+tag@b.ie", "O'HARA+TAG@B.IE"},
	}
	for _, pair := range same {
		holder := t.create(customer.Draft{Email: pair[0]})
		_, err := t.store.Create(t.Context(), customer.Draft{Name: "late", Email: pair[1]})
		t.conflicts(fmt.Sprintf("Create %q after %q", pair[1], pair[0]), err, "email", holder.ID)
	}
	apart := []string{
		"i@ex.org", "ı@ex.org", "s@ex.org", "ſ@ex.org", "ä@ex.org", "a@ex.org", "Ä@ex.org", "a+b@ex.org", "a.b@ex.org", "ab@ex.org",
		"a@ex.com.org", "straße@ex.org", "strasse@ex.org", "a_b@ex.org", "a%b@ex.org",
	}
	for _, email := range apart {
		if _, err := t.store.Create(t.Context(), customer.Draft{Email: email}); err != nil {
			t.Errorf("Create %q beside %q: %v", email, apart, err)
		}
	}
}

func externalIDsThatConflict(t *trial) {
	apart := []string{"A-1", "a-1", "Å", "å", "ﬁ", "fi", "ß", "ss", "é", "e", "1", "01", "a b", "a  b", "a_b", "a%b", `a\b`}
	for i, external := range apart {
		c := t.create(customer.Draft{Name: "holder", ExternalID: external})
		if i%2 == 0 {
			t.archive(c.ID)
		}
		_, err := t.store.Create(t.Context(), customer.Draft{Name: "late", ExternalID: " " + external})
		t.conflicts(fmt.Sprintf("Create with external id %q, archived: %t", external, i%2 == 0), err, "external_id", c.ID)
	}
	composed, err := customer.FindByExternalID(t.Context(), t.store, "é")
	t.fails("FindByExternalID", err, nil)
	_, err = t.store.Create(t.Context(), customer.Draft{Name: "late", ExternalID: "e\u0301"})
	t.conflicts("Create with the decomposed form of an external id", err, "external_id", composed.ID)
}

func conflictsInOrder(t *trial) {
	id := t.create(customer.Draft{Name: "has the ID"})
	external := t.create(customer.Draft{Name: "has the external id", ExternalID: "ext"})
	email := t.create(customer.Draft{Email: "taken@example.com"})
	archived := t.archive(t.create(customer.Draft{Name: "archived", ExternalID: "old", Email: "old@example.com"}).ID)
	other := t.create(customer.Draft{Name: "other"})
	t.changesNothing(func() {
		_, err := t.store.Create(t.Context(), customer.Draft{ID: id.ID, ExternalID: "ext", Email: "taken@example.com"})
		t.conflicts("Create with all three taken", err, "id", id.ID)
		_, err = t.store.Create(t.Context(), customer.Draft{ID: archived.ID, Email: "taken@example.com"})
		t.conflicts("Create with the ID of an archived customer", err, "id", archived.ID)
		_, err = t.store.Create(t.Context(), customer.Draft{ExternalID: "ext", Email: "taken@example.com"})
		t.conflicts("Create with external id and email taken", err, "external_id", external.ID)
		_, err = t.store.Create(t.Context(), customer.Draft{ExternalID: "old", Email: "TAKEN@example.com"})
		t.conflicts("Create with an archived customer's external id and a taken email", err, "external_id", archived.ID)
		_, err = t.store.Create(t.Context(), customer.Draft{Email: "TAKEN@example.com"})
		t.conflicts("Create with the email taken", err, "email", email.ID)
		_, err = t.store.Update(t.Context(), other.ID, 1, customer.Patch{ExternalID: new("ext"), Email: new("taken@example.com")})
		t.conflicts("Update to a taken external id and email", err, "external_id", external.ID)
		_, err = t.store.Update(t.Context(), other.ID, customer.AnyVersion, customer.Patch{Email: new("Taken@Example.Com")})
		t.conflicts("Update to a taken email", err, "email", email.ID)
	})
	t.stored(t.create(customer.Draft{Name: "free again", Email: "old@example.com"}))
}

func conflictsOnUpdate(t *trial) {
	holder := t.create(customer.Draft{Name: "holder", Email: "taken@example.com", ExternalID: "taken"})
	c := t.create(fullDraft())
	t.clock.move(time.Hour)
	patches := []customer.Patch{
		{Email: new("taken@example.com"), Name: new("changed"), Notes: new(""), AddTags: []string{"new"}, Metadata: map[string]*string{"plan": nil, "new": new("x")}},
		{ExternalID: new("taken"), Name: new("changed"), Email: new("free@example.com"), Address: customer.AddressPatch{City: new("")}},
	}
	for i, field := range []string{"email", "external_id"} {
		for _, v := range []customer.Version{1, customer.AnyVersion} {
			_, err := t.store.Update(t.Context(), c.ID, v, patches[i])
			t.conflicts("Update", err, field, holder.ID)
			t.stored(c)
		}
	}
	t.found("the words of the failed change", customer.Text("changed"))
	t.found("the words of before", customer.Text("lovelace london"), c)
	t.stored(t.create(customer.Draft{Email: "free@example.com"}))
	t.stored(t.update(c.ID, 1, customer.Patch{Name: new("changed at last")}))
}

func conflictsNotWithItself(t *trial) {
	c := t.create(customer.Draft{Email: "ada@example.com", ExternalID: "ext"})
	c = t.update(c.ID, 1, customer.Patch{Email: new("ADA@Example.com"), Name: new("Ada")})
	if c.Version != 2 || c.Email != "ADA@Example.com" {
		t.Errorf("version %d and email %q, want 2 and the new spelling", c.Version, c.Email)
	}
	t.stored(c)
	c = t.archive(c.ID)
	c = t.restore(c.ID)
	t.stored(c)
	_, err := t.store.Create(t.Context(), customer.Draft{Email: "ada@EXAMPLE.com"})
	t.conflicts("Create with the email in another spelling", err, "email", c.ID)
}

func conflictsNotOverEmptyFields(t *trial) {
	for range 3 {
		c := t.create(customer.Draft{Name: "plain"})
		full := t.create(customer.Draft{Name: "emptied", Email: "e@example.com", ExternalID: "e"})
		t.update(full.ID, 1, customer.Patch{Email: new(""), ExternalID: new(" ")})
		t.archive(c.ID)
		t.restore(c.ID)
	}
	if got := len(t.everything()); got != 6 {
		t.Errorf("there are %d customers, want 6", got)
	}
}

func conflictsLeaveNothing(t *trial) {
	holder := t.create(customer.Draft{Email: "taken@example.com"})
	failed := customer.Draft{ID: t.ids.next(), ExternalID: "ext", Email: "taken@example.com", IdempotencyKey: "key"}
	_, err := t.store.Create(t.Context(), failed)
	t.conflicts("Create", err, "email", holder.ID)
	t.absent(failed.ID)
	invalid := customer.Draft{IdempotencyKey: "key"}
	if _, err = t.store.Create(t.Context(), invalid); !errors.Is(err, customer.ErrInvalid) {
		t.Errorf("Create of nothing: error %v, want %v", err, customer.ErrInvalid)
	}
	free := customer.Draft{ID: failed.ID, ExternalID: "ext", Email: "free@example.com", IdempotencyKey: "key"}
	t.stored(t.create(free))
}

func conflictsEndWithAChange(t *trial) {
	a := t.create(customer.Draft{Name: "a", Email: "a@example.com", ExternalID: "a"})
	b := t.create(customer.Draft{Name: "b", Email: "b@example.com", ExternalID: "b"})
	t.update(a.ID, 1, customer.Patch{Email: new("c@example.com"), ExternalID: new("c")})
	t.stored(t.update(b.ID, 1, customer.Patch{Email: new("a@example.com"), ExternalID: new("a")}))
	t.stored(t.create(customer.Draft{Email: "b@example.com", ExternalID: "b"}))
	_, err := t.store.Create(t.Context(), customer.Draft{Email: "A@example.com"})
	t.conflicts("Create with an email that changed hands", err, "email", b.ID)
}
