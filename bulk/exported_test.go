package bulk_test

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func TestEndOfAnExport(t *testing.T) {
	t.Parallel()
	from := storeOf(t, customer.Draft{Name: "Ada"}, customer.Draft{Name: "Bob"})
	asJSON, asCSV := export(t, from, bulk.NDJSON, bulk.ExportOptions{}), export(t, from, bulk.CSV, bulk.ExportOptions{})
	cut := func(file string, lines int) string {
		return strings.Join(slices.Collect(strings.Lines(file))[:lines], "")
	}
	padded := func(n int) string { return strings.Replace(asCSV, "#end,2", "#end,2"+strings.Repeat(",", n), 1) }
	tests := []struct {
		name, file, end string
		rows            int
		complete        bool // where the end is none
	}{
		{"a whole export", asJSON, "<nil>", 2, true},
		{"a whole export in CSV", asCSV, "<nil>", 2, true},
		{"an export of nobody", `{"end":true,"count":0}`, "<nil>", 0, true},
		{"an export of nobody in CSV", cut(asCSV, 1) + "#end,0\n", "<nil>", 0, true},
		{"a whole export, saved by a spreadsheet", padded(18), "<nil>", 2, true},
		{"an end with fewer cells than the header", padded(3), "<nil>", 2, true},
		{"an end with more cells than the header", padded(500), "<nil>", 2, true},
		{"an end in quotes", strings.Replace(asCSV, "#end,2", `"#end","2",""`, 1), "<nil>", 2, true},
		{"an end that lost its count with a column", strings.Replace(asCSV, "#end,2", "#end"+strings.Repeat(",", 18), 1), "<nil>", 2, true},
		{"an end in a file of one column", "email\na@b.co\nc@d.co\n#end,2,,,,\n", "<nil>", 2, true},
		{"a wrong end in a file of one column", "email\na@b.co\n#end,2\n", "line 3 cut_off", 1, false},
		{"an end with something behind the count", "name,phone,plan\n#end,0,x\n", "<nil>", 1, true},
		{"no last line", cut(asJSON, 2), "<nil>", 2, false},
		{"no last line in CSV", cut(asCSV, 3), "<nil>", 2, false},
		{"nothing but the header", cut(asCSV, 1), "<nil>", 0, false},
		{"the middle of a line", asJSON[:len(asJSON)/2], "<nil>", 2, false},
		{"a record too few", cut(asJSON, 1) + `{"end":true,"count":2}`, "line 2 cut_off", 1, false},
		{"a record too many", cut(asJSON, 2) + `{"end":true,"count":1}`, "line 3 cut_off", 2, false},
		{"a record too few in CSV, saved by a spreadsheet", cut(asCSV, 2) + "#end,2" + strings.Repeat(",", 18) + "\n", "line 3 cut_off", 1, false},
		{"one behind the other", asJSON + asJSON, "line 3 cut_off", 2, false},
		{"one behind the other in CSV", asCSV + asCSV, "line 4 cut_off", 2, false},
		{"an end that was sorted to the top", cut(asCSV, 1) + "#end,2\n" + strings.Join(strings.SplitAfter(asCSV, "\n")[1:3], ""), "line 2 cut_off", 0, false},
		{"drafts need no end", `{"name":"Ada"}`, "<nil>", 1, true},
		{"drafts may have one", `{"name":"Ada"}` + "\n" + `{"end":true,"count":1}`, "<nil>", 1, true},
		{"rows of CSV need no end", "id,name\n1,Ada\n", "<nil>", 1, true},
		{"rejects need no end", `{"reason":"x",` + asJSON[1:strings.IndexByte(asJSON, '\n')], "<nil>", 1, true},
		{"rejects in CSV need no end", strings.Replace(cut(asCSV, 1), "\n", ",reason\n", 1), "<nil>", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := bulk.NewReader(strings.NewReader(tt.file), bulk.Detect, bulk.ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for _, err = r.Read(); err == nil; _, err = r.Read() {
				rows++
			}
			if err == io.EOF {
				err = nil
			}
			if rows != tt.rows || fileError(err) != tt.end || err == nil && r.Complete() != tt.complete {
				t.Errorf("%d rows, %v and complete %t, want %d, %s and %t", rows, err, r.Complete(), tt.rows, tt.end, tt.complete)
			}
		})
	}
}

// A record that somebody has picked out goes in as one of a whole export does.
func TestRecordWithoutAnEndIsImported(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	ada := string(record(t, 1, func(d *customer.Draft) { d.Email = "ada@b.co" }).AppendJSON(nil))
	for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
		equal(t, string(mode), run(t, bulk.Importer{Store: s, Mode: mode}, ada), []string{"1 created"})
	}
	equal(t, "export", export(t, s, bulk.NDJSON, bulk.ExportOptions{}), ada+"\n{\"end\":true,\"count\":1}\n")
}

