package httpserver_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// Whatever the body, the answer is the client's: never a 5xx. What was accepted is what is read, and can be sent back without a change.
func FuzzCreate(f *testing.F) {
	for _, seed := range []string{
		ada, `{}`, `{"name":"x"}`, `null`, `[]`, `{"name":"\ud83d\ude00","tags":["a","A"],"metadata":{"k":null}}`, `{"name":"\ud800"}`, `{"a":1,"a":2}`,
		`{"id":1,"version":"x","address":{"city":7}}`, "\xef\xbb\xbf{}", `{"name":"x"}{}`, `{"x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := api{t, httpserver.New(memstore.New())}
		created := a.do("POST", "/v1/customers", string(body), "Content-Type: application/json")
		legalAnswer(t, created)
		if created.status != 201 {
			return
		}
		target := created.header.Get("Location")
		if read := a.do("GET", target, "").want(200); !bytes.Equal(created.body, read.body) {
			t.Fatalf("created %s\nread %s", created.body, read.body)
		}
		back := a.do("PATCH", target, string(created.body)).want(200)
		if !bytes.Equal(created.body, back.body) {
			t.Fatalf("created %s\nsent back %s", created.body, back.body)
		}
	})
}

func FuzzPatch(f *testing.F) {
	for _, seed := range []string{`{"name":null}`, `{"address":null,"tags":null,"metadata":null}`, `{"version":1,"status":"active"}`, `{"metadata":{"plan":null,"a":"b"}}`, `{"tags":[1]}`, `{`} {
		f.Add([]byte(seed), `"1"`)
	}
	f.Add([]byte(`{}`), `W/"1", "2", *`)
	f.Fuzz(func(t *testing.T, body []byte, match string) {
		a := api{t, httpserver.New(memstore.New())}
		target := "/v1/customers/" + a.create(ada).ID.String()
		r := request("PATCH", target, string(body), "Content-Type: application/json")
		r.Header["If-Match"] = []string{match}
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		changed := answer{t, w.Code, w.Result().Header, w.Body.Bytes()}
		legalAnswer(t, changed)
		read := a.do("GET", target, "").want(200)
		if changed.status == 200 && !bytes.Equal(changed.body, read.body) {
			t.Fatalf("changed %s\nread %s", changed.body, read.body)
		}
		if changed.status == 200 {
			if again := a.do("PATCH", target, string(read.body)).want(200); !bytes.Equal(again.body, read.body) {
				t.Fatalf("read %s\nsent back %s", read.body, again.body)
			}
		}
	})
}

func FuzzList(f *testing.F) {
	for _, seed := range []string{"q=ada+-tag:x", "name.contains=a&limit=1", "sort=-email&count=exact", "cursor=AQ", "created_at.gte=2026-01-01", "q=%ff", "%zz", "a;b"} {
		f.Add(seed)
	}
	server := httpserver.New(memstore.New())
	f.Fuzz(func(t *testing.T, raw string) {
		a := api{t, server}
		r := request("GET", "/v1/customers", "")
		r.URL.RawQuery = raw
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		got := answer{t, w.Code, w.Result().Header, w.Body.Bytes()}
		legalAnswer(t, got)
		if got.status == 200 {
			first := a.do("GET", got.link("first"), "").want(200)
			if next := first.page(); got.page().Next == "" && len(next.Items) < len(got.page().Items) {
				t.Fatalf("rel=first of %q gives fewer", raw)
			}
		}
	})
}

// legalAnswer checks what holds for every answer.
func legalAnswer(t *testing.T, got answer) {
	t.Helper()
	if got.status >= 500 || got.status < 200 {
		t.Fatalf("got status %d\n%s", got.status, got.body)
	}
	if !json.Valid(got.body) || !utf8.Valid(got.body) {
		t.Fatalf("the answer is no JSON: %s", got.body)
	}
	if got.status >= 400 && (got.problem().Status != got.status || got.problem().Detail == "") {
		t.Fatalf("the problem does not say what it is: %s", got.body)
	}
}
