// Command quickstart creates, finds, pages and archives customers in a store in memory.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"example.com/customer"
	"example.com/customer/memstore"
)

func main() {
	if err := run(context.Background(), memstore.New()); err != nil {
		log.Fatal(err)
	}
}

// run takes any store: with package postgres in place of memstore it does the same.
func run(ctx context.Context, store customer.Store) error {
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "Ada@example.com", Tags: []string{"VIP"}})
	if err != nil {
		return err
	}
	fmt.Println("created", ada.Name, "at version", ada.Version)

	_, err = store.Create(ctx, customer.Draft{Name: "Somebody else", Email: "ada@EXAMPLE.com"})
	if taken, ok := errors.AsType[*customer.ConflictError](err); ok {
		fmt.Println("refused a second one:", taken.Field, "is taken by Ada:", taken.Holder == ada.ID)
	}

	for i := range 5 {
		if _, err := store.Create(ctx, customer.Draft{Name: fmt.Sprintf("Customer %d", i+1), Company: "Acme"}); err != nil {
			return err
		}
	}
	q := customer.Query{Where: customer.ByCompany.Contains("acme"), OrderBy: customer.NameAZ, Limit: 2}
	for page := 1; ; page++ {
		found, err := store.Search(ctx, q)
		if err != nil {
			return err
		}
		fmt.Println("page", page, "begins with", found.Customers[0].Name)
		if q.After = found.Next; q.After == "" {
			break
		}
	}

	where, err := customer.ParseText("love ada -tag:churned")
	if err != nil {
		return err
	}
	for c, err := range customer.All(ctx, store, customer.Query{Where: where}) {
		if err != nil {
			return err
		}
		fmt.Println("found", c.Name, c.Tags)
	}

	if ada, err = customer.Archive(ctx, store, ada.ID, ada.Version); err != nil {
		return err
	}
	fmt.Println("archived", ada.Name, "at version", ada.Version)
	active, err := store.Count(ctx, customer.HasStatus(customer.Active), 0)
	fmt.Println(active.Value, "are active")
	return err
}
