package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

const ordersTable = `
CREATE TABLE orders (
	id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	tenant      text COLLATE "C" NOT NULL DEFAULT '',
	customer_id uuid NOT NULL,
	FOREIGN KEY (tenant, customer_id) REFERENCES customers (tenant, id)
);
CREATE INDEX ON orders (tenant, customer_id);`

func mustCreate(t *testing.T, s customer.Store, d customer.Draft) customer.Customer {
	t.Helper()
	c, err := s.Create(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWorkCommitsWithTheCallersRowsOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	mustExec(t, pool, ordersTable)
	var kept, dropped customer.Customer
	order := func(tx pgx.Tx, name string) (customer.Customer, error) {
		c, err := store.Tenant("acme").With(tx).Create(ctx, customer.Draft{Name: name})
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO orders (tenant, customer_id) VALUES ('acme', $1)", c.ID)
		}
		return c, err
	}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) (err error) {
		kept, err = order(tx, "Ada")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	aborted := errors.New("the caller changed its mind")
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) (err error) {
		if dropped, err = order(tx, "Bob"); err != nil {
			return err
		}
		return aborted
	})
	if !errors.Is(err, aborted) {
		t.Fatal(err)
	}
	if _, err := store.Tenant("acme").Get(ctx, kept.ID); err != nil {
		t.Errorf("Get of the committed customer: %v", err)
	}
	if _, err := store.Tenant("acme").Get(ctx, dropped.ID); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Get of the customer rolled back: %v, want ErrNotFound", err)
	}
}

func TestARefusalLeavesTheCallersTransactionAlive(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		want error
		do   func(s *postgres.Store, taken, other customer.Customer) error
	}{
		{"creating a taken email", customer.ErrConflict, func(s *postgres.Store, taken, _ customer.Customer) error {
			_, err := s.Create(context.Background(), customer.Draft{Email: taken.Email})
			return err
		}},
		{"creating a taken id", customer.ErrConflict, func(s *postgres.Store, taken, _ customer.Customer) error {
			_, err := s.Create(context.Background(), customer.Draft{ID: taken.ID, Name: "Eve"})
			return err
		}},
		{"changing to a taken email", customer.ErrConflict, func(s *postgres.Store, taken, other customer.Customer) error {
			_, err := s.Update(context.Background(), other.ID, customer.AnyVersion, customer.Patch{Email: &taken.Email})
			return err
		}},
		{"changing to a taken external id", customer.ErrConflict, func(s *postgres.Store, taken, other customer.Customer) error {
			_, err := s.Update(context.Background(), other.ID, customer.AnyVersion, customer.Patch{ExternalID: &taken.ExternalID})
			return err
		}},
		{"deleting a customer with orders", customer.ErrReferenced, func(s *postgres.Store, taken, _ customer.Customer) error {
			return s.Delete(context.Background(), taken.ID, taken.Version)
		}},
		{"changing an old version", customer.ErrStale, func(s *postgres.Store, taken, _ customer.Customer) error {
			_, err := s.Update(context.Background(), taken.ID, 7, customer.Patch{Name: new("Eve")})
			return err
		}},
		{"searching for nothing", customer.ErrInvalid, func(s *postgres.Store, _, _ customer.Customer) error {
			_, err := s.Search(context.Background(), customer.Query{Where: customer.Text("!")})
			return err
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, pool := context.Background(), postgrestest.New(t)
			store := postgres.New(pool)
			mustExec(t, pool, ordersTable)
			taken := mustCreate(t, store, customer.Draft{Email: "ada@example.com", ExternalID: "A"})
			other := mustCreate(t, store, customer.Draft{Email: "bob@example.com", ExternalID: "B"})
			mustExec(t, pool, "INSERT INTO orders (customer_id) VALUES ($1)", taken.ID)
			err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				view := store.With(tx)
				if _, err := view.Create(ctx, customer.Draft{Name: "Before"}); err != nil {
					return err
				}
				if err := c.do(view, taken, other); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				_, err := view.Create(ctx, customer.Draft{Name: "After"})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			n, err := store.Count(ctx, nil, 0)
			if want := (customer.Total{Value: 4, Exact: true}); err != nil || n != want {
				t.Errorf("customers after commit: %v, %v, want %v", n, err, want)
			}
		})
	}
}

func TestAForeignKeyDoesNotWaitForChangesOfACustomer(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	mustExec(t, pool, ordersTable)
	store := postgres.New(pool)
	c := mustCreate(t, store, customer.Draft{Email: "ada@example.com"})
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := store.With(tx).Update(ctx, c.ID, c.Version, customer.Patch{Email: new("lovelace@example.com")}); err != nil {
			return err
		}
		// From another connection, while the change is not committed: waiting would fail.
		return pgx.BeginFunc(ctx, pool, func(other pgx.Tx) error {
			if _, err := other.Exec(ctx, "SET LOCAL lock_timeout = '1min'"); err != nil {
				return err
			}
			_, err := other.Exec(ctx, "INSERT INTO orders (customer_id) VALUES ($1)", c.ID)
			return err
		})
	})
	if err != nil {
		t.Errorf("inserting an order during a change: %v", err)
	}
}

func TestASerializationFailureInTheCallersTransactionIsTheCallers(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	store := postgres.New(pool)
	c := mustCreate(t, store, customer.Draft{Name: "Ada"})
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := store.With(tx).Get(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update(ctx, c.ID, 1, customer.Patch{Name: new("Ada Lovelace")}); err != nil {
		t.Fatal(err)
	}
	_, err = store.With(tx).Update(ctx, c.ID, 1, customer.Patch{Name: new("Ada King")})
	var state interface{ SQLState() string }
	if !errors.As(err, &state) || state.SQLState() != "40001" {
		t.Errorf("Update: %v, want SQLSTATE 40001", err)
	}
}
