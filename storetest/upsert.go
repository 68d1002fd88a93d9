package storetest

import (
	"errors"
	"fmt"
	"time"

	"example.com/customer"
)

var upsertCases = []testCase{
	{
		name:     "upsert/by email",
		contract: "Upsert by email creates the customer, updates the active one that has the email in any spelling, or finds nothing to change.",
		run:      upsertsByEmail,
	},
	{
		name:     "upsert/by external id",
		contract: "Upsert by external id creates the customer, updates the one that has it, or finds nothing to change.",
		run:      upsertsByExternalID,
	},
	{
		name:     "upsert/archived",
		contract: "By external id an archived customer is ErrArchived and stays as it is; by email it is out of sight, and another is created.",
		run:      upsertsOfArchived,
	},
	{
		name:     "upsert/a third record",
		contract: "A field that a third record holds is a *ConflictError with its ID, whether the upsert would create or update, and changes nothing.",
		run:      upsertsInConflict,
	},
	{
		name:     "upsert/find or create",
		contract: "FindOrCreate returns the customer that has the key as it is, whatever else the draft says, or creates it.",
		run:      findsOrCreates,
	},
	{
		name:       "upsert/races",
		contract:   "However many upsert one email or external id, one customer comes of it, one of them creates it, and no change is lost.",
		concurrent: true,
		run:        racesToUpsert,
	},
	{
		name:       "upsert/races to find or create",
		contract:   "However many find or create one customer, one of them creates it and all get it.",
		concurrent: true,
		run:        racesToFindOrCreate,
	},
}

func (t *trial) upsert(by customer.Key, d customer.Draft, want customer.Outcome) customer.Customer {
	t.Helper()
	c, outcome, err := customer.Upsert(t.Context(), t.store, by, d)
	if err != nil || outcome != want {
		t.Fatalf("Upsert by %s: %s, error %v, want %s", by, outcome, err, want)
	}
	t.stored(c)
	return c
}

func upsertsByEmail(t *trial) {
	made := t.upsert(customer.EmailKey, fullDraft(), customer.Created)
	t.clock.move(time.Hour)
	t.same("Upsert of the same draft", t.upsert(customer.EmailKey, fullDraft(), customer.Unchanged), made)
	d := customer.Draft{
		Email: " ada@EXAMPLE.com", Company: "Difference Engines", Address: customer.Address{City: "Bath"}, Tags: []string{"new"},
		Metadata: map[string]string{"seats": "6", "since": "1843"},
	}
	want := made.Clone()
	want.Version, want.UpdatedAt, want.Email, want.Company = 2, made.UpdatedAt.Add(time.Hour), "ada@EXAMPLE.com", d.Company
	want.Address, want.Tags, want.Metadata = d.Address, d.Tags, map[string]string{"plan": "gold", "seats": "6", "since": "1843"}
	t.same("Upsert of some fields", t.upsert(customer.EmailKey, d, customer.Updated), want)
	t.upsert(customer.EmailKey, customer.Draft{Email: "bob@example.com"}, customer.Created)
	t.same("the customers after four upserts of two emails", len(t.everything()), 2)
}

func upsertsByExternalID(t *trial) {
	made := t.upsert(customer.ExternalIDKey, fullDraft(), customer.Created)
	t.same("Upsert of the same draft", t.upsert(customer.ExternalIDKey, fullDraft(), customer.Unchanged), made)
	moved := t.upsert(customer.ExternalIDKey, customer.Draft{ExternalID: " crm-0042", Email: "ada@acme.com"}, customer.Updated)
	t.same("the email after an upsert by external id", moved.Email, "ada@acme.com")
	t.upsert(customer.ExternalIDKey, customer.Draft{ExternalID: "CRM-0042", Name: "another by its capitals"}, customer.Created)
	for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
		t.changesNothing(func() {
			_, _, err := customer.Upsert(t.Context(), t.store, by, customer.Draft{Name: "without a key"})
			t.fails("Upsert of a draft without the key", err, customer.ErrInvalid)
			_, _, err = customer.Upsert(t.cancelled(), t.store, by, fullDraft())
			t.fails("Upsert in a context that ended", err, t.cancelled().Err())
		})
	}
}

func upsertsOfArchived(t *trial) {
	c := t.archive(t.create(fullDraft()).ID)
	t.changesNothing(func() {
		for _, d := range []customer.Draft{fullDraft(), {ExternalID: c.ExternalID}, {ExternalID: c.ExternalID, Notes: "new"}} {
			_, _, err := customer.Upsert(t.Context(), t.store, customer.ExternalIDKey, d)
			t.fails("Upsert of an archived customer by external id", err, customer.ErrArchived)
			_, _, err = customer.FindOrCreate(t.Context(), t.store, customer.ExternalIDKey, d)
			t.fails("FindOrCreate of an archived customer by external id", err, customer.ErrArchived)
		}
	})
	second := t.upsert(customer.EmailKey, customer.Draft{Email: c.Email}, customer.Created)
	t.archive(second.ID)
	if third, created, err := customer.FindOrCreate(t.Context(), t.store, customer.EmailKey, customer.Draft{Email: c.Email}); err != nil || !created || third.ID == second.ID {
		t.Errorf("FindOrCreate by an email of archived customers: created %t, error %v, want another customer", created, err)
	}
	t.stored(c)
}

