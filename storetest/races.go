package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.com/customer"
)

var raceCases = []testCase{
	{
		name:       "races/one version",
		contract:   "Of two writers at one version exactly one wins, and the other is stale.",
		concurrent: true,
		run:        racesForVersion,
	},
	{
		name:       "races/one email",
		contract:   "However many create with one email, one customer comes of it, and all others get a *ConflictError with its ID.",
		concurrent: true,
		run:        racesForEmail,
	},
	{
		name:       "races/one external id",
		contract:   "However many create with one external id, one customer comes of it, and all others get a *ConflictError with its ID.",
		concurrent: true,
		run:        racesForExternalID,
	},
	{
		name:       "races/one idempotency key",
		contract:   "However many create with one key and draft, one customer comes of it, and all get that one.",
		concurrent: true,
		run:        racesForKey,
	},
	{
		name:       "races/one key for two drafts",
		contract:   "Where different drafts race with one key, one wins, and the others are ErrKeyReused.",
		concurrent: true,
		run:        racesForKeyOfTwoDrafts,
	},
	{
		name:       "races/any version",
		contract:   "Updates at AnyVersion lose nothing of each other: each applies to what is current, and takes one version.",
		concurrent: true,
		run:        racesAtAnyVersion,
	},
	{
		name:       "races/restore against create",
		contract:   "A customer that is restored and one that is created cannot both have an email.",
		concurrent: true,
		run:        racesOfRestoreAndCreate,
	},
	{
		name:       "races/two deletes",
		contract:   "Of two deletes at one version one succeeds, and the other is ErrNotFound.",
		concurrent: true,
		run:        racesToDelete,
	},
	{
		name:       "races/walks beside writers",
		contract:   "A walk beside writers has every customer that they leave alone exactly once.",
		concurrent: true,
		run:        racesOfWalksAndWriters,
	},
}

// result is what one of several calls at once returned.
type result struct {
	customer customer.Customer
	err      error
}

// together makes n calls at once.
func together(n int, call func(i int) (customer.Customer, error)) []result {
	var (
		results = make([]result, n)
		start   = make(chan struct{})
		done    sync.WaitGroup
	)
	for i := range n {
		done.Go(func() {
			<-start
			results[i].customer, results[i].err = call(i)
		})
	}
	close(start)
	done.Wait()
	return results
}

// oneWins returns the customer of the one call that succeeded, and checks that lost holds for the errors of all others.
func (t *trial) oneWins(what string, results []result, lost func(err error, winner customer.Customer) bool) customer.Customer {
	t.Helper()
	won := slices.IndexFunc(results, func(r result) bool { return r.err == nil })
	if won < 0 {
		t.Fatalf("%s: none of %d calls succeeds, the first with %v", what, len(results), results[0].err)
	}
	for i, r := range results {
		if i == won {
			continue
		}
		if r.err == nil || !lost(r.err, results[won].customer) {
			t.Fatalf("%s: call %d wins, and call %d has the error %v", what, won, i, r.err)
		}
	}
	return results[won].customer
}

func racesForVersion(t *trial) {
	c := t.create(customer.Draft{Name: "contested"})
	for round := range 25 {
		results := together(2, func(i int) (customer.Customer, error) {
			return t.store.Update(t.Context(), c.ID, c.Version, customer.Patch{Notes: new(fmt.Sprint(round, " by ", i))})
		})
		won := t.oneWins("Update", results, func(err error, _ customer.Customer) bool {
			stale, ok := errors.AsType[*customer.StaleError](err)
			return ok && *stale == customer.StaleError{ID: c.ID, Want: c.Version, Have: c.Version + 1}
		})
		if won.Version != c.Version+1 {
			t.Fatalf("the winner has version %d, want %d", won.Version, c.Version+1)
		}
		t.stored(won)
		c = won
	}
}

// racesToCreate lets 50 create with what fill sets, and checks that all but one lose it over the field.
func (t *trial) racesToCreate(field string, fill func(d *customer.Draft, round int)) {
	t.Helper()
	for round := range 6 {
		results := together(50, func(i int) (customer.Customer, error) {
			d := customer.Draft{Name: fmt.Sprint("creator ", i)}
			fill(&d, round)
			return t.store.Create(t.Context(), d)
		})
		won := t.oneWins("Create", results, func(err error, winner customer.Customer) bool {
			conflict, ok := errors.AsType[*customer.ConflictError](err)
			return ok && *conflict == customer.ConflictError{Field: field, Holder: winner.ID}
		})
		t.stored(won)
		if n := len(t.everything()); n != round+1 {
			t.Fatalf("there are %d customers after %d rounds", n, round+1)
		}
	}
}

func racesForEmail(t *trial) {
	t.racesToCreate("email", func(d *customer.Draft, round int) { d.Email = fmt.Sprintf("contested%d@example.com", round) })
}

func racesForExternalID(t *trial) {
	t.racesToCreate("external_id", func(d *customer.Draft, round int) { d.ExternalID = fmt.Sprint("contested ", round) })
}

func racesForKey(t *trial) {
	for round := range 6 {
		d := fullDraft()
		d.IdempotencyKey, d.Email, d.ExternalID = fmt.Sprint("key", round), fmt.Sprintf("c%d@example.com", round), fmt.Sprint(round)
		results := together(50, func(int) (customer.Customer, error) { return t.store.Create(t.Context(), d) })
		for _, r := range results {
			if r.err != nil {
				t.Fatalf("Create under a contested key: %v", r.err)
			}
			t.same("Create under a contested key", r.customer, results[0].customer)
		}
		t.stored(results[0].customer)
		if n := len(t.everything()); n != round+1 {
			t.Fatalf("there are %d customers after %d rounds", n, round+1)
		}
	}
}

