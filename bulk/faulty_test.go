package bulk_test

import (
	"context"
	"errors"
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

// An import that is stopped by its store anywhere tells in their order of rows that are done, and of nothing else.
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
		for i, res := range got {
			equal(t, "result of\n"+file, say(res), want[i])
			if res.Outcome != bulk.Created && res.Outcome != bulk.Updated {
				continue
			}
			c, err := broken.Get(context.Background(), res.ID)
			if err != nil || c.Version < res.To || res.To <= res.From {
				t.Fatalf("line %d is %s from version %d to %d, and the store has version %d, %v", res.Line, res.Outcome, res.From, res.To, c.Version, err)
			}
		}
	})
}
