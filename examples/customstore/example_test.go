package customstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"example.com/customer"
	"example.com/customer/examples/customstore"
)

// What was written is there when the program starts again, and code over [customer.Store] does not know what is behind it.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "customstore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "customers.json")

	store, err := customstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	ada := customer.Draft{Name: "Ada Lovelace", Email: "Ada@example.com", Tags: []string{"VIP"}}
	_, outcome, err := customer.Upsert(ctx, store, customer.EmailKey, ada)
	fmt.Println(outcome, err)

	store, err = customstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	_, outcome, err = customer.Upsert(ctx, store, customer.EmailKey, ada)
	fmt.Println(outcome, err)
	page, err := store.Search(ctx, customer.Query{Where: customer.Text("love ada")})
	fmt.Println(len(page.Customers), page.Customers[0].Tags, err)
	// Output:
	// created <nil>
	// unchanged <nil>
	// 1 [vip] <nil>
}

func ExampleStore_Tenant() {
	dir, err := os.MkdirTemp("", "customstore")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := customstore.Open(filepath.Join(dir, "customers.json"))
	if err != nil {
		log.Fatal(err)
	}
	for _, tenant := range []string{"acme", "globex"} {
		c, err := store.Tenant(tenant).Create(context.Background(), customer.Draft{Email: "ada@example.com"})
		fmt.Println(tenant, c.Version, err)
	}
	_, err = store.Tenant("Acme!").Get(context.Background(), customer.NewID())
	fmt.Println(err)
	// Output:
	// acme 1 <nil>
	// globex 1 <nil>
	// customer: invalid: tenant must be 1 to 63 of a-z, 0-9, _ and -, a letter or digit first
}
