package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"example.com/customer"
)

// These cases run on stores that are a [customer.BatchCreator]; for others there is nothing to prove.
var batchCases = []testCase{
	{
		name:     "batch/like a loop",
		contract: "CreateBatch answers for every draft, in their order, what Create would in a loop, and leaves the same customers.",
		run:      batchesLikeALoop,
	},
	{
		name:     "batch/any drafts",
		contract: "Whatever drafts a batch has, with IDs, emails, external ids and keys that collide, it is a loop of Create.",
		run:      batchesOfAnyDrafts,
	},
	{
		name:     "batch/any size",
		contract: "A batch of any size is written, an empty one too; the store gives IDs and times as Create does.",
		run:      batchesOfAnySize,
	},
	{
		name:     "batch/all or nothing",
		contract: "A batch whose context has ended fails as a whole, and nothing of it is written.",
		run:      batchesFailAsAWhole,
	},
	{
		name:     "batch/memory",
		contract: "A batch shares no memory with its caller: drafts and returned customers may be changed afterwards.",
		run:      batchesShareNothing,
	},
	{
		name:     "batch/tenants",
		contract: "A batch is its tenant's: it conflicts with nobody else, and a bad name of a tenant refuses it.",
		run:      batchesOfTenants,
	},
	{
		name:       "batch/races",
		contract:   "However many write one batch at once, each of its customers is created once.",
		concurrent: true,
		run:        racesOfBatches,
	},
	{
		name:       "batch/seen whole",
		contract:   "Whoever counts beside a batch counts all of it or nothing.",
		concurrent: true,
		run:        batchesSeenWhole,
	},
}

// batch creates the drafts and returns what came of each.
func (t *trial) batch(drafts []customer.Draft) []result {
	t.Helper()
	created, errs, err := t.store.(customer.BatchCreator).CreateBatch(t.Context(), drafts)
	if err != nil || len(created) != len(drafts) || len(errs) != len(drafts) {
		t.Fatalf("CreateBatch of %d drafts: %d customers, %d errors, %v", len(drafts), len(created), len(errs), err)
	}
	results := make([]result, len(drafts))
	for i := range drafts {
		results[i] = result{created[i], errs[i]}
		if errs[i] == nil {
			t.wellFormed(created[i])
		}
	}
	return results
}

func (t *trial) loop(drafts []customer.Draft) []result {
	results := make([]result, len(drafts))
	for i, d := range drafts {
		results[i].customer, results[i].err = t.store.Create(t.Context(), d)
	}
	return results
}

// sameAnswers compares what came of each of several things.
func (t *trial) sameAnswers(what string, got, want []result) {
	t.Helper()
	for i := range want {
		t.same(fmt.Sprintf("%s, number %d", what, i), got[i].customer, want[i].customer)
		t.sameError(fmt.Sprintf("%s, number %d", what, i), got[i].err, want[i].err)
	}
}

// besideALoop writes the drafts as a batch for one tenant and in a loop for another; before prepares both.
func (t *trial) besideALoop(name string, before func(t *trial), drafts []customer.Draft) {
	t.Helper()
	batch, loop := t.as("batch"+name), t.as("loop"+name)
	before(batch)
	before(loop)
	want := loop.loop(drafts)
	t.sameAnswers("CreateBatch", batch.batch(drafts), want)
	t.same("the customers after CreateBatch", batch.everything(), loop.everything())
	t.sameAnswers("CreateBatch of the same drafts again", batch.batch(drafts), loop.loop(drafts))
	t.same("the customers after CreateBatch of the same drafts again", batch.everything(), loop.everything())
}

