package postgres_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

func TestSchemasOfOneDatabaseMigrateAtOnce(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.EmptyDSN(t)
	schemas := []string{"public", "a", "b", "c"}
	errs := make([]error, len(schemas))
	var wg sync.WaitGroup
	for i, schema := range schemas {
		pool := postgrestest.Open(t, dsn)
		wg.Go(func() { errs[i] = postgres.Migrate(ctx, pool, postgres.WithSchema(schema)) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateTakesOverWhatAnotherToolMade(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.Open(t, postgrestest.EmptyDSN(t))
	makeSchema(t, pool, "crm")
	o := postgres.WithSchema("crm")
	c := mustCreate(t, postgres.New(pool, o), customer.Draft{Name: "José"})
	mustExec(t, pool, "UPDATE crm.customers SET key_version = 0, words = ''")
	for range 2 {
		if err := postgres.Migrate(ctx, pool, o); err != nil {
			t.Fatal(err)
		}
	}
	page, err := postgres.New(pool, o).Search(ctx, customer.Query{Where: customer.Text("jose")})
	if err != nil || len(page.Customers) != 1 || page.Customers[0].ID != c.ID {
		t.Errorf("found %d, %v, want the customer that was there", len(page.Customers), err)
	}
}

func TestTheTrigramExtensionMayLiveInASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.EmptyDSN(t)
	pool := postgrestest.Open(t, dsn)
	for _, sql := range []string{"CREATE SCHEMA extensions", "CREATE EXTENSION pg_trgm SCHEMA extensions"} {
		mustExec(t, pool, sql)
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	if s, err := postgres.CheckSchema(ctx, pool); err != nil || len(s.Warnings) > 0 {
		t.Errorf("CheckSchema: %v, %v", s, err)
	}
}

func TestMigrateConnectsAsThePoolDoes(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.EmptyDSN(t)
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	database := config.ConnConfig.Database
	config.ConnConfig.Database = "set_before_connecting"
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		c.Database = database
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Error(err)
	}
}

func TestEveryModeOfTheDriverServesEveryMethod(t *testing.T) {
	t.Parallel()
	for _, parameters := range []string{
		"&default_query_exec_mode=cache_statement", "&default_query_exec_mode=cache_describe", "&default_query_exec_mode=describe_exec",
		"&default_query_exec_mode=exec", "&default_query_exec_mode=simple_protocol",
		"&statement_cache_capacity=0", "&description_cache_capacity=0", "&statement_cache_capacity=0&description_cache_capacity=0",
	} {
		t.Run(parameters[1:], func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			pool, err := pgxpool.New(ctx, postgrestest.DSN(t)+parameters)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			store := postgres.New(pool)
			c := mustCreate(t, store, customer.Draft{Name: "Ada", Tags: []string{"vip"}, Metadata: map[string]string{"a": "b"}})
			if c, err = store.Update(ctx, c.ID, 1, customer.Patch{Company: new("Engines")}); err != nil {
				t.Error(err)
			}
			where := customer.And(customer.Text("ada"), customer.HasAnyTag("vip"), customer.HasMetadata("a", "b"), customer.HasID(c.ID), customer.ByCreatedAt.Since(epoch))
			page, err := store.Search(ctx, customer.Query{Where: where})
			if err != nil || len(page.Customers) != 1 {
				t.Errorf("Search: %d, %v", len(page.Customers), err)
			}
			if found, err := store.GetMany(ctx, []customer.ID{c.ID, c.ID}); err != nil || len(found) != 1 {
				t.Errorf("GetMany: %d, %v", len(found), err)
			}
			if err := store.Delete(ctx, c.ID, 2); err != nil {
				t.Error(err)
			}
			drafts := []customer.Draft{{IdempotencyKey: "key", Name: "Bob", Email: "bob@example.com", Tags: []string{"vip"}, Metadata: map[string]string{"a": "b"}}, {Email: "BOB@example.com"}}
			created, errs, err := store.CreateBatch(ctx, drafts)
			if err != nil || errs[0] != nil || !errors.Is(errs[1], customer.ErrConflict) {
				t.Errorf("CreateBatch: %v, %v", errs, err)
			}
			if made, errs, err := store.FindReplays(ctx, drafts); err != nil || errors.Join(errs...) != nil || made[0].ID != created[0].ID || !made[1].ID.IsZero() {
				t.Errorf("FindReplays: %v, %v", errs, err)
			}
			if loaded, err := store.Load(ctx, []customer.Customer{created[0], c}); err != nil || !errors.Is(loaded[0], customer.ErrConflict) || loaded[1] != nil {
				t.Errorf("Load: %v, %v", loaded, err)
			}
		})
	}
}

func TestOpenRefusesModesThatSendValuesWithoutTypes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"exec", "simple_protocol"} {
		if _, err := postgres.Open(context.Background(), "postgres://localhost/db?default_query_exec_mode="+mode); err == nil {
			t.Errorf("Open took %s", mode)
		}
	}
}

