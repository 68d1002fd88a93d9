package httpserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	a := open(t)
	for accept, want := range map[string]int{
		"":                                200,
		"*/*":                             200,
		"application/json":                200,
		"Application/JSON":                200,
		"application/*":                   200,
		"application/json; charset=utf-8": 200,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": 200,
		"text/html, application/json;q=0.1":                               200,
		"text/html;q=0.5,junk,application/json":                           200,
		"text/html":                                                       406,
		"application/problem+json":                                        406,
		"application/xml, text/*":                                         406,
		"application/json;q=0":                                            406,
		"*/*, application/json;q=0.0":                                     406,
		"*/*;q=0":                                                         406,
		"application/*;q=0, */*":                                          406,
		"application/json;q=1, */*;q=0":                                   200,
		"json":                                                            406,
		"application/json;q=0, text/html":                                 406,
		"application/json;q=0.001, */*;q=0":                               200,
	} {
		got := a.send("GET", "/v1/customers", "", "Accept: "+accept).want(want)
		if want == 406 && !strings.Contains(got.wantCode(406, "not_acceptable").problem().Detail, "application/json") {
			t.Errorf("the detail does not say what is offered: %s", got.body)
		}
	}
	a.send("GET", "/v1/customers", "", "Accept: text/html", "Accept: application/json").want(200)
	a.send("GET", "/livez", "", "Accept: text/plain").want(200)
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	type on map[string]int // status by method and path
	for header, want := range map[string]on{
		"Content-Type: application/json":                   {"POST /v1/customers": 201, "PATCH " + target: 200, "POST /v1/search": 415, "POST " + target + "/tags": 200},
		"Content-Type: application/json; charset=utf-8":    {"POST /v1/customers": 201, "PATCH " + target: 200},
		"Content-Type: application/json;charset=\"UTF-8\"": {"POST /v1/customers": 201, "PATCH " + target: 200},
		"Content-Type: APPLICATION/JSON":                   {"POST /v1/customers": 201, "PATCH " + target: 200},
		"Content-Type: application/json; profile=x":        {"POST /v1/customers": 201},
		"Content-Type: application/merge-patch+json":       {"POST /v1/customers": 415, "PATCH " + target: 200},
		"Content-Type: application/json; charset=latin1":   {"POST /v1/customers": 415, "PATCH " + target: 415},
		"Content-Type: application/json; charset=utf-16":   {"POST /v1/customers": 415, "PATCH " + target: 415},
		"Content-Type: application/json; charset":          {"POST /v1/customers": 415},
		"Content-Type: text/plain":                         {"POST /v1/customers": 415, "PATCH " + target: 415, "POST /v1/search": 415, "POST " + target + "/tags": 415, "POST " + target + "/archive": 415},
		"Content-Type: application/x-www-form-urlencoded":  {"POST /v1/customers": 415, "PATCH " + target: 415},
		"Content-Type: application/json-patch+json":        {"PATCH " + target: 415},
		"Content-Type: application/vnd.api+json":           {"POST /v1/customers": 415},
		"Content-Type: json":                               {"POST /v1/customers": 415},
		"Content-Type: ":                                   {"POST /v1/customers": 415, "PATCH " + target: 415, "POST /v1/search": 415, "POST " + target + "/archive": 415},
	} {
		for route, status := range want {
			method, path, _ := strings.Cut(route, " ")
			body := map[bool]string{true: "{}", false: field("name", "y")}[strings.HasSuffix(path, "/tags") || strings.HasSuffix(path, "/archive")]
			got := a.do(method, path, body, header)
			if got.status != status {
				t.Errorf("%s %s: got %d, want %d", header, route, got.status, status)
			}
			if status != http.StatusUnsupportedMediaType {
				continue
			}
			conforms(t, request(method, path, body, header), got)
			got.wantCode(415, "unsupported_media_type")
			if accepts := got.header.Get("Accept-Patch"); (accepts == "application/merge-patch+json, application/json") != (method == "PATCH") {
				t.Errorf("%s: got Accept-Patch %q", route, accepts)
			}
			if !strings.Contains(got.problem().Detail, "Content-Type: application/") {
				t.Errorf("the detail does not name the header to add: %s", got.body)
			}
		}
	}
}

