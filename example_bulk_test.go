package customer_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

// A nightly job brings in what another system knows; what it does not know stays.
func ExampleUpsert() {
	ctx, store := context.Background(), memstore.New()
	for _, d := range []customer.Draft{
		{ExternalID: "crm-7", Name: "Ada Lovelace", Phone: "+44 20 7946 0018"},
		{ExternalID: "crm-7", Name: "Ada King"},
		{ExternalID: "crm-7"},
	} {
		c, outcome, err := customer.Upsert(ctx, store, customer.ExternalIDKey, d)
		fmt.Println(outcome, c.Version, c.Name, c.Phone, err)
	}
	// Output:
	// created 1 Ada Lovelace +44 20 7946 0018 <nil>
	// updated 2 Ada King +44 20 7946 0018 <nil>
	// unchanged 2 Ada King +44 20 7946 0018 <nil>
}

// Whoever signs in is known by the email, in whatever capitals it was typed.
func ExampleFindOrCreate() {
	ctx, store := context.Background(), memstore.New()
	for _, email := range []string{"ada@example.com", "Ada@Example.com"} {
		c, created, err := customer.FindOrCreate(ctx, store, customer.EmailKey, customer.Draft{Email: email, Tags: []string{"new"}})
		fmt.Println(c.Email, created, err)
	}
	// Output:
	// ada@example.com true <nil>
	// ada@example.com false <nil>
}

func ExampleBatchCreator() {
	var store customer.BatchCreator = memstore.New()
	created, errs, err := store.CreateBatch(context.Background(), []customer.Draft{
		{Name: "Ada Lovelace", Email: "ada@example.com"},
		{Name: "Ada King", Email: "ADA@example.com"},
		{Name: "Grace Hopper"},
	})
	if err != nil {
		fmt.Println("nothing was written:", err)
		return
	}
	for i := range created {
		if conflict, ok := errors.AsType[*customer.ConflictError](errs[i]); ok {
			fmt.Println(conflict.Field, "is the first one's:", conflict.Holder == created[0].ID)
			continue
		}
		fmt.Println(created[i].Name, errs[i])
	}
	// Output:
	// Ada Lovelace <nil>
	// email is the first one's: true
	// Grace Hopper <nil>
}

// A dry run looks idempotency keys up without using them.
func ExampleReplayFinder() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", IdempotencyKey: "signup-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var finder customer.ReplayFinder = store
	made, errs, err := finder.FindReplays(ctx, []customer.Draft{
		{Name: "Ada Lovelace", IdempotencyKey: "signup-1"},
		{Name: "Grace Hopper", IdempotencyKey: "signup-1"},
		{Name: "Grace Hopper", IdempotencyKey: "signup-2"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(made[0].ID == ada.ID, errs[0])
	fmt.Println(errs[1])
	fmt.Println(made[2].ID.IsZero(), errs[2])
	// Output:
	// true <nil>
	// customer: idempotency key used for another draft
	// true <nil>
}

// Records keep their identity and their past when they move from one store to another.
func ExampleLoader() {
	ctx, from, to := context.Background(), memstore.New(), memstore.New()
	ada, err := from.Create(ctx, customer.Draft{Name: "Ada Lovelace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if ada, err = customer.Archive(ctx, from, ada.ID, ada.Version); err != nil {
		fmt.Println(err)
		return
	}
	errs, err := to.Load(ctx, []customer.Customer{ada, {Name: "no record"}})
	fmt.Println(errs[0], errors.Is(errs[1], customer.ErrInvalid), err)
	moved, err := to.Get(ctx, ada.ID)
	fmt.Println(moved.Version, moved.Status, moved.ArchivedAt.Equal(ada.ArchivedAt), err)
	// Output:
	// <nil> true <nil>
	// 2 archived true <nil>
}

func ExampleCustomer_Validate() {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	c := customer.Customer{ID: customer.NewID(), Version: 3, Status: customer.Active, Name: "Ada ", CreatedAt: now, UpdatedAt: now, ArchivedAt: now}
	if invalid, ok := errors.AsType[*customer.ValidationError](c.Validate()); ok {
		for _, f := range invalid.Fields {
			fmt.Println(f.Field, f.Code)
		}
	}
	// Output:
	// archived_at wrong_type
	// name invalid_text
}
