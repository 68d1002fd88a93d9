package httpserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"example.com/customer"
)

// call is one request and the means to answer it.
type call struct {
	w         http.ResponseWriter
	r         *http.Request
	server    *Server
	store     customer.Store
	principal Principal
	route     string // the pattern, for logs
	scope     Scope
	requestID string
	answered  bool
	status    int
	bodyRead  bool
	place     chan struct{} // nil: none
	progress  func()        // of a stream

	negotiated string // the media type of a stream

	id     customer.ID // of the customer in the path
	params url.Values  // of the query string
	body   []byte
	tags   etags // If-None-Match when reading, else If-Match
}

// serve is the one way to an answer: everything the server says goes through it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, ps httprouter.Params, e *endpoint) {
	c := &call{w: w, r: r, server: s, store: s.store, route: e.path, scope: e.scope, requestID: requestID(r)}
	header := w.Header()
	header.Set("X-Request-Id", c.requestID)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", cacheControl(r.URL.Path))
	defer c.drain()
	if s.observer != nil {
		s.observer.Begin()
	}
	defer c.observed(time.Now())
	defer c.recovered()
	c.expectBody()
	// A stream that breaks off has had its status and its last line.
	if err := c.run(ps, e); err != nil && !c.answered {
		c.fail(err)
	}
}

// run applies what holds for all requests, in the order of the contract, and then the endpoint.
func (c *call) run(ps httprouter.Params, e *endpoint) error {
	if c.shareOrigin() {
		return nil
	}
	if err := c.server.guard(c.r); err != nil && !e.anyHost {
		return err
	}
	if path := c.r.URL.Path; path != "/v1" && !strings.HasPrefix(path, "/v1/") {
		return e.handle(c)
	}
	places := e.places
	if places == nil {
		places = c.server.working
	}
	if err := c.enter(places); err != nil {
		return err
	}
	defer c.leave()
	ctx, cancel := c.deadline(e)
	defer cancel()
	c.r = c.r.WithContext(ctx)
	if err := c.authorize(e); err != nil {
		return err
	}
	if e.path == "" {
		return e.handle(c)
	}

	var ok bool
	if c.id, ok = customerID(ps); !ok {
		return &problem{code: codeNotFound, detail: "A customer's id is a UUID of 36 characters, as in 01970000-0000-7000-8000-000000000000."}
	}
	if err := c.checkAccept(e); err != nil {
		return err
	}
	if err := c.readBody(e); err != nil {
		return err
	}
	if err := c.readQuery(e); err != nil {
		return err
	}
	if err := c.readETags(len(ps) > 0); err != nil {
		return err
	}
	return e.handle(c)
}

// deadline bounds the time for body and store. A change goes on when its client hangs up: whether it was made must be known to be logged.
func (c *call) deadline(e *endpoint) (context.Context, context.CancelFunc) {
	ctx := c.r.Context()
	if e.scope != ScopeRead {
		ctx = context.WithoutCancel(ctx)
	}
	if e.offers != nil {
		return c.streaming(ctx)
	}
	return context.WithTimeout(ctx, requestDeadline)
}

// readQuery reads the query string, pairs that [url.URL.Query] would drop included.
func (c *call) readQuery(e *endpoint) (err error) {
	if c.params, err = parseParams(c.r.URL.RawQuery); err != nil || e.query {
		return err
	}
	if len(c.params) == 0 {
		return nil
	}
	hint := "takes no parameters"
	if e.path == "/v1/search" {
		hint = "takes its parameters in the form body, not in the query string"
	}
	return badParams(unknownParams(c.params, "is unknown; this path "+hint))
}

// reads reports whether the request changes nothing.
func (c *call) reads() bool { return c.r.Method == http.MethodGet || c.r.Method == http.MethodHead }

// write answers. Headers of its own the caller sets before.
func (c *call) write(status int, contentType string, body []byte) {
	header := c.w.Header()
	if contentType != "" {
		header.Set("Content-Type", contentType)
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	c.answered, c.status = true, status
	c.stepAside()
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead && len(body) > 0 {
		// A failed write means that the client is gone: there is nobody left to tell.
		_, _ = c.w.Write(body)
	}
}

// writeCustomer answers with one customer and its ETag.
func (c *call) writeCustomer(status int, record customer.Customer) {
	c.w.Header().Set("ETag", etag(record.Version))
	c.write(status, jsonType, record.AppendJSON(make([]byte, 0, 1024)))
}

// recovered turns a panic into a 500. The value of a panic may hold anything: only its type goes to the log, and the text of those
// that the runtime raises.
func (c *call) recovered() {
	value := recover()
	if value == nil {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(value)
	}
	what := fmt.Sprintf("%T", value)
	if err, ok := value.(runtime.Error); ok {
		what = err.Error()
	}
	c.log(slog.LevelError, "panic", "panic", what, "stack", string(debug.Stack()))
	if c.answered {
		panic(http.ErrAbortHandler)
	}
	c.writeProblem(internal())
}

func (c *call) log(level slog.Level, message string, args ...any) {
	args = append([]any{"method", c.method(), "route", c.route, "request_id", c.requestID}, args...)
	c.server.log.Log(c.r.Context(), level, message, args...)
}

// requestID keeps the caller's name for the request if it can do no harm in a log.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 64 && strings.IndexFunc(id, unsafeInID) < 0 {
		return id
	}
	return rand.Text()
}

func unsafeInID(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:~+/=", r)
}

func cacheControl(path string) string {
	switch {
	case strings.HasPrefix(path, "/v1/"):
		return "private, no-cache"
	case path == "/openapi.json", path == "/docs":
		return "no-cache"
	}
	return "no-store"
}
