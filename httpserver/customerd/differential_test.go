package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// loopback is the way to a server in this process, without a network.
type loopback struct {
	handler http.Handler
	// before and after, if not nil, may lose what goes to and fro.
	before, after func(*http.Request) error
}

func (l *loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.before != nil {
		if err := l.before(r); err != nil {
			return nil, err
		}
	}
	arrived := r.Clone(r.Context())
	arrived.RequestURI, arrived.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, arrived)
	if l.after != nil {
		if err := l.after(r); err != nil {
			return nil, err
		}
	}
	return w.Result(), nil
}

func remoteOf(way http.RoundTripper) *remote {
	r := newRemote(&url.URL{Scheme: "http", Host: "localhost"}, "")
	r.client.Transport = way
	return r
}

// fataler is what testing.TB and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// imported imports the text and returns its results without the values of IDs, which differ from store to store.
func imported(t fataler, imp bulk.Importer, text string) (out []bulk.Result) {
	t.Helper()
	rows, err := bulk.NewReader(strings.NewReader(text), bulk.Detect, bulk.ReaderOptions{})
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	_, err = imp.Run(context.Background(), rows.Rows(), func(res bulk.Result) error {
		if !res.ID.IsZero() {
			res.ID = customer.ID{15: 1}
		}
		res.Row = nil
		out = append(out, res)
		return nil
	})
	if err != nil {
		t.Fatalf("import of %q: %v", text, err)
	}
	return out
}

// contents returns what can be written of all customers, in an order of their own.
func contents(t fataler, s customer.Searcher) (out []string) {
	t.Helper()
	for c, err := range customer.All(context.Background(), s, customer.Query{}) {
		if err != nil {
			t.Fatalf("reading the store: %v", err)
		}
		c.ID, c.Version, c.CreatedAt, c.UpdatedAt = customer.ID{}, 0, time.Time{}, time.Time{}
		if c.Status == customer.Archived {
			c.ArchivedAt = time.Unix(0, 0)
		}
		out = append(out, string(c.AppendJSON(nil)))
	}
	slices.Sort(out)
	return out
}

// people is a store with somebody in it, always the same.
func people(t fataler) *memstore.Store {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var records []customer.Customer
	for i, d := range []customer.Draft{
		{Name: "Ada", Email: "ada@b.co", ExternalID: "1", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold", "x": "y"}},
		{Name: "Bob", Email: "bob@b.co", Notes: "two\nlines"},
		{Name: "Cyd", ExternalID: "3", Email: "cyd@b.co"},
	} {
		c, err := d.Build(customer.ID{14: 9, 15: byte(i)}, at)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if c.Name == "Cyd" {
			c, _, _ = customer.Patch{Status: new(customer.Archived)}.Apply(c, at)
		}
		records = append(records, c)
	}
	s := memstore.New()
	if errs, err := s.Load(context.Background(), records); err != nil || errors.Join(errs...) != nil {
		t.Fatalf("%v %v", err, errs)
	}
	return s
}

// drawFile draws a file whose rows meet each other and the people.
func drawFile(t *rapid.T) string {
	texts := func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }
	fields := []struct {
		name string
		from *rapid.Generator[string]
	}{
		{"name", texts(`"Ada"`, `"Eve \"<&>\" ñ"`, `""`, `null`, `" Bob\u0000"`)},
		{"email", texts(`"ada@b.co"`, `"ADA@b.co"`, `"bob@b.co"`, `"cyd@b.co"`, `"eve+1@exämple.de"`, `"fay@b.co"`, `"no"`, `null`)},
		{"external_id", texts(`"1"`, `"3"`, `"4 & 5"`, `"ä=%"`, `""`)},
		{"phone", texts(`"+49 711 123"`, `"x"`, `null`)},
		{"notes", texts(`"line\n\ttab"`, `""`)},
		{"address", texts(`{"city":"Ulm"}`, `{"city":"","country":"DE"}`, `null`)},
		{"tags", texts(`["VIP","b2b"]`, `[]`, `null`, `["a,b"]`)},
		{"metadata", texts(`{"plan":"silver"}`, `{"plan":""}`, `{"k":"v","x":"z"}`, `null`, `{"no key":"v"}`)},
	}
	key := texts(`"a"`, `"b"`, `"c d"`, `""`, `null`)
	records, keys := rapid.Bool().Draw(t, "whole records"), rapid.Bool().Draw(t, "keys")
	var b strings.Builder
	n := rapid.IntRange(1, 12).Draw(t, "rows")
	for i := range n {
		sep := "{"
		if keys && rapid.Bool().Draw(t, "keyed") {
			b.WriteString(`{"idempotency_key":` + key.Draw(t, "key"))
			sep = ","
		} else if records && rapid.Bool().Draw(t, "whole") {
			b.WriteString(`{"id":"00000000-0000-0000-0000-0000000009` + texts("00", "01", "02", "07", "08").Draw(t, "id") +
				`","version":3,"status":"active","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"`)
			sep = ","
		}
		for _, f := range fields {
			if rapid.IntRange(0, 2).Draw(t, f.name+" is there") > 0 {
				b.WriteString(sep + `"` + f.name + `":` + f.from.Draw(t, f.name))
				sep = ","
			}
		}
		if sep == "{" {
			fmt.Fprintf(&b, `{"name":"row %d"`, i)
		}
		b.WriteString("}\n")
	}
	if records {
		fmt.Fprintf(&b, `{"end":true,"count":%d}`, n)
	}
	return b.String()
}

