package httpserver

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"example.com/customer"
)

//go:embed openapi.json
var openAPI []byte

var openAPITag = func() string {
	sum := sha256.Sum256(openAPI)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}()

// readyDeadline is how long the store may take to show that it answers.
const readyDeadline = time.Second

// document answers with the contract.
func (s *Server) document(c *call) error {
	c.w.Header().Set("ETag", openAPITag)
	if tags, ok := parseETags(c.r.Header.Values("If-None-Match")); ok && tags.match(openAPITag) {
		c.write(http.StatusNotModified, "", nil)
		return nil
	}
	c.write(http.StatusOK, jsonType, openAPI)
	return nil
}

// alive says that the process runs, whatever becomes of its store.
func (s *Server) alive(c *call) error {
	c.write(http.StatusOK, jsonType, []byte(`{"status":"ok"}`))
	return nil
}

// Check is the state of one thing that the server needs.
type Check struct {
	Name string // as in "database"
	Err  error  // nil: it is fine. Anyone may read its text

	// Minor says that the server can serve in spite of Err.
	Minor bool
}

// WithReadiness sets what GET /readyz asks besides whether the server is stopping: it answers 503 if anything is not fine, and lists everything if it is
// asked with ?verbose. The default asks the store for a customer. The context ends after a second.
func WithReadiness(check func(context.Context) []Check) Option {
	return func(s *Server) { s.check = check }
}

// checkStore asks the store of the server for a customer.
func (s *Server) checkStore(ctx context.Context) []Check {
	if _, err := s.store.Search(ctx, customer.Query{Limit: 1}); err != nil {
		return []Check{{Name: "store", Err: errors.New("the store does not answer")}}
	}
	return []Check{{Name: "store"}}
}

// checkResult is a check as the client sees it.
type checkResult struct {
	Name   string `json:"name"`
	Status string `json:"status"` // "ok", "degraded" or "failed"
	Detail string `json:"detail"`
}

// ready says whether requests can be served.
func (s *Server) ready(c *call) error {
	results, failed := s.results(c.r.Context())
	verbose := c.r.URL.Query().Has("verbose")
	if failed != "" {
		p := &problem{code: codeUnavailable, detail: failed}
		if verbose {
			p.checks = results
		}
		return p
	}
	if !verbose {
		return s.alive(c)
	}
	body, err := json.Marshal(map[string]any{"status": "ok", "checks": results})
	if err != nil {
		return err
	}
	c.write(http.StatusOK, jsonType, body)
	return nil
}

// results makes all checks. A server that is stopping asks nothing of its store.
func (s *Server) results(ctx context.Context) (results []checkResult, failed string) {
	if s.draining.Load() {
		return []checkResult{{"server", "failed", "stopping"}}, "The server is stopping."
	}
	results = append(results, checkResult{"server", "ok", ""})
	for _, check := range s.checks(ctx) {
		r := checkResult{check.Name, "ok", ""}
		if check.Err != nil {
			if r.Status, r.Detail = "failed", check.Err.Error(); check.Minor {
				r.Status = "degraded"
			} else if failed == "" {
				failed = "Not ready: " + r.Detail + "."
			}
		}
		results = append(results, r)
	}
	return results, failed
}

// checks asks the store once for all that probe at the same time: nobody need be anybody to ask.
func (s *Server) checks(ctx context.Context) []Check {
	checks, _, _ := s.probes.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyDeadline)
		defer cancel()
		return s.check(ctx), nil
	})
	return checks.([]Check)
}

func (s *Server) programVersion(c *call) error {
	body, err := json.Marshal(map[string]string{"version": s.version})
	if err != nil {
		return err
	}
	c.write(http.StatusOK, jsonType, body)
	return nil
}
