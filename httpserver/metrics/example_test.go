package metrics_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

// A server that is measured from both sides, and what Prometheus reads of it.
func Example() {
	m := metrics.New(metrics.WithVersion("v1.0.0"))
	store := m.Store(memstore.New())
	server := httpserver.New(store, httpserver.WithObserver(m), httpserver.WithMetrics(m.Handler()), httpserver.WithLogger(slog.New(slog.DiscardHandler)))

	server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/customers?limit=10", nil))
	scrape := httptest.NewRecorder()
	server.ServeHTTP(scrape, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(scrape.Body.String()) {
		if strings.HasPrefix(line, "customer_http_requests") || strings.HasPrefix(line, `customer_store_operations_total{operation="search",result="ok"`) {
			fmt.Print(line)
		}
	}
	// Output:
	// customer_http_requests_in_flight 1
	// customer_http_requests_total{method="GET",route="/v1/customers",status="200"} 1
	// customer_store_operations_total{operation="search",result="ok"} 1
}

// A program without the server counts its store all the same.
func ExampleMetrics_Store() {
	ctx, m := context.Background(), metrics.New()
	store := m.Store(memstore.New())
	for range 2 {
		_, err := store.Create(ctx, customer.Draft{Email: "ada@example.com"})
		fmt.Println(err != nil)
	}
	scrape := httptest.NewRecorder()
	m.Handler().ServeHTTP(scrape, httptest.NewRequest("GET", "/", nil))
	for line := range strings.Lines(scrape.Body.String()) {
		if strings.HasPrefix(line, "customer_store_operations_total") && !strings.HasSuffix(line, " 0\n") {
			fmt.Print(line)
		}
	}
	// Output:
	// false
	// true
	// customer_store_operations_total{operation="create",result="conflict"} 1
	// customer_store_operations_total{operation="create",result="ok"} 1
}
