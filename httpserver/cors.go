package httpserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// WithCORS lets pages of these origins, written as https://app.example.com, read and change customers from a browser. Without it no
// page of another origin can read an answer. Origins are compared whole: a * is none.
func WithCORS(origins ...string) Option {
	return func(s *Server) {
		s.origins = origins
		s.cors = cors.New(cors.Options{
			AllowOriginFunc: func(origin string) bool {
				return slices.ContainsFunc(origins, func(allowed string) bool { return strings.EqualFold(allowed, origin) })
			},
			AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete},
			// Those that we read, and those that the tools of pages add by themselves.
			AllowedHeaders: []string{
				"Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id",
				"Baggage", "Cache-Control", "Pragma", "Traceparent", "Tracestate", "X-Requested-With",
			},
			ExposedHeaders: []string{"ETag", "Link", "Location", "Retry-After", "X-Request-Id", "Idempotent-Replayed"},
			MaxAge:         600,

			OptionsSuccessStatus: http.StatusNoContent,
		})
	}
}

// shareOrigin sets the headers for pages of other origins, and answers a preflight, which a browser sends without credentials.
func (c *call) shareOrigin() (answered bool) {
	policy := c.server.cors
	if policy == nil {
		return false
	}
	preflight := c.r.Method == http.MethodOptions && c.r.Header.Get("Origin") != "" && c.r.Header.Get("Access-Control-Request-Method") != ""
	if preflight {
		c.answered, c.status = true, http.StatusNoContent
	} else if c.r.Method == http.MethodOptions {
		return false
	}
	policy.HandlerFunc(c.w, c.r)
	return preflight
}

// trustOrigins exempts the allowed origins from the check for changes that a browser sends for another.
func (s *Server) trustOrigins() {
	if s.crossOrigin == nil {
		return
	}
	for _, origin := range s.origins {
		// What cannot be trusted is refused as any other origin.
		_ = s.crossOrigin.AddTrustedOrigin(origin)
	}
}
