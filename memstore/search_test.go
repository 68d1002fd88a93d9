package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/memstore"
)

// skewed fills a store with customers of whom words tell the age, and returns them.
func skewed(t *testing.T, n int) (*memstore.Store, []customer.Customer) {
	t.Helper()
	s := memstore.New()
	all := make([]customer.Customer, n)
	for i := range all {
		d := customer.Draft{
			Name: fmt.Sprintf("Anna%d Zahn%d", i*7919%n, i%10), Email: fmt.Sprintf("c%d@example.com", i), Phone: fmt.Sprintf("+1 555 %07d", i),
			Tags: []string{[]string{"odd", "even"}[i%2]}, CreatedAt: firstDay.Add(time.Duration(i/4) * time.Minute),
		}
		switch {
		case i < n/50:
			d.Company = "Pioneer"
		case i < n*35/100:
			d.Company = "Veteran Xavier"
		case i > n*98/100:
			d.Company = "Newcomer"
		case i == n/2:
			d.Company = "Qzyx"
		}
		var err error
		if all[i], err = s.Create(t.Context(), d); err != nil {
			t.Fatalf("Create: %v", err)
		}
		if i%9 == 0 {
			if all[i], err = customer.Archive(t.Context(), s, all[i].ID, 1); err != nil {
				t.Fatalf("Archive: %v", err)
			}
		}
	}
	return s, all
}

func TestEveryWayToSearchFindsTheSame(t *testing.T) {
	t.Parallel()
	s, all := skewed(t, 5000)
	for name, f := range map[string]customer.Filter{
		"everyone":                               nil,
		"a word of the oldest 2 %":               customer.Text("pioneer"),
		"a word of the oldest third":             customer.Text("veteran"),
		"a word of the newest 2 %":               customer.Text("newcomer"),
		"a word of one":                          customer.Text("qzyx"),
		"a word of nobody":                       customer.Text("qqzz"),
		"a letter of the oldest third":           customer.Text("x"),
		"a letter of all":                        customer.Text("a"),
		"two common words that nobody has both":  customer.Text("pioneer veteran"),
		"digits in the middle of a phone":        customer.Text("5504"),
		"zeros, of which two are left":           customer.Text("0000"),
		"zeros, all of one gram":                 customer.Text("000000"),
		"an email's beginning":                   customer.Text("c49@ex"),
		"part of a name":                         customer.ByName.Contains("ahn3"),
		"part of a name over a space":            customer.ByName.Contains("9 za"),
		"the beginning of a name":                customer.ByName.Prefix("anna12"),
		"one letter of a company":                customer.ByCompany.Contains("z"),
		"a field that is not among the words":    customer.ByEmailDomain.Suffix("ple.com"),
		"everyone but the oldest third":          customer.Not(customer.ByCompany.Is("veteran xavier")),
		"everyone without a word":                customer.Not(customer.Text("veteran")),
		"a word or a tag":                        customer.Or(customer.Text("pioneer"), customer.HasAnyTag("odd")),
		"a word, a tag, a status and a span":     customer.And(customer.Text("veteran"), customer.HasAnyTag("odd"), customer.HasStatus(customer.Active), customer.ByCreatedAt.Since(firstDay.Add(5*time.Hour))),
		"a span":                                 customer.ByCreatedAt.Between(firstDay.Add(time.Hour), firstDay.Add(2*time.Hour)),
		"a span up to a time":                    customer.ByCreatedAt.Before(firstDay.Add(time.Hour)),
		"a span of the last change, of everyone": customer.ByUpdatedAt.Since(firstDay),
		"a span that is archived":                customer.ByArchivedAt.Since(firstDay),
		"one of two spans":                       customer.Or(customer.ByCreatedAt.Before(firstDay.Add(time.Minute)), customer.ByCreatedAt.Since(firstDay.Add(20*time.Hour))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match, err := customer.Compile(f)
			if err != nil {
				t.Fatalf("Compile: %v", err)
			}
			want := slices.DeleteFunc(slices.Clone(all), func(c customer.Customer) bool { return !match(&c, new(customer.KeysOf(c))) })
			total, err := s.Count(t.Context(), f, 0)
			if err != nil || total != (customer.Total{Value: len(want), Exact: true}) {
				t.Errorf("Count: %+v, %v, want %d", total, err, len(want))
			}
			for _, order := range customer.Orders() {
				slices.SortFunc(want, func(a, b customer.Customer) int { return customer.Compare(a, b, order) })
				checkPages(t, s, customer.Query{Where: f, OrderBy: order, Limit: 3}, want)
			}
		})
	}
}

