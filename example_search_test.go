package customer_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

// shop returns a store with four customers, created a day apart.
func shop() *memstore.Store {
	ctx, store := context.Background(), memstore.New()
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, d := range []customer.Draft{
		{Name: "Ada Lovelace", Email: "ada@acme.com", Company: "Acme", Tags: []string{"vip", "b2b"}, ExternalID: "CRM-1"},
		{Name: "José O’Reilly", Email: "jose@example.com", Phone: "+49 0711 2845555", Tags: []string{"vip"}},
		{Name: "Bjørn Borg", Email: "bjorn@acme.com", Address: customer.Address{City: "Malmö", Country: "SE"}},
		{Name: "王小明", Email: "wang@example.com", Tags: []string{"churned"}},
	} {
		d.ID, d.CreatedAt = customer.ID{15: byte(i + 1)}, day.AddDate(0, 0, i)
		if _, err := store.Create(ctx, d); err != nil {
			panic(err)
		}
	}
	return store
}

func names(customers []customer.Customer) []string {
	out := make([]string, len(customers))
	for i, c := range customers {
		out[i] = c.Name
	}
	return out
}

func ExampleStore_Search() {
	ctx, store := context.Background(), shop()
	page, err := store.Search(ctx, customer.Query{
		Where: customer.And(
			customer.HasStatus(customer.Active),
			customer.Not(customer.HasAnyTag("churned")),
			customer.Or(customer.ByCompany.Contains("acme"), customer.ByEmailDomain.Is("acme.com"), customer.ByPhone.Present()),
			customer.ByCreatedAt.Since(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
		),
		OrderBy: customer.NameAZ,
		Limit:   2,
	})
	fmt.Println(names(page.Customers), page.Next != "", err)
	// Output: [Ada Lovelace Bjørn Borg] true <nil>
}

// The cursor of one page leads to the next, whatever happens between the two.
func ExampleStore_Search_paging() {
	ctx, store := context.Background(), shop()
	q := customer.Query{OrderBy: customer.NameAZ, Limit: 3}
	for {
		page, err := store.Search(ctx, q)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(names(page.Customers))
		if q.After = page.Next; q.After == "" {
			return
		}
	}
	// Output:
	// [Ada Lovelace Bjørn Borg José O’Reilly]
	// [王小明]
}

func ExampleAll() {
	ctx, store := context.Background(), shop()
	for c, err := range customer.All(ctx, store, customer.Query{Where: customer.HasAnyTag("vip"), OrderBy: customer.OldestFirst}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.CreatedAt.Format(time.DateOnly), c.Name)
	}
	// Output:
	// 2026-01-01 Ada Lovelace
	// 2026-01-02 José O’Reilly
}

// A count can stop early, which is what "more than 2" costs.
func ExampleStore_Count() {
	ctx, store := context.Background(), shop()
	all, err := store.Count(ctx, nil, 0)
	fmt.Println(all.Value, all.Exact, err)
	some, err := store.Count(ctx, customer.HasStatus(customer.Active), 2)
	fmt.Println(some.Value, some.Exact, err)
	// Output:
	// 4 true <nil>
	// 2 false <nil>
}

// Words in any order, without case and accents; a part of an email; the end of a phone; the middle of a word in Han.
func ExampleText() {
	ctx, store := context.Background(), shop()
	for _, text := range []string{"love ada", "oreilly JOSE", "bjorn malmo", "@acme.com", "5555", "00497112845555", "小明"} {
		page, err := store.Search(ctx, customer.Query{Where: customer.Text(text), OrderBy: customer.NameAZ})
		fmt.Println(text, "→", names(page.Customers), err)
	}
	// Output:
	// love ada → [Ada Lovelace] <nil>
	// oreilly JOSE → [José O’Reilly] <nil>
	// bjorn malmo → [Bjørn Borg] <nil>
	// @acme.com → [Ada Lovelace Bjørn Borg] <nil>
	// 5555 → [José O’Reilly] <nil>
	// 00497112845555 → [José O’Reilly] <nil>
	// 小明 → [王小明] <nil>
}

// What people type into the search field of a console becomes a filter like any other.
func ExampleParseText() {
	ctx, store := context.Background(), shop()
	f, err := customer.ParseText("(tag:vip OR country:SE) -has:phone created_at:>=2026-01-01")
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := store.Search(ctx, customer.Query{Where: f, OrderBy: customer.NameAZ})
	fmt.Println(names(page.Customers), err)
	// Output: [Ada Lovelace Bjørn Borg] <nil>
}

