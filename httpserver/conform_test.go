package httpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// contract is the document as the server gives it.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

var loadContract = sync.OnceValues(func() (contract, error) {
	w := httptest.NewRecorder()
	httpserver.New(memstore.New()).ServeHTTP(w, request("GET", "/openapi.json", ""))
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(w.Body.Bytes())
	if err != nil {
		return contract{}, err
	}
	if err := doc.Validate(loader.Context); err != nil {
		return contract{}, err
	}
	for _, lines := range []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "text/csv"} {
		openapi3filter.RegisterBodyDecoder(lines, openapi3filter.PlainBodyDecoder)
	}
	router, err := gorillamux.NewRouter(doc)
	return contract{doc, router}, err
})

func theContract(t testing.TB) contract {
	t.Helper()
	c, err := loadContract()
	if err != nil {
		t.Fatalf("openapi.json: %v", err)
	}
	return c
}

// check holds an answer to the document, its status, headers and body, and the request too if it was accepted.
func (c contract) check(ctx context.Context, r *http.Request, got answer) error {
	route, pathParams, err := c.router.FindRoute(r)
	if errors.Is(err, routers.ErrPathNotFound) || errors.Is(err, routers.ErrMethodNotAllowed) {
		return c.checkOutside(r, got)
	}
	if err != nil {
		return err
	}
	documented := route.Operation.Responses.Status(got.status)
	if documented == nil {
		return fmt.Errorf("%s: status %d is not in the document", route.Operation.OperationID, got.status)
	}
	if err := checkHeaders(documented.Value, got.header); err != nil {
		return err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: pathParams, Route: route,
		Options: &openapi3filter.Options{ExcludeReadOnlyValidations: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := checkRows(route.Operation.RequestBody, r, got); err != nil {
		return err
	}
	if got.status < 300 {
		if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
			return fmt.Errorf("the document forbids a request that was accepted: %w", err)
		}
	}
	if r.Method == http.MethodHead || got.status == http.StatusNotModified || got.status == http.StatusNoContent {
		if len(got.body) > 0 {
			return errors.New("there is a body")
		}
		return nil
	}
	if err := checkLines(documented.Value.Content.Get(got.header.Get("Content-Type")), got.body, nil); err != nil {
		return err
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: got.status, Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

// checkLines holds the lines of NDJSON, but for those that are to be left out, to what the document says that the text contains.
func checkLines(documented *openapi3.MediaType, text []byte, leaveOut map[int]bool) error {
	if documented == nil || documented.Schema == nil || documented.Schema.Value.ContentSchema == nil {
		return nil
	}
	items, number := documented.Schema.Value.ContentSchema.Value.Items.Value, 0
	for line := range bytes.Lines(text) {
		if number++; leaveOut[number] || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var value any
		if err := json.Unmarshal(line, &value); err != nil {
			return err
		}
		if err := items.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.VisitAsResponse()); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

// checkRows holds the rows that an import has not refused to the document.
func checkRows(documented *openapi3.RequestBodyRef, r *http.Request, got answer) error {
	if documented == nil || got.status != http.StatusOK {
		return nil
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	refused := map[int]bool{}
	for line := range bytes.Lines(got.body) {
		var result struct {
			Line   int
			Result string
		}
		if json.Unmarshal(line, &result) == nil && result.Result == "refused" {
			refused[result.Line] = true
		}
	}
	if err := checkLines(documented.Value.Content.Get(r.Header.Get("Content-Type")), bytes.TrimPrefix(sent, []byte("\uFEFF")), refused); err != nil {
		return fmt.Errorf("the document forbids a row that was accepted: %w", err)
	}
	return nil
}

// checkHeaders checks both directions: what is promised is there, what is there is promised.
func checkHeaders(documented *openapi3.Response, got http.Header) error {
	promised := []string{"Content-Type", "Content-Length"}
	for name, header := range documented.Headers {
		promised = append(promised, http.CanonicalHeaderKey(name))
		if header.Value.Required && got.Get(name) == "" {
			return fmt.Errorf("the header %s is missing", name)
		}
		if pattern := header.Value.Schema.Value; got.Get(name) != "" {
			if err := pattern.VisitJSON(got.Get(name), openapi3.EnableJSONSchema2020()); err != nil {
				return fmt.Errorf("the header %s: %w", name, err)
			}
		}
	}
	for name := range got {
		if !slices.Contains(promised, name) {
			return fmt.Errorf("the header %s is not in the document", name)
		}
	}
	return nil
}

// checkOutside checks answers to what the document has no operation for.
func (c contract) checkOutside(r *http.Request, got answer) error {
	switch got.status {
	case http.StatusNoContent:
		if r.Method != http.MethodOptions || len(got.body) > 0 {
			return errors.New("only OPTIONS is 204 here")
		}
		return nil
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden, http.StatusUnauthorized:
	default:
		return fmt.Errorf("status %d outside the document", got.status)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	var value any
	if err := json.Unmarshal(got.body, &value); err != nil {
		return err
	}
	return c.doc.Components.Schemas["Problem"].Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.VisitAsResponse())
}

func conforms(t *testing.T, r *http.Request, got answer) {
	t.Helper()
	if err := theContract(t).check(t.Context(), r, got); err != nil {
		t.Errorf("%s %s is answered with %d: %v\n%.2000s", r.Method, r.URL.Path, got.status, err, got.body)
	}
}

// What the checks above let pass would prove nothing.
func TestTheContractCheckFindsEveryKindOfDeviation(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(ada).ID.String()
	for name, deviate := range map[string]func(*answer){
		"another status":           func(g *answer) { g.status = http.StatusAccepted },
		"a header missing":         func(g *answer) { g.header.Del("ETag") },
		"a header too many":        func(g *answer) { g.header.Set("X-Powered-By", "Go") },
		"a header of another form": func(g *answer) { g.header.Set("ETag", "3") },
		"a body of another type":   func(g *answer) { g.header.Set("Content-Type", "text/plain") },
		"a member missing":         func(g *answer) { g.body = bytes.Replace(g.body, []byte(`"notes"`), []byte(`"note"`), 1) },
		"a null for a text":        func(g *answer) { g.body = bytes.Replace(g.body, []byte(`"+44 20 7946 0958"`), []byte(`null`), 1) },
		"a time without fractions": func(g *answer) {
			g.body = bytes.Replace(g.body, []byte(`Z","updated_at"`), []byte(`0Z","updated_at"`), 1)
		},
		"a text longer than allowed": func(g *answer) { g.body = bytes.Replace(g.body, []byte("London"), []byte(strings.Repeat("x", 101)), 1) },
		"no body":                    func(g *answer) { g.body = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			got := a.send("GET", target, "")
			deviate(&got)
			if theContract(t).check(t.Context(), request("GET", target, ""), got) == nil {
				t.Errorf("the check finds nothing wrong\n%s", got.body)
			}
		})
	}
}

func TestTheContractCheckReadsEveryLine(t *testing.T) {
	t.Parallel()
	const file = "name,email\nBob,\nAda,ada@example.com\nBad,nobody\n"
	for name, tc := range map[string]struct{ method, target, body, old, new string }{
		"a result that has no name":       {"POST", importTarget, file, `"created"`, `"made"`},
		"a reason that is not listed":     {"POST", importTarget, file, `"email_taken"`, `"email"`},
		"a fault without a pointer":       {"POST", importTarget, file, `"pointer":"#/email",`, ``},
		"totals without the rows":         {"POST", importTarget, file, `"rows":3,`, ``},
		"a row that was exported in part": {"GET", "/v1/export", "", `"notes":"",`, ``},
		"an end without a number":         {"GET", "/v1/export", "", `,"count":2`, ``},
		"a line that is no JSON":          {"GET", "/v1/export", "", `{"end"`, `"end"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			a.create(ada)
			a.create(field("name", "Eve"))
			got := a.send(tc.method, tc.target, tc.body)
			deviating := bytes.Replace(got.body, []byte(tc.old), []byte(tc.new), 1)
			if bytes.Equal(got.body, deviating) {
				t.Fatalf("nothing to deviate in\n%s", got.body)
			}
			got.body = deviating
			r := request(tc.method, tc.target, tc.body)
			if theContract(t).check(t.Context(), r, got) == nil {
				t.Errorf("the check finds nothing wrong\n%s", got.body)
			}
		})
	}
}

func TestTheContractCheckReadsAcceptedRows(t *testing.T) {
	t.Parallel()
	const ndjson = "Content-Type: application/x-ndjson"
	got := open(t).send("POST", importTarget, `{"name":"Bob"}`, ndjson)
	for body, want := range map[string]bool{`{"name":"Ann"}`: true, `{"nmae":"Bob"}`: false, `{"name":7}`: false, `{"name":"Bob","status":"active"}`: false} {
		if err := theContract(t).check(t.Context(), request("POST", importTarget, body, ndjson), got); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
