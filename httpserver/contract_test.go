package httpserver_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func TestTheRouteTableIsTheDocument(t *testing.T) {
	t.Parallel()
	var documented []string
	for path, item := range theContract(t).doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+strings.ReplaceAll(path, "{id}", ":id"))
		}
	}
	got := httpserver.Routes(httpserver.New(memstore.New(), httpserver.WithMetrics(http.NotFoundHandler())))
	if diff := cmp.Diff(slices.Sorted(slices.Values(documented)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("(-document +routes)\n%s", diff)
	}
}

func TestTheParametersOfListsAreTheDocuments(t *testing.T) {
	t.Parallel()
	doc := theContract(t).doc
	want := append(httpserver.ParamNames(), "metadata")
	slices.Sort(want)
	for _, method := range []string{"GET", "HEAD"} {
		var got []string
		for _, p := range doc.Paths.Value("/v1/customers").GetOperation(method).Parameters {
			if p.Value.In == "query" {
				got = append(got, p.Value.Name)
			}
		}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
			t.Errorf("%s (-code +document)\n%s", method, diff)
		}
	}
	form := doc.Components.Schemas["SearchForm"].Value
	got := slices.Sorted(maps.Keys(form.Properties))
	if diff := cmp.Diff(slices.DeleteFunc(want, func(s string) bool { return s == "metadata" }), got); diff != "" {
		t.Errorf("form (-code +document)\n%s", diff)
	}
}

func TestTheCodesAreTheDocuments(t *testing.T) {
	t.Parallel()
	doc := theContract(t).doc
	var listed []string
	for _, code := range doc.Components.Schemas["Code"].Value.Enum {
		listed = append(listed, code.(string))
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(httpserver.Codes())), slices.Sorted(slices.Values(listed))); diff != "" {
		t.Errorf("(-code +document)\n%s", diff)
	}
	byStatus := map[int][]string{}
	for code, status := range httpserver.Codes() {
		byStatus[status] = append(byStatus[status], code)
	}
	for name, response := range doc.Components.Responses {
		problem := response.Value.Content["application/problem+json"]
		if problem == nil {
			continue
		}
		status := int(problem.Schema.Value.Properties["status"].Value.Const.(float64))
		var got []string
		for _, code := range problem.Schema.Value.Properties["code"].Value.Enum {
			got = append(got, code.(string))
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(byStatus[status])), slices.Sorted(slices.Values(got))); diff != "" {
			t.Errorf("%s (-code +document)\n%s", name, diff)
		}
	}
}

// The limits of the fields are said once, in package customer; the document repeats them.
func TestTheLimitsOfTheDocumentAreThoseOfTheFields(t *testing.T) {
	t.Parallel()
	schemas := theContract(t).doc.Components.Schemas
	for _, limit := range customer.Limits() {
		for _, name := range []string{"Customer", "CustomerFields"} {
			got, ok := limitOf(schemas[name].Value, limit.Name)
			if limit.Name == "metadata bytes" {
				continue // JSON Schema has no word for it: it is said in the description.
			}
			if !ok || got != limit.Max {
				t.Errorf("%s: %s is limited to %d, want %d", name, limit.Name, got, limit.Max)
			}
		}
	}
	if limit := schemas["PageLimit"].Value; *limit.Max != customer.MaxLimit || limit.Default != float64(customer.DefaultLimit) {
		t.Errorf("got page limit %v, default %v", *limit.Max, limit.Default)
	}
	if got := *schemas["FilterText"].Value.MaxLength; got != customer.MaxTextBytes {
		t.Errorf("got %d characters of q, want %d", got, customer.MaxTextBytes)
	}
	for _, field := range customer.TextFields() {
		name := "Filter"
		for part := range strings.SplitSeq(string(field), "_") {
			name += strings.ToUpper(part[:1]) + part[1:]
		}
		longest := strings.Repeat("1", int(*schemas[name].Value.Items.Value.MaxLength))
		if err := (customer.Query{Where: field.Is(longest)}).Validate(); err != nil {
			t.Errorf("%s: %d characters are refused: %v", name, len(longest), err)
		}
		if (customer.Query{Where: field.Is(longest + "1")}).Validate() == nil {
			t.Errorf("%s: more than %d characters are accepted", name, len(longest))
		}
	}
}

