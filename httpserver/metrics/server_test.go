package metrics_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

var _ httpserver.Observer = (*metrics.Metrics)(nil)

// The server and its store together, as a program puts them together.
func TestTheServerIsMeasured(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	server := httpserver.New(m.Store(memstore.New()), httpserver.WithObserver(m), httpserver.WithMetrics(m.Handler()),
		httpserver.WithLogger(slog.New(slog.DiscardHandler)))
	ask := func(method, target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w
	}
	created := ask("POST", "/v1/customers", `{"name":"`+canary+`","email":"`+canary+`@example.com"}`)
	if created.Code != http.StatusCreated {
		t.Fatalf("creating is answered with %d: %s", created.Code, created.Body)
	}
	location := created.Header().Get("Location")
	ask("GET", location, "")
	ask("GET", location+"/"+canary, "")
	ask("GET", "/v1/customers?name="+canary, "")
	ask("GET", "/v1/customers?"+canary+"="+canary, "")
	ask(strings.ToUpper(canary), "/"+canary, "")
	wantSamples(t, m, "customer_http_requests_total", map[string]float64{
		`customer_http_requests_total{method="POST",route="/v1/customers",status="201"}`:    1,
		`customer_http_requests_total{method="GET",route="/v1/customers/:id",status="200"}`: 1,
		`customer_http_requests_total{method="GET",route="other",status="404"}`:             1,
		`customer_http_requests_total{method="GET",route="/v1/customers",status="200"}`:     1,
		`customer_http_requests_total{method="GET",route="/v1/customers",status="400"}`:     1,
		`customer_http_requests_total{method="other",route="other",status="404"}`:           1,
	})
	if got := samples(t, m, "customer_http_requests_in_flight"); len(got) != 0 {
		t.Errorf("still in flight: %v", got)
	}
	scraped := ask("GET", "/metrics", "")
	text := scraped.Body.String()
	if scraped.Code != http.StatusOK || !strings.Contains(text, `customer_store_operations_total{operation="create",result="ok"} 1`) {
		t.Errorf("GET /metrics is answered with %d: %s", scraped.Code, text)
	}
	if strings.Contains(strings.ToLower(text), canary) || strings.Contains(text, strings.TrimPrefix(location, "/v1/customers/")) {
		t.Errorf("what the requests held is in the scrape:\n%s", text)
	}
}

func TestOnlyThisPackageLinksPrometheus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pkg, dep string
		want     bool
	}{
		"the metrics link Prometheus":         {".", "github.com/prometheus/", true},
		"the server does not":                 {"..", "github.com/prometheus/", false},
		"the metrics link no driver":          {".", "github.com/jackc/", false},
		"nor the server that they observe":    {".", "example.com/customer/httpserver\n", false},
		"but the customers that they observe": {".", "example.com/customer\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", c.pkg).Output()
			if err != nil {
				t.Fatalf("go list -deps %s: %v", c.pkg, err)
			}
			if got := strings.Contains(string(out), c.dep); got != c.want {
				t.Errorf("%s links %q: %t, want %t", c.pkg, strings.TrimSpace(c.dep), got, c.want)
			}
		})
	}
}