func batchesLikeALoop(t *trial) {
	if _, ok := t.store.(customer.BatchCreator); !ok {
		return
	}
	ids := make([]customer.ID, 5)
	for i := range ids {
		ids[i] = t.ids.next()
	}
	before := func(t *trial) {
		t.create(customer.Draft{ID: ids[0], Email: "taken@example.com", ExternalID: "taken"})
		t.create(customer.Draft{ID: ids[1], Name: "archived", Email: "old@example.com", ExternalID: "old"})
		t.archive(ids[1])
		t.create(customer.Draft{ID: ids[2], Name: "made", IdempotencyKey: "made"})
		t.update(ids[2], 1, customer.Patch{Name: new("renamed since")})
	}
	drafts := append(drafts(), []customer.Draft{
		{},
		{Email: "not an email", Name: "\x00", Tags: []string{"a,b"}},
		{Name: "with the ID of another", ID: ids[0]},
		{Name: "with the external id of another", ExternalID: "taken"},
		{Name: "with the external id of an archived one", ExternalID: "old"},
		{Email: "TAKEN@example.com"},
		{Email: "taken@example.com", ExternalID: "free"},
		{Name: "has what the one before could not keep", ExternalID: "free"},
		{Email: "old@example.com"},
		{Email: "Old@Example.com", Name: "late"},
		{Name: "late", ExternalID: "free", Email: "free@example.com"},
		{Email: "free@example.com", Name: "first"},
		{Name: "one ID twice", ID: ids[3]},
		{Name: "one ID twice", ID: ids[3]},
		{Email: "taken@example.com", ID: ids[4]},
		{Name: "has the ID that the one before could not keep", ID: ids[4]},
		{Name: "made", IdempotencyKey: "made"},
		{Name: "another", IdempotencyKey: "made"},
		{Name: "twice under one key", IdempotencyKey: "twice"},
		{Name: "twice under one key ", IdempotencyKey: "twice"},
		{Name: "another under that key", IdempotencyKey: "twice"},
		{Email: "taken@example.com", IdempotencyKey: "refused"},
		{Name: "has the key that the one before could not keep", IdempotencyKey: "refused"},
		{IdempotencyKey: "invalid"},
		{Name: "has the key of an invalid one", IdempotencyKey: "invalid"},
		{Name: "x", IdempotencyKey: "not visible"},
	}...)
	for i := range drafts {
		if drafts[i].ID.IsZero() {
			drafts[i].ID = t.ids.next()
		}
	}
	t.besideALoop("", before, drafts)
}