func limitOf(schema *openapi3.Schema, path string) (limit int, ok bool) {
	path, element := strings.CutSuffix(path, "[]")
	path, value := strings.CutSuffix(path, "{}")
	for part := range strings.SplitSeq(path, ".") {
		ref := schema.Properties[part]
		if ref == nil {
			return 0, false
		}
		schema = ref.Value
	}
	var max *uint64
	switch {
	case element:
		max = schema.Items.Value.MaxLength
	case value:
		max = schema.AdditionalProperties.Schema.Value.MaxLength
	case schema.Type.Includes("array"):
		max = schema.MaxItems
	case schema.Type.Includes("object"):
		max = schema.MaxProps
	default:
		max = schema.MaxLength
	}
	if max == nil {
		return 0, false
	}
	return int(*max), true
}

// TestEveryDocumentedStatusOfEveryOperation provokes each of them once. The answers are held to the document as all are.
func TestEveryDocumentedStatusOfEveryOperation(t *testing.T) {
	t.Parallel()
	for path, item := range theContract(t).doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				t.Run(operation.OperationID+" "+status, func(t *testing.T) {
					t.Parallel()
					want, err := strconv.Atoi(status)
					if err != nil {
						t.Fatal(err)
					}
					provoke(t, method, path, want).want(want)
				})
			}
		}
	}
}

// provoke sends a request that gets the status, if it can.
func provoke(t *testing.T, method, path string, status int) answer {
	t.Helper()
	store := memstore.New()
	a := over(t, store)
	if status == 200 && path == "/metrics" {
		a = over(t, store, httpserver.WithMetrics(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		})))
	}
	c := a.create(ada)
	id, body, headers := c.ID.String(), map[string]string{"POST /v1/customers": field("name", "x"), "PATCH /v1/customers/{id}": field("notes", "x"), "POST /v1/customers/{id}/tags": `{"add":["x"]}`, "POST /v1/import": "name\nx\n"}[method+" "+path], []string(nil)
	if method == "DELETE" {
		headers = append(headers, "If-Match: *")
	}
	query := ""
	if path == "/v1/import" {
		query = "?mode=commit"
	}
	switch status {
	case 304:
		tag := a.do("GET", strings.ReplaceAll(path, "{id}", id), "").header.Get("ETag")
		headers = append(headers, "If-None-Match: "+tag)
	case 400:
		query = strings.TrimPrefix(query+"&nosuch=1", "&")
		query = "?" + strings.TrimPrefix(query, "?")
	case 401:
		a = over(t, store, httpserver.WithAuthenticator(theTokens(t).Authenticate))
	case 403:
		a = over(t, store, httpserver.LoopbackOnly())
	case 404:
		id = customer.NewID().String()
	case 406:
		headers = append(headers, "Accept: image/png")
	case 409:
		a, body = provokeConflict(a, path, id, body)
	case 412:
		headers = []string{`If-Match: "9"`}
	case 413:
		if body = strings.Repeat(" ", maxBody+1); path == "/v1/import" {
			body = "name\n" + strings.Repeat("x\n", 10_001)
		}
	case 415:
		headers = append(headers, "Content-Type: text/plain")
		body += " "
	case 422:
		if body = `{"zzz":1}`; path == "/v1/import" {
			body = "name,Name\nx,y\n"
		}
	case 428:
		if a, headers = over(t, store, httpserver.RequireIfMatch()), nil; path == "/v1/import" {
			query += "&on_conflict=update&match=email"
		}
	case 500:
		a = over(t, failing{errors.New("boom")})
	case 503:
		a = over(t, failing{customer.ErrUnavailable})
	}
	return a.send(method, strings.ReplaceAll(path, "{id}", id)+query, body, headers...)
}

