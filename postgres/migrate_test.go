package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

func mustExec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestTenProcessesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.EmptyDSN(t)
	errs := make([]error, 10)
	var wg sync.WaitGroup
	for i := range errs {
		pool := postgrestest.Open(t, dsn)
		wg.Go(func() { errs[i] = postgres.Migrate(ctx, pool) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	pool := postgrestest.Open(t, dsn)
	if _, err := postgres.CheckSchema(ctx, pool); err != nil {
		t.Error(err)
	}
	if _, err := postgres.New(pool).Create(ctx, customer.Draft{Name: "Ada"}); err != nil {
		t.Error(err)
	}
}

func TestMigrateWithAPoolOfOneConnectionThatIsInUse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := postgrestest.Open(t, postgrestest.EmptyDSN(t)+"&pool_max_conns=1")
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Error(err)
	}
}

func TestMigrateAgainChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	c, err := postgres.New(pool).Create(ctx, customer.Draft{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	got, err := postgres.New(pool).Get(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("customer after a second Migrate (-want +got):\n%s", diff)
	}
}

func TestKeysOfAnOlderVersionAreRewritten(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	acme := postgres.New(pool).Tenant("acme")
	// More than one batch, in two tenants.
	for i := range 620 {
		store := postgres.New(pool)
		if i%2 == 0 {
			store = acme
		}
		if _, err := store.Create(ctx, customer.Draft{Name: fmt.Sprintf("José %d", i), Email: fmt.Sprintf("jose%d@example.com", i)}); err != nil {
			t.Fatal(err)
		}
	}
	mustExec(t, pool, "UPDATE customers SET key_version = 0, name_key = 'José', words = ' José'")
	if _, err := postgres.CheckSchema(ctx, pool); !errors.Is(err, postgres.ErrKeysOld) {
		t.Errorf("CheckSchema: %v, want ErrKeysOld", err)
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.CheckSchema(ctx, pool); err != nil {
		t.Error(err)
	}
	got, err := acme.Count(ctx, customer.And(customer.Text("jose"), customer.ByName.Prefix("jose ")), 0)
	if want := (customer.Total{Value: 310, Exact: true}); err != nil || got != want {
		t.Errorf("Count = %v, %v, want %v", got, err, want)
	}
}

func TestAnotherSchemaKeepsEverythingToItself(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	if err := postgres.Migrate(ctx, pool, postgres.WithSchema("crm")); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.CheckSchema(ctx, pool, postgres.WithSchema("crm")); err != nil {
		t.Error(err)
	}
	crm := postgres.New(pool, postgres.WithSchema("crm"))
	c, err := crm.Create(ctx, customer.Draft{Name: "Ada", Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crm.Update(ctx, c.ID, c.Version, customer.Patch{Name: new("Ada Lovelace")}); err != nil {
		t.Error(err)
	}
	if found, err := customer.FindByEmail(ctx, crm, "ADA@example.com"); err != nil || found.Name != "Ada Lovelace" {
		t.Errorf("FindByEmail = %v", err)
	}
	if _, err := postgres.New(pool).Get(ctx, c.ID); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Get in public: %v, want ErrNotFound", err)
	}
	var outside int
	err = pool.QueryRow(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = 'crm' AND tablename LIKE 'customers%'").Scan(&outside)
	if err != nil || outside != 4 {
		t.Errorf("tables in crm: %d, %v, want 4", outside, err)
	}
}

func TestANameThatIsNoSchemaIsRefused(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	for _, name := range []string{"", "Crm", `a"b`, "a.b", "1a", strings.Repeat("a", 64)} {
		o := postgres.WithSchema(name)
		if err := postgres.Migrate(ctx, pool, o); !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("Migrate in %q: %v, want ErrInvalid", name, err)
		}
		if _, err := postgres.CheckSchema(ctx, pool, o); !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("CheckSchema in %q: %v, want ErrInvalid", name, err)
		}
		for _, store := range []*postgres.Store{postgres.New(pool, o), postgres.New(pool, o).Tenant("acme")} {
			if _, err := store.Get(ctx, customer.NewID()); !errors.Is(err, customer.ErrInvalid) {
				t.Errorf("Get in %q: %v, want ErrInvalid", name, err)
			}
		}
		if _, err := postgres.Migrations(name); !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("Migrations(%q): %v, want ErrInvalid", name, err)
		}
	}
}

func TestCheckSchemaTellsWhatToDo(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, change string
		want         error
	}{
		{"a schema newer but usable is ready", "UPDATE customers_schema SET version = 99, oldest = 1", nil},
		{"a schema too new for this program", "UPDATE customers_schema SET version = 99, oldest = 98", postgres.ErrSchemaNew},
		{"a schema too old for this program", "UPDATE customers_schema SET version = 0, oldest = 0", postgres.ErrSchemaOld},
		{"no schema", "DROP TABLE customers_schema", postgres.ErrSchemaMissing},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool := postgrestest.New(t)
			mustExec(t, pool, c.change)
			if _, err := postgres.CheckSchema(context.Background(), pool); !errors.Is(err, c.want) {
				t.Errorf("CheckSchema: %v, want %v", err, c.want)
			}
		})
	}
}

func TestMigrationsAreWrittenForTheirSchema(t *testing.T) {
	t.Parallel()
	migrations, err := postgres.Migrations("crm")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil || len(names) != postgres.SchemaVersion {
		t.Fatalf("migrations: %v, %v, want %d", names, err, postgres.SchemaVersion)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "public.") || !strings.Contains(string(text), "crm.customers") {
			t.Errorf("%s is not written for schema crm", name)
		}
		if !strings.Contains(string(text), "customers_schema") {
			t.Errorf("%s does not record the oldest program that can run on it", name)
		}
	}
}
