package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// fault is a way for a round trip to fail.
type fault int

const (
	none          fault = iota
	beforeSend          // nothing reached the server
	afterSend           // the server did it and the answer was lost
	cancelled           // the caller gave up meanwhile
	serialization       // the server rolled it back
)

// faultyDB counts the round trips of a pool and fails the one numbered at.
type faultyDB struct {
	*pgxpool.Pool
	trips, at int
	fault     fault
	cancel    context.CancelFunc
}

// trip returns whether to send at all, and the error to return.
func (db *faultyDB) trip() (send bool, fail error) {
	db.trips++
	if db.trips != db.at {
		return true, nil
	}
	switch db.fault {
	case beforeSend:
		return false, net.ErrClosed
	case afterSend:
		return true, io.ErrUnexpectedEOF
	case serialization:
		return false, &pgconn.PgError{Code: "40001"}
	case cancelled:
		db.cancel()
	}
	return true, nil
}

func (db *faultyDB) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	send, fail := db.trip()
	if !send {
		return pgconn.CommandTag{}, fail
	}
	tag, err := db.Pool.Exec(ctx, sql, args...)
	return tag, errors.Join(fail, err)
}

func (db *faultyDB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	send, fail := db.trip()
	if !send {
		return nil, fail
	}
	rows, err := db.Pool.Query(ctx, sql, args...)
	if fail != nil && err == nil {
		rows.Close()
		return nil, fail
	}
	return rows, err
}

func (db *faultyDB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := db.Query(ctx, sql, args...)
	return &oneRow{rows, err}
}

// oneRow is what pgx makes of Query for QueryRow.
type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r *oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		return errors.Join(r.rows.Err(), pgx.ErrNoRows)
	}
	return r.rows.Scan(dest...)
}

func (db *faultyDB) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	send, fail := db.trip()
	if !send {
		return failedBatch{err: fail}
	}
	results := db.Pool.SendBatch(ctx, b)
	if fail != nil {
		return failedBatch{err: errors.Join(fail, results.Close())}
	}
	return results
}

// Begin returns a transaction whose round trips count as those of the pool.
func (db *faultyDB) Begin(ctx context.Context) (pgx.Tx, error) {
	send, fail := db.trip()
	if !send {
		return nil, fail
	}
	tx, err := db.Pool.Begin(ctx)
	if fail != nil && err == nil {
		return nil, errors.Join(fail, tx.Rollback(ctx))
	}
	return faultyTx{tx, db}, err
}

type faultyTx struct {
	pgx.Tx
	db *faultyDB
}

func (tx faultyTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	send, fail := tx.db.trip()
	if !send {
		return nil, fail
	}
	rows, err := tx.Tx.Query(ctx, sql, args...)
	if fail != nil && err == nil {
		rows.Close()
		return nil, fail
	}
	return rows, err
}

// Commit ends the transaction however it fails, as a connection that is lost does.
func (tx faultyTx) Commit(ctx context.Context) error {
	send, fail := tx.db.trip()
	if !send {
		return errors.Join(fail, tx.Rollback(ctx))
	}
	return errors.Join(fail, tx.Tx.Commit(ctx))
}

type failedBatch struct {
	pgx.BatchResults
	err error
}

func (b failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b failedBatch) Query() (pgx.Rows, error)         { return nil, b.err }
func (b failedBatch) QueryRow() pgx.Row                { return &oneRow{nil, b.err} }
func (b failedBatch) Close() error                     { return b.err }

// operation is a call, the round trips it may take, and what tells whether it happened.
type operation struct {
	name  string
	trips int
	do    func(ctx context.Context, s *postgres.Store, c customer.Customer) error
	did   func(before, after []customer.Customer) bool // nil: it only reads
}

