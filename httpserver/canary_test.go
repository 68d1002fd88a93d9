package httpserver_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

// Every value that a client sends holds canary, and every name that it makes up holds coined: an answer may repeat a name to whoever sent
// it, as the place of a fault. Both are lower case, so that folding does not hide them.
const (
	canary = "zqcanary"
	coined = "zqcoined"
	digits = "7391555000739"
)

// leak returns the surroundings of the first canary in text, "" if there is none.
func leak(text string, marks ...string) string {
	lower := strings.ToLower(text)
	for _, mark := range append(marks, canary, digits) {
		if i := strings.Index(lower, strings.ToLower(mark)); i >= 0 {
			return text[max(0, i-150):min(len(text), i+60)]
		}
	}
	return ""
}

// watch sees everything that leaves the servers it is given to but the answers.
type watch struct {
	mu      sync.Mutex
	log     bytes.Buffer
	metrics *metrics.Metrics
	secrets []string // besides the canaries
}

func newWatch() *watch { return &watch{metrics: metrics.New()} }

func (w *watch) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

func (w *watch) logger() *slog.Logger {
	all := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
	return slog.New(slog.NewMultiHandler(slog.NewJSONHandler(w, all), slog.NewTextHandler(w, all)))
}

func (w *watch) options() []httpserver.Option {
	return []httpserver.Option{httpserver.WithLogger(w.logger()), httpserver.WithObserver(w.metrics), httpserver.WithMetrics(w.metrics.Handler())}
}

// leaks returns what has got into the log or the metrics.
func (w *watch) leaks() (out []string) {
	scrape := httptest.NewRecorder()
	w.metrics.Handler().ServeHTTP(scrape, request("GET", "/metrics", ""))
	w.mu.Lock()
	defer w.mu.Unlock()
	for place, text := range map[string]string{"the log": w.log.String(), "the metrics": scrape.Body.String()} {
		if found := leak(text, append(w.secrets, coined)...); found != "" {
			out = append(out, place+": "+found)
		}
	}
	return out
}

// leakOf returns the leak in an answer to who caused it. What it may repeat is left out: the path as instance, and of a q, which is the
// sender's own, the word that is not understood.
func leakOf(got answer) string {
	if got.status < 400 || len(got.body) == 0 {
		return ""
	}
	var document map[string]any
	if err := json.Unmarshal(got.body, &document); err != nil {
		return "not JSON: " + string(got.body)
	}
	delete(document, "instance")
	for _, f := range got.problem().Errors {
		if f.Parameter == "q" {
			document["detail"] = strings.ReplaceAll(document["detail"].(string), f.Detail, "")
		}
	}
	if faults, ok := document["errors"].([]any); ok {
		document["errors"] = slices.DeleteFunc(faults, func(f any) bool { return f.(map[string]any)["parameter"] == "q" })
	}
	rest, err := json.Marshal(document)
	if err != nil {
		return err.Error()
	}
	return leak(fmt.Sprint(string(rest), got.header))
}

// canaries is a body in which every field is one, of a customer with this number.
func canaries(n int) string {
	return fmt.Sprintf(`{"name":"%[1]s name","email":"%[1]s%[2]d@%[1]s.example","phone":"+%[3]s","company":"%[1]s company","notes":"%[1]s notes",`+
		`"external_id":"%[1]s-%[2]d","address":{"line1":"%[1]s","line2":"%[1]s","city":"%[1]s","region":"%[1]s","postal_code":"%[1]s","country":"%[1]s"},`+
		`"tags":["%[1]s"],"metadata":{"plan":"%[1]s"}}`, canary, n, digits)
}

