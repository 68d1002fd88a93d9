package httpserver

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"example.com/customer"
)

// Scope is a right of a [Principal].
type Scope string

// The scopes. None includes another.
const (
	ScopeRead  Scope = "read"  // get, list, search
	ScopeWrite Scope = "write" // create and change
	ScopeErase Scope = "erase" // delete for good
)

// Principal is who a request comes from.
type Principal struct {
	Name   string // written to logs with every request, so never a person's
	Tenant string // whose customers it sees, as [WithTenants] knows it; empty: those of the store given to [New]
	Scopes []Scope
}

// WithAuthenticator has every request under /v1 authenticated before anything else is looked at, [Tokens.Authenticate] for one. An error is answered
// with 401, and with 503 if it is [customer.ErrUnavailable] or the request's time is up; its text goes nowhere. The function must be safe
// for concurrent use. Without this option everyone may do everything.
func WithAuthenticator(authenticate func(*http.Request) (Principal, error)) Option {
	return func(s *Server) { s.authenticate = authenticate }
}

// WithTenants sets where the customers of a tenant are. Without it a principal with a tenant is answered with 500. The function is called for
// every request, so it should be a view such as postgres.Store.Tenant.
func WithTenants(store func(tenant string) customer.Store) Option {
	return func(s *Server) { s.tenants = store }
}

// authorize finds out who calls, whether they may, and whose customers they mean. A path that is not served needs no scope.
func (c *call) authorize(e *endpoint) error {
	s := c.server
	if s.authenticate == nil {
		return nil
	}
	var err error
	if c.principal, err = s.authenticate(c.r); err != nil {
		return c.unauthorized(err)
	}
	if e.path != "" && !slices.Contains(c.principal.Scopes, e.scope) {
		return &problem{code: codeForbidden, detail: "This needs the scope " + string(e.scope) + ", which the token does not have."}
	}
	if c.principal.Tenant == "" {
		return nil
	}
	if s.tenants == nil {
		return errors.New("httpserver: the principal has a tenant, and WithTenants was not given")
	}
	c.store = s.tenants(c.principal.Tenant)
	return nil
}

func (c *call) unauthorized(err error) error {
	if errors.Is(err, customer.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	c.principal = Principal{}
	c.w.Header().Set("WWW-Authenticate", "Bearer")
	p := &problem{code: codeUnauthorized, detail: "Say who you are: send the header Authorization: Bearer TOKEN."}
	if len(c.r.Header.Values("Authorization")) > 0 {
		p.detail = "These credentials are not valid: send Authorization: Bearer TOKEN, with one space and a token that is in use."
	}
	return p
}
