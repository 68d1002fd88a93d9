package httpserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHostilePathsAreNotFound(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.create(field("name", "x")).ID.String()
	for name, path := range map[string]string{
		"a NUL":                      "/v1/customers/" + id + "%00",
		"an encoded slash":           "/v1/customers/" + id + "%2Farchive",
		"an encoded slash, lower":    "/v1/customers/" + id + "%2farchive",
		"an encoded slash, early":    "/v1%2Fcustomers",
		"dots":                       "/v1/customers/../customers",
		"encoded dots":               "/v1/customers/%2e%2e/archive",
		"a short id":                 "/v1/customers/" + id[:35],
		"a long id":                  "/v1/customers/" + id + "0",
		"no hyphens":                 "/v1/customers/" + strings.ReplaceAll(id, "-", ""),
		"braces":                     "/v1/customers/%7B" + id + "%7D",
		"a number":                   "/v1/customers/1",
		"the zero id":                "/v1/customers/00000000-0000-0000-0000-000000000000",
		"a trailing slash":           "/v1/customers/",
		"a slash after the id":       "/v1/customers/" + id + "/",
		"a slash after the action":   "/v1/customers/" + id + "/archive/",
		"two slashes":                "/v1//customers",
		"two slashes first":          "//v1/customers",
		"another case":               "/v1/Customers",
		"another version":            "/v2/customers",
		"an unknown action":          "/v1/customers/" + id + "/merge",
		"a bad id before an action":  "/v1/customers/x/archive",
		"the root":                   "/",
		"a trailing slash elsewhere": "/livez/",
		"a get where there is none":  "/v1/customers/x/tags",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS", "PUT"} {
				a.do(method, path, "", "If-Match: *").wantCode(http.StatusNotFound, "not_found")
			}
		})
	}
	a.send("GET", "/v1/customers/"+strings.ToUpper(id), "").want(http.StatusOK)
}

func TestHostileQueriesAreRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	for query, want := range map[string]string{
		"limit=1&limit=2":       "repeated_parameter",
		"sort=name&sort=name":   "repeated_parameter",
		"q=a&q=b":               "repeated_parameter",
		"count=true&count=true": "repeated_parameter",
		"cursor=a&cursor=b":     "repeated_parameter",
		"created_at.gte=2026-01-01&created_at.gte=2026-01-02": "repeated_parameter",
		"nmae=x":                             "unknown_parameter",
		"Name=x":                             "unknown_parameter",
		"name.gt=x":                          "unknown_parameter",
		"name.=x":                            "unknown_parameter",
		"name.not.contains=x":                "unknown_parameter",
		"tag.any=x":                          "unknown_parameter",
		"metadata=x":                         "unknown_parameter",
		"metadata.a.contains=x":              "unknown_parameter",
		"offset=10":                          "unknown_parameter",
		"filter[name]=x":                     "unknown_parameter",
		"=x":                                 "unknown_parameter",
		"%ff=x":                              "unknown_parameter",
		"a=1;b=2":                            "malformed_request",
		"a=%zz":                              "malformed_request",
		"name=%":                             "malformed_request",
		"q=%00":                              "invalid_query",
		"q=%ff":                              "invalid_query",
		"q=":                                 "invalid_query",
		"q=%20":                              "invalid_query",
		"q=...":                              "invalid_query",
		"q=nmae:x":                           "invalid_query",
		"q=(a":                               "invalid_query",
		"q=" + strings.Repeat("a", 513):      "invalid_query",
		"sort=email;drop":                    "malformed_request",
		"sort=email%3Bdrop":                  "invalid_parameter",
		"sort=":                              "invalid_parameter",
		"sort=phone":                         "invalid_parameter",
		"sort=name,email":                    "invalid_parameter",
		"limit=":                             "invalid_parameter",
		"limit=0":                            "invalid_parameter",
		"limit=-1":                           "invalid_parameter",
		"limit=201":                          "invalid_parameter",
		"limit=1e3":                          "invalid_parameter",
		"limit=%2010":                        "invalid_parameter",
		"limit=10%20":                        "invalid_parameter",
		"limit=%2B5":                         "invalid_parameter",
		"limit=05":                           "invalid_parameter",
		"limit=0x10":                         "invalid_parameter",
		"limit=%D9%A5":                       "invalid_parameter",
		"limit=99999999999999999999":         "invalid_parameter",
		"count=yes":                          "invalid_parameter",
		"count=":                             "invalid_parameter",
		"cursor=":                            "invalid_cursor",
		"cursor=junk":                        "invalid_cursor",
		"cursor=%00":                         "invalid_cursor",
		"name=":                              "invalid_parameter",
		"name":                               "invalid_parameter",
		"name=%ff":                           "invalid_parameter",
		"name=%00":                           "invalid_parameter",
		"name=%20":                           "invalid_parameter",
		"name=" + strings.Repeat("x", 201):   "invalid_parameter",
		"phone=abc":                          "invalid_parameter",
		"email=a+b@c.de":                     "invalid_parameter",
		"email.contains=a%20b":               "invalid_parameter",
		"status=gone":                        "invalid_parameter",
		"status=active,archived":             "invalid_parameter",
		"id=1":                               "invalid_parameter",
		"tag=a,b":                            "invalid_parameter",
		"has=everything":                     "invalid_parameter",
		"has=":                               "invalid_parameter",
		"has=metadata.":                      "invalid_parameter",
		"metadata.=x":                        "invalid_parameter",
		"metadata.a%20b=x":                   "invalid_parameter",
		"metadata.a=":                        "invalid_parameter",
		"created_at=2026-01-01T00:00:00Z":    "invalid_parameter",
		"created_at=yesterday":               "invalid_parameter",
		"created_at.gte=infinity":            "invalid_parameter",
		"created_at.gte=2026-02-30":          "invalid_parameter",
		"created_at.gte=1899-12-31":          "invalid_parameter",
		"created_at.gte=10000-01-01":         "invalid_parameter",
		"created_at.gte=2026-01-01T00:00:00": "invalid_parameter",
		"created_at.gte=":                    "invalid_parameter",
		strings.Repeat("tag=a&", 99) + "name=x&name=y": "ok",
		manyIDs(101): "invalid_query",
	} {
		t.Run(query[:min(len(query), 40)], func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			for _, got := range []answer{a.send("GET", "/v1/customers?"+query, ""), a.do("POST", "/v1/search", query)} {
				if want == "ok" {
					got.want(http.StatusOK)
				} else {
					got.wantCode(http.StatusBadRequest, want)
				}
			}
		})
	}
}

