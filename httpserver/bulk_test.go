package httpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

const importTarget = "/v1/import?mode=commit"

// results returns the lines of an import as "2 created", the last one as its totals.
func (g answer) results() []string {
	g.t.Helper()
	var out []string
	for text := range strings.Lines(string(g.body)) {
		var line struct {
			Line                                                int
			Result, Reason                                      string
			Errors                                              []fault
			End                                                 bool
			Rows, Created, Updated, Unchanged, Skipped, Refused int
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			g.t.Fatalf("%v in %q", err, text)
		}
		if line.End {
			out = append(out, fmt.Sprint("end ", line.Rows, line.Created, line.Updated, line.Unchanged, line.Skipped, line.Refused))
			continue
		}
		result := fmt.Sprint(line.Line, " ", line.Result, " ", line.Reason)
		for _, f := range line.Errors {
			result += f.Pointer + " " + f.Code
		}
		out = append(out, strings.TrimSpace(result))
	}
	return out
}

func (g answer) wantResults(want ...string) {
	g.t.Helper()
	g.want(http.StatusOK)
	if diff := cmp.Diff(want, g.results()); diff != "" {
		g.t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAFileIsImportedRowByRow(t *testing.T) {
	t.Parallel()
	a := open(t)
	const file = "Name,E-Mail,Zip,Plan\nAda,ada@example.com,SW1,gold\nBad,nobody,1,\n,,1,\nBob,ADA@example.com,,\n"
	dry := a.send("POST", "/v1/import?mode=validate", file).want(200)
	if got := a.do("GET", "/v1/customers", "").page(); len(got.Items) > 0 {
		t.Error("a dry run wrote")
	}
	done := a.send("POST", importTarget, file)
	done.wantResults("2 created", "3 refused #/email invalid_email", "4 refused # identity_required", "5 refused email_taken", "end 4 1 0 0 0 3")
	if diff := cmp.Diff(dry.results(), done.results()); diff != "" {
		t.Errorf("(-foretold +done)\n%s", diff)
	}
	if got := a.do("GET", "/v1/customers?metadata.Plan=gold&postal_code=SW1", "").page(); len(got.Items) != 1 {
		t.Errorf("got %d customers", len(got.Items))
	}
	a.send("POST", importTarget+"&on_conflict=update&match=email", "email,plan,phone\nada@example.com,silver,12345\nnew@example.com,,\n").
		wantResults("2 updated", "3 created", "end 2 1 1 0 0 0")
	a.send("POST", importTarget+"&on_conflict=update&match=email", "name,e-mial\nAda,ada@example.com\n").wantResults("2 refused no_match", "end 1 0 0 0 0 1")
	a.send("POST", importTarget+"&on_conflict=skip", "email\nada@example.com\n").wantResults("2 skipped email_taken", "end 1 0 0 0 1 0")
}

func TestNDJSONIsImportedAsItIsExported(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	id := from.create(ada).ID.String()
	from.do("POST", "/v1/customers/"+id+"/archive", "").want(200)
	from.create(field("name", "Bob"))
	file := from.send("GET", "/v1/export", "").want(200)
	if got := file.header.Get("Content-Type") + " " + file.header.Get("Cache-Control"); got != "application/x-ndjson no-store" {
		t.Errorf("got %s", got)
	}
	if !strings.HasSuffix(string(file.body), `{"end":true,"count":2}`+"\n") {
		t.Errorf("the export has no end:\n%s", file.body)
	}
	for _, contentType := range []string{"application/x-ndjson", "application/ndjson", "application/jsonl; charset=UTF-8"} {
		to.send("POST", importTarget+"&on_conflict=skip", string(file.body), "Content-Type: "+contentType).want(200)
	}
	if diff := cmp.Diff(string(file.body), string(to.send("GET", "/v1/export", "").body)); diff != "" {
		t.Errorf("(-exported +imported and exported)\n%s", diff)
	}
	cut := string(file.body[:bytes.LastIndexByte(file.body[:len(file.body)-1], '\n')+1])
	open(t).send("POST", importTarget, cut, "Content-Type: application/x-ndjson").wantResults("1 created", "2 created", "end 2 2 0 0 0 0")
	wrong := cut + `{"end":true,"count":3}`
	open(t).send("POST", importTarget, wrong, "Content-Type: application/x-ndjson").wantCode(400, "malformed_request")
	alone := from.do("GET", "/v1/customers/"+id, "").want(200)
	into := open(t)
	into.send("POST", importTarget, string(alone.body), "Content-Type: application/x-ndjson").wantResults("1 created", "end 1 1 0 0 0 0")
	if diff := cmp.Diff(string(alone.body), string(into.do("GET", "/v1/customers/"+id, "").want(200).body)); diff != "" {
		t.Errorf("one record (-taken +imported and taken)\n%s", diff)
	}
}

func TestExportsByFilterAndForm(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.create(ada)
	a.create(field("name", "Bob"))
	old := a.create(field("name", "Old")).ID.String()
	a.do("POST", "/v1/customers/"+old+"/archive", "").want(200)
	for target, want := range map[string]int{
		"/v1/export": 3, "/v1/export?status=active": 2, "/v1/export?tag=vip": 1, "/v1/export?q=bob%20OR%20old": 2, "/v1/export?name=nobody": 0,
	} {
		got := a.send("GET", target, "").want(200)
		if !strings.HasSuffix(string(got.body), fmt.Sprintf(`{"end":true,"count":%d}`+"\n", want)) {
			t.Errorf("%s: want %d customers\n%s", target, want, got.body)
		}
	}
	for name, tc := range map[string]struct {
		target, accept string
		status         int
		contentType    string
	}{
		"whatever there is":                {"/v1/export", "*/*", 200, "application/x-ndjson"},
		"CSV":                              {"/v1/export", "text/csv", 200, "text/csv; charset=utf-8"},
		"what is liked better":             {"/v1/export", "application/ndjson;q=0.5, text/csv", 200, "text/csv; charset=utf-8"},
		"another name of NDJSON":           {"/v1/export", "application/jsonl", 200, "application/jsonl"},
		"the parameter wins":               {"/v1/export?format=csv", "application/x-ndjson", 200, "text/csv; charset=utf-8"},
		"the parameter alone":              {"/v1/export?format=ndjson", "application/json", 200, "application/x-ndjson"},
		"what there is not":                {"/v1/export", "application/json", 406, "application/problem+json"},
		"what is not wanted":               {"/v1/export", "text/csv;q=0, application/pdf", 406, "application/problem+json"},
		"a format that there is not":       {"/v1/export?format=xml", "", 400, "application/problem+json"},
		"an empty format":                  {"/v1/export?format=", "", 400, "application/problem+json"},
		"two formats":                      {"/v1/export?format=csv&format=csv", "", 400, "application/problem+json"},
		"an order":                         {"/v1/export?sort=name", "", 400, "application/problem+json"},
		"a page":                           {"/v1/export?limit=5", "", 400, "application/problem+json"},
		"a filter that cannot be":          {"/v1/export?created_at=yesterday", "", 400, "application/problem+json"},
		"an unknown parameter is not lost": {"/v1/export?nam=ada", "", 400, "application/problem+json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "HEAD"} {
				got := a.in(t).send(method, tc.target, "", "Accept: "+tc.accept)
				if got.want(tc.status).header.Get("Content-Type") != tc.contentType {
					t.Errorf("%s: got %s", method, got.header.Get("Content-Type"))
				}
			}
		})
	}
	csv := string(a.send("GET", "/v1/export?format=csv&tag=vip", "").body)
	if lines := strings.Split(strings.TrimRight(csv, "\r\n"), "\n"); len(lines) < 3 || !strings.HasPrefix(lines[len(lines)-1], "#end,1") {
		t.Errorf("got\n%s", csv)
	}
}

