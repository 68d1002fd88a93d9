package customer_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/customer"
)

// The whole of a search over records in a slice, which every store must agree with.
func ExampleQuery_Position() {
	var records []customer.Customer
	for i, name := range []string{"Carol", "ada", "Bob", "Éva"} {
		records = append(records, customer.Customer{ID: customer.ID{15: byte(i)}, Name: name, Status: customer.Active})
	}
	search := func(q customer.Query, tenant string) (customer.Page, error) {
		if err := q.Validate(); err != nil {
			return customer.Page{}, err
		}
		after, resumed, err := q.Position(tenant)
		if err != nil {
			return customer.Page{}, err
		}
		match, err := customer.Compile(q.Where)
		if err != nil {
			return customer.Page{}, err
		}
		var page customer.Page
		for _, c := range slices.SortedFunc(slices.Values(records), func(a, b customer.Customer) int { return customer.Compare(a, b, q.OrderBy) }) {
			keys := customer.KeysOf(c)
			if !match(&c, &keys) || resumed && customer.PositionOf(q.OrderBy, c).Compare(after, q.OrderBy) <= 0 {
				continue
			}
			if len(page.Customers) == q.PageSize() {
				page.Next = customer.NextCursor(q, tenant, page.Customers[q.PageSize()-1])
				break
			}
			page.Customers = append(page.Customers, c)
		}
		return page, nil
	}

	q := customer.Query{Where: customer.HasStatus(customer.Active), OrderBy: customer.NameAZ, Limit: 3}
	page, err := search(q, "acme")
	fmt.Println(names(page.Customers), err)
	q.After = page.Next
	page, err = search(q, "acme")
	fmt.Println(names(page.Customers), err)
	_, err = search(q, "globex")
	fmt.Println(err)
	// Output:
	// [ada Bob Carol] <nil>
	// [Éva] <nil>
	// customer: cursor: cursor_mismatch: belongs to another filter or order; begin again without it
}

// What a store keeps in columns to compare byte by byte.
func ExampleKeysOf() {
	keys := customer.KeysOf(customer.Customer{Name: "José O’Reilly", Email: "Jose@EXÄMPLE.de", Phone: "+49 0711 28"})
	fmt.Println(keys.Name)
	fmt.Println(keys.Email, keys.Domain)
	fmt.Println(keys.Phone)
	fmt.Println(keys.Words)
	// Output:
	// jose o’reilly
	// jose@xn--exmple-cua.de xn--exmple-cua.de
	// 49071128
	//  jose o reilly oreilly jose example de 49 0711 28 49071128 4971128
}

func ExampleHasWords_Terms() {
	for _, t := range (customer.HasWords{Text: "Ada 0049711 @acme.com 王"}).Terms() {
		fmt.Println(map[customer.TermKind]string{
			customer.TermPrefix: "begins a word", customer.TermAnywhere: "anywhere", customer.TermEmail: "begins the email", customer.TermDomain: "the domain",
		}[t.Kind], t.Text)
	}
	// Output:
	// begins a word ada
	// anywhere 49711
	// the domain acme.com
	// anywhere 王
}

func ExampleVersion_Check() {
	c := customer.Customer{Version: 5}
	fmt.Println(customer.Version(5).Check(c), customer.AnyVersion.Check(c), errors.Is(customer.Version(4).Check(c), customer.ErrStale))
	fmt.Println(errors.Is(customer.Version(0).Validate(), customer.ErrInvalid))
	// Output:
	// <nil> <nil> true
	// true
}

// Drafts that mean the same have one hash, however they are typed; only hashes are kept.
func ExampleHashDraft() {
	hash := func(d customer.Draft) string {
		c, err := d.Build(customer.NewID(), time.Now())
		if err != nil {
			return err.Error()
		}
		return customer.HashDraft(c)
	}
	first := hash(customer.Draft{Name: "Ada", Tags: []string{"VIP"}, IdempotencyKey: "order-4711"})
	fmt.Println(first == hash(customer.Draft{Name: " Ada ", Tags: []string{"vip", "vip"}}), first == hash(customer.Draft{Name: "Ada"}))
	fmt.Println(customer.HashKey("order-4711")[:16])
	// Output:
	// true false
	// 173d0ddbff034193
}

func ExampleCheckTenant() {
	fmt.Println(customer.CheckTenant("acme-eu"))
	fmt.Println(customer.CheckTenant("Acme"))
	// Output:
	// <nil>
	// customer: invalid: tenant must be 1 to 63 of a-z, 0-9, _ and -, a letter or digit first
}

func ExampleLimits() {
	for _, l := range customer.Limits()[:3] {
		fmt.Println(l.Name, l.Max, l.Unit)
	}
	// Output:
	// name 200 runes
	// email 254 bytes
	// phone 40 runes
}

// A list that a person sorts by name: without regard to case and accents.
func ExampleCompare() {
	list := []customer.Customer{{Name: "Zoë"}, {Name: "émile"}, {Name: "Eva"}, {Name: "ada"}}
	slices.SortFunc(list, func(a, b customer.Customer) int { return customer.Compare(a, b, customer.NameAZ) })
	fmt.Println(names(list))
	// Output: [ada émile Eva Zoë]
}
