package storetest

import (
	"fmt"
	"time"

	"example.com/customer"
)

// These cases run on stores that are a [customer.Loader]; for others there is nothing to prove.
var loadCases = []testCase{
	{
		name:     "load/as they are",
		contract: "Load writes records with their own ID, version, status and times, and they live on from there.",
		run:      loadsAsTheyAre,
	},
	{
		name:     "load/everything",
		contract: "What one tenant has, loaded for another, is there as it was, in every search and order.",
		run:      loadsEverything,
	},
	{
		name:     "load/conflicts",
		contract: "A record whose ID, external id or active email is taken is a *ConflictError, in this order, also where a record of the same call took it.",
		run:      loadsInConflict,
	},
	{
		name:     "load/invalid records",
		contract: "A record that could not have come to be is what Customer.Validate says of it, and keeps no other from being written.",
		run:      loadsInvalid,
	},
	{
		name:     "load/all or nothing",
		contract: "A call whose context has ended fails as a whole, and nothing of it is written; one of no records succeeds.",
		run:      loadsFailAsAWhole,
	},
	{
		name:     "load/memory",
		contract: "Loaded records are the caller's: changing them afterwards changes nothing.",
		run:      loadsShareNothing,
	},
	{
		name:     "load/tenants",
		contract: "Load is its tenant's: it conflicts with nobody else, and a bad name of a tenant refuses it.",
		run:      loadsOfTenants,
	},
}

// load loads the records and returns the error of each.
func (t *trial) load(records ...customer.Customer) []error {
	t.Helper()
	errs, err := t.store.(customer.Loader).Load(t.Context(), records)
	if err != nil || len(errs) != len(records) {
		t.Fatalf("Load of %d records: %d errors, %v", len(records), len(errs), err)
	}
	return errs
}

// loads loads records all of which have to go in.
func (t *trial) loads(records ...customer.Customer) {
	t.Helper()
	for i, err := range t.load(records...) {
		if err != nil {
			t.Fatalf("Load of %d, number %d: %v", len(records), i, err)
		}
	}
}

// veteran returns a record with a past.
func (t *trial) veteran(d customer.Draft, archived bool) customer.Customer {
	t.Helper()
	d.CreatedAt = time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	c, err := d.Build(t.ids.next(), d.CreatedAt)
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	c.Version, c.UpdatedAt = 7, d.CreatedAt.Add(time.Hour)
	if archived {
		c.Status, c.ArchivedAt = customer.Archived, c.UpdatedAt.Add(-time.Minute)
	}
	return c
}

func loadsAsTheyAre(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	active, archived := t.veteran(fullDraft(), false), t.veteran(customer.Draft{Name: "old", Email: "old@example.com"}, true)
	redacted := t.veteran(customer.Draft{Name: "gone"}, true)
	redacted.Name = ""
	records := []customer.Customer{active, archived, redacted}
	for _, d := range drafts()[1:] {
		records = append(records, t.veteran(d, false))
	}
	t.loads(records...)
	for _, c := range records {
		t.stored(c)
	}
	t.found("the words of a loaded customer", customer.Text("lovelace"), active)

	updated := t.update(active.ID, 7, customer.Patch{Name: new("Augusta")})
	t.same("the version after an update of version 7", updated.Version, customer.Version(8))
	t.stored(updated)
	_, err := t.store.Update(t.Context(), active.ID, 1, customer.Patch{Name: new("x")})
	t.fails("Update at a version before the loaded one", err, customer.ErrStale)
	_, err = t.store.Update(t.Context(), archived.ID, 7, customer.Patch{Name: new("x")})
	t.fails("Update of a loaded archived customer", err, customer.ErrArchived)
	t.stored(t.restore(archived.ID))
	t.delete(redacted.ID)
	t.absent(redacted.ID)
	t.loads(redacted)

	elsewhere := t.veteran(customer.Draft{Name: "in another zone"}, false)
	here := elsewhere
	here.CreatedAt, here.UpdatedAt = here.CreatedAt.In(time.FixedZone("", 3600)), here.UpdatedAt.In(time.FixedZone("", -3600))
	t.loads(here)
	t.stored(elsewhere)
}

func loadsEverything(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	all := t.populate()
	other := t.as("other")
	other.loads(all...)
	t.same("the customers of both tenants", other.everything(), all)
	for _, order := range customer.Orders() {
		q := customer.Query{Where: customer.Text("a"), OrderBy: order}
		t.same(fmt.Sprintf("the matches ordered by %s", order), other.walk(q, nil), t.walk(q, nil))
	}
}

