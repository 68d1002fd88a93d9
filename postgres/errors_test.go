package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

const canary = "canary4711"

// TestNoErrorHoldsAValueOfARow sends a canary in every field through every way the database can refuse it.
func TestNoErrorHoldsAValueOfARow(t *testing.T) {
	t.Parallel()
	draft := customer.Draft{
		Name: canary, Email: canary + "@example.com", Phone: "4711 4711 4711", Company: canary, Notes: canary, ExternalID: canary, IdempotencyKey: canary,
		Address: customer.Address{Line1: canary, Line2: canary, City: canary, Region: canary, PostalCode: canary, Country: canary},
		Tags:    []string{canary}, Metadata: map[string]string{canary: canary},
	}
	cases := []struct{ name, prepare string }{
		{"a check of the user's own", "ALTER TABLE customers ADD CHECK (notes = '')"},
		{"a unique index of the user's own", "CREATE UNIQUE INDEX ON customers ((version > 0))"},
		{"a trigger that raises the row", "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no %', NEW; END $$ LANGUAGE plpgsql;" +
			"CREATE TRIGGER t BEFORE INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION f()"},
		{"a trigger that drops the row", "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql;" +
			"CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION f()"},
		{"a column of another type", "ALTER TABLE customers ALTER notes TYPE int USING 1"},
		{"a column that is gone", "ALTER TABLE customers DROP notes"},
		{"a table that is gone", "DROP TABLE customers"},
		{"a read-only database", "ALTER DATABASE %s SET default_transaction_read_only = on"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, dsn := context.Background(), postgrestest.DSN(t)
			admin := postgrestest.Open(t, dsn)
			old := mustCreate(t, postgres.New(admin), customer.Draft{Name: "Ada"})
			sql := c.prepare
			if strings.Contains(sql, "DATABASE %s") {
				sql = fmt.Sprintf(sql, pgx.Identifier{admin.Config().ConnConfig.Database}.Sanitize())
			}
			if _, err := admin.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
			store := postgres.New(postgrestest.Open(t, dsn))
			_, createErr := store.Create(ctx, draft)
			_, updateErr := store.Update(ctx, old.ID, customer.AnyVersion, customer.Patch{Name: new(canary), Notes: new(canary), Email: &draft.Email})
			for _, err := range []error{createErr, updateErr} {
				if err == nil {
					continue
				}
				if text := fmt.Sprintf("%v %+v %#v %q", err, err, err, err); strings.Contains(text, canary) || strings.Contains(text, "4711") {
					t.Errorf("the error holds a value: %v", err)
				}
				var pg interface{ Detail() string }
				if errors.As(err, &pg) {
					t.Errorf("the error wraps the driver's: %T", err)
				}
			}
			if createErr == nil {
				t.Error("Create was not refused")
			}
		})
	}
}

func TestALostConnectionIsUnavailableAndTheNextCallWorks(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.DSN(t)
	admin := postgrestest.Open(t, dsn)
	pool := postgrestest.Open(t, dsn+"&pool_max_conns=1")
	store := postgres.New(pool)
	c := mustCreate(t, store, customer.Draft{Name: "Ada"})
	for range 3 {
		// The backend of the other pool, not its own.
		if _, err := admin.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Update(ctx, c.ID, customer.AnyVersion, customer.Patch{Notes: new(time.Now().String())}); err != nil && !errors.Is(err, customer.ErrUnavailable) {
			t.Errorf("Update on a lost connection: %v, want ErrUnavailable", err)
		}
		if _, err := store.Get(ctx, c.ID); err != nil {
			t.Errorf("the call after: %v", err)
		}
	}
}

func TestADatabaseThatIsNotThereIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := postgrestest.Open(t, "postgres://someone:"+canary+"@127.0.0.1:1/nowhere")
	_, err := postgres.New(pool).Get(context.Background(), customer.NewID())
	if !errors.Is(err, customer.ErrUnavailable) {
		t.Errorf("Get: %v, want ErrUnavailable", err)
	}
	if strings.Contains(fmt.Sprintf("%+v", err), canary) {
		t.Errorf("the error holds the password: %v", err)
	}
	if _, err := postgres.Open(context.Background(), "postgres://someone:"+canary+"@[::bad"); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("Open with a broken URL: %v", err)
	}
}

func TestACancelledCallLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	c := mustCreate(t, store, customer.Draft{Name: "Ada"})
	lock, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(ctx) }()
	if _, err := lock.Exec(ctx, "SELECT 1 FROM customers FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := store.Update(short, c.ID, c.Version, customer.Patch{Name: new("Eve")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update of a locked row: %v, want DeadlineExceeded", err)
	}
	if err := lock.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	// The driver closes the connection behind the caller's back; the pool must see it gone and the server must not wait for it.
	deadline := time.After(2 * time.Minute)
	for {
		var idle int
		err = pool.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'").Scan(&idle)
		if err == nil && idle == 0 && pool.Stat().AcquiredConns() == 0 {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("%d sessions at work and %d connections held, %v", idle, pool.Stat().AcquiredConns(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	// The answer was not awaited, so the change may have happened; half of it may not.
	got, err := store.Get(ctx, c.ID)
	if err != nil || (got.Name == "Eve") != (got.Version == 2) {
		t.Errorf("Get after a cancelled change: %v, %v", got.Version, err)
	}
}

func TestUpdatesOfUnindexedFieldsStayHOT(t *testing.T) {
	t.Parallel()
	// A server of its own, which analyses nothing by itself: transactions beside would put off the pruning that HOT lives on.
	ctx, dsn := context.Background(), postgrestest.StartServer(t, "autovacuum=off").DSN()
	if err := postgres.Migrate(ctx, postgrestest.Open(t, dsn)); err != nil {
		t.Fatal(err)
	}
	generate(t, postgrestest.Open(t, dsn), 2000)
	pool := postgrestest.Open(t, dsn+"&pool_max_conns=1")
	store := postgres.New(pool).Tenant(bigTenant)
	n := 0
	for c, err := range customer.All(ctx, store, customer.Query{Where: customer.HasStatus(customer.Active)}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Update(ctx, c.ID, c.Version, customer.Patch{Notes: new("called back"), Address: customer.AddressPatch{Line2: new("rear")}}); err != nil {
			t.Fatal(err)
		}
		if n++; n == 1000 {
			break
		}
	}
	var all, hot int
	var version int
	if err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	flush := "SELECT pg_stat_force_next_flush()"
	if version < 150000 {
		flush = "SELECT pg_sleep(2)" // the collector of older servers tells in its own time
	}
	for tries := 0; all < n && tries < 30; tries++ {
		mustExec(t, pool, flush)
		if err := pool.QueryRow(ctx, "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'customers'").Scan(&all, &hot); err != nil {
			t.Fatal(err)
		}
	}
	if all < n || float64(hot) < 0.95*float64(all) {
		t.Errorf("%d of %d updates were HOT, want 95 %% of %d", hot, all, n)
	}
	t.Logf("%d of %d updates were HOT", hot, all)
}

// TestPoolerThatMixesPreparedStatementsIsNamed gives a connection the statements of another one, as a pooler in transaction mode does.
func TestPoolerThatMixesPreparedStatementsIsNamed(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), postgrestest.DSN(t)
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(ctx) })
		return conn
	}
	before, conn := connect(), connect()
	if _, err := postgres.New(before).Get(ctx, customer.NewID()); !errors.Is(err, customer.ErrNotFound) {
		t.Fatal(err)
	}
	rows, err := before.Query(ctx, "SELECT name FROM pg_prepared_statements", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		t.Fatalf("prepared statements: %q, %v", names, err)
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "PREPARE "+pgx.Identifier{name}.Sanitize()+" AS SELECT 1", pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	_, err = postgres.New(conn).Get(ctx, customer.NewID())
	if err == nil || !strings.Contains(err.Error(), "default_query_exec_mode=cache_describe") {
		t.Errorf("Get: %v, want what to add to the URL", err)
	}
}
