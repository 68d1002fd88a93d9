package storetest

import (
	"fmt"
	"testing"
	"time"

	"example.com/customer"
)

// benchCustomers is the everyday size of a tenant.
const benchCustomers = 10_000

// Bench measures the stores that open returns: writes each in a database of their own, reads in one of 10,000 customers that is filled once.
// Open is held to what [Run] says of it, and is called with the b of the measurement that the database is for. The figures of two stores
// compare, as they come from the same customers and the same queries.
func Bench(b *testing.B, open func(t testing.TB, o Options) customer.Store) {
	b.Run("create", func(b *testing.B) { benchCreate(b, open(b, Options{Serial: true})) })
	b.Run("update", func(b *testing.B) { benchUpdate(b, open(b, Options{Serial: true})) })
	b.Run("read", func(b *testing.B) {
		s := open(b, Options{Serial: true})
		ids := fill(b, s, benchCustomers)
		benchGet(b, s, ids)
		benchPages(b, s)
		benchSearch(b, s)
	})
}

// benchDraft returns the nth of the measured customers: few given names, many family names, a third at one mail provider.
func benchDraft(n int) customer.Draft {
	given := []string{"Ada", "Grace", "José", "Björn", "Anna", "Linus", "Margaret", "Đorđe", "Sofia", "Wei"}[n%10]
	family := fmt.Sprintf("Kowalski%03d", n/10%1000)
	domain := []string{"gmail.com", "acme.com", "example.org"}[n%3]
	return customer.Draft{
		ExternalID: fmt.Sprintf("crm-%06d", n), Name: given + " " + family, Email: fmt.Sprintf("%s.%d@%s", family, n, domain),
		Phone: fmt.Sprintf("+49 0711 %07d", n), Company: fmt.Sprintf("Company %d", n%500),
		Address: customer.Address{Line1: "Hauptstraße 1", City: []string{"Stuttgart", "Köln", "Wien", "Zürich"}[n%4], Country: "DE"},
		Tags:    []string{"newsletter", fmt.Sprintf("group%d", n%50)}, Metadata: map[string]string{"plan": []string{"free", "gold"}[n%2]},
		CreatedAt: day(1).Add(time.Duration(n) * time.Minute),
	}
}

func fill(b *testing.B, s customer.Store, n int) []customer.ID {
	b.Helper()
	ids := make([]customer.ID, n)
	for i := range ids {
		c, err := s.Create(b.Context(), benchDraft(i))
		if err != nil {
			b.Fatalf("Create: %v", err)
		}
		ids[i] = c.ID
	}
	return ids
}

func benchCreate(b *testing.B, s customer.Store) {
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := s.Create(b.Context(), benchDraft(n)); err != nil {
			b.Fatalf("Create: %v", err)
		}
	}
}

func benchUpdate(b *testing.B, s customer.Store) {
	ids := fill(b, s, 100)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		p := customer.Patch{Notes: new(fmt.Sprint("change ", n)), Phone: new(fmt.Sprintf("555 %07d", n%1e7))}
		if _, err := s.Update(b.Context(), ids[n%len(ids)], customer.AnyVersion, p); err != nil {
			b.Fatalf("Update: %v", err)
		}
	}
}

func benchGet(b *testing.B, s customer.Store, ids []customer.ID) {
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if _, err := s.Get(b.Context(), ids[n*7919%len(ids)]); err != nil {
				b.Fatalf("Get: %v", err)
			}
		}
	})
	b.Run("get by email", func(b *testing.B) {
		emails := make([]string, len(ids))
		for i := range emails {
			emails[i] = benchDraft(i * 7919 % len(ids)).Email
		}
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if _, err := customer.FindByEmail(b.Context(), s, emails[n%len(emails)]); err != nil {
				b.Fatalf("FindByEmail: %v", err)
			}
		}
	})
	b.Run("get 100", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			from := n * 100 % len(ids)
			if got, err := customer.GetMany(b.Context(), s, ids[from:from+100]); err != nil || len(got) != 100 {
				b.Fatalf("GetMany: %d customers, %v", len(got), err)
			}
		}
	})
}

func benchPages(b *testing.B, s customer.Store) {
	for _, order := range []customer.Order{customer.NewestFirst, customer.NameAZ} {
		q := customer.Query{OrderBy: order}
		b.Run(fmt.Sprintf("page/%s/first", order), func(b *testing.B) { benchQuery(b, s, q, customer.DefaultLimit) })
		deep := q
		deep.Limit = customer.MaxLimit
		for range benchCustomers / customer.MaxLimit * 9 / 10 {
			page, err := s.Search(b.Context(), deep)
			if err != nil {
				b.Fatalf("Search: %v", err)
			}
			deep.After = page.Next
		}
		deep.Limit = 0
		b.Run(fmt.Sprintf("page/%s/deep", order), func(b *testing.B) { benchQuery(b, s, deep, customer.DefaultLimit) })
	}
}

func benchSearch(b *testing.B, s customer.Store) {
	shapes := []struct {
		name  string
		where customer.Filter
		want  int // customers on the page
	}{
		{"one word that many have", customer.Text("gmail"), 50},
		{"one word that few have", customer.Text("kowalski123"), 10},
		{"two words", customer.Text("jose kowalski0"), 50},
		{"a word that nobody has", customer.Text("qqzzqq"), 0},
		{"the end of a phone", customer.Text("0004242"), 1},
		{"part of a name", customer.ByName.Contains("ski12"), 50},
		{"a domain", customer.ByEmailDomain.Is("acme.com"), 50},
		{"two tags", customer.HasAllTags("newsletter", "group7"), 50},
		{"metadata", customer.HasMetadata("plan", "gold"), 50},
		{"a tag, a city and a day", customer.And(customer.Not(customer.HasAnyTag("group7")), customer.ByCity.Is("köln", "wien"), customer.ByCreatedAt.Since(day(4))), 50},
	}
	for _, shape := range shapes {
		q := customer.Query{Where: customer.ActiveUnlessNamed(shape.where)}
		b.Run("search/"+shape.name, func(b *testing.B) { benchQuery(b, s, q, shape.want) })
	}
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got, err := s.Count(b.Context(), customer.ByEmailDomain.Is("acme.com"), 0); err != nil || got.Value != benchCustomers/3 {
				b.Fatalf("Count: %+v, %v", got, err)
			}
		}
	})
}

func benchQuery(b *testing.B, s customer.Store, q customer.Query, want int) {
	b.ReportAllocs()
	for b.Loop() {
		page, err := s.Search(b.Context(), q)
		if err != nil || len(page.Customers) != want {
			b.Fatalf("Search: %d customers, want %d, error %v", len(page.Customers), want, err)
		}
	}
}