func drawImporter(t *rapid.T) bulk.Importer {
	imp := bulk.Importer{
		Mode:       rapid.SampledFrom([]bulk.Mode{bulk.Commit, bulk.Commit, bulk.Validate}).Draw(t, "mode"),
		OnConflict: rapid.SampledFrom([]bulk.Policy{bulk.Refuse, bulk.Skip, bulk.Update}).Draw(t, "policy"),
		Match:      rapid.SampledFrom([]customer.Key{customer.EmailKey, customer.ExternalIDKey, ""}).Draw(t, "match"),
	}
	if imp.OnConflict == bulk.Update && imp.Match == "" {
		imp.Match = customer.EmailKey
	}
	return imp
}

// What is imported through a server comes out row by row as straight into its store.
func TestImportsThroughAServerAndStraightAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, direct, behind := drawFile(t), people(t), people(t)
		server := remoteOf(&loopback{handler: httpserver.New(behind, httpserver.WithLogger(nopLog()))})
		for _, run := range []string{"first", "second"} {
			imp := drawImporter(t)
			imp.Store = direct
			want := imported(t, imp, text)
			imp.Store = server
			got := imported(t, imp, text)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(bulk.Result{})); diff != "" {
				t.Fatalf("%s run of %+v of %s (-straight +server)\n%s", run, imp, text, diff)
			}
			if diff := cmp.Diff(contents(t, direct), contents(t, behind)); diff != "" {
				t.Fatalf("%s run of %+v of %s (-straight +server)\n%s", run, imp, text, diff)
			}
		}
	})
}

// What is lost on the way, there or back, is sent again, and nothing is in twice. That a customer was made by this import is then not always known.
func TestBrokenConnectionsMakeNoDuplicates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text, imp := drawFile(rt), drawImporter(rt)
		direct, behind := people(rt), people(rt)
		imp.Store = direct
		want := imported(rt, imp, text)
		way := lossy(httpserver.New(behind, httpserver.WithLogger(nopLog())), rapid.SliceOfN(rapid.IntRange(0, 3), 40, 40).Draw(rt, "lost"))
		imp.Store = remoteOf(way)
		var got []bulk.Result
		synctest.Test(t, func(t *testing.T) { got = imported(t, imp, text) })
		for _, results := range [][]bulk.Result{want, got} {
			for i := range results {
				results[i] = sentAgain(results[i])
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(bulk.Result{})); diff != "" {
			rt.Fatalf("%+v of %s (-straight +server)\n%s", imp, text, diff)
		}
		if diff := cmp.Diff(contents(rt, direct), contents(rt, behind)); diff != "" {
			rt.Fatalf("%+v of %s (-straight +server)\n%s", imp, text, diff)
		}
	})
}

// sentAgain is as much of the result of a row as is the same when the row may have been sent more than once. What the first time wrote is there the second
// time: a row that met one customer may then meet another, which the rows behind it made, under its own idempotency key too.
func sentAgain(res bulk.Result) bulk.Result {
	switch {
	case res.Outcome == bulk.Created || res.Outcome == bulk.Updated || res.Outcome == bulk.Unchanged:
		return bulk.Result{Line: res.Line, Outcome: bulk.Unchanged}
	case res.Reason == bulk.EmailTaken || res.Reason == bulk.ExternalIDTaken || res.Reason == bulk.IDTaken || res.Reason == bulk.Archived || res.Reason == bulk.KeyReused:
		return bulk.Result{Line: res.Line, Reason: bulk.EmailTaken}
	}
	return res
}

// lossy is a way to the server that loses requests where a turn is 1 and answers where it is 2, but no more in a row than are sent again.
func lossy(handler http.Handler, turns []int) *loopback {
	turn, row := 0, 0
	lose := func(kind int) func(*http.Request) error {
		return func(*http.Request) error {
			if turn = (turn + 1) % len(turns); turns[turn] != kind || row == attempts-1 {
				return nil
			}
			row++
			return io.ErrUnexpectedEOF
		}
	}
	after := lose(2)
	return &loopback{handler: handler, before: lose(1), after: func(r *http.Request) error {
		err := after(r)
		if err == nil {
			row = 0
		}
		return err
	}}
}
