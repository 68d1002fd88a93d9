package metrics_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scrape returns what an operator's Prometheus reads.
func scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("the scrape is answered with %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// samples returns the series of a scrape whose names begin with prefix and that are not zero.
func samples(t testing.TB, m *metrics.Metrics, prefix string) map[string]float64 {
	t.Helper()
	found := make(map[string]float64)
	for line := range strings.Lines(scrape(t, m)) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		line = strings.TrimSpace(line)
		end := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(line[end+1:], 64)
		if err != nil {
			t.Fatalf("the sample %q has no value: %v", line, err)
		}
		if value != 0 {
			found[line[:end]] = value
		}
	}
	return found
}

func wantSamples(t testing.TB, m *metrics.Metrics, prefix string, want map[string]float64) {
	t.Helper()
	if diff := cmp.Diff(want, samples(t, m, prefix)); diff != "" {
		t.Errorf("the samples of %s (-want +got):\n%s", prefix, diff)
	}
}

// everything returns metrics with at least one series of every name.
func everything() *metrics.Metrics {
	m := metrics.New(metrics.WithVersion("v1.2.3"))
	m.Begin()
	m.End("GET", "/v1/customers/:id", 200, time.Millisecond)
	m.Store(memstore.New())
	m.Pool("primary", func() metrics.PoolStat { return busy })
	return m
}

// The table in the package's comment is what dashboards and alerts are written by.
func TestEveryMetricIsAsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^//\t(customer_\w+) +(counter|gauge|histogram)  +((?:\w+, )*\w+)?  `)
	var want []string
	for _, r := range row.FindAllStringSubmatch(string(doc), -1) {
		want = append(want, r[1]+" "+r[2]+" "+r[3])
	}
	slices.Sort(want)
	if len(want) < 16 {
		t.Fatalf("%d metrics are documented: the table is not read", len(want))
	}
	if diff := cmp.Diff(want, families(scrape(t, everything()))); diff != "" {
		t.Errorf("metrics, types and labels (-documented +scraped):\n%s", diff)
	}
}

// families returns name, type and labels of every metric of the project's own.
func families(text string) []string {
	kinds, labels := make(map[string]string), make(map[string][]string)
	label := regexp.MustCompile(`(\w+)="`)
	current := ""
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if words[0] == "#" {
			current = words[2]
			if words[1] == "TYPE" && strings.HasPrefix(current, "customer_") {
				kinds[current] = words[3]
			}
			continue
		}
		for _, l := range label.FindAllStringSubmatch(line, -1) {
			if l[1] != "le" && !slices.Contains(labels[current], l[1]) {
				labels[current] = append(labels[current], l[1])
			}
		}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		// The exposition orders labels by name, the table by what they say; both as a set.
		slices.SortFunc(labels[name], func(a, b string) int { return slices.Index(labelOrder, a) - slices.Index(labelOrder, b) })
		out = append(out, name+" "+kinds[name]+" "+strings.Join(labels[name], ", "))
	}
	return out
}

var labelOrder = []string{"version", "goversion", "method", "route", "status", "operation", "result", "pool"}

