package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// named returns n drafts that differ.
func named(n int) []customer.Draft {
	drafts := make([]customer.Draft, n)
	for i := range drafts {
		drafts[i] = customer.Draft{Name: fmt.Sprintf("Ada %05d", i), Email: fmt.Sprintf("ada%d@example.com", i), Tags: []string{`a"\b`}}
	}
	return drafts
}

func wantCount(t *testing.T, s customer.Store, want int) {
	t.Helper()
	if n, err := s.Count(context.Background(), nil, 0); err != nil || n.Value != want {
		t.Errorf("%d customers, %v, want %d", n.Value, err, want)
	}
}

func TestABatchOfTenThousand(t *testing.T) {
	t.Parallel()
	ctx, store := context.Background(), postgres.New(postgrestest.New(t))
	const n = 10_000
	drafts := named(n)
	drafts[9_998].Email, drafts[9_999].ID = drafts[1].Email, customer.ID{15: 1}
	drafts[1_500].ID = drafts[9_999].ID
	created, errs, err := store.CreateBatch(ctx, drafts)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]error{
		9_998: &customer.ConflictError{Field: "email", Holder: created[1].ID}, 9_999: &customer.ConflictError{Field: "id", Holder: created[1_500].ID},
	}
	for i, err := range errs {
		if diff := cmp.Diff(outcome(want[i]), outcome(err)); diff != "" {
			t.Errorf("draft %d (-want +got):\n%s", i, diff)
		}
	}
	wantCount(t, store, n-2)

	records := slices.DeleteFunc(everyone(t, store), func(c customer.Customer) bool { return c.ID == customer.ID{} })
	loaded, err := store.Tenant("copy").Load(ctx, records)
	if err != nil || slices.ContainsFunc(loaded, func(err error) bool { return err != nil }) {
		t.Fatalf("Load: %v, %v", errors.Join(loaded...), err)
	}
	if diff := cmp.Diff(records, everyone(t, store.Tenant("copy"))); diff != "" {
		t.Errorf("what was loaded (-want +got):\n%s", diff)
	}
}

// A part that fails takes the parts before it with it.
func TestABatchThatFailsLateHappensNotAtAll(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	mustExec(t, pool, "ALTER TABLE customers ADD CONSTRAINT house_rule CHECK (name <> 'Ada 02500')")
	fails := func(s *postgres.Store) {
		t.Helper()
		created, errs, err := s.CreateBatch(ctx, named(3_000))
		var e *postgres.Error
		if !errors.As(err, &e) || e.Constraint != "house_rule" || created != nil || errs != nil {
			t.Errorf("CreateBatch: %d customers, %d errors, %v, want the constraint's", len(created), len(errs), err)
		}
	}
	fails(store)
	wantCount(t, store, 0)

	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := store.With(tx).Create(ctx, customer.Draft{Name: "before"}); err != nil {
			return err
		}
		fails(store.With(tx))
		_, errs, err := store.With(tx).CreateBatch(ctx, []customer.Draft{{Name: "after"}, {}})
		if err == nil && (errs[0] != nil || !errors.Is(errs[1], customer.ErrInvalid)) {
			t.Errorf("CreateBatch afterwards: %v", errs)
		}
		return err
	})
	if err != nil {
		t.Errorf("the caller's transaction: %v", err)
	}
	wantCount(t, store, 2)
}

func TestABatchCommitsWithTheCallersRowsOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	taken := mustCreate(t, store, customer.Draft{Email: "ada1@example.com"})
	aborted := errors.New("the caller changed its mind")
	for _, end := range []error{aborted, nil} {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			_, errs, err := store.With(tx).CreateBatch(ctx, named(3))
			if err != nil {
				return err
			}
			conflict, _ := errors.AsType[*customer.ConflictError](errs[1])
			if errs[0] != nil || conflict == nil || conflict.Holder != taken.ID || errs[2] != nil {
				t.Errorf("CreateBatch: %v", errs)
			}
			wantCount(t, store.With(tx), 3)
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		wantCount(t, store, map[bool]int{true: 1, false: 3}[end == aborted])
	}
}

func TestABatchInAStricterTransactionIsASerializationFailure(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	wantCount(t, store.With(tx), 0)
	mustCreate(t, store, customer.Draft{Email: "ada1@example.com"})
	_, _, err = store.With(tx).CreateBatch(ctx, named(3))
	var state interface{ SQLState() string }
	if !errors.As(err, &state) || state.SQLState() != "40001" {
		t.Errorf("CreateBatch: %v, want SQLSTATE 40001", err)
	}
}

func TestARowThatATriggerDropsIsToldFromTheOthers(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	mustExec(t, pool, "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN CASE WHEN NEW.name <> 'Ada 00001' THEN NEW END; END $$ LANGUAGE plpgsql;")
	mustExec(t, pool, "CREATE TRIGGER t BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION f()")
	store := postgres.New(pool)
	created, errs, err := store.CreateBatch(ctx, named(3))
	if err != nil || errs[0] != nil || errs[2] != nil || !created[1].ID.IsZero() {
		t.Fatalf("CreateBatch: %v, %v", errs, err)
	}
	_, want := store.Create(ctx, named(2)[1])
	if errs[1] == nil || errs[1].Error() != want.Error() {
		t.Errorf("the dropped draft: %v, want %v, as Create says", errs[1], want)
	}
	wantCount(t, store, 2)
}

// Batches that wait for each other would be a deadlock.
func TestBatchesInOppositeOrdersBothEnd(t *testing.T) {
	t.Parallel()
	ctx, store := context.Background(), postgres.New(postgrestest.New(t))
	const n = 3_000
	orders := [2][]customer.Draft{named(n), named(n)}
	slices.Reverse(orders[1])
	var (
		wg     sync.WaitGroup
		counts [2]int
	)
	for i, drafts := range orders {
		wg.Go(func() {
			_, errs, err := store.CreateBatch(ctx, drafts)
			if err != nil {
				t.Error(err)
			}
			for _, err := range errs {
				if err == nil {
					counts[i]++
				} else if !errors.Is(err, customer.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if counts[0]+counts[1] != n {
		t.Errorf("created %d and %d, want %d together", counts[0], counts[1], n)
	}
	wantCount(t, store, n)
}