func manyIDs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&id=01970000-0000-7000-8000-0000000000")
		b.WriteByte("0123456789abcdef"[i/16])
		b.WriteByte("0123456789abcdef"[i%16])
	}
	return b.String()[1:]
}

func TestUnknownParametersAreRefusedOnEveryRoute(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	for _, got := range []answer{
		a.send("POST", "/v1/customers?limit=1", field("name", "x")),
		a.send("POST", "/v1/search?limit=1", "limit=1"),
		a.send("GET", target+"?fields=name", ""),
		a.send("HEAD", target+"?fields=name", ""),
		a.send("PATCH", target+"?force=1", `{}`),
		a.send("DELETE", target+"?force=1", "", "If-Match: *"),
		a.send("POST", target+"/archive?x", ""),
		a.send("POST", target+"/restore?x", ""),
		a.send("POST", target+"/tags?x", `{}`),
	} {
		if got.want(http.StatusBadRequest); len(got.body) > 0 {
			got.wantCode(http.StatusBadRequest, "unknown_parameter")
		}
	}
	a.send("GET", target+"?", "").want(http.StatusOK)
	a.send("GET", target+"?%zz", "").wantCode(http.StatusBadRequest, "malformed_request")
}

func TestQueryFaultsComeAllAtOnceAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	a := open(t)
	got := a.send("GET", "/v1/customers?limit=0&nmae=x&created_at.gte=soon&q=ada+nmae:x&status.is=x", "").want(http.StatusBadRequest)
	want := []string{
		"created_at.gte invalid_parameter", "limit invalid_parameter", "nmae unknown_parameter", "q invalid_query", "status.is unknown_parameter",
	}
	if diff := cmp.Diff(want, got.faults()); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	faults := got.problem().Errors
	if faults[3].Offset == nil || *faults[3].Offset != 4 {
		t.Errorf("got offset %v, want 4", faults[3].Offset)
	}
	for i, hint := range []string{"2026-01-31", "1 to 200", "did you mean name?", `name:`, "status takes status=, status.not="} {
		if !strings.Contains(faults[i].Detail, hint) {
			t.Errorf("%s: got %q, want it to hold %q", want[i], faults[i].Detail, hint)
		}
	}
}
