package httpserver_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// api is a server under test. Every answer it gives is held to openapi.json.
type api struct {
	t       *testing.T
	handler http.Handler
}

func open(t *testing.T, opts ...httpserver.Option) api {
	t.Helper()
	return over(t, memstore.New(), opts...)
}

func over(t *testing.T, store customer.Store, opts ...httpserver.Option) api {
	t.Helper()
	return api{t, httpserver.New(store, append([]httpserver.Option{httpserver.WithLogger(discard)}, opts...)...)}
}

// in returns the same server for a part of the test.
func (a api) in(t *testing.T) api { return api{t, a.handler} }

// answer is a response that has been read.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// send sends a request. Headers are written "Name: value"; a body has the media type that its route takes unless they say otherwise.
func (a api) send(method, target, body string, headers ...string) answer {
	a.t.Helper()
	got := a.do(method, target, body, headers...)
	conforms(a.t, request(method, target, body, headers...), got)
	return got
}

// do is send without a look at the document, which takes most of the time: for what comes before the thing under test.
func (a api) do(method, target, body string, headers ...string) answer {
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, request(method, target, body, headers...))
	return answer{a.t, w.Code, w.Result().Header, w.Body.Bytes()}
}

func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	switch {
	case body == "":
	case strings.HasPrefix(target, "/v1/search"):
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case strings.HasPrefix(target, "/v1/import"):
		r.Header.Set("Content-Type", "text/csv")
	case method == http.MethodPatch:
		r.Header.Set("Content-Type", "application/merge-patch+json")
	default:
		r.Header.Set("Content-Type", "application/json")
	}
	written := map[string]bool{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		if !written[name] {
			r.Header.Del(name)
		}
		if written[name] = true; value != "" || name != "Content-Type" {
			r.Header.Add(name, value)
		}
	}
	return r
}

// create makes a customer that must be accepted.
func (a api) create(body string) customer.Customer {
	a.t.Helper()
	return a.do("POST", "/v1/customers", body).want(http.StatusCreated).customer()
}

func (g answer) want(status int) answer {
	g.t.Helper()
	if g.status != status {
		g.t.Fatalf("got status %d, want %d\n%s", g.status, status, g.body)
	}
	return g
}

// wantCode checks status and code of a problem document.
func (g answer) wantCode(status int, code string) answer {
	g.t.Helper()
	g.want(status)
	if got := g.problem().Code; got != code {
		g.t.Fatalf("got code %q, want %q\n%s", got, code, g.body)
	}
	return g
}

func (g answer) customer() (c customer.Customer) {
	g.t.Helper()
	g.decode(&c)
	return c
}

type page struct {
	Items []customer.Customer `json:"items"`
	Next  string              `json:"next_cursor"`
	Total *struct {
		Value int  `json:"value"`
		Exact bool `json:"exact"`
	} `json:"total"`
}

func (p page) names() []string {
	names := []string{}
	for _, c := range p.Items {
		names = append(names, c.Name)
	}
	return names
}

func (g answer) page() (p page) {
	g.t.Helper()
	g.decode(&p)
	return p
}

type fault struct {
	Pointer   string `json:"pointer"`
	Parameter string `json:"parameter"`
	Offset    *int   `json:"offset"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}

type problem struct {
	Type, Title, Detail, Instance, Code string

	Status    int
	RequestID string `json:"request_id"`
	Errors    []fault
	Existing  struct {
		ID   customer.ID
		Href string
	}
}

func (g answer) problem() (p problem) {
	g.t.Helper()
	g.decode(&p)
	return p
}

// faults returns where the errors are and their codes: "#/email invalid_email".
func (g answer) faults() []string {
	g.t.Helper()
	out := []string{}
	for _, f := range g.problem().Errors {
		out = append(out, f.Pointer+f.Parameter+" "+f.Code)
	}
	return out
}

func (g answer) decode(into any) {
	g.t.Helper()
	if err := json.Unmarshal(g.body, into); err != nil {
		g.t.Fatalf("%v\n%s", err, g.body)
	}
}