// canaryTokens knows one token with every scope for each of two tenants, and one that may only read.
func canaryTokens(t testing.TB) *httpserver.Tokens {
	t.Helper()
	line := func(name, tenant, scopes, secret string) string {
		return fmt.Sprintf("%s %s %s %x\n", name, tenant, scopes, sha256.Sum256([]byte(secret)))
	}
	tokens, err := httpserver.ParseTokens(strings.NewReader(line("acme", "acme", "read,write,erase", canary+"-acme") +
		line("globex", "globex", "read,write,erase", canary+"-globex") + line("reader", "acme", "read", canary+"-reader")))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// run sends every request there is a reason to refuse, and some that are not, and returns the answers.
func (w *watch) run(t *testing.T, wrap func(http.Handler, *slog.Logger) http.Handler, opts ...httpserver.Option) (answers []answer) {
	store, tokens := memstore.New(), canaryTokens(t)
	serve := func(s customer.Store, opts ...httpserver.Option) api {
		opts = slices.Concat(w.options(), []httpserver.Option{
			httpserver.WithAuthenticator(tokens.Authenticate),
			httpserver.WithTenants(func(tenant string) customer.Store {
				if s == customer.Store(store) {
					return w.metrics.Store(store.Tenant(tenant))
				}
				return w.metrics.Store(s)
			}),
		}, opts)
		return api{t, wrap(httpserver.New(s, opts...), w.logger())}
	}
	seen := func(got answer) answer {
		answers = append(answers, got)
		return got
	}
	a := serve(store, opts...)
	for _, c := range canaryRequests(a, w) {
		got := seen(a.do(c.method, c.target, c.body, c.headers...))
		if found := leak(string(got.body)); c.foreign && found != "" {
			t.Errorf("another tenant is told, with %d: %s", got.status, found)
		}
	}
	id := "/v1/customers/" + customer.NewID().String()
	for _, s := range canaryStores() {
		a := serve(s)
		for _, r := range [][3]string{
			{"POST", "/v1/customers", canaries(9)},
			{"GET", "/v1/customers?name=" + canary, ""},
			{"GET", id, ""},
			{"PATCH", id, canaries(9)},
			{"DELETE", id, ""},
			{"POST", id + "/tags", `{"add":["` + canary + `"]}`},
			{"POST", "/v1/search", "q=" + canary + "&count=true"},
			{"POST", "/v1/import?mode=commit", canaries(9)},
			{"GET", "/v1/export?name=" + canary, ""},
		} {
			seen(a.do(r[0], r[1], r[2], "Authorization: Bearer "+canary+"-acme", "If-Match: *", "Idempotency-Key: "+canary))
		}
	}
	for _, opt := range []httpserver.Option{httpserver.LoopbackOnly(), httpserver.RequireIfMatch(), httpserver.WithTenants(nil)} {
		a := serve(store, opt)
		seen(a.do("PATCH", id, canaries(9), "Authorization: Bearer "+canary+"-acme", "Host: "+canary+".example", "Origin: https://"+canary+".example"))
	}
	// In a bubble none of them is given up before the last has begun.
	synctest.Test(t, func(bubble *testing.T) {
		got := w.overloaded(bubble, serve)
		got.t = t
		seen(got)
	})
	return answers
}

// overloaded is the answer beside 512 searches that are not done.
func (w *watch) overloaded(t *testing.T, serve func(customer.Store, ...httpserver.Option) api) answer {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	entered := make(chan struct{}, 512)
	a := serve(announced{stuck{memstore.New()}, entered})
	var requests sync.WaitGroup
	defer requests.Wait()
	defer cancel()
	for range cap(entered) {
		requests.Go(func() {
			r := request("GET", "/v1/customers?q="+canary, "", "Authorization: Bearer "+canary+"-acme").WithContext(ctx)
			a.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	for range cap(entered) {
		<-entered
	}
	return a.do("GET", "/v1/customers?q="+canary, "", "Authorization: Bearer "+canary+"-acme")
}

// announced tells that a search has begun.
type announced struct {
	stuck
	entered chan<- struct{}
}

func (s announced) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	s.entered <- struct{}{}
	return s.stuck.Search(ctx, q)
}

func asIs(h http.Handler, _ *slog.Logger) http.Handler { return h }

func TestNoValueLeavesTheServerButToItsOwner(t *testing.T) {
	t.Parallel()
	w := newWatch()
	answers := w.run(t, asIs)
	codes := httpserver.Codes()
	for _, got := range answers {
		if found := leakOf(got); found != "" {
			t.Errorf("an answer with %d repeats a value: %s", got.status, found)
		}
		if got.status >= 400 && len(got.body) > 0 {
			delete(codes, got.problem().Code)
		}
	}
	for code, status := range codes {
		t.Errorf("no request was answered with %d %s", status, code)
	}
	for _, found := range w.leaks() {
		t.Errorf("in %s", found)
	}
	if lines := strings.Count(w.log.String(), "\n"); lines < 2*len(answers) {
		t.Errorf("%d lines were logged of %d requests in two formats", lines, len(answers))
	}
}

func TestAPlantedLeakIsFound(t *testing.T) {
	t.Parallel()
	inFront := func(leak func(*slog.Logger, http.ResponseWriter, *http.Request)) func(http.Handler, *slog.Logger) http.Handler {
		return func(h http.Handler, log *slog.Logger) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				leak(log, w, r)
				h.ServeHTTP(w, r)
			})
		}
	}
	for name, tc := range map[string]struct {
		wrap func(http.Handler, *slog.Logger) http.Handler
		opts func(*watch) []httpserver.Option
	}{
		"the path in the log": {wrap: inFront(func(log *slog.Logger, _ http.ResponseWriter, r *http.Request) { log.Debug("x", "path", r.URL.Path) })},
		"the token in the log": {opts: func(w *watch) []httpserver.Option {
			return []httpserver.Option{httpserver.WithAuthenticator(func(r *http.Request) (httpserver.Principal, error) {
				w.logger().Debug("x", "header", r.Header.Get("Authorization"))
				return httpserver.Principal{}, customer.ErrUnavailable
			})}
		}},
		"a route with the path in the metrics": {opts: func(w *watch) []httpserver.Option {
			return []httpserver.Option{httpserver.WithObserver(loose{w.metrics})}
		}},
		"the cause in the answer": {wrap: inFront(func(_ *slog.Logger, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Cause", r.Header.Get("User-Agent"))
		})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, wrap := newWatch(), tc.wrap
			if wrap == nil {
				wrap = asIs
			}
			var opts []httpserver.Option
			if tc.opts != nil {
				opts = tc.opts(w)
			}
			found := 0
			for _, got := range w.run(t, wrap, opts...) {
				found += len(leakOf(got))
			}
			if found += len(w.leaks()); found == 0 {
				t.Error("nothing was found")
			}
		})
	}
}

// loose takes what should be a pattern from somewhere else.
type loose struct{ *metrics.Metrics }

func (l loose) End(method, _ string, status int, took time.Duration) {
	l.Metrics.End(method, "/v1/"+canary, status, took)
}
