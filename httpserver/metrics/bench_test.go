package metrics_test

import (
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

func BenchmarkRequest(b *testing.B) {
	m := metrics.New()
	b.ReportAllocs()
	b.RunParallel(func(next *testing.PB) {
		for next.Next() {
			m.Begin()
			m.End("GET", "/v1/customers/:id", 200, 300*time.Microsecond)
		}
	})
}

// BenchmarkGet reads one customer from memory, the shortest call there is: the difference is what counting and timing cost every call.
func BenchmarkGet(b *testing.B) {
	bare := memstore.New()
	ada, err := bare.Create(b.Context(), customer.Draft{Name: "Ada Lovelace", Email: "ada@example.com", Tags: []string{"vip"}})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		store customer.Store
		id    customer.ID
	}{
		{"bare", bare, ada.ID},
		{"counted", metrics.New().Store(bare), ada.ID},
		{"bare-missing", bare, customer.ID{1}},
		{"counted-missing", metrics.New().Store(bare), customer.ID{1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = c.store.Get(b.Context(), c.id)
			}
		})
	}
}

// BenchmarkStore is what it costs to wrap the view of a tenant, as a server does for every request.
func BenchmarkStore(b *testing.B) {
	m, s := metrics.New(), memstore.New()
	b.ReportAllocs()
	for b.Loop() {
		m.Store(s)
	}
}

func BenchmarkScrape(b *testing.B) {
	m := everything()
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(scrape(b, m))), "bytes")
	}
}
