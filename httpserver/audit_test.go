package httpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// logged keeps the lines of a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) option(level slog.Level) httpserver.Option {
	return httpserver.WithLogger(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level})))
}

// take returns the lines with this message since the last call, without their time.
func (l *logged) take(t *testing.T, message string) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := []map[string]any{}
	decoder := json.NewDecoder(&l.text)
	for decoder.More() {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] == message {
			delete(line, "time")
			delete(line, "msg")
			lines = append(lines, line)
		}
	}
	l.text.Reset()
	return lines
}

// auditLine is a line of the log as JSON gives it.
func auditLine(action, id string, from, to int, fields ...any) map[string]any {
	line := map[string]any{
		"level": "INFO", "action": action, "customer": id, "version_from": float64(from), "version_to": float64(to), "fields": any(fields),
		"tenant": "acme", "token": "all", "request_id": "r",
	}
	if fields == nil {
		line["fields"] = []any{}
	}
	return line
}

func TestEveryChangeLeavesOneLine(t *testing.T) {
	t.Parallel()
	log := new(logged)
	a, tokens := guarded(t, log.option(slog.LevelInfo))
	send := func(method, target, body string, headers ...string) answer {
		return a.do(method, target, body, append(headers, tokens.as("all"), "X-Request-Id: r")...)
	}
	created := send("POST", "/v1/customers", ada, "Idempotency-Key: k").want(201)
	id := created.customer().ID.String()
	target := "/v1/customers/" + id
	wantLines(t, log, "creating", auditLine("create", id, 0, 1, "address.city", "address.country", "address.line1", "company", "email", "external_id",
		"metadata.plan", "name", "notes", "phone", "tags"))
	for _, tc := range []struct {
		name, method, path, body, match string
		status                          int
		want                            []map[string]any
	}{
		{"one field", "PATCH", "", field("name", "Ada"), "", 200, []map[string]any{auditLine("update", id, 1, 2, "name")}},
		{"the parts of an address and of metadata", "PATCH", "", `{"address":{"city":"Paris","line1":null},"metadata":{"plan":null,"tier":"1"},"tags":["x"]}`, `"2"`, 200, []map[string]any{
			auditLine("update", id, 2, 3, "address.city", "address.line1", "metadata.plan", "metadata.tier", "tags"),
		}},
		{"what is sent and is not changed has no name", "PATCH", "", `{"name":"Ada","company":"C"}`, "*", 200, []map[string]any{auditLine("update", id, 3, 4, "company")}},
		{"tags", "POST", "/tags", `{"add":["y"],"remove":["x"]}`, "", 200, []map[string]any{auditLine("tag", id, 4, 5, "tags")}},
		{"archiving", "POST", "/archive", "", "", 200, []map[string]any{auditLine("archive", id, 5, 6, "status")}},
		{"archiving again", "POST", "/archive", "", "", 200, nil},
		{"emptying what is archived", "PATCH", "", `{"notes":null}`, "", 200, []map[string]any{auditLine("update", id, 6, 7, "notes")}},
		{"changing what is archived", "PATCH", "", field("name", "B"), "", 409, nil},
		{"restoring", "POST", "/restore", "{}", "", 200, []map[string]any{auditLine("restore", id, 7, 8, "status")}},
		{"restoring again", "POST", "/restore", "{}", "", 200, nil},
		{"a patch that changes nothing", "PATCH", "", field("name", "Ada"), "", 200, nil},
		{"an empty patch", "PATCH", "", `{}`, "", 200, nil},
		{"tags that are there", "POST", "/tags", `{"add":["y"]}`, "", 200, nil},
		{"a patch at another version", "PATCH", "", field("name", "B"), `"1"`, 412, nil},
		{"a patch that is not valid", "PATCH", "", field("email", "nobody"), "", 422, nil},
		{"a patch that is no JSON", "PATCH", "", `{`, "", 400, nil},
		{"reading", "GET", "", "", "", 200, nil},
		{"erasing without If-Match", "DELETE", "", "", "", 428, nil},
		{"erasing at another version", "DELETE", "", "", `"1"`, 412, nil},
		{"erasing", "DELETE", "", "", `"8"`, 204, []map[string]any{auditLine("erase", id, 8, 0)}},
		{"erasing again", "DELETE", "", "", "*", 404, nil},
	} {
		var headers []string
		if tc.match != "" {
			headers = []string{"If-Match: " + tc.match}
		}
		send(tc.method, target+tc.path, tc.body, headers...).want(tc.status)
		wantLines(t, log, tc.name, tc.want...)
	}
	erased := send("POST", "/v1/customers", field("name", "last")).want(201).customer().ID.String()
	log.take(t, "audit")
	send("DELETE", "/v1/customers/"+erased, "", "If-Match: *").want(204)
	wantLines(t, log, "erasing whatever is current", auditLine("erase", erased, 1, 0))
}