func batchesOfAnyDrafts(t *trial) {
	if _, ok := t.store.(customer.BatchCreator); !ok {
		return
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	draft := func() customer.Draft {
		d := customer.Draft{
			Name: pick("", "Ada", "Bob"), Email: pick("", "", "a@example.com", "A@example.com", "b@example.com", "c@example.com"),
			ExternalID: pick("", "", "x", "y", "z"), IdempotencyKey: pick("", "", "k1", "k2", "k3"), ID: t.ids.next(),
		}
		if rnd.IntN(3) == 0 {
			d.ID = customer.ID{15: byte(1 + rnd.IntN(4))}
		}
		return d
	}
	for round := range 20 {
		earlier := slices.Collect(func(yield func(customer.Draft) bool) {
			for range 3 {
				yield(draft())
			}
		})
		later := make([]customer.Draft, 12)
		for i := range later {
			later[i] = draft()
		}
		t.besideALoop(fmt.Sprint(round), func(t *trial) {
			for i, r := range t.loop(earlier) {
				if r.err == nil && i == 0 {
					t.archive(r.customer.ID)
				}
			}
		}, later)
	}
}

func batchesOfAnySize(t *trial) {
	if _, ok := t.store.(customer.BatchCreator); !ok {
		return
	}
	total := 0
	for _, size := range []int{0, 1, 999, 1001} {
		drafts := make([]customer.Draft, size)
		for i := range drafts {
			drafts[i] = customer.Draft{Name: "one of many", Email: fmt.Sprintf("c%d-%d@example.com", size, i), Tags: []string{"bulk"}}
		}
		ids := make(map[customer.ID]bool, size)
		for i, r := range t.batch(drafts) {
			if r.err != nil {
				t.Fatalf("CreateBatch of %d, number %d: %v", size, i, r.err)
			}
			want, err := drafts[i].Build(r.customer.ID, t.clock.now())
			if err != nil {
				t.Fatalf("Build: %v", err)
			}
			t.same("CreateBatch", r.customer, want)
			ids[r.customer.ID] = true
		}
		total += size
		if len(ids) != size || len(t.everything()) != total {
			t.Fatalf("a batch of %d has %d IDs and leaves %d customers, want %d", size, len(ids), len(t.everything()), total)
		}
	}
}

func batchesFailAsAWhole(t *trial) {
	store, ok := t.store.(customer.BatchCreator)
	if !ok {
		return
	}
	t.changesNothing(func() {
		created, errs, err := store.CreateBatch(t.cancelled(), []customer.Draft{fullDraft(), {}})
		t.fails("CreateBatch in a context that ended", err, t.cancelled().Err())
		if created != nil || errs != nil {
			t.Errorf("CreateBatch fails as a whole with %d customers and %d errors, want none", len(created), len(errs))
		}
		_, _, err = store.CreateBatch(t.cancelled(), nil)
		t.fails("CreateBatch of nothing in a context that ended", err, t.cancelled().Err())
	})
	t.batch([]customer.Draft{fullDraft()})
}

func batchesShareNothing(t *trial) {
	if _, ok := t.store.(customer.BatchCreator); !ok {
		return
	}
	sorted := customer.Draft{Name: "Sorted", Tags: []string{"alpha", "zeta"}, Metadata: map[string]string{"plan": "gold"}, IdempotencyKey: "key"}
	drafts := []customer.Draft{sorted, sorted, {Name: "Ada", Tags: []string{"zeta", "alpha"}}}
	results := t.batch(drafts)
	t.same("the draft's tags after CreateBatch", drafts[2].Tags, []string{"zeta", "alpha"})
	want, other := results[0].customer.Clone(), results[2].customer.Clone()
	for _, d := range drafts {
		spoil(customer.Customer{Tags: d.Tags, Metadata: d.Metadata})
	}
	t.stored(want)
	spoil(results[0].customer)
	t.same("a customer that a key made again, after the spoiling of the first", results[1].customer, want)
	spoil(results[1].customer)
	spoil(results[2].customer)
	t.stored(want)
	t.stored(other)
}

func batchesOfTenants(t *trial) {
	if _, ok := t.store.(customer.BatchCreator); !ok {
		return
	}
	d := fullDraftWith(t.ids.next(), "key")
	for _, on := range []*trial{t, t.as("acme"), t.as("globex")} {
		r := on.batch([]customer.Draft{d})[0]
		t.fails("CreateBatch of what other tenants have", r.err, nil)
		on.stored(r.customer)
		t.same("the customers of a tenant", len(on.everything()), 1)
	}
	bad := t.as("No Name").store.(customer.BatchCreator)
	_, _, err := bad.CreateBatch(t.Context(), nil)
	t.fails("CreateBatch for a tenant with a bad name", err, customer.ErrInvalid)
	_, _, err = bad.CreateBatch(t.cancelled(), nil)
	t.fails("CreateBatch for a tenant with a bad name in a context that ended", err, t.cancelled().Err())
}

func racesOfBatches(t *trial) {
	store, ok := t.store.(customer.BatchCreator)
	if !ok {
		return
	}
	const size = 20
	for round := range 3 {
		drafts := make([]customer.Draft, size)
		for i := range drafts {
			drafts[i] = customer.Draft{Email: fmt.Sprintf("c%d-%d@example.com", round, i), IdempotencyKey: []string{"", fmt.Sprint(round, "-", i)}[i%2]}
		}
		created, errs := make([][]customer.Customer, 10), make([][]error, 10)
		for _, r := range together(len(errs), func(i int) (c customer.Customer, err error) {
			created[i], errs[i], err = store.CreateBatch(t.Context(), drafts)
			return c, err
		}) {
			if r.err != nil {
				t.Fatalf("CreateBatch at once with others: %v", r.err)
			}
		}
		for i := range drafts {
			same := make([]result, len(errs))
			for call := range same {
				same[call] = result{created[call][i], errs[call][i]}
			}
			if i%2 == 0 {
				t.oneWins("CreateBatch", same, func(err error, winner customer.Customer) bool {
					conflict, ok := errors.AsType[*customer.ConflictError](err)
					return ok && *conflict == customer.ConflictError{Field: "email", Holder: winner.ID}
				})
				continue
			}
			for _, r := range same {
				t.fails("CreateBatch under a contested key", r.err, nil)
				t.same("CreateBatch under a contested key", r.customer, same[0].customer)
			}
		}
		t.same("the customers after a race", len(t.everything()), size*(round+1))
	}
}

func batchesSeenWhole(t *trial) {
	store, ok := t.store.(customer.BatchCreator)
	if !ok {
		return
	}
	const size, each = 50, 2
	drafts := slices.Repeat([]customer.Draft{{Name: "one of many"}}, size)
	var writing, reading atomic.Int32
	writing.Store(each)
	reading.Store(each)
	// Writers write until every reader has seen the number grow: one that came first or last would see nothing of a batch. In a store that keeps
	// none it never does.
	results := together(2*each, func(i int) (c customer.Customer, err error) {
		if i < each {
			defer writing.Add(-1)
			for n := 0; err == nil && (n < 8 || n < 500 && reading.Load() > 0); n++ {
				_, _, err = store.CreateBatch(t.Context(), drafts)
			}
			return c, err
		}
		defer reading.Add(-1)
		seen := make(map[int]bool)
		for len(seen) < 5 && writing.Load() > 0 {
			total, err := t.store.Count(t.Context(), nil, 0)
			if err == nil && total.Value%size != 0 {
				err = fmt.Errorf("%d customers", total.Value)
			}
			if err != nil {
				return c, err
			}
			seen[total.Value] = true
		}
		return c, nil
	})
	for _, r := range results {
		if r.err != nil {
			t.Fatalf("Count beside batches of %d: %v", size, r.err)
		}
	}
}