// without takes columns out of a file as a spreadsheet does, which saves every row with as many cells as the header.
func without(t *testing.T, file string, columns ...string) string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(file))
	r.FieldsPerRecord = -1
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	for _, cells := range records {
		cells = append(cells, make([]string, len(records[0])-len(cells))...)
		kept := cells[:0:0]
		for i, cell := range cells {
			if !slices.Contains(columns, records[0][i]) {
				kept = append(kept, cell)
			}
		}
		if err := w.Write(kept); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.String()
}

func TestExportThatLostColumns(t *testing.T) {
	t.Parallel()
	from := storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"}, customer.Draft{Name: "Bob", Phone: "1234"})
	whole := export(t, from, bulk.CSV, bulk.ExportOptions{})
	for _, columns := range [][]string{
		nil,
		{"version"},
		{"status"},
		{"created_at"},
		{"updated_at"},
		{"archived_at"},
		{"metadata"},
		{"address_line2"},
		{"external_id", "tags"},
		{"status", "updated_at", "archived_at", "metadata", "external_id", "notes", "company", "tags"},
		{"version", "status", "updated_at"},
	} {
		t.Run(strings.Join(columns, " "), func(t *testing.T) {
			t.Parallel()
			file := without(t, whole, columns...)
			to := memstore.New()
			equal(t, "results", run(t, bulk.Importer{Store: to, Mode: bulk.Commit}, file), []string{"2 created", "3 created"})
			equal(t, "customers", all(t, to), all(t, from))
		})
	}
}

// What other programs write is no export of this one, whatever the names they share.
func TestFilesThatAreNoExports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		want       customer.Draft
	}{
		{"Chinook", "CustomerId,FirstName,Email\n1,Ada,ada@b.co\n", customer.Draft{ExternalID: "1", Name: "Ada", Email: "ada@b.co"}},
		{"Stripe", "id,Name,Email,Created (UTC)\ncus_1,Ada,ada@b.co,2026\n", customer.Draft{ExternalID: "cus_1", Name: "Ada", Email: "ada@b.co", Metadata: map[string]string{"Created_UTC_": "2026"}}},
		{"Shopify", "Customer ID,First Name,Last Name,Tags\n'7,Ada,L,\"a,b\"\n", customer.Draft{ExternalID: "'7", Name: "Ada L", Tags: []string{"a", "b"}}},
		{"a table with an id, a state and times", "id,name,status,created_at,updated_at\n7,Ada,archived,2026,2026\n", customer.Draft{ExternalID: "7", Name: "Ada", Metadata: map[string]string{"status": "archived", "created_at": "2026", "updated_at": "2026"}}},
		{"a table with versions and an id of its own", "id,name,version,status,created_at\n7,Ada,3,archived,2026\n", customer.Draft{ExternalID: "7", Name: "Ada", Metadata: map[string]string{"version": "3", "status": "archived", "created_at": "2026"}}},
		{"a version beside a state", "name,version,status\nAda,3,archived\n", customer.Draft{Name: "Ada", Metadata: map[string]string{"version": "3", "status": "archived"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(tt.file, bulk.Detect, bulk.ReaderOptions{})
			if err != nil || len(rows) != 1 || rows[0].Err != nil {
				t.Fatalf("rows %+v, %v; want one", rows, err)
			}
			equal(t, "draft", rows[0].Draft, tt.want)
		})
	}
}

// An id that some table is known by speaks against an export, wherever the first one stands.
func TestTablesWhoseFirstRowsHaveNoID(t *testing.T) {
	t.Parallel()
	const head, row = "id,name,status,created_at,updated_at,version\n", "cus_1,Ada,archived,2026,2026,3\n"
	blank := strings.Repeat(",,,,,\n", 200)
	for name, tc := range map[string]struct {
		file string
		want []string
	}{
		"a blank row":                {head + ",,,,,\n" + row, []string{"3 created"}},
		"blank rows without end":     {head + blank + row, []string{"202 created"}},
		"an id that is empty":        {head + ",Bob,,,,\n" + row, []string{"2 created", "3 created"}},
		"an id of spaces":            {head + "  ,Bob,,,,\n" + row, []string{"2 created", "3 created"}},
		"a row with too few cells":   {head + "x,Bob\n" + row, []string{"2 refused malformed", "3 created"}},
		"a row with a stray quote":   {head + "\"x\"y,Bob,,,,\n" + row, []string{"2 refused malformed", "3 created"}},
		"a name that is in two rows": {head + ",Bob,,,,\n,Bob,,,,\n" + row, []string{"2 created", "3 created", "4 created"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := memstore.New()
			equal(t, "results", run(t, bulk.Importer{Store: s, Mode: bulk.Commit}, tc.file), tc.want)
			ada, err := customer.FindByExternalID(t.Context(), s, "cus_1")
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "metadata", ada.Metadata, map[string]string{"status": "archived", "created_at": "2026", "updated_at": "2026", "version": "3"})
		})
	}
}

