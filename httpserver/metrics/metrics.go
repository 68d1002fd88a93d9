package metrics

import (
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// maxScrapes is how many scrapes are served at once: one each for a pair of servers, and one for a person who looks.
const maxScrapes = 3

// buckets reach from a read in memory to the deadline of a request, in seconds.
var buckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

// Metrics has a registry of its own and everything in it: two of them share nothing. Make it with [New]; it is safe for concurrent use
// and starts no goroutine.
type Metrics struct {
	version  string
	registry *prometheus.Registry
	requests *requests
	store    *operations
	pools    *pools
}

// Option changes what [New] makes.
type Option func(*Metrics)

// WithVersion sets the version of the program in customer_build_info. The default is "unknown".
func WithVersion(version string) Option { return func(m *Metrics) { m.version = version } }

// New returns metrics in which nothing has happened.
func New(opts ...Option) *Metrics {
	m := &Metrics{version: "unknown", registry: prometheus.NewRegistry(), requests: newRequests(), store: newOperations(), pools: newPools()}
	for _, opt := range opts {
		opt(m)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "customer_build_info", Help: "What the program was built from; always 1.",
		ConstLabels: prometheus.Labels{"version": label(m.version), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.requests.total, m.requests.seconds, m.requests.inFlight, m.store.total, m.store.seconds, m.store.records, m.pools)
	return m
}

// Handler answers scrapes, in the text format of Prometheus or in OpenMetrics, whichever is asked for. It never compresses: that is left to
// a proxy in front. More than three scrapes at once are 503.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, DisableCompression: true, MaxRequestsInFlight: maxScrapes})
}

// Begin says that a request has begun. With [Metrics.End] it makes m an observer of httpserver.
func (m *Metrics) Begin() { m.requests.inFlight.Inc() }

// End says that a request has ended. Route is the pattern that was served, "" for none, and method one of few: see the package's
// comment for what is done with too many.
func (m *Metrics) End(method, route string, status int, took time.Duration) {
	m.requests.inFlight.Dec()
	r := m.requests.find(requestKey{method, route, status})
	r.total.Inc()
	r.seconds.Observe(took.Seconds())
}

// label returns s as the registry takes it: it refuses what is not UTF-8.
func label(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