func wantLines(t *testing.T, log *logged, name string, want ...map[string]any) {
	t.Helper()
	if diff := cmp.Diff(append([]map[string]any{}, want...), log.take(t, "audit")); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

func TestCreatesThatMakeNothingLeaveNoLine(t *testing.T) {
	t.Parallel()
	log := new(logged)
	a, tokens := guarded(t, log.option(slog.LevelInfo))
	a.do("POST", "/v1/customers", ada, tokens.as("all"), "Idempotency-Key: k").want(201)
	log.take(t, "audit")
	for name, tc := range map[string]struct {
		body    string
		headers []string
		want    int
	}{
		"a replay":             {ada, []string{tokens.as("all"), "Idempotency-Key: k"}, 201},
		"a key used otherwise": {field("name", "x"), []string{tokens.as("all"), "Idempotency-Key: k"}, 422},
		"what is taken":        {ada, []string{tokens.as("all")}, 409},
		"what is not valid":    {`{}`, []string{tokens.as("all")}, 422},
		"a token without it":   {ada, []string{tokens.as("read")}, 403},
		"no token":             {ada, nil, 401},
	} {
		a.do("POST", "/v1/customers", tc.body, tc.headers...).want(tc.want)
		wantLines(t, log, name)
	}
	failed := over(t, failing{customer.ErrUnavailable}, log.option(slog.LevelInfo))
	failed.do("POST", "/v1/customers", ada).want(503)
	wantLines(t, log, "a store that is away")
}

// Nobody's change is lost, and the versions of the lines follow each other without a gap.
func TestPatchesThatRaceLeaveALineEach(t *testing.T) {
	t.Parallel()
	log := new(logged)
	a := open(t, log.option(slog.LevelInfo))
	c := a.create(field("name", "x"))
	target := "/v1/customers/" + c.ID.String()
	log.take(t, "audit")
	const writers = 32
	var racing sync.WaitGroup
	for i := range writers {
		racing.Go(func() {
			key := string(rune('a'+i%26)) + string(rune('a'+i/26))
			a.do("PATCH", target, `{"metadata":{"`+key+`":"1"}}`).want(200)
		})
	}
	racing.Wait()
	if got := a.do("GET", target, "").want(200).customer(); len(got.Metadata) != writers || got.Version != writers+1 {
		t.Errorf("got %d changes and version %d", len(got.Metadata), got.Version)
	}
	versions, names := []int{}, map[any]bool{}
	for _, line := range log.take(t, "audit") {
		if line["version_to"].(float64) != line["version_from"].(float64)+1 {
			t.Errorf("got %v", line)
		}
		versions = append(versions, int(line["version_to"].(float64)))
		for _, name := range line["fields"].([]any) {
			names[name] = true
		}
	}
	slices.Sort(versions)
	want := make([]int, writers)
	for i := range want {
		want[i] = i + 2
	}
	if diff := cmp.Diff(want, versions); diff != "" || len(names) != writers {
		t.Errorf("%d fields; versions (-want +got)\n%s", len(names), diff)
	}
}

func TestTheLineOfARequest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, target, body, as string
		method0, route           string
		status                   int
		debug                    bool
	}{
		"a list":                      {"GET", "/v1/customers?name=x", "", "all", "GET", "/v1/customers", 200, false},
		"a customer":                  {"GET", "/v1/customers/" + customer.NewID().String(), "", "all", "GET", "/v1/customers/:id", 404, false},
		"HEAD":                        {"HEAD", "/v1/customers", "", "all", "HEAD", "/v1/customers", 200, false},
		"a path that is not served":   {"GET", "/v1/secret", "", "all", "GET", "", 404, false},
		"a path outside":              {"GET", "/secret", "", "all", "GET", "", 404, false},
		"another method":              {"PUT", "/v1/customers", "", "all", "PUT", "", 405, false},
		"a method that nobody knows":  {"EXPLODE", "/v1/customers", "", "all", "other", "", 405, false},
		"OPTIONS":                     {"OPTIONS", "/v1/customers", "", "all", "OPTIONS", "", 204, false},
		"no token":                    {"GET", "/v1/customers", "", "", "GET", "/v1/customers", 401, false},
		"a token without the scope":   {"POST", "/v1/customers", ada, "read", "POST", "/v1/customers", 403, false},
		"a probe":                     {"GET", "/livez", "", "", "GET", "/livez", 200, true},
		"readiness":                   {"GET", "/readyz", "", "", "GET", "/readyz", 200, true},
		"a scrape":                    {"GET", "/metrics", "", "", "GET", "/metrics", 200, true},
		"the version":                 {"GET", "/version", "", "", "GET", "/version", 200, true},
		"the document":                {"GET", "/openapi.json", "", "", "GET", "/openapi.json", 200, true},
		"a path that looks like none": {"GET", "/v1//customers", "", "all", "GET", "", 404, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug} {
				log := new(logged)
				scrape := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
				a, tokens := guarded(t, log.option(level), httpserver.WithMetrics(scrape))
				headers := []string{"X-Request-Id: r"}
				if tc.as != "" {
					headers = append(headers, tokens.as(tc.as))
				}
				token := tc.as
				if tc.status == 401 || !strings.HasPrefix(tc.target, "/v1/") {
					token = ""
				}
				a.do(tc.method, tc.target, tc.body, headers...).want(tc.status)
				got := log.take(t, "request")
				want := []map[string]any{{
					"level": "INFO", "method": tc.method0, "route": tc.route, "status": float64(tc.status), "request_id": "r", "token": token,
				}}
				if tc.debug {
					want[0]["level"] = "DEBUG"
				}
				if tc.debug && level == slog.LevelInfo {
					want = want[:0]
				}
				for _, line := range got {
					if took, ok := line["duration"].(float64); !ok || took < 0 {
						t.Errorf("got the duration %v", line["duration"])
					}
					delete(line, "duration")
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("at %s (-want +got)\n%s", level, diff)
				}
			}
		})
	}
}

