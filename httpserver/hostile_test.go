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
		`{"name":"a\ud800b"}`:       "byte 10 is an escape that JSON has not, or half of a surrogate pair",
		`{"name":"\x"}`:             "byte 9 is an escape",
		"{\"name\":\"a\tb\"}":       "byte 10 is a control character",
		`{"name":"x",}`:             "byte 11 is a comma with nothing behind it",
		`{"name", "x"}`:             "byte 7 it is not JSON",
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
