package metrics

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// maxRequestKeys bounds what a caller that passes paths for routes can make of the registry; the server itself comes to a few hundred.
const maxRequestKeys = 1000

// other stands for a route where none serves the request, for an error of no class, and for whatever is too many.
const other = "other"

// requests are the metrics of the server. A request's series are looked up by their labels once and are then found by key, which takes
// neither a lock nor memory.
type requests struct {
	total    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge

	mu    sync.Mutex // held to replace known
	known atomic.Pointer[map[requestKey]request]
}

type requestKey struct {
	method, route string
	status        int
}

type request struct {
	total   prometheus.Counter
	seconds prometheus.Observer
}

func newRequests() *requests {
	r := &requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer_http_requests_total", Help: "Requests answered, by method, route pattern and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "customer_http_request_duration_seconds", Help: "Time from the request to the end of its answer.", Buckets: buckets,
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "customer_http_requests_in_flight", Help: "Requests begun and not ended.",
		}),
	}
	r.known.Store(&map[requestKey]request{})
	return r
}

func (r *requests) find(key requestKey) request {
	if found, ok := (*r.known.Load())[key]; ok {
		return found
	}
	return r.add(key)
}

func (r *requests) add(key requestKey) request {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := *r.known.Load()
	if found, ok := known[key]; ok {
		return found
	}
	if len(known) == maxRequestKeys {
		return r.resolve(other, other, other)
	}
	route := key.route
	if route == "" {
		route = other
	}
	found := r.resolve(key.method, route, strconv.Itoa(key.status))
	// A copy, because others read the map without the lock.
	next := maps.Clone(known)
	next[key] = found
	r.known.Store(&next)
	return found
}

func (r *requests) resolve(method, route, status string) request {
	method, route = label(method), label(route)
	return request{r.total.WithLabelValues(method, route, status), r.seconds.WithLabelValues(method, route)}
}
