package storetest

import (
	"fmt"
	"slices"

	"example.com/customer"
)

// These cases run on stores that are a [customer.ReplayFinder]; for others there is nothing to prove.
var replayCases = []testCase{
	{
		name:     "replay/same draft",
		contract: "For a draft whose key was used for the same one, FindReplays returns the customer as it is now: changed, archived and redacted too.",
		run:      replaysOfTheSameDraft,
	},
	{
		name:     "replay/other draft",
		contract: "For a draft whose key was used for another one FindReplays answers ErrKeyReused, even where the customer looks like it by now.",
		run:      replaysOfAnotherDraft,
	},
	{
		name:     "replay/free keys",
		contract: "For a draft without a key, or whose key was never used or went with its customer, FindReplays returns the zero Customer and no error.",
		run:      replaysOfFreeKeys,
	},
	{
		name:     "replay/in order",
		contract: "FindReplays answers for each draft by itself, in their order, what Create would by its key; a key may stand twice.",
		run:      replaysInOrder,
	},
	{
		name:     "replay/invalid drafts",
		contract: "For a draft that is not valid, with a key or without one, FindReplays answers its *ValidationError, as Create does.",
		run:      replaysOfInvalidDrafts,
	},
	{
		name:     "replay/any size",
		contract: "FindReplays takes any number of drafts, none too.",
		run:      replaysOfAnySize,
	},
	{
		name:     "replay/writes nothing",
		contract: "FindReplays writes nothing and uses no key: a draft that it was asked about can still be created.",
		run:      replaysWriteNothing,
	},
	{
		name:     "replay/ended context",
		contract: "FindReplays in a context that has ended fails as a whole, and returns nothing else.",
		run:      replaysInAnEndedContext,
	},
	{
		name:     "replay/memory",
		contract: "FindReplays shares no memory with its caller: drafts and returned customers may be changed afterwards.",
		run:      replaysShareNothing,
	},
	{
		name:     "replay/tenants",
		contract: "FindReplays finds the keys of its tenant alone, and a bad name of a tenant refuses it.",
		run:      replaysOfTenants,
	},
}

// replays asks for the drafts and returns the answer to each. It says no for a store that cannot be asked.
func (t *trial) replays(drafts ...customer.Draft) (answers []result, ok bool) {
	t.Helper()
	store, ok := t.store.(customer.ReplayFinder)
	if !ok {
		return nil, false
	}
	made, errs, err := store.FindReplays(t.Context(), drafts)
	if err != nil || len(made) != len(drafts) || len(errs) != len(drafts) {
		t.Fatalf("FindReplays of %d drafts: %d customers, %d errors, %v", len(drafts), len(made), len(errs), err)
	}
	answers = make([]result, len(drafts))
	for i := range drafts {
		answers[i] = result{made[i], errs[i]}
		if !made[i].ID.IsZero() {
			t.wellFormed(made[i])
		}
	}
	return answers, true
}

// replaysAs holds the answers for the drafts to what is wanted.
func (t *trial) replaysAs(what string, want []result, drafts ...customer.Draft) {
	t.Helper()
	if got, ok := t.replays(drafts...); ok {
		t.sameAnswers("FindReplays "+what, got, want)
	}
}

func replaysOfTheSameDraft(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key"
	c := t.create(d)
	tidy := d
	tidy.Name, tidy.Tags, tidy.Metadata = " Ada Lovelace\u00a0", []string{"VIP", " b2b", "vip", ""}, map[string]string{"seats": " 5 ", "plan": "gold", "none": ""}
	elsewhere := d
	elsewhere.ID, elsewhere.CreatedAt = t.ids.next(), day(1)
	same := func(what string) {
		t.Helper()
		t.replaysAs(what, []result{{customer: c}, {customer: c}, {customer: c}}, d, tidy, elsewhere)
	}
	same("at once")
	c = t.update(c.ID, 1, customer.Patch{Name: new("Augusta"), Email: new("augusta@example.com"), ExternalID: new("")})
	t.create(customer.Draft{Email: d.Email, ExternalID: d.ExternalID})
	same("after a change, with the email and the external id another's")
	c = t.archive(c.ID)
	same("after archiving")
	c = t.update(c.ID, 3, customer.Patch{Name: new(""), Email: new(""), Phone: new(""), Company: new(""), Tags: &[]string{}})
	same("after redaction")
}