// tally is an observer that counts.
type tally struct {
	mu    sync.Mutex
	begun int
	ended map[string]int
}

func (o *tally) Begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun++
}

func (o *tally) End(method, route string, status int, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended == nil {
		o.ended = map[string]int{}
	}
	o.ended[strings.TrimSpace(method+" "+route)+" "+http.StatusText(status)]++
	if took < 0 {
		o.ended["negative"]++
	}
}

func TestTheObserverSeesEveryRequestOnce(t *testing.T) {
	t.Parallel()
	o := new(tally)
	observed := httpserver.WithObserver(o)
	a := over(t, memstore.New(), observed)
	id := a.do("POST", "/v1/customers", ada).want(201).customer().ID.String()
	a.do("GET", "/v1/customers/"+id, "")
	a.do("HEAD", "/v1/customers/"+id, "")
	a.do("GET", "/v1/customers/x", "")
	a.do("GET", "/v1/customers/"+id+"/x", "")
	a.do("EXPLODE", "/v1/customers", "")
	a.do("POST", "/v1/search", "q=%zz")
	a.do("GET", "/livez", "")
	a.do("GET", "/docs", "")
	a.do("GET", "/v1%2Fcustomers", "")
	over(t, panicking{}, observed).do("POST", "/v1/customers", ada).want(500)
	over(t, failing{customer.ErrUnavailable}, observed).do("GET", "/v1/customers", "").want(503)
	open(t, observed, httpserver.LoopbackOnly()).do("GET", "/v1/customers", "", "Host: evil.example").want(403)
	preflight(open(t, observed, httpserver.WithCORS(allowedOrigin)), "/v1/customers", allowedOrigin, "GET", "").want(204)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic after the answer does not cut the connection")
			}
		}()
		over(t, memstore.New(), observed).handler.ServeHTTP(breaking{httptest.NewRecorder()}, request("GET", "/version", ""))
	}()
	want := map[string]int{
		"POST /v1/customers Created": 1, "GET /v1/customers/:id OK": 1, "HEAD /v1/customers/:id OK": 1, "GET /v1/customers/:id Not Found": 1,
		"GET Not Found": 2, "other Method Not Allowed": 1, "POST /v1/search Bad Request": 1, "GET /livez OK": 1, "GET /docs OK": 1,
		"POST /v1/customers Internal Server Error": 1, "GET /v1/customers Service Unavailable": 1, "GET /v1/customers Forbidden": 1,
		"OPTIONS No Content": 1, "GET /version OK": 1,
	}
	if diff := cmp.Diff(want, o.ended); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	total := 0
	for n := range maps.Values(o.ended) {
		total += n
	}
	if o.begun != total {
		t.Errorf("%d began and %d ended", o.begun, total)
	}
}

