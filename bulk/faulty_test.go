package bulk_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// faulty is a store that loses its connection at one of its calls, before it was heard or after it was done.
type faulty struct {
	*memstore.Store
	left  *int
	after bool
}

// call makes a call, or loses the connection.
func call[T any](s faulty, do func() (T, error)) (T, error) {
	var none T
	*s.left--
	if *s.left >= 0 {
		return do()
	}
	if *s.left == -1 && s.after {
		_, _ = do()
	}
	return none, customer.ErrUnavailable
}

func (s faulty) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	return call(s, func() (customer.Customer, error) { return s.Store.Create(ctx, d) })
}

func (s faulty) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	return call(s, func() (customer.Customer, error) { return s.Store.Update(ctx, id, v, p) })
}

func (s faulty) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	return call(s, func() (customer.Page, error) { return s.Store.Search(ctx, q) })
}

func (s faulty) GetMany(ctx context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	return call(s, func() (map[customer.ID]customer.Customer, error) { return s.Store.GetMany(ctx, ids) })
}

func (s faulty) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	return call(s, func() ([]error, error) { return s.Store.Load(ctx, records) })
}

func (s faulty) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	created, err = call(s, func() (made []customer.Customer, err error) {
		made, errs, err = s.Store.CreateBatch(ctx, drafts)
		return made, err
	})
	if err != nil {
		return nil, nil, err
	}
	return created, errs, nil
}

func versions(t fataler, s customer.Searcher) map[customer.ID]customer.Version {
	t.Helper()
	out := map[customer.ID]customer.Version{}
	for c, err := range customer.All(context.Background(), s, customer.Query{}) {
		if err != nil {
			t.Fatalf("reading the store: %v", err)
		}
		out[c.ID] = c.Version
	}
	return out
}

// An import that is stopped by its store anywhere tells in their order of all rows that were written, unless the store lost the answer, and of
// nothing that was not.
func TestResultsBeforeAFailureAreTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		open, imp, file := drawStore(t), drawImporter(t), drawFile(t, false)
		whole, broken := open(), open()
		imp.Mode, imp.Store = bulk.Commit, whole
		want := run(t, imp, file)
		left := rapid.IntRange(0, 6).Draw(t, "calls before the failure")
		store := faulty{broken, &left, rapid.Bool().Draw(t, "after it was done")}
		imp.Store = store
		if rapid.Bool().Draw(t, "without batches") {
			imp.Store = plain{store}
		}
		got, err := results(imp, file)
		if failed := left < 0; failed != errors.Is(err, customer.ErrUnavailable) || !failed && err != nil {
			t.Fatalf("the store failed: %t, the import ended with %v", failed, err)
		}
		told, last := map[customer.ID]bool{}, 0
		for _, res := range got {
			if res.Line <= last {
				t.Fatalf("the result of line %d comes behind that of line %d", res.Line, last)
			}
			last = res.Line
			if !slices.Contains(want, say(res)) {
				t.Fatalf("got %s, want one of %v of\n%s", say(res), want, file)
			}
			if res.Outcome != bulk.Created && res.Outcome != bulk.Updated {
				continue
			}
			told[res.ID] = true
			c, err := broken.Get(context.Background(), res.ID)
			if err != nil || c.Version < res.To || res.To <= res.From {
				t.Fatalf("line %d is %s from version %d to %d, and the store has version %d, %v", res.Line, res.Outcome, res.From, res.To, c.Version, err)
			}
		}
		if before := versions(t, open()); !store.after {
			for id, v := range versions(t, broken) {
				if v != before[id] && !told[id] {
					t.Fatalf("a customer is at version %d instead of %d, and no result tells, of\n%s", v, before[id], file)
				}
			}
		}
	})
}