func TestACountWithoutAnyLimitInSight(t *testing.T) {
	t.Parallel()
	store := postgres.New(postgrestest.New(t))
	mustCreate(t, store, customer.Draft{Name: "Ada"})
	got, err := store.Count(context.Background(), nil, math.MaxInt)
	if want := (customer.Total{Value: 1, Exact: true}); err != nil || got != want {
		t.Errorf("Count = %v, %v, want %v", got, err, want)
	}
}

func TestAViewOfAViewIsThatOfItsOwnName(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	if _, err := store.Tenant("").Tenant("acme").Count(ctx, nil, 0); err != nil {
		t.Errorf("a good name after a bad one: %v", err)
	}
	if _, err := store.Tenant("acme").Tenant("").Count(ctx, nil, 0); !errors.Is(err, customer.ErrInvalid) {
		t.Errorf("a bad name after a good one: %v", err)
	}
	bad := postgres.New(pool, postgres.WithSchema(`a"b`)).Tenant("x").Tenant("y")
	if _, err := bad.Count(ctx, nil, 0); !errors.Is(err, customer.ErrInvalid) {
		t.Errorf("a bad schema: %v", err)
	}
}

// lateTx cancels a context right after a statement of a nested transaction.
type lateTx struct {
	pgx.Tx
	cancel context.CancelFunc
}

func (tx lateTx) Begin(ctx context.Context) (pgx.Tx, error) {
	nested, err := tx.Tx.Begin(ctx)
	return lateTx{nested, tx.cancel}, err
}

func (tx lateTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := tx.Tx.Exec(ctx, sql, args...)
	tx.cancel()
	return tag, err
}

func TestACallCancelledInASavepointLeavesTheTransactionAsItWas(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	taken := mustCreate(t, store, customer.Draft{Email: "ada@example.com"})
	c := mustCreate(t, store, customer.Draft{Email: "bob@example.com"})
	for _, email := range []string{taken.Email, "bobby@example.com"} {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			short, cancel := context.WithCancel(ctx)
			defer cancel()
			updated, updateErr := store.With(lateTx{tx, cancel}).Update(short, c.ID, c.Version, customer.Patch{Email: &email})
			got, err := store.With(tx).Get(ctx, c.ID)
			if err != nil {
				return err
			}
			if happened := got.Version == 2; happened != (updateErr == nil) || happened && updated.Email != email {
				t.Errorf("%s: Update said %v, the customer is at version %d", email, updateErr, got.Version)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: the caller's transaction: %v", email, err)
		}
	}
}

func TestAnEmailTakenAfterTheSnapshotIsASerializationFailure(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	c := mustCreate(t, store, customer.Draft{Email: "bob@example.com"})
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := store.With(tx).Get(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	mustCreate(t, store, customer.Draft{Email: "ada@example.com"})
	_, err = store.With(tx).Update(ctx, c.ID, c.Version, customer.Patch{Email: new("ada@example.com")})
	var state interface{ SQLState() string }
	if !errors.As(err, &state) || state.SQLState() != "40001" {
		t.Errorf("Update: %v, want SQLSTATE 40001", err)
	}
}