func loadsInConflict(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	holder := t.create(customer.Draft{Email: "taken@example.com", ExternalID: "taken"})
	old := t.archive(t.create(customer.Draft{Email: "old@example.com", ExternalID: "old"}).ID)
	record := func(d customer.Draft, archived bool) customer.Customer { return t.veteran(d, archived) }
	same := record(customer.Draft{Email: "taken@example.com", ExternalID: "taken"}, false)
	same.ID = holder.ID
	first := record(customer.Draft{Email: "free@example.com", ExternalID: "free"}, false)
	twin := record(customer.Draft{Name: "twin"}, false)
	twin.ID = first.ID
	refused := record(customer.Draft{Email: "taken@example.com", ExternalID: "kept"}, false)
	heir := record(customer.Draft{Name: "heir", ExternalID: "kept"}, false)
	cases := []struct {
		record customer.Customer
		want   error
	}{
		{same, &customer.ConflictError{Field: "id", Holder: holder.ID}},
		{record(customer.Draft{Email: "taken@example.com", ExternalID: "taken"}, true), &customer.ConflictError{Field: "external_id", Holder: holder.ID}},
		{record(customer.Draft{Email: "TAKEN@example.com"}, false), &customer.ConflictError{Field: "email", Holder: holder.ID}},
		{record(customer.Draft{Email: "TAKEN@example.com"}, true), nil},
		{record(customer.Draft{Name: "x", ExternalID: "old"}, true), &customer.ConflictError{Field: "external_id", Holder: old.ID}},
		{record(customer.Draft{Email: "old@example.com"}, false), nil},
		{refused, &customer.ConflictError{Field: "email", Holder: holder.ID}},
		{heir, nil},
		{first, nil},
		{twin, &customer.ConflictError{Field: "id", Holder: first.ID}},
		{record(customer.Draft{Name: "late", ExternalID: "free"}, false), &customer.ConflictError{Field: "external_id", Holder: first.ID}},
		{record(customer.Draft{Email: "Free@example.com"}, false), &customer.ConflictError{Field: "email", Holder: first.ID}},
		{record(customer.Draft{Email: "Free@example.com"}, true), nil},
	}
	records := make([]customer.Customer, len(cases))
	for i, c := range cases {
		records[i] = c.record
	}
	written := 2
	for i, err := range t.load(records...) {
		t.sameError(fmt.Sprint("Load, number ", i), err, cases[i].want)
		if cases[i].want == nil {
			t.stored(records[i])
			written++
		}
	}
	t.stored(holder)
	t.stored(old)
	t.same("the customers after Load", len(t.everything()), written)
}

func loadsInvalid(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	changes := []func(c *customer.Customer){
		func(c *customer.Customer) { c.ID = customer.ID{} },
		func(c *customer.Customer) { c.Version = 0 },
		func(c *customer.Customer) { c.Status = "asleep" },
		func(c *customer.Customer) { c.Status = customer.Archived },
		func(c *customer.Customer) { c.ArchivedAt = c.CreatedAt },
		func(c *customer.Customer) { c.CreatedAt = time.Time{} },
		func(c *customer.Customer) { c.UpdatedAt = c.CreatedAt.Add(-time.Second) },
		func(c *customer.Customer) { c.UpdatedAt = c.UpdatedAt.Add(time.Nanosecond) },
		func(c *customer.Customer) { c.Name, c.Email, c.Phone, c.Company = "", "", "", "" },
		func(c *customer.Customer) { c.Name = " untrimmed" },
		func(c *customer.Customer) { c.Email = "no email" },
		func(c *customer.Customer) { c.Tags = []string{"vip", "b2b"} },
		func(c *customer.Customer) { c.Metadata = map[string]string{"plan": "", "bad key": "x"} },
	}
	records := make([]customer.Customer, 0, 2*len(changes))
	for i, change := range changes {
		bad := t.veteran(fullDraft(), false)
		change(&bad)
		records = append(records, bad, t.veteran(customer.Draft{Name: fmt.Sprint("sound ", i)}, false))
	}
	for i, err := range t.load(records...) {
		t.sameError(fmt.Sprint("Load, number ", i), err, records[i].Validate())
		if i%2 == 1 {
			t.stored(records[i])
		}
	}
	t.same("the customers after Load", len(t.everything()), len(changes))
}

func loadsFailAsAWhole(t *trial) {
	store, ok := t.store.(customer.Loader)
	if !ok {
		return
	}
	t.changesNothing(func() {
		errs, err := store.Load(t.cancelled(), []customer.Customer{t.veteran(fullDraft(), false), {}})
		t.fails("Load in a context that ended", err, t.cancelled().Err())
		if errs != nil {
			t.Errorf("Load fails as a whole with %d errors, want none", len(errs))
		}
		_, err = store.Load(t.cancelled(), nil)
		t.fails("Load of nothing in a context that ended", err, t.cancelled().Err())
		t.loads()
	})
}

func loadsShareNothing(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	record := t.veteran(fullDraft(), false)
	want := record.Clone()
	t.loads(record)
	spoil(record)
	t.stored(want)
}

func loadsOfTenants(t *trial) {
	if _, ok := t.store.(customer.Loader); !ok {
		return
	}
	record := t.veteran(fullDraft(), false)
	for _, on := range []*trial{t, t.as("acme"), t.as("globex")} {
		on.loads(record)
		on.stored(record)
		t.same("the customers of a tenant", len(on.everything()), 1)
	}
	bad := t.as("No Name").store.(customer.Loader)
	_, err := bad.Load(t.Context(), nil)
	t.fails("Load for a tenant with a bad name", err, customer.ErrInvalid)
	_, err = bad.Load(t.cancelled(), nil)
	t.fails("Load for a tenant with a bad name in a context that ended", err, t.cancelled().Err())
}