func operations() []operation {
	ignore := func(_ any, err error) error { return err }
	ctxless := func(f func(ctx context.Context, s *postgres.Store, q customer.Query) (customer.Page, error), q customer.Query) func(context.Context, *postgres.Store, customer.Customer) error {
		return func(ctx context.Context, s *postgres.Store, _ customer.Customer) error { return ignore(f(ctx, s, q)) }
	}
	search := func(ctx context.Context, s *postgres.Store, q customer.Query) (customer.Page, error) {
		return s.Search(ctx, q)
	}
	return []operation{
		{"create", 1, func(ctx context.Context, s *postgres.Store, _ customer.Customer) error {
			return ignore(s.Create(ctx, customer.Draft{Name: "Bob", Email: "bob@example.com", Tags: []string{"new"}}))
		}, func(before, after []customer.Customer) bool { return len(after) == len(before)+1 }},
		{"update", 2, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return ignore(s.Update(ctx, c.ID, c.Version, customer.Patch{Email: new("king@example.com"), Notes: new("both or none")}))
		}, func(_, after []customer.Customer) bool {
			return after[0].Version == 2 && after[0].Notes != "" && after[0].Email == "king@example.com"
		}},
		{"archive", 2, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return ignore(customer.Archive(ctx, s, c.ID, customer.AnyVersion))
		}, func(_, after []customer.Customer) bool {
			return after[0].Status == customer.Archived && !after[0].ArchivedAt.IsZero()
		}},
		{"delete", 1, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return s.Delete(ctx, c.ID, c.Version)
		}, func(before, after []customer.Customer) bool { return len(after) == len(before)-1 }},
		{"create a batch", 3, func(ctx context.Context, s *postgres.Store, _ customer.Customer) error {
			_, errs, err := s.CreateBatch(ctx, []customer.Draft{{Name: "Bob"}, {Name: "Cyd"}})
			return errors.Join(append(errs, err)...)
		}, func(before, after []customer.Customer) bool { return len(after) == len(before)+2 }},
		{"create a batch in which one is refused", 4, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			_, _, err := s.CreateBatch(ctx, []customer.Draft{{Name: "Bob"}, {Email: c.Email}, {Name: "Cyd"}})
			return err
		}, func(before, after []customer.Customer) bool { return len(after) == len(before)+2 }},
		{"load", 3, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			other := c
			other.ID, other.Email, other.Version = customer.ID{15: 1}, "other@example.com", 7
			errs, err := s.Load(ctx, []customer.Customer{other})
			return errors.Join(append(errs, err)...)
		}, func(before, after []customer.Customer) bool {
			return len(after) == len(before)+1 && slices.ContainsFunc(after, func(c customer.Customer) bool { return c.Version == 7 })
		}},
		{"get", 1, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return ignore(s.Get(ctx, c.ID))
		}, nil},
		{"get many", 1, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return ignore(s.GetMany(ctx, []customer.ID{c.ID}))
		}, nil},
		{"find replays", 1, func(ctx context.Context, s *postgres.Store, _ customer.Customer) error {
			_, errs, err := s.FindReplays(ctx, []customer.Draft{{Name: "Bob", IdempotencyKey: "key"}, {Name: "Cyd"}})
			return errors.Join(append(errs, err)...)
		}, nil},
		{"find by email", 1, func(ctx context.Context, s *postgres.Store, c customer.Customer) error {
			return ignore(customer.FindByEmail(ctx, s, c.Email))
		}, nil},
		{"list", 1, ctxless(search, customer.Query{Where: customer.HasStatus(customer.Active)}), nil},
		{"search by words", 1, ctxless(search, customer.Query{Where: customer.Text("ada love")}), nil},
		{"count", 1, func(ctx context.Context, s *postgres.Store, _ customer.Customer) error {
			return ignore(s.Count(ctx, customer.HasAnyTag("vip"), 100))
		}, nil},
	}
}

// TestEveryRoundTripFailsInEveryWay fails each round trip of each operation, once in each way: either all of it happened or nothing did, the error
// says which kind of failure it was, and no connection stays behind. What only reads is done once more where the connection was lost.
func TestEveryRoundTripFailsInEveryWay(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name  string
		fault fault
		want  error
	}{
		{"before it is sent", beforeSend, customer.ErrUnavailable},
		{"after it was sent", afterSend, customer.ErrUnavailable},
		{"by a cancelled context", cancelled, context.Canceled},
		{"by a serialization failure", serialization, nil},
	}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			for _, way := range ways {
				if op.did == nil && way.want == customer.ErrUnavailable {
					way.want = nil
				}
				for at := 1; at <= op.trips; at++ {
					testFault(t, op, way.name, way.fault, way.want, at)
				}
			}
			testFault(t, op, "not at all", none, nil, 0)
		})
	}
}

func testFault(t *testing.T, op operation, how string, f fault, want error, at int) {
	t.Helper()
	ctx, pool := context.Background(), postgrestest.New(t)
	direct := postgres.New(pool)
	c := mustCreate(t, direct, customer.Draft{Name: "Ada Lovelace", Email: "ada@example.com", Tags: []string{"vip"}})
	before := everyone(t, direct)

	db := &faultyDB{Pool: pool}
	store := postgres.New(db)
	if _, err := store.Search(ctx, customer.Query{Where: customer.Text("warm up")}); err != nil {
		t.Fatal(err)
	}
	db.trips, db.at, db.fault = 0, at, f
	opCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	db.cancel = cancel
	err := op.do(opCtx, store, c)
	if !errors.Is(err, want) {
		t.Errorf("trip %d failed %s: error %v, want %v", at, how, err, want)
	}
	if f == none && db.trips != op.trips {
		t.Errorf("%d round trips, want %d", db.trips, op.trips)
	}

	after := everyone(t, direct)
	unchanged := cmp.Equal(before, after)
	sent := f == none || f == serialization || f == afterSend && at == op.trips
	switch {
	case op.did == nil && !unchanged:
		t.Errorf("trip %d failed %s: a read changed something", at, how)
	case op.did != nil && sent && !op.did(before, after):
		t.Errorf("trip %d failed %s: it did not happen, or by half", at, how)
	case op.did != nil && !sent && !unchanged:
		t.Errorf("trip %d failed %s: it happened, or half of it", at, how)
	}
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("trip %d failed %s: %d connections stay held", at, how, n)
	}
	// A server process ends a moment after its connection was closed.
	idle := 1
	for range 1000 {
		err = pool.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'").Scan(&idle)
		if err != nil || idle == 0 {
			break
		}
	}
	if err != nil || idle != 0 {
		t.Errorf("trip %d failed %s: %d connections idle in transaction, %v", at, how, idle, err)
	}
}

func everyone(t *testing.T, s customer.Store) []customer.Customer {
	t.Helper()
	var list []customer.Customer
	for c, err := range customer.All(context.Background(), s, customer.Query{OrderBy: customer.OldestFirst}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}