func TestEveryHistogramReachesFromAReadInMemoryToTheDeadlineOfARequest(t *testing.T) {
	t.Parallel()
	text := scrape(t, everything())
	for _, name := range []string{
		`customer_http_request_duration_seconds_bucket{method="GET",route="/v1/customers/:id",`,
		`customer_store_operation_duration_seconds_bucket{operation="get",`,
	} {
		var bounds []string
		for _, b := range regexp.MustCompile(regexp.QuoteMeta(name)+`le="(.+)"}`).FindAllStringSubmatch(text, -1) {
			bounds = append(bounds, b[1])
		}
		want := strings.Fields("0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 +Inf")
		if diff := cmp.Diff(want, bounds); diff != "" {
			t.Errorf("the buckets of %s} (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheExpositionKeepsTheConventionsOfPrometheus(t *testing.T) {
	t.Parallel()
	problems, err := promlint.New(strings.NewReader(scrape(t, everything()))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// The check above would pass if the linter saw nothing; here is what it must see.
func TestALintedFaultIsSeen(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a counter without _total":     "# HELP customer_reads Reads.\n# TYPE customer_reads counter\ncustomer_reads 1\n",
		"a unit that is not the base":  "# HELP customer_wait_milliseconds Wait.\n# TYPE customer_wait_milliseconds gauge\ncustomer_wait_milliseconds 1\n",
		"a metric that is unexplained": "# TYPE customer_things gauge\ncustomer_things 1\n",
	} {
		problems, err := promlint.New(strings.NewReader(text)).Lint()
		if err != nil || len(problems) == 0 {
			t.Errorf("%s is not found: %v", name, err)
		}
	}
}

func TestTheBuildIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []metrics.Option
		want string
	}{
		"a version is shown":              {[]metrics.Option{metrics.WithVersion("v1.2.3")}, `version="v1.2.3"`},
		"without one it is unknown":       {nil, `version="unknown"`},
		"one that is not text is no harm": {[]metrics.Option{metrics.WithVersion("v1\xff")}, `version="v1` + "\uFFFD" + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := samples(t, metrics.New(c.opts...), "customer_build_info")
			for series, value := range got {
				if !strings.Contains(series, c.want) || !strings.Contains(series, `goversion="go1.`) || value != 1 {
					t.Errorf("%s is %v, want 1 and %s", series, value, c.want)
				}
			}
			if len(got) != 1 {
				t.Errorf("got %d builds, want 1", len(got))
			}
		})
	}
}

func TestTheRuntimeAndTheProcessAreMeasuredToo(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	for _, name := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "process_start_time_seconds", "process_resident_memory_bytes"} {
		if got := samples(t, m, name); len(got) != 1 {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestMetricsShareNothing(t *testing.T) {
	t.Parallel()
	one, two := metrics.New(), metrics.New()
	one.Begin()
	wantSamples(t, one, "customer_http", map[string]float64{"customer_http_requests_in_flight": 1})
	wantSamples(t, two, "customer_http", map[string]float64{})
}

func TestAScrapeIsAnsweredInTheFormatThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ accept, kind, end string }{
		"the text format when nothing is said": {"", "text/plain; version=0.0.4", "\n"},
		"the text format for a browser":        {"text/html,*/*;q=0.8", "text/plain; version=0.0.4", "\n"},
		"OpenMetrics for a new Prometheus":     {"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", "application/openmetrics-text; version=1.0.0", "# EOF\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", c.accept)
			r.Header.Set("Accept-Encoding", "gzip, zstd")
			w := httptest.NewRecorder()
			everything().Handler().ServeHTTP(w, r)
			if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, c.kind) {
				t.Errorf("the type is %q, want %q", kind, c.kind)
			}
			if encoding := w.Header().Get("Content-Encoding"); encoding != "" {
				t.Errorf("the answer is compressed: %s", encoding)
			}
			if !strings.HasSuffix(w.Body.String(), c.end) || !strings.Contains(w.Body.String(), "customer_build_info{") {
				t.Errorf("the answer is not whole: %s", w.Body)
			}
		})
	}
}

func TestScrapesBeyondTheThirdAtOnceAreRefused(t *testing.T) {
	t.Parallel()
	const most = 3
	m := metrics.New()
	entered, release := make(chan struct{}), make(chan struct{})
	m.Pool("slow", func() metrics.PoolStat {
		entered <- struct{}{}
		<-release
		return busy
	})
	handler, codes := m.Handler(), make(chan int)
	ask := func() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		codes <- w.Code
	}
	for range most {
		go ask()
		<-entered
	}
	go ask()
	within := most
	select {
	case <-entered:
		t.Error("one scrape too many is let in, want 503")
		within++
	case code := <-codes:
		if code != http.StatusServiceUnavailable {
			t.Errorf("one scrape too many is answered with %d, want 503", code)
		}
	}
	close(release)
	for range within {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("a scrape within the limit is answered with %d, want 200", code)
		}
	}
}
