package httpserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func principal(name, tenant string, scopes ...httpserver.Scope) httpserver.Principal {
	return httpserver.Principal{Name: name, Tenant: tenant, Scopes: scopes}
}

// theTokens knows one token for each scope, one for all of them, and one for all of another tenant.
func theTokens(t testing.TB) *credentials {
	t.Helper()
	all := []httpserver.Scope{httpserver.ScopeRead, httpserver.ScopeWrite, httpserver.ScopeErase}
	c := &credentials{secrets: map[string]string{}}
	var lines []string
	for _, p := range []httpserver.Principal{
		principal("read", "acme", httpserver.ScopeRead), principal("write", "acme", httpserver.ScopeWrite),
		principal("erase", "acme", httpserver.ScopeErase), principal("all", "acme", all...), principal("other", "globex", all...),
		principal("unnamed", "", all...),
	} {
		secret, line, err := httpserver.NewToken(p)
		if err != nil {
			t.Fatal(err)
		}
		c.secrets[p.Name] = secret
		lines = append(lines, line)
	}
	var err error
	if c.Tokens, err = httpserver.ParseTokens(strings.NewReader(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	return c
}

type credentials struct {
	*httpserver.Tokens
	secrets map[string]string
}

// as is the header of the named token.
func (c *credentials) as(name string) string { return "Authorization: Bearer " + c.secrets[name] }

// guarded is a server with tokens and tenants.
func guarded(t *testing.T, opts ...httpserver.Option) (api, *credentials) {
	t.Helper()
	store, tokens := memstore.New(), theTokens(t)
	opts = append([]httpserver.Option{
		httpserver.WithAuthenticator(tokens.Authenticate),
		httpserver.WithTenants(func(tenant string) customer.Store { return store.Tenant(tenant) }),
	}, opts...)
	return over(t, store, opts...), tokens
}

// scopes says what every route needs. A route of the table without a row here fails the test.
var scopes = map[string]string{
	"GET /v1/customers": "read", "HEAD /v1/customers": "read", "POST /v1/customers": "write", "POST /v1/search": "read",
	"GET /v1/customers/:id": "read", "HEAD /v1/customers/:id": "read", "PATCH /v1/customers/:id": "write", "DELETE /v1/customers/:id": "erase",
	"POST /v1/customers/:id/archive": "write", "POST /v1/customers/:id/restore": "write", "POST /v1/customers/:id/tags": "write",
	"POST /v1/import": "write", "GET /v1/export": "read", "HEAD /v1/export": "read",
	"GET /openapi.json": "", "HEAD /openapi.json": "", "GET /docs": "", "HEAD /docs": "", "GET /livez": "", "HEAD /livez": "",
	"GET /readyz": "", "HEAD /readyz": "", "GET /metrics": "", "HEAD /metrics": "", "GET /version": "", "HEAD /version": "",
}

func TestTheAuthenticationMatrix(t *testing.T) {
	t.Parallel()
	a, tokens := guarded(t, httpserver.WithMetrics(http.NotFoundHandler()))
	secret := tokens.secrets["all"]
	refused := map[string][]string{
		"no credentials":             nil,
		"another scheme":             {"Authorization: Basic " + secret},
		"no scheme":                  {"Authorization: " + secret},
		"no token":                   {"Authorization: Bearer"},
		"an empty token":             {"Authorization: Bearer "},
		"two spaces":                 {"Authorization: Bearer  " + secret},
		"a tab for the space":        {"Authorization: Bearer\t" + secret},
		"something behind":           {"Authorization: Bearer " + secret + " x"},
		"a comma behind":             {"Authorization: Bearer " + secret + ","},
		"a token cut off":            {"Authorization: Bearer " + secret[:42]},
		"a token with padding":       {"Authorization: Bearer " + secret + "="},
		"a wrong token":              {"Authorization: Bearer " + strings.Repeat("A", 43)},
		"two headers":                {"Authorization: Bearer " + secret, "Authorization: Bearer " + secret},
		"the token as a parameter":   {"X-Token: " + secret},
		"the hash of a token":        {"Authorization: Bearer " + strings.Repeat("0", 64)},
		"a token in another header":  {"Proxy-Authorization: Bearer " + secret},
		"a cookie":                   {"Cookie: Authorization=Bearer " + secret},
		"the token in upper case":    {"Authorization: Bearer " + strings.ToUpper(secret)},
		"the token twice in a value": {"Authorization: Bearer " + secret + secret},
	}
	routes := httpserver.Routes(a.handler.(*httpserver.Server))
	for _, route := range append(routes, "OPTIONS /v1/customers", "PUT /v1/customers", "GET /v1/nothing", "GET /v1", "DELETE /v1/import", "GET /v1//customers", "GET /v1/customers%2Fx") {
		method, path, _ := strings.Cut(route, " ")
		need, listed := scopes[route]
		if !listed && route == method+" "+path && contains(routes, route) {
			t.Errorf("%s has no row in the matrix", route)
		}
		target := strings.ReplaceAll(path, ":id", customer.NewID().String())
		for name, headers := range refused {
			t.Run(route+" with "+name, func(t *testing.T) {
				t.Parallel()
				got := a.in(t).do(method, target, "", headers...)
				if !strings.HasPrefix(path, "/v1") {
					if got.status == http.StatusUnauthorized || got.status == http.StatusForbidden {
						t.Errorf("got %d for a path that is open to all", got.status)
					}
					return
				}
				got.want(http.StatusUnauthorized)
				if challenge := got.header.Get("WWW-Authenticate"); challenge != "Bearer" {
					t.Errorf("got the challenge %q", challenge)
				}
				if strings.Contains(string(got.body), secret) {
					t.Error("the answer repeats the token")
				}
			})
		}
		for _, scope := range []string{"read", "write", "erase"} {
			t.Run(route+" with scope "+scope, func(t *testing.T) {
				t.Parallel()
				got := a.in(t).do(method, target, "", tokens.as(scope))
				if forbidden := got.status == http.StatusForbidden; forbidden != (need != "" && need != scope) || got.status == http.StatusUnauthorized {
					t.Errorf("got %d, and %s needs %q", got.status, route, need)
				}
			})
		}
		t.Run(route+" with the right token", func(t *testing.T) {
			t.Parallel()
			for _, scheme := range []string{"Bearer ", "bearer "} {
				if got := a.in(t).do(method, target, "", "Authorization: "+scheme+secret); got.status == http.StatusForbidden || got.status == http.StatusUnauthorized {
					t.Errorf("got %d\n%s", got.status, got.body)
				}
			}
		})
	}
}

func contains(routes []string, route string) bool {
	for _, r := range routes {
		if r == route {
			return true
		}
	}
	return false
}

func TestTenantsCannotSeeEachOther(t *testing.T) {
	t.Parallel()
	a, tokens := guarded(t)
	mine := func(method, target, body string, headers ...string) answer {
		return a.do(method, target, body, append(headers, tokens.as("all"))...)
	}
	theirs := func(method, target, body string, headers ...string) answer {
		return a.send(method, target, body, append(headers, tokens.as("other"))...)
	}
	for i := range 3 {
		mine("POST", "/v1/customers", field("name", fmt.Sprint("n", i)), "Idempotency-Key: k"+fmt.Sprint(i)).want(201)
	}
	c := mine("POST", "/v1/customers", ada, "Idempotency-Key: k").want(201).customer()
	target, missing := "/v1/customers/"+c.ID.String(), "/v1/customers/"+customer.NewID().String()
	cursor := mine("GET", "/v1/customers?limit=2", "").want(200).page().Next

	for _, tc := range []struct{ method, suffix, body, match string }{
		{"GET", "", "", ""},
		{"HEAD", "", "", ""},
		{"PATCH", "", field("name", "x"), ""},
		{"PATCH", "", field("name", "x"), `"1"`},
		{"PATCH", "", field("status", "active"), ""},
		{"DELETE", "", "", "*"},
		{"DELETE", "", "", `"1"`},
		{"DELETE", "", "", `"7"`},
		{"POST", "/archive", "", ""},
		{"POST", "/restore", "{}", ""},
		{"POST", "/tags", `{"add":["x"]}`, ""},
	} {
		t.Run(tc.method+tc.suffix+" "+tc.match+" of another tenant's customer is as of none", func(t *testing.T) {
			headers := []string{"X-Request-Id: r"}
			if tc.match != "" {
				headers = append(headers, "If-Match: "+tc.match)
			}
			got := theirs(tc.method, target+tc.suffix, tc.body, headers...).want(404)
			want := theirs(tc.method, missing+tc.suffix, tc.body, headers...).want(404)
			if diff := cmp.Diff(strings.ReplaceAll(string(want.body), missing, target), string(got.body)); diff != "" {
				t.Errorf("(-missing +another tenant's)\n%s", diff)
			}
			if diff := cmp.Diff(want.header.Values("ETag"), got.header.Values("ETag")); diff != "" {
				t.Errorf("ETag (-missing +another tenant's)\n%s", diff)
			}
		})
	}

	theirs("GET", "/v1/customers?limit=2&cursor="+cursor, "").wantCode(400, "cursor_mismatch")
	for _, query := range []string{"", "?id=" + c.ID.String(), "?email=ada@example.com", "?q=ada", "?external_id=A-1", "?count=true"} {
		if got := theirs("GET", "/v1/customers"+query, "").want(200).page(); len(got.Items) > 0 || got.Total != nil && got.Total.Value > 0 {
			t.Errorf("%q shows another tenant's customers", query)
		}
	}
	if got := theirs("POST", "/v1/search", "email=ada@example.com").want(200).page(); len(got.Items) > 0 {
		t.Error("the search shows another tenant's customers")
	}

	own := theirs("POST", "/v1/customers", ada, "Idempotency-Key: k").want(201)
	if own.header.Get("Idempotent-Replayed") != "" || own.customer().ID == c.ID {
		t.Error("a key of another tenant was replayed")
	}
	theirs("POST", "/v1/customers", field("name", "another"), "Idempotency-Key: k0").want(201)
	if got := theirs("POST", "/v1/customers", ada).wantCode(409, "external_id_taken").problem().Existing.ID; got != own.customer().ID {
		t.Errorf("the conflict names %s", got)
	}
	if got := mine("GET", target, "").want(200).customer(); got.Version != 1 {
		t.Errorf("another tenant changed it: version %d", got.Version)
	}
	if got := a.do("GET", "/v1/customers", "", tokens.as("unnamed")).want(200).page(); len(got.Items) > 0 {
		t.Error("the tenant without a name sees customers of another")
	}
}

func TestAuthenticatorsThatFail(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want int
		code string
	}{
		"an error is no access":                   {errors.New("no such key: hunter2"), 401, "unauthorized"},
		"a store that is away is told":            {fmt.Errorf("tokens: %w", customer.ErrUnavailable), 503, "unavailable"},
		"time that is up is told":                 {context.DeadlineExceeded, 503, "timeout"},
		"a tenant that nobody knows is no tenant": {nil, 500, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, httpserver.WithAuthenticator(func(*http.Request) (httpserver.Principal, error) {
				return principal("x", "acme", httpserver.ScopeRead), tc.err
			}))
			got := a.send("GET", "/v1/customers", "").wantCode(tc.want, tc.code)
			if strings.Contains(string(got.body), "hunter2") {
				t.Error("the answer repeats the error")
			}
		})
	}
	t.Run("a panic is no access", func(t *testing.T) {
		t.Parallel()
		a := open(t, httpserver.WithAuthenticator(func(*http.Request) (httpserver.Principal, error) { panic("boom") }))
		a.send("GET", "/v1/customers", "").wantCode(500, "internal")
	})
}
