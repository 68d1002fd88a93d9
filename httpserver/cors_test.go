package httpserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
)

const (
	allowedOrigin = "https://app.example.com"
	otherOrigin   = "https://evil.example.com"
)

// list returns the elements of a header's lists, in order and in lower case.
func list(header http.Header, name string) []string {
	out := []string{}
	for item := range strings.SplitSeq(strings.ToLower(strings.Join(header.Values(name), ",")), ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	slices.Sort(out)
	return out
}

// sharing returns the headers with which an answer is shared.
func sharing(header http.Header) []string {
	out := []string{}
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func preflight(a api, target, origin, method, headers string) answer {
	lines := []string{"Origin: " + origin, "Access-Control-Request-Method: " + method}
	if headers != "" {
		lines = append(lines, "Access-Control-Request-Headers: "+headers)
	}
	return a.do("OPTIONS", target, "", lines...)
}

func TestPagesOfAnAllowedOriginReadAnswers(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.WithCORS("https://first.example.com", allowedOrigin))
	id := customer.NewID().String()
	for _, r := range []struct {
		method, target, body string
		want                 int
	}{
		{"GET", "/v1/customers", "", 200},
		{"POST", "/v1/customers", field("name", "x"), 201},
		{"GET", "/v1/customers/" + id, "", 404},
		{"GET", "/v1/nothing", "", 404},
		{"DELETE", "/v1/customers/" + id, "", 428},
	} {
		got := a.do(r.method, r.target, r.body, "Origin: "+allowedOrigin).want(r.want)
		if origin := got.header.Values("Access-Control-Allow-Origin"); len(origin) != 1 || origin[0] != allowedOrigin {
			t.Errorf("%s %s: got the origin %q", r.method, r.target, origin)
		}
		want := []string{"etag", "idempotent-replayed", "link", "location", "retry-after", "x-request-id"}
		if diff := cmp.Diff(want, list(got.header, "Access-Control-Expose-Headers")); diff != "" {
			t.Errorf("%s %s: exposed headers (-want +got)\n%s", r.method, r.target, diff)
		}
		if got.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s %s: cookies are let in", r.method, r.target)
		}
		if !slices.Contains(list(got.header, "Vary"), "origin") {
			t.Errorf("%s %s: got Vary %q", r.method, r.target, got.header.Values("Vary"))
		}
	}
}

func TestAPreflightIsAnsweredBeforeAllElse(t *testing.T) {
	t.Parallel()
	a, _ := guarded(t, httpserver.WithCORS(allowedOrigin), httpserver.LoopbackOnly())
	target := "/v1/customers/" + customer.NewID().String()
	for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE"} {
		got := preflight(a, target, allowedOrigin, method, "authorization,content-type,idempotency-key,if-match").want(204)
		if origin := got.header.Get("Access-Control-Allow-Origin"); origin != allowedOrigin {
			t.Errorf("%s: got the origin %q", method, origin)
		}
		if diff := cmp.Diff([]string{strings.ToLower(method)}, list(got.header, "Access-Control-Allow-Methods")); diff != "" {
			t.Errorf("%s: allowed methods (-want +got)\n%s", method, diff)
		}
		want := []string{"authorization", "content-type", "idempotency-key", "if-match"}
		if diff := cmp.Diff(want, list(got.header, "Access-Control-Allow-Headers")); diff != "" {
			t.Errorf("%s: allowed headers (-want +got)\n%s", method, diff)
		}
		if vary := list(got.header, "Vary"); !slices.Contains(vary, "origin") || !slices.Contains(vary, "access-control-request-method") {
			t.Errorf("%s: got Vary %q", method, vary)
		}
		if len(got.body) > 0 || got.header.Get("WWW-Authenticate") != "" || got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: got %v\n%s", method, got.header, got.body)
		}
	}
	for _, header := range []string{"accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id", "traceparent", "tracestate", "cache-control"} {
		if got := preflight(a, target, allowedOrigin, "GET", header); len(list(got.header, "Access-Control-Allow-Headers")) != 1 {
			t.Errorf("the header %s is not allowed", header)
		}
	}
}

