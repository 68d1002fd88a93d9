// Package httpserver serves a [customer.Store] as JSON over HTTP. The contract is openapi.json, which the server also answers with at
// /openapi.json: every route, status, header and body is held to it.
//
//	server := httpserver.New(memstore.New(), httpserver.LoopbackOnly())
//	err := http.ListenAndServe("127.0.0.1:8080", server)
//
// [WithAuthenticator] says who may call, [Tokens] for one. Without it the handler does not ask: then [LoopbackOnly] keeps it to this machine,
// or something in front must keep strangers out.
package httpserver

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/rs/cors"
	"golang.org/x/sync/singleflight"

	"example.com/customer"
)

// The limits of a request. The header's is set at the [http.Server].
const (
	maxBody         = 256 << 10       // bytes; the largest legal customer fits
	requestDeadline = 5 * time.Second // for the body and the store, from the moment the request has been routed
)

// Server is the handler. Make it with [New]; it is safe for concurrent use and starts no goroutine.
type Server struct {
	store        customer.Store
	tenants      func(string) customer.Store
	authenticate func(*http.Request) (Principal, error) // nil: everyone may do everything
	log          *slog.Logger
	observer     Observer
	metrics      http.Handler
	version      string
	requireMatch bool
	loopbackOnly bool
	crossOrigin  *http.CrossOriginProtection // nil: any origin
	cors         *cors.Cors                  // nil: no page of another origin
	origins      []string
	proxies      []netip.Prefix
	router       *httprouter.Router
	working      chan struct{}
	waiting      chan struct{}
	draining     atomic.Bool
	check        func(context.Context) []Check
	probes       singleflight.Group
}

// Option changes what [New] makes.
type Option func(*Server)

// WithLogger sets where the server logs every request, every committed change (the message is "audit") and faults of its own and its store: never a
// value of a record, a query or a body. Requests are told by route, those that succeed outside /v1, such as probes, at the level debug. The
// default is [slog.Default].
func WithLogger(log *slog.Logger) Option { return func(s *Server) { s.log = log } }

// WithVersion sets what GET /version answers. The default is "unknown".
func WithVersion(version string) Option { return func(s *Server) { s.version = version } }

// RequireIfMatch refuses every change without If-Match with 428, so that no client overwrites what it has not seen. By default only
// DELETE needs it.
func RequireIfMatch() Option { return func(s *Server) { s.requireMatch = true } }

// LoopbackOnly refuses requests whose Host is not localhost, 127.0.0.1 or [::1], as in a DNS rebinding attack, and changes that a browser
// sends for another origin ([http.CrossOriginProtection]). It is meant for a listener on a loopback address without authentication.
func LoopbackOnly() Option {
	return func(s *Server) {
		s.loopbackOnly = true
		RefuseCrossOrigin()(s)
	}
}

// RefuseCrossOrigin refuses changes that a browser sends for a page of another origin ([http.CrossOriginProtection]). A server that asks nobody who
// they are needs it wherever it listens: any page that a visitor of its network opens could write through the visitor's browser.
func RefuseCrossOrigin() Option {
	return func(s *Server) { s.crossOrigin = http.NewCrossOriginProtection() }
}

// New returns the handler over store.
func New(store customer.Store, opts ...Option) *Server {
	s := &Server{
		store: store, log: slog.Default(), version: "unknown",
		working: make(chan struct{}, maxInFlight), waiting: make(chan struct{}, maxWaiting),
	}
	s.check = s.checkStore
	for _, opt := range opts {
		opt(s)
	}
	s.trustOrigins()
	s.router = s.routes(s.endpoints())
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = s.forwarded(r)
	if !routable(r.URL) {
		s.serve(w, r, nil, &endpoint{handle: func(*call) error { return noRoute(s.router) }})
		return
	}
	s.router.ServeHTTP(w, r)
}

// Drain makes /readyz answer 503 from now on, for the time in which the program stops. Everything else is answered as before.
func (s *Server) Drain() { s.draining.Store(true) }