// In bubbles: an import may take 30 seconds without progress, and a busy machine more than that to look through the largest files.
func TestFilesThatCannotBeImported(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body, contentType string
		status            int
		says              string
	}{
		"nothing":                {"", "text/csv", 400, "Line 1"},
		"a header only":          {"name\n", "text/csv", 200, ""},
		"one column twice":       {"name,NAME\na,b\n", "text/csv", 422, "Line 1"},
		"an unclosed quote":      {"name\na\n\"b\nc\n", "text/csv", 400, "Line 3"},
		"UTF-16":                 {"\xff\xfen\x00", "text/csv", 400, "UTF-8"},
		"10,000 rows":            {"name\n" + strings.Repeat("x\n", 10_000), "text/csv", 200, ""},
		"10,001 rows":            {"name\n" + strings.Repeat("x\n", 10_001), "text/csv", 413, "10000"},
		"a body of another type": {"name\na\n", "application/json", 415, "text/csv"},
		"a body of Latin-1":      {"name\na\n", "text/csv; charset=iso-8859-1", 415, "UTF-8"},
		"16 MiB":                 {"name\n" + strings.Repeat("x", 16<<20-5), "text/csv", 200, ""},
		"16 MiB of cells":        {"name\n" + strings.Repeat("a,", 8<<20-3), "text/csv", 200, ""},
		"16 MiB of quotes":       {"name\n" + strings.Repeat(`"a",`, 4<<20-2), "text/csv", 200, ""},
		"16 MiB and a byte":      {"name\n" + strings.Repeat("x", 16<<20-4), "text/csv", 413, "16777216"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := open(t).do("POST", "/v1/import?mode=validate", tc.body, "Content-Type: "+tc.contentType).want(tc.status)
				if tc.status != 200 && !strings.Contains(got.problem().Detail, tc.says) {
					t.Errorf("got %q, want it to say %q", got.problem().Detail, tc.says)
				}
			})
		})
	}
	t.Run("a file that breaks off is refused before its first row is written", func(t *testing.T) {
		t.Parallel()
		a := open(t)
		a.send("POST", importTarget, "name\na\nb\n\"c").want(400)
		if got := a.do("GET", "/v1/customers", "").page(); len(got.Items) > 0 {
			t.Error("rows were written")
		}
	})
}