func provokeConflict(a api, path, id, body string) (api, string) {
	switch path {
	case "/v1/customers":
		return a, ada
	case "/v1/customers/{id}":
		if body == "" {
			return over(a.t, failing{customer.ErrReferenced}), body
		}
		fallthrough
	case "/v1/customers/{id}/tags":
		a.do("POST", "/v1/customers/"+id+"/archive", "").want(200)
	case "/v1/customers/{id}/restore":
		a.do("POST", "/v1/customers/"+id+"/archive", "").want(200)
		a.create(ada[:1] + `"email":"ada@example.com"}`)
	case "/v1/customers/{id}/archive":
		return over(a.t, failing{&customer.ConflictError{Field: "email"}}), body
	}
	return a, body
}

// The order of the checks is part of the contract: of two faults the earlier one is told.
func TestTheOrderOfTheChecks(t *testing.T) {
	t.Parallel()
	const missing = "/v1/customers/01970000-0000-7000-8000-000000000000"
	store := memstore.New()
	guarded := over(t, store, httpserver.LoopbackOnly())
	strict := over(t, store, httpserver.RequireIfMatch())
	open := over(t, store)
	active := "/v1/customers/" + open.create(ada).ID.String()
	archived := "/v1/customers/" + open.create(field("name", "old")).ID.String()
	open.do("POST", archived+"/archive", "").want(200)
	large := strings.Repeat(" ", maxBody+1)
	for i, tc := range []struct {
		a                    api
		method, target, body string
		headers              []string
		want                 int
	}{
		{guarded, "GET", "/v1/nothing", "", nil, 403},
		{open, "PUT", "/v1/nothing", "", nil, 404},
		{open, "PUT", "/v1/customers/x", "", nil, 404},
		{open, "POST", "/v1/customers/x/archive?zzz", "", []string{"Accept: text/html"}, 404},
		{open, "PUT", "/v1/customers", "x", []string{"Accept: text/html"}, 405},
		{open, "POST", "/v1/customers?zzz", "x", []string{"Accept: text/html", "Content-Type: text/plain"}, 406},
		{open, "POST", "/v1/customers?zzz", large, []string{"Content-Type: text/plain"}, 415},
		{open, "PATCH", active + "?zzz", large, []string{"Content-Type: text/plain"}, 415},
		{open, "POST", "/v1/customers?zzz", large, nil, 413},
		{open, "POST", "/v1/customers?zzz", `{"zzz":1}`, nil, 400},
		{strict, "PATCH", missing + "?zzz", `{"zzz":1}`, nil, 400},
		{strict, "PATCH", missing, `{`, nil, 400},
		{open, "DELETE", missing, "", []string{"If-Match: 3"}, 400},
		{strict, "PATCH", missing, `{"zzz":1}`, nil, 428},
		{strict, "POST", missing + "/archive", `{"zzz":1}`, nil, 428},
		{open, "DELETE", missing, "", nil, 428},
		{open, "PATCH", missing, `{"zzz":1}`, []string{`If-Match: "9"`}, 422},
		{open, "POST", missing + "/tags", `{"add":["x"],"remove":["x"]}`, []string{`If-Match: "9"`}, 422},
		{open, "PATCH", missing, `{"name":"` + strings.Repeat("x", 201) + `"}`, []string{`If-Match: "9"`}, 404},
		{open, "PATCH", missing, `{"status":"x"}`, []string{`If-Match: W/"9"`}, 404},
		{open, "PATCH", archived, `{"email":"nobody"}`, []string{`If-Match: "9"`}, 412},
		{open, "PATCH", archived, `{"status":"x"}`, []string{`If-Match: W/"2"`}, 412},
		{open, "PATCH", archived, `{"name":"old"}`, []string{`If-Match: "1"`}, 412},
		{open, "PATCH", archived, `{"name":"old"}`, []string{`If-Match: "2"`}, 200},
		{open, "PATCH", archived, `{"email":"nobody"}`, nil, 409},
		{open, "PATCH", archived, `{"email":"nobody","status":"active"}`, nil, 409},
		{open, "POST", "/v1/customers", `{"email":"ada@example.com","phone":"1"}`, nil, 422},
		{open, "POST", "/v1/customers", `{"email":"ada@example.com","external_id":"A-1"}`, nil, 409},
	} {
		t.Run(fmt.Sprintf("%d in row %d", tc.want, i), func(t *testing.T) {
			t.Parallel()
			tc.a.in(t).send(tc.method, tc.target, tc.body, tc.headers...).want(tc.want)
		})
	}
}
