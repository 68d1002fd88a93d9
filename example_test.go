package customer_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

// A store is created once and shared. This one lives in memory; package postgres has the one for production.
func Example() {
	ctx, store := context.Background(), memstore.New()

	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "Ada@example.com", Tags: []string{"VIP"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada, err = store.Update(ctx, ada.ID, ada.Version, customer.Patch{Company: new("Analytical Engines")})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := store.Search(ctx, customer.Query{Where: customer.Text("love ada")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range page.Customers {
		fmt.Println(c.Name, c.Company, c.Tags, "at version", c.Version)
	}
	// Output: Ada Lovelace Analytical Engines [vip] at version 2
}

// Whoever else has the email is named, so that a form can link to the customer that is there.
func ExampleStore_Create() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "ada@example.com"})
	fmt.Println(ada.Name, ada.Status, err)

	_, err = store.Create(ctx, customer.Draft{Name: "Somebody else", Email: "ADA@Example.com"})
	if taken, ok := errors.AsType[*customer.ConflictError](err); ok {
		fmt.Println(taken.Field, "is taken by Ada:", taken.Holder == ada.ID)
	}
	// Output:
	// Ada Lovelace active <nil>
	// email is taken by Ada: true
}

// With a key of its own, a request can be sent again after a lost answer without making a second customer.
func ExampleStore_Create_retry() {
	ctx, store := context.Background(), memstore.New()
	d := customer.Draft{Name: "Ada Lovelace", IdempotencyKey: "order-4711"}
	first, err := store.Create(ctx, d)
	again, err2 := store.Create(ctx, d)
	fmt.Println(first.ID == again.ID, err, err2)

	d.Name = "Bob"
	_, err = store.Create(ctx, d)
	fmt.Println(errors.Is(err, customer.ErrKeyReused))
	// Output:
	// true <nil> <nil>
	// true
}

func ExampleStore_Get() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := store.Get(ctx, ada.ID)
	fmt.Println(found.Name, err)

	_, err = store.Get(ctx, customer.NewID())
	fmt.Println(errors.Is(err, customer.ErrNotFound))
	// Output:
	// Ada Lovelace <nil>
	// true
}

// Two people read version 1; the second to write learns that the record has changed.
func ExampleStore_Update() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Phone: "+44 20 7946 0018"})
	if err != nil {
		fmt.Println(err)
		return
	}
	changed, err := store.Update(ctx, ada.ID, ada.Version, customer.Patch{Phone: new(""), AddTags: []string{"vip"}})
	fmt.Printf("%q %q version %d %v\n", changed.Phone, changed.Tags, changed.Version, err)

	_, err = store.Update(ctx, ada.ID, ada.Version, customer.Patch{Name: new("Ada King")})
	if stale, ok := errors.AsType[*customer.StaleError](err); ok {
		fmt.Println("wanted", stale.Want, "have", stale.Have)
	}

	changed, err = store.Update(ctx, ada.ID, customer.AnyVersion, customer.Patch{Name: new("Ada King")})
	fmt.Println(changed.Name, "version", changed.Version, err)
	// Output:
	// "" ["vip"] version 2 <nil>
	// wanted 1 have 2
	// Ada King version 3 <nil>
}