func TestAPreflightThatIsRefusedSharesNothing(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.WithCORS(allowedOrigin))
	for name, tc := range map[string]struct{ origin, method, headers string }{
		"another origin":                {otherOrigin, "GET", ""},
		"another method":                {allowedOrigin, "PUT", ""},
		"a method that nobody knows":    {allowedOrigin, "EXPLODE", ""},
		"another header":                {allowedOrigin, "GET", "x-other"},
		"an origin that begins with it": {allowedOrigin + ".evil.com", "GET", ""},
		"an origin that ends in it":     {"https://evil-app.example.com", "GET", ""},
		"another scheme":                {"http://app.example.com", "GET", ""},
		"another port":                  {allowedOrigin + ":8443", "GET", ""},
		"a page without an origin":      {"null", "GET", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := preflight(a.in(t), "/v1/customers", tc.origin, tc.method, tc.headers).want(204)
			if diff := cmp.Diff([]string{}, sharing(got.header)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPagesOfOtherOriginsReadNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		origins []string
		origin  string
	}{
		"another origin":                     {[]string{allowedOrigin}, otherOrigin},
		"a page without an origin":           {[]string{allowedOrigin}, "null"},
		"any origin, as no star is one":      {[]string{"*"}, otherOrigin},
		"a star, which is no wildcard":       {[]string{"https://*.example.com"}, allowedOrigin},
		"none is allowed":                    {[]string{}, otherOrigin},
		"an empty one, which allows nobody":  {[]string{""}, otherOrigin},
		"two origins in one header":          {[]string{allowedOrigin}, allowedOrigin + ", " + otherOrigin},
		"an allowed one with a path":         {[]string{allowedOrigin}, allowedOrigin + "/"},
		"an allowed one with white space in": {[]string{allowedOrigin}, allowedOrigin + "\t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, httpserver.WithCORS(tc.origins...))
			for _, got := range []answer{
				a.do("GET", "/v1/customers", "", "Origin: "+tc.origin).want(200), preflight(a, "/v1/customers", tc.origin, "POST", "").want(204),
			} {
				if diff := cmp.Diff([]string{}, sharing(got.header)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if !slices.Contains(list(got.header, "Vary"), "origin") {
					t.Errorf("got Vary %q", got.header.Values("Vary"))
				}
			}
		})
	}
}

func TestOnlyAllowedOriginsMayChangeWhereNobodyIsAsked(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]httpserver.Option{"LoopbackOnly": httpserver.LoopbackOnly(), "RefuseCrossOrigin": httpserver.RefuseCrossOrigin()} {
		for _, first := range []bool{true, false} {
			opts := []httpserver.Option{httpserver.WithCORS(allowedOrigin), opt}
			if !first {
				slices.Reverse(opts)
			}
			a := open(t, opts...)
			create := func(origin string) answer {
				return a.do("POST", "/v1/customers", field("name", "x"), "Host: localhost", "Content-Type: application/json",
					"Origin: "+origin, "Sec-Fetch-Site: cross-site")
			}
			if got := create(allowedOrigin).want(201); got.header.Get("Access-Control-Allow-Origin") != allowedOrigin {
				t.Errorf("%s: the answer to an allowed origin is not shared", name)
			}
			for _, origin := range []string{otherOrigin, "null", "http://app.example.com"} {
				if got := create(origin).wantCode(403, "forbidden"); len(sharing(got.header)) > 0 {
					t.Errorf("%s: %s is told %v", name, origin, sharing(got.header))
				}
			}
		}
	}
}

func TestOptionsThatIsNoPreflight(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpserver.Option{"with CORS": {httpserver.WithCORS(allowedOrigin)}, "without": nil} {
		for _, headers := range [][]string{nil, {"Origin: " + allowedOrigin}, {"Access-Control-Request-Method: GET"}} {
			got := open(t, opts...).send("OPTIONS", "/v1/customers", "", headers...).want(204)
			if got.header.Get("Allow") != "GET, HEAD, POST, OPTIONS" || got.header.Get("Access-Control-Allow-Methods") != "" {
				t.Errorf("%s, %v: got %v", name, headers, got.header)
			}
			a, _ := guarded(t, opts...)
			a.do("OPTIONS", "/v1/customers", "", headers...).wantCode(401, "unauthorized")
		}
	}
}

func TestWithoutCORSNothingIsShared(t *testing.T) {
	t.Parallel()
	a := open(t)
	get := a.do("GET", "/v1/customers", "", "Origin: "+allowedOrigin).want(200)
	asked := preflight(a, "/v1/customers", allowedOrigin, "POST", "content-type").want(204)
	if asked.header.Get("Allow") != "GET, HEAD, POST, OPTIONS" {
		t.Errorf("got Allow %q", asked.header.Get("Allow"))
	}
	for _, got := range []answer{get, asked} {
		if diff := cmp.Diff([]string{}, sharing(got.header)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	a, _ = guarded(t)
	preflight(a, "/v1/customers", allowedOrigin, "POST", "").wantCode(401, "unauthorized")
}
