package metrics_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/customer/httpserver/metrics"
)

func TestARequestIsCountedWhereItBelongs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, route string
		status        int
		want          string
	}{
		"by method, pattern and status":              {"GET", "/v1/customers/:id", 404, `{method="GET",route="/v1/customers/:id",status="404"}`},
		"a path that is not served has no pattern":   {"GET", "", 404, `{method="GET",route="other",status="404"}`},
		"a method that is not known is other":        {"other", "", 405, `{method="other",route="other",status="405"}`},
		"what is not UTF-8 is replaced":              {"G\xff", "/\xfe", 200, "{method=\"G\uFFFD\",route=\"/\uFFFD\",status=\"200\"}"},
		"quotes and line breaks keep to their label": {"GET", "/\"\n", 200, `{method="GET",route="/\"\n",status="200"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := metrics.New()
			for range 2 {
				m.Begin()
				m.End(c.method, c.route, c.status, time.Millisecond)
			}
			wantSamples(t, m, "customer_http_requests_total", map[string]float64{"customer_http_requests_total" + c.want: 2})
		})
	}
}

func TestTheLatencyOfARequestIsInSeconds(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	for _, took := range []time.Duration{50 * time.Microsecond, 100 * time.Microsecond, 3 * time.Second, 10 * time.Minute} {
		m.End("GET", "/v1/export", 200, took)
	}
	got := samples(t, m, "customer_http_request_duration_seconds")
	const labels = `{method="GET",route="/v1/export"`
	for series, want := range map[string]float64{
		"_bucket" + labels + `,le="0.0001"}`: 2,
		"_bucket" + labels + `,le="2.5"}`:    2,
		"_bucket" + labels + `,le="5"}`:      3,
		"_bucket" + labels + `,le="+Inf"}`:   4,
		"_count" + labels + `}`:              4,
		"_sum" + labels + `}`:                603.00015,
	} {
		if value := got["customer_http_request_duration_seconds"+series]; value != want {
			t.Errorf("%s is %v, want %v", series, value, want)
		}
	}
}

func TestRequestsInFlightAreThoseThatHaveNotEnded(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Begin()
	m.Begin()
	m.End("GET", "/livez", 200, 0)
	wantSamples(t, m, "customer_http_requests_in_flight", map[string]float64{"customer_http_requests_in_flight": 1})
}

func TestTooManyCombinationsAreCountedAsOther(t *testing.T) {
	t.Parallel()
	const most = 1000
	m := metrics.New()
	for i := range most + 10 {
		m.End("GET", fmt.Sprintf("/%d", i), 200, 0)
	}
	m.End("GET", "/7", 200, 0)
	got := samples(t, m, "customer_http_requests_total")
	if len(got) != most+1 {
		t.Errorf("there are %d series, want %d and one for the rest", len(got), most)
	}
	for series, want := range map[string]float64{
		`{method="GET",route="/999",status="200"}`:      1,
		`{method="GET",route="/7",status="200"}`:        2,
		`{method="other",route="other",status="other"}`: 10,
	} {
		if value := got["customer_http_requests_total"+series]; value != want {
			t.Errorf("%s is %v, want %v", series, value, want)
		}
	}
}

// Whatever an observer is told, every request is counted once, by the counter and by the histogram, and the answer to a scrape is whole.
func TestEveryRequestIsCountedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		m := metrics.New()
		count := rapid.IntRange(0, 20).Draw(r, "requests")
		for range count {
			m.Begin()
			text := rapid.OneOf(rapid.SampledFrom([]string{"", "GET", "other", "/v1/customers"}), rapid.String(), rapid.Custom(func(r *rapid.T) string {
				return string(rapid.SliceOf(rapid.Byte()).Draw(r, "bytes"))
			}))
			m.End(text.Draw(r, "method"), text.Draw(r, "route"), rapid.Int().Draw(r, "status"), time.Duration(rapid.Int64().Draw(r, "took")))
		}
		if got := sum(samples(t, m, "customer_http_requests_total")); got != float64(count) {
			r.Fatalf("counted %v requests, want %d", got, count)
		}
		if got := sum(samples(t, m, "customer_http_request_duration_seconds_count")); got != float64(count) {
			r.Fatalf("timed %v requests, want %d", got, count)
		}
		if got := samples(t, m, "customer_http_requests_in_flight"); len(got) != 0 {
			r.Fatalf("still in flight: %v", got)
		}
	})
}

func TestRequestsThatRaceAreAllCounted(t *testing.T) {
	t.Parallel()
	const workers, each = 16, 200
	m := metrics.New()
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := range each {
				m.Begin()
				m.End("GET", fmt.Sprintf("/%d/%d", worker, i/4), 200, time.Microsecond)
			}
		})
	}
	for range 20 {
		scrape(t, m)
	}
	all.Wait()
	if got := sum(samples(t, m, "customer_http_requests_total")); got != workers*each {
		t.Errorf("counted %v requests, want %d", got, workers*each)
	}
}

// Not parallel: allocations are counted for the whole process.
func TestARequestAllocatesNothing(t *testing.T) {
	m := metrics.New()
	if got := testing.AllocsPerRun(100, func() {
		m.Begin()
		m.End("GET", "/v1/customers/:id", 200, time.Millisecond)
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func sum(samples map[string]float64) (total float64) {
	for _, value := range samples {
		total += value
	}
	return total
}
