package httpserver

import (
	"cmp"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Observer is told of every request, for metrics. Its methods are called from many goroutines.
type Observer interface {
	// Begin is called when a request has come.
	Begin()

	// End is called when it has been answered. The route is the pattern, as in /v1/customers/:id, and empty where no route takes path and method; a
	// method that no path takes is "other".
	End(method, route string, status int, took time.Duration)
}

// WithObserver sets who is told of every request.
func WithObserver(o Observer) Option { return func(s *Server) { s.observer = o } }

// WithMetrics sets what GET /metrics answers. Without it, and with nil, nothing is served there.
func WithMetrics(h http.Handler) Option { return func(s *Server) { s.metrics = h } }

var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodPut,
}

// method is the request's method if it is one that can be told without harm: a client may invent others.
func (c *call) method() string {
	if slices.Contains(knownMethods, c.r.Method) {
		return c.r.Method
	}
	return "other"
}

// observed ends what began at the given time: the observer's and the log's part of a request.
func (c *call) observed(began time.Time) {
	took := time.Since(began)
	if o := c.server.observer; o != nil {
		o.End(c.method(), c.route, c.status, took)
	}
	level := slog.LevelInfo
	if c.route != "" && !strings.HasPrefix(c.route, "/v1") && c.status < http.StatusBadRequest {
		level = slog.LevelDebug // probes and scrapes would drown the rest
	}
	if c.server.log.Enabled(c.r.Context(), level) {
		c.record(level, "request",
			slog.String("method", c.method()), slog.String("route", c.route), slog.Int("status", c.status), slog.Duration("duration", took),
			slog.String("request_id", c.requestID), slog.String("token", c.principal.Name))
	}
}

// record leaves a line in the log that is the same place of the code every time: to find out which takes a fifth of the time of a line.
func (c *call) record(level slog.Level, message string, attrs ...slog.Attr) {
	line := slog.NewRecord(time.Now(), level, message, 0)
	line.AddAttrs(attrs...)
	// A log that cannot be written has nowhere to say so.
	_ = c.server.log.Handler().Handle(c.r.Context(), line)
}

// measured is where the metrics are, if there are any.
func measured(metrics http.Handler, anyHost bool) []*endpoint {
	if metrics == nil {
		return nil
	}
	handle := func(c *call) error {
		w := &statusWriter{c.w, c}
		c.answered = true
		metrics.ServeHTTP(w, c.r)
		c.status = cmp.Or(c.status, http.StatusOK)
		return nil
	}
	return []*endpoint{{method: http.MethodGet, path: "/metrics", handle: handle, anyHost: anyHost}}
}

// statusWriter sees the status of answers that others write.
type statusWriter struct {
	http.ResponseWriter
	c *call
}

func (w *statusWriter) WriteHeader(status int) {
	w.c.status = status
	w.ResponseWriter.WriteHeader(status)
}
