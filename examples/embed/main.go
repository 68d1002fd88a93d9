// Embed is a program with a table of its own beside the customers: it creates a customer and an order in one transaction, lists the customers of
// fifty orders in one round trip, and shows what deleting a customer with orders does.
//
//	DATABASE_URL=postgres://user:password@localhost:5432/shop go run ./examples/embed
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
)

// The key is composite because the customers of many tenants share one table, and indexed because deleting a customer looks for its orders.
const ordersTable = `
CREATE TABLE IF NOT EXISTS orders (
	id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	tenant      text COLLATE "C" NOT NULL DEFAULT '',
	customer_id uuid NOT NULL,
	amount      numeric(12, 2) NOT NULL,
	FOREIGN KEY (tenant, customer_id) REFERENCES customers (tenant, id)
);
CREATE INDEX IF NOT EXISTS orders_customer ON orders (tenant, customer_id);`

const tenant = "shop"

func main() {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		fmt.Fprintln(os.Stderr, "set DATABASE_URL to a PostgreSQL database, such as postgres://user:password@localhost:5432/shop")
		os.Exit(2)
	}
	if err := run(context.Background(), url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, ordersTable, pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	customers := postgres.New(pool).Tenant(tenant)

	ada, err := firstOrder(ctx, pool, customers, "Ada Lovelace", "ada@example.com", "12.50")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "created", ada.Name, "with an order")

	_, err = firstOrder(ctx, pool, customers, "Ada King", "ADA@example.com", "99.00")
	var taken *customer.ConflictError
	if errors.As(err, &taken) {
		fmt.Fprintln(out, "refused: the", taken.Field, "is taken, and no order was left behind")
	} else if err != nil {
		return err
	}

	if err := listOrders(ctx, pool, customers, out); err != nil {
		return err
	}

	err = customers.Delete(ctx, ada.ID, ada.Version)
	if errors.Is(err, customer.ErrReferenced) {
		fmt.Fprintln(out, "not deleted: she has orders; archived instead")
		_, err = customer.Archive(ctx, customers, ada.ID, ada.Version)
	}
	return err
}

// firstOrder creates a customer and an order, both or neither.
func firstOrder(ctx context.Context, pool *pgxpool.Pool, customers *postgres.Store, name, email, amount string) (c customer.Customer, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		c, err = customers.With(tx).Create(ctx, customer.Draft{Name: name, Email: email})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO orders (tenant, customer_id, amount) VALUES ($1, $2, $3)", tenant, c.ID, amount)
		return err
	})
	return c, err
}

// listOrders shows fifty orders with the names of their customers: two statements, not fifty-one.
func listOrders(ctx context.Context, pool *pgxpool.Pool, customers *postgres.Store, out io.Writer) error {
	rows, err := pool.Query(ctx, "SELECT customer_id, amount::text FROM orders WHERE tenant = $1 ORDER BY id DESC LIMIT 50", tenant)
	if err != nil {
		return err
	}
	type order struct {
		CustomerID [16]byte
		Amount     string
	}
	orders, err := pgx.CollectRows(rows, pgx.RowToStructByPos[order])
	if err != nil {
		return err
	}
	ids := make([]customer.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.CustomerID
	}
	byID, err := customer.GetMany(ctx, customers, ids)
	if err != nil {
		return err
	}
	for _, o := range orders {
		fmt.Fprintln(out, "order of", o.Amount, "by", byID[o.CustomerID].Name)
	}
	return nil
}