func TestAnEmptyBodyNeedsNoContentType(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	a.send("POST", target+"/archive", "").want(200)
	a.send("POST", target+"/restore", "", "Content-Type: application/x-www-form-urlencoded").want(200)
	a.send("POST", "/v1/search", "").want(200)
	a.send("POST", "/v1/customers", "").wantCode(400, "malformed_request")
	a.send("PATCH", target, "").wantCode(415, "unsupported_media_type")
	a.send("PATCH", target, "", "Content-Type: application/json").wantCode(400, "malformed_request")
}

func TestCompressedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, encoding := range []string{"gzip", "identity", "br, gzip"} {
		got := a.send("POST", "/v1/customers", field("name", "x"), "Content-Type: application/json", "Content-Encoding: "+encoding)
		if got.wantCode(415, "unsupported_media_type").header.Get("Accept-Encoding") != "identity" {
			t.Errorf("got Accept-Encoding %q", got.header.Get("Accept-Encoding"))
		}
	}
}

func TestAServerWithoutMetricsServesNoMethodOfThem(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
		a.send(method, "/metrics", "").want(http.StatusNotFound)
	}
}

func TestMethodsThatAPathDoesNotTake(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := "/v1/customers/" + customer.NewID().String()
	for path, want := range map[string]string{
		"/v1/customers":   "GET, HEAD, POST, OPTIONS",
		"/v1/search":      "POST, OPTIONS",
		id:                "GET, HEAD, PATCH, DELETE, OPTIONS",
		id + "/archive":   "POST, OPTIONS",
		id + "/restore":   "POST, OPTIONS",
		id + "/tags":      "POST, OPTIONS",
		"/openapi.json":   "GET, HEAD, OPTIONS",
		"/livez":          "GET, HEAD, OPTIONS",
		"/readyz":         "GET, HEAD, OPTIONS",
		"/version":        "GET, HEAD, OPTIONS",
		"/v1/%63ustomers": "GET, HEAD, POST, OPTIONS",
	} {
		options := a.send("OPTIONS", path, "").want(http.StatusNoContent)
		if diff := cmp.Diff(want, options.header.Get("Allow")); diff != "" {
			t.Errorf("OPTIONS %s (-want +got)\n%s", path, diff)
		}
		if patch := options.header.Get("Accept-Patch"); (patch != "") != strings.Contains(want, "PATCH") {
			t.Errorf("OPTIONS %s: got Accept-Patch %q", path, patch)
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
			if strings.Contains(want+",", method+",") {
				continue
			}
			got := a.send(method, path, "").want(http.StatusMethodNotAllowed)
			if got.header.Get("Allow") != want {
				t.Errorf("%s %s: got Allow %q", method, path, got.header.Get("Allow"))
			}
			if method != "HEAD" {
				got.wantCode(405, "method_not_allowed")
			}
		}
	}
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	a := open(t)
	for target, cache := range map[string]string{
		"/v1/customers": "private, no-cache", "/v1/customers/x": "private, no-cache", "/v1/nothing": "private, no-cache",
		"/v1//customers": "private, no-cache", "/openapi.json": "no-cache", "/livez": "no-store", "/nothing": "no-store",
	} {
		got := a.send("GET", target, "")
		if got.header.Get("Cache-Control") != cache || got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: got %v", target, got.header)
		}
		if got.status != 200 && got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %s", target, got.header.Get("Content-Type"))
		}
	}
}

func TestRequestIDsAreKeptIfTheyAreSafe(t *testing.T) {
	t.Parallel()
	a := open(t)
	for id, kept := range map[string]bool{
		"abc-123_X.y":            true,
		strings.Repeat("a", 63):  true,
		strings.Repeat("a", 64):  true,
		strings.Repeat("a", 65):  false,
		"":                       false,
		"a b":                    false,
		"<script>":               false,
		"a\tb":                   false,
		`a"b`:                    false,
		"Zm9v+/==":               true,
		"é":                      false,
		"1-67891233-abcdef012:x": true,
	} {
		got := a.send("GET", "/v1/customers/"+customer.NewID().String(), "", "X-Request-Id: "+id).want(404)
		answered := got.header.Get("X-Request-Id")
		if (answered == id) != kept || answered == "" {
			t.Errorf("%q: got %q", id, answered)
		}
		if got.problem().RequestID != answered {
			t.Errorf("the document says %q, the header %q", got.problem().RequestID, answered)
		}
	}
}