func replaysOfAnotherDraft(t *trial) {
	d := customer.Draft{Name: "Ada", IdempotencyKey: "key", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold"}}
	c := t.create(d)
	t.update(c.ID, 1, customer.Patch{Company: new("Acme")})
	renamed, untagged, now := d, d, d
	renamed.Name, untagged.Tags, now.Company = "ada", nil, "Acme"
	reused := result{err: customer.ErrKeyReused}
	t.replaysAs("of other drafts", []result{reused, reused, reused}, renamed, untagged, now)
	t.archive(c.ID)
	t.replaysAs("of another draft after archiving", []result{reused}, renamed)
}

func replaysOfFreeKeys(t *trial) {
	t.create(customer.Draft{Name: "Ada", Email: "ada@example.com"})
	used := customer.Draft{Name: "Bob", IdempotencyKey: "used"}
	c := t.create(used)
	drafts := []customer.Draft{
		{Name: "Ada"},
		{Email: "ada@example.com"},
		{Name: "Bob", IdempotencyKey: "Used"},
		{Name: "Bob", IdempotencyKey: customer.HashKey("used")},
		{ID: c.ID, Email: "ada@example.com", IdempotencyKey: "free"},
	}
	t.replaysAs("of free keys", make([]result, len(drafts)), drafts...)
	t.replaysAs("of a key that is used", []result{{customer: c}}, used)
	t.delete(c.ID)
	t.replaysAs("after deleting", make([]result, 2), used, customer.Draft{Name: "Cyd", IdempotencyKey: "used"})
	t.replaysAs("after creating anew", []result{{customer: t.create(used)}}, used)
}

func replaysInOrder(t *trial) {
	var (
		drafts []customer.Draft
		want   []result
	)
	for i := range 12 {
		d := customer.Draft{Name: fmt.Sprint("customer ", i), IdempotencyKey: fmt.Sprint("key-", i)}
		var answer result
		switch i % 4 {
		case 1:
			answer.customer = t.create(d)
		case 2:
			t.create(d)
			d.Notes, answer.err = "other", customer.ErrKeyReused
		case 3:
			d.Tags = []string{"a,b"}
			_, answer.err = d.Build(t.ids.next(), t.clock.now())
		}
		drafts, want = append(drafts, d, customer.Draft{Name: d.Name}, d), append(want, answer, result{}, answer)
	}
	t.replaysAs("of many", want, drafts...)
	slices.Reverse(drafts)
	slices.Reverse(want)
	t.replaysAs("of many the other way round", want, drafts...)
	for i, d := range drafts {
		if want := want[i]; want.err != nil || !want.customer.ID.IsZero() {
			c, err := t.store.Create(t.Context(), d)
			t.sameAnswers("Create", []result{{c, err}}, []result{want})
		}
	}
}

func replaysOfInvalidDrafts(t *trial) {
	t.create(customer.Draft{Name: "Ada", IdempotencyKey: "used"})
	drafts := []customer.Draft{
		{},
		{IdempotencyKey: "used"},
		{Email: "no", Name: "\x00", IdempotencyKey: "free"},
		{Name: "Ada", IdempotencyKey: "not visible"},
		{Name: "Ada", CreatedAt: day(1).AddDate(9000, 0, 0), IdempotencyKey: "used"},
	}
	want := make([]result, len(drafts))
	for i, d := range drafts {
		_, want[i].err = d.Build(t.ids.next(), t.clock.now())
	}
	t.replaysAs("of invalid drafts", want, drafts...)
}

func replaysOfAnySize(t *trial) {
	first, last := customer.Draft{Name: "first", IdempotencyKey: "first"}, customer.Draft{Name: "last", IdempotencyKey: "last"}
	made := []result{{customer: t.create(first)}, {customer: t.create(last)}}
	for _, size := range []int{0, 1, 1000, 1001, 2500} {
		drafts, want := make([]customer.Draft, size), make([]result, size)
		for i := range drafts {
			drafts[i] = customer.Draft{Name: "one of many", IdempotencyKey: fmt.Sprint("free-", i)}
		}
		if size > 0 {
			drafts[size-1], want[size-1] = last, made[1]
			drafts[0], want[0] = first, made[0]
		}
		t.replaysAs(fmt.Sprint("of ", size), want, drafts...)
	}
}

func replaysWriteNothing(t *trial) {
	t.create(customer.Draft{Name: "Ada", IdempotencyKey: "used"})
	free := fullDraft()
	free.IdempotencyKey = "free"
	t.changesNothing(func() {
		t.replays(free, customer.Draft{Name: "Ada", IdempotencyKey: "used"}, customer.Draft{Name: "Bob", IdempotencyKey: "used"})
		t.replaysAs("a second time", make([]result, 1), free)
	})
	other := free
	other.Name = "other"
	t.stored(t.create(other))
}

func replaysInAnEndedContext(t *trial) {
	store, ok := t.store.(customer.ReplayFinder)
	if !ok {
		return
	}
	d := customer.Draft{Name: "Ada", IdempotencyKey: "used"}
	t.create(d)
	for _, drafts := range [][]customer.Draft{{d}, {{}}, nil} {
		made, errs, err := store.FindReplays(t.cancelled(), drafts)
		t.fails("FindReplays in a context that ended", err, t.cancelled().Err())
		if made != nil || errs != nil {
			t.Errorf("FindReplays fails as a whole with %d customers and %d errors, want none", len(made), len(errs))
		}
	}
}

func replaysShareNothing(t *trial) {
	d := customer.Draft{Name: "Ada", Tags: []string{"zeta", "alpha"}, Metadata: map[string]string{"plan": "gold"}, IdempotencyKey: "key"}
	want := t.create(d).Clone()
	got, ok := t.replays(d, d)
	if !ok {
		return
	}
	t.same("the draft's tags after FindReplays", d.Tags, []string{"zeta", "alpha"})
	spoil(got[0].customer)
	t.same("a customer that was found twice, after the spoiling of the first", got[1].customer, want)
	spoil(got[1].customer)
	t.stored(want)
	t.replaysAs("after spoiling", []result{{customer: want}}, d)
}

func replaysOfTenants(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key"
	c, acme := t.create(d), t.as("acme")
	acme.replaysAs("of another tenant's key", make([]result, 1), d)
	other := d
	other.Name = "other"
	made := acme.create(other)
	acme.replaysAs("of a key that two tenants have", []result{{customer: made}, {err: customer.ErrKeyReused}}, other, d)
	t.replaysAs("of a key that two tenants have", []result{{customer: c}, {err: customer.ErrKeyReused}}, d, other)

	bad, ok := t.as("No Name").store.(customer.ReplayFinder)
	if !ok {
		return
	}
	_, _, err := bad.FindReplays(t.Context(), nil)
	t.fails("FindReplays for a tenant with a bad name", err, customer.ErrInvalid)
	_, _, err = bad.FindReplays(t.cancelled(), nil)
	t.fails("FindReplays for a tenant with a bad name in a context that ended", err, t.cancelled().Err())
}
