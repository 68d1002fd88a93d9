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
		done := make(chan error, 1)
		go func() { done <- c.write(postgres.New(c.pool)) }()
		if err := cancelWaits(t, admin, done); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if n, err := postgres.New(admin).Count(ctx, nil, 0); err != nil || n.Value != 3 {
		t.Errorf("customers: %v, %v, want 3", n, err)
	}
}

// cancelWaits cancels every wait for a standby until the call that waits has ended.
func cancelWaits(t *testing.T, admin *pgxpool.Pool, done <-chan error) error {
	t.Helper()
	for {
		mustExec(t, admin, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}