// The fault of a text has its place, and a message for the person who wrote it. The text of the error itself repeats nothing.
func ExampleQueryError() {
	_, err := customer.ParseText("ada emial:x")
	if fault, ok := errors.AsType[*customer.QueryError](err); ok {
		fmt.Println(fault.Offset, fault.Message)
	}
	fmt.Println(err)
	// Output:
	// 4 "emial" is no field; did you mean email:; to search for the text itself, quote it: "emial:x"
	// customer: q: invalid_query at byte 4
}

func ExampleFormatText() {
	text, err := customer.FormatText(customer.And(
		customer.Text("Ada"),
		customer.Not(customer.HasAnyTag("churned")),
		customer.ByName.Is("Ada Lovelace"),
		customer.ByCreatedAt.Since(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)),
	))
	fmt.Println(text, err)
	_, err = customer.FormatText(customer.HasStatus())
	fmt.Println("the empty set:", errors.Is(err, errors.ErrUnsupported))
	// Output:
	// name:="Ada Lovelace" -tag:churned created_at:>=2026-01-31T00:00:00Z ada <nil>
	// the empty set: true
}

func ExampleNormalize() {
	one := customer.And(customer.Text("Love Ada"), customer.Not(customer.Not(customer.HasAnyTag("VIP"))))
	two := customer.And(customer.HasAllTags("vip"), customer.And(customer.Text("ada"), customer.Text("love")))
	fmt.Println(customer.Normalize(one))
	fmt.Println(customer.Normalize(two))
	// Output:
	// [{[vip] false} {ada love}]
	// [{[vip] false} {ada love}]
}

// Lists that people see leave archived customers out unless they are asked for.
func ExampleActiveUnlessNamed() {
	for _, text := range []string{"tag:vip", "tag:vip status:archived", "external_id:CRM-1"} {
		f, err := customer.ParseText(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		text, err = customer.FormatText(customer.ActiveUnlessNamed(f))
		fmt.Println(text, err)
	}
	// Output:
	// status:active tag:vip <nil>
	// status:archived tag:vip <nil>
	// external_id:CRM-1 <nil>
}

func ExampleMatches() {
	c, err := customer.Draft{Name: "Ada Lovelace", Tags: []string{"vip"}}.Build(customer.NewID(), time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range []customer.Filter{customer.ByName.Prefix("ADA"), customer.HasAnyTag("b2b"), customer.Not(customer.HasAnyTag("b2b"))} {
		ok, err := customer.Matches(f, c)
		fmt.Println(ok, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}

// To test many customers, compile once and keep their keys.
func ExampleCompile() {
	match, err := customer.Compile(customer.Text("jose"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"José", "Joseph", "Hose"} {
		c := customer.Customer{Name: name}
		keys := customer.KeysOf(c)
		fmt.Println(name, match(&c, &keys))
	}
	// Output:
	// José true
	// Joseph true
	// Hose false
}

func ExampleFindByEmail() {
	ctx, store := context.Background(), shop()
	c, err := customer.FindByEmail(ctx, store, "ADA@acme.com")
	fmt.Println(c.Name, err)
	_, err = customer.FindByEmail(ctx, store, "nobody@acme.com")
	fmt.Println(errors.Is(err, customer.ErrNotFound))
	// Output:
	// Ada Lovelace <nil>
	// true
}

func ExampleFindByExternalID() {
	ctx, store := context.Background(), shop()
	c, err := customer.FindByExternalID(ctx, store, "CRM-1")
	fmt.Println(c.Name, err)
	// Output: Ada Lovelace <nil>
}

// One call names the customers of a page of orders.
func ExampleGetMany() {
	ctx, store := context.Background(), shop()
	orders := []customer.ID{{15: 2}, {15: 1}, {15: 2}, {15: 99}}
	found, err := customer.GetMany(ctx, store, orders)
	for _, id := range orders {
		fmt.Printf("%q ", found[id].Name)
	}
	fmt.Println(len(found), err)
	// Output: "José O’Reilly" "Ada Lovelace" "José O’Reilly" "" 2 <nil>
}

func ExampleFold() {
	fmt.Println(customer.Fold("  ŁÓDŹ  Straße Ø １２３ ﬁ "))
	// Output: lodz strasse o 123 fi
}

func ExampleParseTime() {
	for _, value := range []string{"2026-01-31", "2026-01-31T14:00:00+02:00"} {
		from, to, err := customer.ParseTime(value)
		fmt.Println(from.Format(time.RFC3339), to.Sub(from), err)
	}
	// Output:
	// 2026-01-31T00:00:00Z 24h0m0s <nil>
	// 2026-01-31T12:00:00Z 1µs <nil>
}

func ExampleSuggest() {
	fmt.Println(customer.Suggest("emial", []string{"name", "email", "phone"}))
	// Output: email
}
