package postgres_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
	"example.com/customer/storetest"
)

// opener returns what storetest opens stores with: a schema of its own for each case, in one database, on connections with these parameters, and
// what on makes of them.
func opener(t *testing.T, parameters string, on func(t testing.TB, pool *pgxpool.Pool) postgres.DB) func(testing.TB, storetest.Options) customer.Store {
	var (
		dsn    = postgrestest.DSN(t) + parameters
		admin  = postgrestest.Open(t, dsn)
		stores sync.Map
		cases  atomic.Int64
	)
	return func(t testing.TB, o storetest.Options) customer.Store {
		store, ok := stores.Load(t)
		if !ok {
			schema := fmt.Sprintf("case%d", cases.Add(1))
			makeSchema(t, admin, schema)
			opts := []postgres.Option{postgres.WithSchema(schema)}
			if o.Now != nil {
				opts = append(opts, postgres.WithClock(o.Now))
			}
			if o.NewID != nil {
				opts = append(opts, postgres.WithIDs(o.NewID))
			}
			store = postgres.New(on(t, postgrestest.Open(t, dsn)), opts...)
			stores.Store(t, store)
		}
		if o.Tenant == "" {
			return store.(*postgres.Store)
		}
		return store.(*postgres.Store).Tenant(o.Tenant)
	}
}

// makeSchema runs the migrations as they are exported for other tools: what goose adds would take most of the time of a case.
func makeSchema(t testing.TB, pool *pgxpool.Pool, schema string) {
	t.Helper()
	ctx := context.Background()
	migrations, err := postgres.Migrations(schema)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	sql := "CREATE SCHEMA " + schema + ";"
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		sql += up
	}
	err = pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		_, err := conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func onPool(_ testing.TB, pool *pgxpool.Pool) postgres.DB { return pool }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, opener(t, "", onPool))
}

// TestStoreOnOneConnection would stand still if any method held one connection while it asked for another.
func TestStoreOnOneConnection(t *testing.T) {
	t.Parallel()
	storetest.Run(t, opener(t, "&pool_max_conns=1", onPool))
}

// TestStoreInATransaction leaves the racing cases out: a transaction serves one goroutine.
func TestStoreInATransaction(t *testing.T) {
	t.Parallel()
	open := opener(t, "", func(t testing.TB, pool *pgxpool.Pool) postgres.DB {
		tx, err := pool.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
		return tx
	})
	storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
		if !o.Serial {
			return nil
		}
		return open(t, o)
	})
}

// TestStoreInTheModeOfPoolers lets the DSN govern all statements.
func TestStoreInTheModeOfPoolers(t *testing.T) {
	t.Parallel()
	storetest.Run(t, opener(t, "&default_query_exec_mode=cache_describe", onPool))
}