func upsertsInConflict(t *trial) {
	a := t.create(customer.Draft{Name: "a", Email: "a@example.com", ExternalID: "a"})
	b := t.create(customer.Draft{Name: "b", Email: "b@example.com", ExternalID: "b"})
	t.changesNothing(func() {
		_, _, err := customer.Upsert(t.Context(), t.store, customer.ExternalIDKey, customer.Draft{ExternalID: "a", Email: "B@example.com", Name: "half"})
		t.conflicts("Upsert by external id to a taken email", err, "email", b.ID)
		_, _, err = customer.Upsert(t.Context(), t.store, customer.EmailKey, customer.Draft{Email: "A@example.com", ExternalID: "b", Name: "half"})
		t.conflicts("Upsert by email to a taken external id", err, "external_id", b.ID)
		_, _, err = customer.Upsert(t.Context(), t.store, customer.ExternalIDKey, customer.Draft{ExternalID: "c", Email: "b@example.com"})
		t.conflicts("Upsert of a new external id with a taken email", err, "email", b.ID)
		_, _, err = customer.Upsert(t.Context(), t.store, customer.EmailKey, customer.Draft{Email: "c@example.com", ExternalID: "a"})
		t.conflicts("Upsert of a new email with a taken external id", err, "external_id", a.ID)
		_, _, err = customer.FindOrCreate(t.Context(), t.store, customer.EmailKey, customer.Draft{Email: "c@example.com", ID: a.ID})
		t.conflicts("FindOrCreate of a new email with a taken ID", err, "id", a.ID)
	})
}

func findsOrCreates(t *trial) {
	for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
		d := customer.Draft{Name: "first", Email: string(by) + "@example.com", ExternalID: string(by)}
		made, created, err := customer.FindOrCreate(t.Context(), t.store, by, d)
		if err != nil || !created {
			t.Fatalf("FindOrCreate of a new %s: created %t, error %v", by, created, err)
		}
		t.stored(made)
		d.Name, d.Tags, d.Phone = "second", []string{"new"}, "no phone at all"
		t.changesNothing(func() {
			found, created, err := customer.FindOrCreate(t.Context(), t.store, by, d)
			if err != nil || created {
				t.Errorf("FindOrCreate of a known %s: created %t, error %v", by, created, err)
			}
			t.same("FindOrCreate of a known customer", found, made)
		})
	}
}

// errCreated tells the call that created from the others.
var errCreated = errors.New("created")

func racesToUpsert(t *trial) {
	const callers = 24
	for round := range 3 {
		for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
			name := fmt.Sprintf("%s%d", by, round)
			created := t.createdBy("Upsert", callers, func(i int) (customer.Customer, bool, error) {
				d := customer.Draft{ExternalID: name, Email: name + "@example.com", Metadata: map[string]string{fmt.Sprint("caller", i): "was here"}}
				c, outcome, err := customer.Upsert(t.Context(), t.store, by, d)
				return c, outcome == customer.Created, err
			})
			c := t.get(created.ID)
			if c.Version != callers || len(c.Metadata) != callers {
				t.Fatalf("%d upserts by %s leave version %d with %d of their changes", callers, by, c.Version, len(c.Metadata))
			}
		}
		t.same("the customers after a race", len(t.everything()), 2*(round+1))
	}
}

func racesToFindOrCreate(t *trial) {
	for round := range 4 {
		d := customer.Draft{Email: fmt.Sprintf("contested%d@example.com", round), ExternalID: fmt.Sprint(round)}
		by := []customer.Key{customer.EmailKey, customer.ExternalIDKey}[round%2]
		created := t.createdBy("FindOrCreate", 40, func(int) (customer.Customer, bool, error) {
			return customer.FindOrCreate(t.Context(), t.store, by, d)
		})
		t.stored(created)
		t.same("the customers after a race", len(t.everything()), round+1)
	}
}

// createdBy makes n calls at once, of which one has to create the customer that all return, and returns what that one got.
func (t *trial) createdBy(what string, n int, call func(i int) (customer.Customer, bool, error)) customer.Customer {
	t.Helper()
	var made []customer.Customer
	results := together(n, func(i int) (customer.Customer, error) {
		c, created, err := call(i)
		if created && err == nil {
			err = errCreated
		}
		return c, err
	})
	for _, r := range results {
		if errors.Is(r.err, errCreated) {
			made = append(made, r.customer)
		} else if r.err != nil {
			t.Fatalf("%s at once with %d others: %v", what, n-1, r.err)
		}
	}
	if len(made) != 1 {
		t.Fatalf("%s: %d of %d calls at once created", what, len(made), n)
	}
	for _, r := range results {
		if r.customer.ID != made[0].ID {
			t.Fatalf("%s: two customers, %s and %s", what, made[0].ID, r.customer.ID)
		}
	}
	return made[0]
}