func TestParametersOfImports(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                                 "mode invalid_parameter",
		"?mode=":                           "mode invalid_parameter",
		"?mode=dry":                        "mode invalid_parameter",
		"?mode=commit&mode=commit":         "mode repeated_parameter",
		"?mode=commit&on_conflict=replace": "on_conflict invalid_parameter",
		"?mode=commit&on_conflict=update":  "match invalid_parameter",
		"?mode=commit&match=phone":         "match invalid_parameter",
		"?mode=commit&conflict=skip":       "conflict unknown_parameter",
		"?mod=commit":                      "mod unknown_parameter, mode invalid_parameter",
		"?mode=commit&format=csv":          "format unknown_parameter",
		"?mode=commit&on_conflict=update&match=email":       "",
		"?mode=commit&on_conflict=update&match=external_id": "",
		"?mode=commit&on_conflict=skip&match=email":         "",
		"?mode=validate&on_conflict=refuse":                 "",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			got := open(t).send("POST", "/v1/import"+query, "name\na\n")
			if want == "" {
				got.want(200)
				return
			}
			if faults := strings.Join(got.want(400).faults(), ", "); faults != want {
				t.Errorf("got %s, want %s", faults, want)
			}
		})
	}
}

// stopping fails from its n-th batch on.
type stopping struct {
	customer.Store
	left *int
	err  error
}

func (s stopping) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if *s.left--; *s.left < 0 {
		return customer.Customer{}, s.err
	}
	return s.Store.Create(ctx, d)
}

func TestAnImportThatStopsSaysWhere(t *testing.T) {
	t.Parallel()
	file := "name\n" + strings.Repeat("x\n", 9_000)
	stops := func(n int, err error) customer.Store { return stopping{memstore.New(), &n, err} }
	over(t, stops(0, customer.ErrUnavailable)).send("POST", importTarget, file).wantCode(503, "unavailable")
	over(t, stops(0, errors.New("boom"))).send("POST", importTarget, file).wantCode(500, "internal")
	few := over(t, stops(3, customer.ErrUnavailable)).send("POST", importTarget, "name\na\nb\nc\nd\n").want(200).results()
	if diff := cmp.Diff([]string{"2 created", "3 created", "4 created", "4 stopped unavailable"}, few); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got := over(t, stops(5_000, customer.ErrUnavailable)).send("POST", importTarget, file).want(200).results()
	if last := got[len(got)-1]; !strings.HasSuffix(last, "stopped unavailable") {
		t.Errorf("the last line is %q", last)
	}
	for _, line := range got[:len(got)-1] {
		if !strings.HasSuffix(line, "created") {
			t.Fatalf("got %q", line)
		}
	}
}

func TestImportsLeaveALineForEveryChange(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	store := memstore.New()
	a := over(t, store, httpserver.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	a.do("POST", importTarget, "name,email\nAda,a@example.com\nBad,nobody\n").want(200)
	a.do("POST", importTarget+"&on_conflict=update&match=email", "email,phone,city\na@example.com,123,Rome\na@example.com,123,Rome\n").want(200)
	a.do("POST", "/v1/import?mode=validate", "name\nx\n").want(200)
	var got []string
	for line := range strings.Lines(log.String()) {
		var entry struct {
			Msg, Action string
			From        int `json:"version_from"`
			To          int `json:"version_to"`
			Fields      []string
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Msg == "audit" {
			got = append(got, fmt.Sprint(entry.Action, entry.From, entry.To, entry.Fields))
		}
	}
	if diff := cmp.Diff([]string{"import0 1 [email name]", "import1 2 [address.city phone]"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An export that breaks off must not look whole.
func TestAnExportThatFailsOnTheWayBreaksTheConnection(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	for i := range 1_000 {
		if _, err := store.Create(t.Context(), customer.Draft{Name: fmt.Sprint("customer ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	pages := 0
	server := httptest.NewServer(httpserver.New(failingPages{store, &pages}, httpserver.WithLogger(discard)))
	defer server.Close()
	response, err := server.Client().Get(server.URL + "/v1/export")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err == nil || body.Len() == 0 {
		t.Errorf("got %d bytes and %v, want some and an error", body.Len(), err)
	}
	if strings.Contains(body.String(), `"end"`) {
		t.Error("it has an end")
	}
	over(t, failing{customer.ErrUnavailable}).send("GET", "/v1/export", "").wantCode(503, "unavailable")
}

// failingPages fails from the third page on.
type failingPages struct {
	customer.Store
	pages *int
}

func (s failingPages) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if *s.pages++; *s.pages > 2 {
		return customer.Page{}, errors.New("boom")
	}
	return s.Store.Search(ctx, q)
}

func TestAnImportWithoutProgressEndsAfter30Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		over(t, stuck{memstore.New()}).do("POST", importTarget+"&on_conflict=update&match=email", "email\na@b.co\n").want(503)
		over(t, stuck{memstore.New()}).do("GET", "/v1/export", "").want(503)
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