func racesForKeyOfTwoDrafts(t *trial) {
	for round := range 6 {
		results := together(10, func(i int) (customer.Customer, error) {
			return t.store.Create(t.Context(), customer.Draft{Name: fmt.Sprint("draft ", i), IdempotencyKey: fmt.Sprint("key", round)})
		})
		t.stored(t.oneWins("Create", results, func(err error, _ customer.Customer) bool { return errors.Is(err, customer.ErrKeyReused) }))
	}
}

func racesAtAnyVersion(t *trial) {
	const writers, rounds = 8, 6
	c := t.create(customer.Draft{Name: "contested"})
	results := together(writers, func(i int) (customer.Customer, error) {
		var got customer.Customer
		for round := range rounds {
			name := fmt.Sprintf("w%d-%d", i, round)
			p := customer.Patch{AddTags: []string{name}, Metadata: map[string]*string{name: new("set")}}
			var err error
			if got, err = t.store.Update(t.Context(), c.ID, customer.AnyVersion, p); err != nil {
				return got, err
			}
			if !slices.Contains(got.Tags, name) || got.Metadata[name] != "set" {
				return got, errors.New("the update returned a record without its own change")
			}
		}
		return got, nil
	})
	for i, r := range results {
		t.fails(fmt.Sprint("Update by writer ", i), r.err, nil)
	}
	got := t.get(c.ID)
	if len(got.Tags) != writers*rounds || len(got.Metadata) != writers*rounds || got.Version != 1+writers*rounds {
		t.Errorf("%d tags, %d metadata keys, version %d after %d updates", len(got.Tags), len(got.Metadata), got.Version, writers*rounds)
	}
	t.stored(got)
}

func racesOfRestoreAndCreate(t *trial) {
	for round := range 15 {
		d := customer.Draft{Email: fmt.Sprintf("contested%d@example.com", round)}
		old := t.archive(t.create(d).ID)
		results := together(2, func(i int) (customer.Customer, error) {
			if i == 0 {
				return customer.Restore(t.Context(), t.store, old.ID, customer.AnyVersion)
			}
			return t.store.Create(t.Context(), d)
		})
		won := t.oneWins("Restore against Create", results, func(err error, winner customer.Customer) bool {
			conflict, ok := errors.AsType[*customer.ConflictError](err)
			return ok && *conflict == customer.ConflictError{Field: "email", Holder: winner.ID}
		})
		t.found("the customers with the email", customer.And(customer.HasStatus(customer.Active), customer.ByEmail.Is(d.Email)), won)
	}
}

func racesToDelete(t *trial) {
	for range 15 {
		c := t.create(fullDraft())
		results := together(2, func(int) (customer.Customer, error) {
			return customer.Customer{}, t.store.Delete(t.Context(), c.ID, 1)
		})
		t.oneWins("Delete", results, func(err error, _ customer.Customer) bool { return errors.Is(err, customer.ErrNotFound) })
		t.absent(c.ID)
	}
}

func racesOfWalksAndWriters(t *trial) {
	still := t.crowd(30)
	busy := t.create(customer.Draft{Name: "busy"})
	results := together(6, func(i int) (customer.Customer, error) {
		if i%2 == 0 {
			return customer.Customer{}, t.writeBeside(busy.ID, i)
		}
		for range 4 {
			if err := t.walkBeside(customer.Orders()[i], still); err != nil {
				return customer.Customer{}, err
			}
		}
		return customer.Customer{}, nil
	})
	for _, r := range results {
		t.fails("a walk or a writer beside it", r.err, nil)
	}
}

// walkBeside walks all customers and returns an error unless it meets those in still once.
func (t *trial) walkBeside(order customer.Order, still []customer.Customer) error {
	seen, n := make(map[customer.ID]int), 0
	for c, err := range customer.All(t.Context(), t.store, customer.Query{OrderBy: order, Limit: 4}) {
		if err != nil {
			return err
		}
		seen[c.ID]++
		if n++; n > maxPages {
			return fmt.Errorf("a walk in the order %q has no end", order)
		}
	}
	for _, c := range still {
		if seen[c.ID] != 1 {
			return fmt.Errorf("a walk in the order %q has a customer that nobody changed %d times", order, seen[c.ID])
		}
	}
	return nil
}

// writeBeside creates, changes and deletes customers, and changes one that others change too.
func (t *trial) writeBeside(busy customer.ID, i int) error {
	for n := range 15 {
		c, err := t.store.Create(t.Context(), customer.Draft{Name: fmt.Sprint("Twin ", i, n), Email: fmt.Sprintf("w%d.%d@example.com", i, n)})
		if err != nil {
			return err
		}
		_, err = t.store.Update(t.Context(), c.ID, 1, customer.Patch{Name: new("Moved"), Company: new("Öl")})
		if err != nil {
			return err
		}
		_, err = t.store.Update(t.Context(), busy, customer.AnyVersion, customer.Patch{Notes: new(fmt.Sprint(i, n)), Name: new(fmt.Sprint("busy", n))})
		if err != nil {
			return err
		}
		if err = t.store.Delete(t.Context(), c.ID, 2); err != nil {
			return err
		}
	}
	return nil
}