func ExampleStore_Delete() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Delete(ctx, ada.ID, ada.Version))

	_, err = store.Get(ctx, ada.ID)
	fmt.Println(errors.Is(err, customer.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleArchive() {
	ctx, store := context.Background(), memstore.New()
	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "ada@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada, err = customer.Archive(ctx, store, ada.ID, ada.Version)
	fmt.Println(ada.Status, !ada.ArchivedAt.IsZero(), err)

	_, err = store.Update(ctx, ada.ID, ada.Version, customer.Patch{Name: new("Ada King")})
	fmt.Println("a change:", errors.Is(err, customer.ErrArchived))
	redacted, err := store.Update(ctx, ada.ID, ada.Version, customer.Patch{Name: new(""), Email: new("")})
	fmt.Printf("a redaction: %q %q %v\n", redacted.Name, redacted.Email, err)
	// Output:
	// archived true <nil>
	// a change: true
	// a redaction: "" "" <nil>
}

// Archiving frees the email, so that restoring can find it taken.
func ExampleRestore() {
	ctx, store := context.Background(), memstore.New()
	first, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "ada@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if first, err = customer.Archive(ctx, store, first.ID, first.Version); err != nil {
		fmt.Println(err)
		return
	}
	second, err := store.Create(ctx, customer.Draft{Name: "Ada King", Email: "ada@example.com"})
	fmt.Println(second.Name, err)

	_, err = customer.Restore(ctx, store, first.ID, first.Version)
	fmt.Println("taken:", errors.Is(err, customer.ErrConflict))
	if err := store.Delete(ctx, second.ID, second.Version); err != nil {
		fmt.Println(err)
		return
	}
	first, err = customer.Restore(ctx, store, first.ID, first.Version)
	fmt.Println(first.Status, first.Version, err)
	// Output:
	// Ada King <nil>
	// taken: true
	// active 3 <nil>
}

// All faults come at once, and no message holds a value.
func ExampleValidationError() {
	_, err := customer.Draft{Email: "ada(at)example.com", Phone: "none", Tags: []string{"a,b"}}.Build(customer.NewID(), time.Now())
	if invalid, ok := errors.AsType[*customer.ValidationError](err); ok {
		for _, f := range invalid.Fields {
			fmt.Println(f.Field, f.Code)
		}
	}
	fmt.Println(errors.Is(err, customer.ErrInvalid))
	// Output:
	// email invalid_email
	// phone invalid_phone
	// tags.0 invalid_text
	// true
}

// Build is what a store calls; it also shows what would be stored.
func ExampleDraft_Build() {
	c, err := customer.Draft{Name: "  Jose\u0301 ", Phone: "０３０ 12345", Tags: []string{"VIP", "b2b", "vip"}}.Build(customer.NewID(), time.Now())
	fmt.Printf("%s|%s|%q %v\n", c.Name, c.Phone, c.Tags, err)
	// Output: José|030 12345|["b2b" "vip"] <nil>
}

func ExamplePatch_Apply() {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	c, err := customer.Draft{Name: "Ada", Metadata: map[string]string{"plan": "gold"}}.Build(customer.NewID(), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := customer.Patch{
		Address:  customer.AddressPatch{City: new("London")},
		Metadata: map[string]*string{"plan": nil, "seats": new("5")},
	}
	next, changed, err := p.Apply(c, now.Add(time.Hour))
	fmt.Println(next.Version, changed, err)
	_, changed, err = p.Apply(next, now.Add(2*time.Hour))
	fmt.Println("once more:", changed, err)
	// Output:
	// 2 [address.city metadata.plan metadata.seats] <nil>
	// once more: [] <nil>
}

func ExampleParseID() {
	id, err := customer.ParseID("01970000-0000-7000-8000-00000000000A")
	fmt.Println(id, err)
	_, err = customer.ParseID("{01970000-0000-7000-8000-00000000000a}")
	fmt.Println(errors.Is(err, customer.ErrInvalid))
	// Output:
	// 01970000-0000-7000-8000-00000000000a <nil>
	// true
}

func ExampleCustomer_MarshalJSON() {
	c, err := customer.Draft{Name: "Ada & Bob"}.Build(customer.ID{15: 1}, time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := c.MarshalJSON()
	fmt.Println(string(data), err)
	// Output: {"id":"00000000-0000-0000-0000-000000000001","external_id":"","version":1,"status":"active","name":"Ada & Bob","email":"","phone":"","company":"","notes":"","address":{"line1":"","line2":"","city":"","region":"","postal_code":"","country":""},"tags":[],"metadata":{},"created_at":"2026-01-31T12:00:00.000000Z","updated_at":"2026-01-31T12:00:00.000000Z","archived_at":null} <nil>
}
