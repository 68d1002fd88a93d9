package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

func TestAWriteThatNoStandbyConfirmedIsNoPlainSuccess(t *testing.T) {
	t.Parallel()
	ctx, server := context.Background(), postgrestest.StartServer(t)
	admin := postgrestest.Open(t, server.DSN())
	if err := postgres.Migrate(ctx, admin); err != nil {
		t.Fatal(err)
	}
	// The administrator's own commits wait for nobody.
	admin = postgrestest.Open(t, server.DSN()+"&options=-c%20synchronous_commit%3Dlocal")
	for _, sql := range []string{"ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"} {
		mustExec(t, admin, sql)
	}
	plain, err := pgxpool.New(ctx, server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	// The server reads its configuration in its own time: it has when a commit waits.
	for waited := false; !waited; {
		waited, err = cancelWaits(t, admin, func() error {
			_, err := plain.Exec(ctx, "SELECT pg_logical_emit_message(true, '', '')")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	create := func(s *postgres.Store) error {
		_, err := s.Create(ctx, customer.Draft{Name: "Ada"})
		return err
	}
	for _, c := range []struct {
		name  string
		pool  *pgxpool.Pool
		write func(s *postgres.Store) error
		want  error
	}{
		{"a pool of Open tells of a statement", postgrestest.Open(t, server.DSN()), create, customer.ErrUnavailable},
		{"a pool of Open tells of a transaction", postgrestest.Open(t, server.DSN()), func(s *postgres.Store) error {
			_, _, err := s.CreateBatch(ctx, []customer.Draft{{Name: "Bob"}})
			return err
		}, customer.ErrUnavailable},
		{"another pool cannot, which shows that the server says success", plain, create, nil},
	} {
		waited, err := cancelWaits(t, admin, func() error { return c.write(postgres.New(c.pool)) })
		if !waited || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v; waited: %t", c.name, err, c.want, waited)
		}
	}
	if n, err := postgres.New(admin).Count(ctx, nil, 0); err != nil || n.Value != 3 {
		t.Errorf("customers: %v, %v, want 3", n, err)
	}
}

// cancelWaits cancels every wait for a standby until the call has ended, and says whether there was one.
func cancelWaits(t *testing.T, admin *pgxpool.Pool, call func() error) (waited bool, err error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	for {
		waits, err := admin.Exec(context.Background(), "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
		if err != nil {
			t.Fatal(err)
		}
		waited = waited || waits.RowsAffected() > 0
		select {
		case err := <-done:
			return waited, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}