// An operator may silence requests, not changes.
func TestChangesAreLoggedAtEveryLevel(t *testing.T) {
	t.Parallel()
	log := new(logged)
	a := open(t, log.option(slog.LevelError))
	a.create(ada)
	if audit, requests := log.take(t, "audit"), log.take(t, "request"); len(audit) != 1 || len(requests) != 0 {
		t.Errorf("got %d lines of changes and %d of requests", len(audit), len(requests))
	}
}

// leaving is a store whose client goes away while it works.
type leaving struct {
	customer.Store
	leave context.CancelFunc
}

func (s leaving) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	s.leave()
	if err := ctx.Err(); err != nil {
		return customer.Customer{}, err
	}
	return s.Store.Create(ctx, d)
}

func (s leaving) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	s.leave()
	if err := ctx.Err(); err != nil {
		return customer.Customer{}, err
	}
	return s.Store.Update(ctx, id, v, p)
}

func (s leaving) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	s.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Delete(ctx, id, v)
}

func TestAChangeIsMadeAndLoggedWhenItsClientHangsUp(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	c, err := store.Create(t.Context(), customer.Draft{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	target := "/v1/customers/" + c.ID.String()
	for _, tc := range []struct{ method, target, body, match string }{
		{"POST", "/v1/customers", field("name", "x"), ""},
		{"POST", "/v1/import?mode=commit", "name\nx\n", ""},
		{"PATCH", target, field("name", "B"), ""},
		{"DELETE", target, "", `"2"`},
	} {
		ctx, leave := context.WithCancel(t.Context())
		log := new(logged)
		a := over(t, leaving{store, leave}, log.option(slog.LevelInfo))
		r := request(tc.method, tc.target, tc.body).WithContext(ctx)
		if tc.match != "" {
			r.Header.Set("If-Match", tc.match)
		}
		a.handler.ServeHTTP(httptest.NewRecorder(), r)
		if got := log.take(t, "audit"); len(got) != 1 {
			t.Errorf("%s %s: got %d lines", tc.method, tc.target, len(got))
		}
	}
}

func TestAChangeWithoutAnAnswerIsToldAsSuch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"a lost connection": {fmt.Errorf("x: %w", customer.ErrUnavailable), 1},
		"time that is up":   {context.DeadlineExceeded, 1},
		"a refusal":         {customer.ErrReferenced, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logged)
			a := over(t, failing{tc.err}, log.option(slog.LevelInfo))
			a.do("DELETE", "/v1/customers/"+customer.NewID().String(), "", `If-Match: "1"`)
			if got := log.take(t, "audit outcome unknown"); len(got) != tc.want {
				t.Errorf("got %d lines, want %d", len(got), tc.want)
			}
		})
	}
	t.Run("an import that stops for whatever reason", func(t *testing.T) {
		t.Parallel()
		log, calls := new(logged), 1
		a := over(t, stopping{memstore.New(), &calls, errors.New("boom")}, log.option(slog.LevelInfo))
		a.do("POST", importTarget, "name\na\nb\n")
		if got := log.take(t, "audit outcome unknown"); len(got) != 1 {
			t.Errorf("got %d lines, want 1", len(got))
		}
	})
}
