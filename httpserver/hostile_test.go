package httpserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// field is a body with one member.
func field(name, value string) string { return `{"` + name + `":"` + value + `"}` }

func TestHostileEmailsAreRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, email := range map[string]string{
		"no at":                 "a",
		"no local part":         "@x.com",
		"a display name":        "Bob <a@b.co>",
		"a comment":             "a@b.co (x)",
		"a quoted local part":   `\"a b\"@c.de`,
		"an address literal":    "a@[127.0.0.1]",
		"a leading hyphen":      "a@-b.co",
		"two addresses":         "a@b.co,c@d.co",
		"an empty label":        "a@a..b",
		"a line break":          `a@b.co\r\nBcc: c@d.co`,
		"a long local part":     strings.Repeat("l", 65) + "@b.co",
		"255 bytes":             strings.Repeat("l", 60) + "@" + strings.Repeat(strings.Repeat("d", 47)+".", 4) + "co",
		"a zero-width space":    "a\u200bb@b.co",
		"one label":             "a@localhost",
		"a dot at the end":      "a@b.co.",
		"an all-digit last one": "a@b.123",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			got := a.send("POST", "/v1/customers", field("email", email)).wantCode(http.StatusUnprocessableEntity, "validation_failed")
			if diff := cmp.Diff([]string{"#/email invalid_email"}, got.faults()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnusualEmailsAreAccepted(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"a plus":               "a+tag@b.co",
		"an apostrophe":        "o'hara@b.ie",
		"an umlaut domain":     "a@exämple.de",
		"64 bytes before":      strings.Repeat("l", 64) + "@b.co",
		"254 bytes":            strings.Repeat("l", 59) + "@" + strings.Repeat(strings.Repeat("d", 47)+".", 4) + "co",
		"a formula":            "=1+1@b.co",
		"an umlaut local part": "jürgen@b.co",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := open(t).create(field("email", email)).Email; got != email {
				t.Errorf("got %q, want %q", got, email)
			}
		})
	}
}

func TestEmailsThatMeanTheSameCollide(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.create(field("email", "a@ex.com"))
	a.create(field("email", "ü@ex.com"))
	a.create(field("email", "k@ex.com"))
	a.create(field("email", "i@ex.com"))
	a.create(field("email", "s@ex.com"))
	for _, email := range []string{"A@Ex.COM", "u\u0308@ex.com", "\u212a@ex.com"} {
		a.send("POST", "/v1/customers", field("email", email)).wantCode(http.StatusConflict, "email_taken")
	}
	for _, email := range []string{"\u0130@ex.com", "\u0131@ex.com", "\u017f@ex.com"} {
		a.create(field("email", email))
	}
}

func TestHostileNamesAreRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, tc := range map[string]struct{ body, want string }{
		"only spaces":                {field("name", " \u00a0\u3000\\t"), "#/name invalid_text"},
		"nothing but white space":    {field("name", " \u00a0\u3000"), "# identity_required"},
		"201 letters":                {field("name", strings.Repeat("x", 201)), "#/name too_long"},
		"one letter with 5000 marks": {field("name", "x"+strings.Repeat("\u0316", 5000)), "#/name too_long"},
		"a NUL":                      {field("name", `A\u0000`), "#/name invalid_text"},
		"a line break":               {field("name", `A\nB`), "#/name invalid_text"},
		"a bidi override":            {field("name", "A\u202eB"), "#/name invalid_text"},
		"a noncharacter":             {field("name", "A\ufffeB"), "#/name invalid_text"},
		"a C1 control":               {field("name", `A\u0085`), "#/name invalid_text"},
		"nothing at all":             {`{}`, "# identity_required"},
		"only notes":                 {field("notes", "x"), "# identity_required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			got := a.send("POST", "/v1/customers", tc.body).wantCode(http.StatusUnprocessableEntity, "validation_failed")
			if diff := cmp.Diff([]string{tc.want}, got.faults()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnusualNamesComeBackByteForByte(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, name := range []string{
		"👩‍👩‍👧‍👦", "محمد علي", "Robert'); DROP TABLE customers;--", "<script>alert(1)</script>", "a & b", "100 % \\ _", "=SUM(A1)", "নাম", strings.Repeat("ß", 200),
	} {
		body := `{"name":"` + strings.ReplaceAll(name, `\`, `\\`) + `"}`
		if got := a.create(body).Name; got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

func TestBodiesThatCannotBeParsed(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	for name, body := range map[string]string{
		"empty":                   "",
		"null":                    "null",
		"an array":                "[]",
		"a text":                  `"x"`,
		"a number":                "7",
		"two values":              "{}{}",
		"a value and junk":        `{"name":"x"} x`,
		"a duplicate member":      `{"name":"x","name":"y"}`,
		"a nested duplicate":      `{"name":"x","metadata":{"a":"1","a":"2"}}`,
		"an escaped duplicate":    `{"name":"x","n\u0061me":"y"}`,
		"a duplicate skipped":     `{"name":"x","zzz":{"a":1,"a":2}}`,
		"UTF-16":                  "\xff\xfe{\x00}\x00",
		"a byte order mark":       "\xef\xbb\xbf{}",
		"Latin-1":                 "{\"name\":\"K\xf6hler\"}",
		"a lone surrogate":        `{"name":"\ud800"}`,
		"a lone low surrogate":    `{"name":"x\udc00"}`,
		"a surrogate in a name":   `{"\ud800":1}`,
		"cut off":                 `{"name":"x`,
		"cut off after a member":  `{"name":"x",`,
		"a trailing comma":        `{"name":"x",}`,
		"single quotes":           `{'name':'x'}`,
		"a comment":               `{"name":"x"/* */}`,
		"a raw control":           "{\"name\":\"a\tb\"}",
		"a raw NUL":               "{\"name\":\"a\x00b\"}",
		"NaN":                     `{"version":NaN}`,
		"depth 20000":             strings.Repeat(`{"a":`, 20000),
		"depth 20000 of arrays":   `{"tags":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		"a number too many signs": `{"version":--1}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			a.send("POST", "/v1/customers", body, "Content-Type: application/json").wantCode(http.StatusBadRequest, "malformed_request")
			a.send("PATCH", target, body, "Content-Type: application/merge-patch+json").wantCode(http.StatusBadRequest, "malformed_request")
			a.do("POST", target+"/tags", body, "Content-Type: application/json").wantCode(http.StatusBadRequest, "malformed_request")
			if body != "" {
				a.do("POST", target+"/archive", body).wantCode(http.StatusBadRequest, "malformed_request")
			}
		})
	}
}

func TestABodyThatCannotBeParsedSaysWhy(t *testing.T) {
	t.Parallel()
	a := open(t)
	for body, want := range map[string]string{
		"":                          "empty",
		"[]":                        "object",
		"\xef\xbb\xbf{}":            "byte order mark",
		"{\"name\":\"K\xf6hler\"}":  "UTF-8",
		`{"name":"x"`:               "ends too early",
		`{"name":"x"} {}`:           "follows the object",
		`{"name":"x","name":"y"}`:   "byte 12 a member is there for the second time",
		`{"name":'x'}`:              "byte 8",
		strings.Repeat("[", 33):     "deeper than 32",
		`{"tags":["canary7391" 1]}`: "byte 22",
	} {
		got := a.do("POST", "/v1/customers", body, "Content-Type: application/json").wantCode(http.StatusBadRequest, "malformed_request").problem().Detail
		if !strings.Contains(got, want) || strings.Contains(got, "canary7391") {
			t.Errorf("%q: got %q, want it to hold %q", body, got, want)
		}
	}
}

func TestBodiesThatAreNotValid(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"an id":                    {`{"name":"x","id":"01970000-0000-7000-8000-000000000000"}`, []string{"#/id read_only"}},
		"a version":                {`{"name":"x","version":1}`, []string{"#/version read_only"}},
		"a status":                 {`{"name":"x","status":"active"}`, []string{"#/status read_only"}},
		"times":                    {`{"name":"x","created_at":"2020-01-01T00:00:00Z","updated_at":{},"archived_at":[1]}`, []string{"#/created_at read_only", "#/updated_at read_only", "#/archived_at read_only"}},
		"a tenant":                 {`{"name":"x","tenant":"a"}`, []string{"#/tenant unknown_member"}},
		"another case":             {`{"name":"x","EMAIL":"a@b.co"}`, []string{"#/EMAIL unknown_member"}},
		"a slip":                   {`{"nmae":"x"}`, []string{"#/nmae unknown_member", "# identity_required"}},
		"unknown in the address":   {`{"name":"x","address":{"zip":"1"}}`, []string{"#/address/zip unknown_member"}},
		"an odd name":              {`{"name":"x","a/b ~é":1}`, []string{"#/a~1b%20~0%C3%A9 unknown_member"}},
		"wrong types":              {`{"name":5,"email":["a"],"phone":{},"company":true,"notes":1.5}`, []string{"#/name wrong_type", "#/email wrong_type", "#/phone wrong_type", "#/company wrong_type", "#/notes wrong_type"}},
		"wrong containers":         {`{"name":"x","address":"a","tags":"vip","metadata":["a"]}`, []string{"#/address wrong_type", "#/tags wrong_type", "#/metadata wrong_type"}},
		"wrong elements":           {`{"name":"x","tags":["ok",1,null,"a,b"],"metadata":{"a":1,"b":null,"c":{}}}`, []string{"#/tags/1 wrong_type", "#/tags/2 wrong_type", "#/metadata/a wrong_type", "#/metadata/c wrong_type", "#/tags/3 invalid_text"}},
		"both kinds at once":       {`{"email":"nobody","phone":"1","zzz":1}`, []string{"#/zzz unknown_member", "#/email invalid_email", "#/phone invalid_phone"}},
		"every rule":               {`{"name":"` + strings.Repeat("n", 201) + `","phone":"12","metadata":{"a b":"x","k":"` + strings.Repeat("v", 1001) + `"},"tags":["` + strings.Repeat("t", 65) + `"],"address":{"postal_code":"` + strings.Repeat("p", 21) + `"}}`, []string{"#/name too_long", "#/phone invalid_phone", "#/address/postal_code too_long", "#/tags/0 too_long", "#/metadata/k too_long", "#/metadata invalid_key"}},
		"too many tags":            {`{"name":"x","tags":` + manyTags(t, 51) + `}`, []string{"#/tags too_many"}},
		"metadata of 16 KiB and 1": {`{"name":"x","metadata":` + metadataOf(16<<10+1) + `}`, []string{"#/metadata too_long"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			got := a.send("POST", "/v1/customers", tc.body).wantCode(http.StatusUnprocessableEntity, "validation_failed")
			if diff := cmp.Diff(tc.want, got.faults()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// metadataOf returns an object whose keys and values have n bytes together.
func metadataOf(n int) string {
	var b strings.Builder
	for key := 'a'; n > 1; key++ {
		size := min(n-1, 1000)
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + string(key) + `":"` + strings.Repeat("v", size) + `"`)
		n -= size + 1
	}
	return "{" + b.String() + "}"
}

func TestNullIsAbsentOnCreate(t *testing.T) {
	t.Parallel()
	got := open(t).create(`{"name":"x","email":null,"address":null,"tags":null,"metadata":{"a":null},"id":null,"archived_at":null}`)
	if got.Email != "" || got.Tags != nil || got.Metadata != nil {
		t.Errorf("got %+v", got)
	}
}

func TestFaultsSayWhatWasProbablyMeant(t *testing.T) {
	t.Parallel()
	got := open(t).send("POST", "/v1/customers", `{"Emial":"a@b.co"}`).problem()
	if !strings.Contains(got.Errors[0].Detail, "email") {
		t.Errorf("got %q", got.Errors[0].Detail)
	}
}

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
	got := a.send("GET", "/v1/customers?limit=0&nmae=x&created_at.gte=soon&q=ada+nmae:x", "").want(http.StatusBadRequest)
	want := []string{"created_at.gte invalid_parameter", "limit invalid_parameter", "nmae unknown_parameter", "q invalid_query"}
	if diff := cmp.Diff(want, got.faults()); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	faults := got.problem().Errors
	if faults[3].Offset == nil || *faults[3].Offset != 4 {
		t.Errorf("got offset %v, want 4", faults[3].Offset)
	}
	for i, hint := range []string{"2026-01-31", "1 to 200", "did you mean name?", `name:`} {
		if !strings.Contains(faults[i].Detail, hint) {
			t.Errorf("%s: got %q, want it to hold %q", want[i], faults[i].Detail, hint)
		}
	}
}