// checkPages reads the first pages of q, and one from the middle and from the end.
func checkPages(t *testing.T, s *memstore.Store, q customer.Query, want []customer.Customer) {
	t.Helper()
	for _, skip := range []int{0, q.Limit, len(want) / 2, len(want) - 2} {
		if skip < 0 || skip > len(want) {
			continue
		}
		q.After = ""
		if skip > 0 {
			q.After = customer.NextCursor(q, "", want[skip-1])
		}
		page, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatalf("Search in the order %q: %v", q.OrderBy, err)
		}
		n := min(q.Limit, len(want)-skip)
		if diff := cmp.Diff(want[skip:skip+n], page.Customers); diff != "" && n > 0 || len(page.Customers) != n {
			t.Errorf("%d customers in the order %q behind %d others, want %d (-want +got)\n%s", len(page.Customers), q.OrderBy, skip, n, diff)
		}
		if more := skip+n < len(want); more != (page.Next != "") {
			t.Errorf("in the order %q behind %d others: there is a cursor: %t, want %t", q.OrderBy, skip+n, page.Next != "", more)
		}
	}
}

// endingContext ends when it has been asked a number of times.
type endingContext struct {
	context.Context
	left atomic.Int64
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestALongCallStopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	s, all := skewed(t, 10_000)
	ids := make([]customer.ID, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	walk := customer.Query{Where: customer.ByCountry.Suffix("x")}
	for name, call := range map[string]func(ctx context.Context) error{
		"Search": func(ctx context.Context) error {
			_, err := s.Search(ctx, walk)
			return err
		},
		"Search in an order without index": func(ctx context.Context) error {
			_, err := s.Search(ctx, customer.Query{OrderBy: customer.UpdatedFirst})
			return err
		},
		"Count": func(ctx context.Context) error {
			_, err := s.Count(ctx, walk.Where, 0)
			return err
		},
		"GetMany": func(ctx context.Context) error {
			_, err := s.GetMany(ctx, ids)
			return err
		},
	} {
		for asked := range 3 {
			ctx := &endingContext{Context: t.Context()}
			ctx.left.Store(int64(asked))
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, the context ended after %d questions: error %v, want %v", name, asked, err, context.Canceled)
			}
		}
	}
}

func TestSearchesBesideWritersSeeWholePages(t *testing.T) {
	t.Parallel()
	s, all := skewed(t, 3000)
	still := make(map[customer.ID]bool)
	for i, c := range all {
		if i%3 == 0 {
			still[c.ID] = true
		}
	}
	var writers, readers sync.WaitGroup
	var done atomic.Bool
	for w := range 2 {
		writers.Go(func() {
			for i := w + 1; !done.Load(); i = (i + 3) % len(all) {
				if still[all[i].ID] {
					i++
				}
				write(t, s, all[i%len(all)], i)
			}
		})
	}
	for _, q := range []customer.Query{
		{Where: customer.Text("veteran"), OrderBy: customer.NewestFirst},
		{Where: customer.Text("anna"), OrderBy: customer.NameAZ},
		{Where: customer.ByCountry.Suffix("x"), OrderBy: customer.UpdatedLast},
		{OrderBy: customer.EmailZA},
	} {
		readers.Go(func() { readWhileWritten(t, s, q, still) })
	}
	readers.Wait()
	done.Store(true)
	writers.Wait()
}

// write changes the customer, or replaces it by another one.
func write(t *testing.T, s *memstore.Store, c customer.Customer, i int) {
	_, err := s.Update(t.Context(), c.ID, customer.AnyVersion, customer.Patch{Name: new(fmt.Sprintf("Anna%d", i)), Address: customer.AddressPatch{City: new("Köln")}})
	if i%5 == 0 {
		if err = s.Delete(t.Context(), c.ID, customer.AnyVersion); err == nil {
			_, err = s.Create(t.Context(), customer.Draft{ID: c.ID, Name: c.Name, Email: c.Email, CreatedAt: c.CreatedAt})
		}
	}
	if err != nil && !errors.Is(err, customer.ErrNotFound) && !errors.Is(err, customer.ErrConflict) && !errors.Is(err, customer.ErrArchived) {
		t.Errorf("a write: %v", err)
	}
}

func readWhileWritten(t *testing.T, s *memstore.Store, q customer.Query, still map[customer.ID]bool) {
	match, err := customer.Compile(q.Where)
	if err != nil {
		t.Errorf("Compile: %v", err)
		return
	}
	matching := 0
	for id := range still {
		if c, err := s.Get(t.Context(), id); err == nil && match(&c, new(customer.KeysOf(c))) {
			matching++
		}
	}
	for range 3 {
		seen, last := 0, (*customer.Customer)(nil)
		for c, err := range customer.All(t.Context(), s, q) {
			switch {
			case err != nil:
				t.Errorf("a search in the order %q: %v", q.OrderBy, err)
				return
			case !match(&c, new(customer.KeysOf(c))):
				t.Errorf("a search in the order %q returns a customer that does not match", q.OrderBy)
			case last != nil && customer.Compare(*last, c, q.OrderBy) >= 0:
				t.Errorf("a search in the order %q returns a customer behind one that comes later", q.OrderBy)
			}
			last = &c
			if still[c.ID] {
				seen++
			}
		}
		if seen != matching {
			t.Errorf("a walk in the order %q has %d of the customers that nobody changes, want %d", q.OrderBy, seen, matching)
		}
	}
}