// What somebody writes into the id of a new row is refused there, and turns no archived customer into an active one.
func TestExportWithAnIDThatIsNone(t *testing.T) {
	t.Parallel()
	from := storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"}, customer.Draft{Name: "Bob"})
	ada, err := customer.FindByEmail(t.Context(), from, "ada@b.co")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := customer.Archive(t.Context(), from, ada.ID, ada.Version); err != nil {
		t.Fatal(err)
	}
	whole := export(t, from, bulk.CSV, bulk.ExportOptions{})
	whole = whole[:strings.Index(whole, "#end")]
	head, rows, _ := strings.Cut(whole, "\n")
	added := head + "\nnew,,active,,Eve" + strings.Repeat(",", strings.Count(head, ",")-4) + "\n" + rows
	for name, file := range map[string]string{
		"on top": added, "without its state": without(t, added, "status", "metadata"), "with reasons": "reason," + strings.ReplaceAll(added, "\n", "\n,"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := memstore.New()
			got, err := results(bulk.Importer{Store: to, Mode: bulk.Commit}, file)
			if err != nil || len(got) != 3 {
				t.Fatalf("%v, %v; want three results", got, err)
			}
			equal(t, "results", []string{say(got[0]), say(got[1]), say(got[2])}, []string{"2 refused id wrong_type", "3 skipped archived", "4 created"})
			if text := got[0].Errors[0].Message; !strings.Contains(text, "UUID") || !strings.Contains(text, "empty") {
				t.Errorf("message %q does not name the rule", text)
			}
			equal(t, "customers", all(t, to), all(t, storeOf(t, customer.Draft{Name: "Bob"})))
		})
	}
}

// A customer that was put in by hand above those of an export has no id yet.
func TestRowAddedToAnExport(t *testing.T) {
	t.Parallel()
	file := "id,version,status,name,created_at\n,,,Eve,\n,,,,\n01970000-0000-7000-8000-000000000001,1,active,Ada,2026-01-01T00:00:00.000000Z\n"
	s := memstore.New()
	equal(t, "results", run(t, bulk.Importer{Store: s, Mode: bulk.Commit}, file), []string{"2 created", "4 created"})
	equal(t, "customers", all(t, s), all(t, storeOf(t, customer.Draft{Name: "Eve"}, customer.Draft{Name: "Ada"})))
}

func TestArchivedRowsOfAnExportAreSkipped(t *testing.T) {
	t.Parallel()
	from := storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"}, customer.Draft{Name: "Gone", Email: "gone@b.co"})
	gone, err := customer.FindByEmail(t.Context(), from, "gone@b.co")
	if err != nil {
		t.Fatal(err)
	}
	if gone, err = customer.Archive(t.Context(), from, gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	// Nothing is left to know it by, which an active customer could not be without.
	if _, err := from.Update(t.Context(), gone.ID, gone.Version, customer.Patch{Name: new(""), Email: new("")}); err != nil {
		t.Fatal(err)
	}
	file := export(t, from, bulk.CSV, bulk.ExportOptions{})
	for name, file := range map[string]string{"by the state": file, "by the time": without(t, file, "status"), "by the state alone": without(t, file, "archived_at")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, imp := range []bulk.Importer{
				{OnConflict: bulk.Refuse},
				{OnConflict: bulk.Skip},
				{OnConflict: bulk.Update, Match: customer.EmailKey},
			} {
				s := memstore.New()
				imp.Store = s
				for _, imp.Mode = range []bulk.Mode{bulk.Validate, bulk.Commit} {
					got, err := results(imp, file)
					if err != nil || len(got) != 2 {
						t.Fatalf("%v, %v; want two results", got, err)
					}
					equal(t, "results", []string{say(got[0]), say(got[1])}, []string{"2 created", "3 skipped archived"})
					if !strings.Contains(got[1].Detail, "NDJSON") {
						t.Errorf("detail %q does not say what keeps the state", got[1].Detail)
					}
				}
				equal(t, "customers", all(t, s), all(t, storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"})))
			}
		})
	}
}
