package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func TestHostileFile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2<<20)
	tests := []struct {
		name, file string
		format     bulk.Format
		rows       []string
		end        string
	}{
		{name: "an empty file", file: "", end: "line 1 empty"},
		{name: "an empty CSV file", file: "", format: bulk.CSV, end: "line 1 empty"},
		{name: "an empty NDJSON file has no rows", file: "", format: bulk.NDJSON},
		{name: "nothing but blank lines", file: "\n\r\n", end: "line 1 empty"},
		{name: "a header alone has no rows", file: "name,email\n"},
		{name: "one column twice", file: "name,email,E-Mail\nAda,a@b.co,c@d.co\n", end: "line 1 duplicate_column"},
		{name: "a quote that nobody closes", file: "name\nAda\n\"Bob\nEve\n", rows: []string{"2 created"}, end: "line 3 unclosed_quote"},
		{name: "a quote that is closed in the middle of another cell", file: "name,notes\nAda,\"x\nBob,\"y\"\n", end: "line 2 unclosed_quote"},
		{name: "text behind a quote", file: "name\n\"Ada\"x\nBob\n", rows: []string{"2 refused malformed", "3 created"}},
		{name: "a quote inside a cell is text", file: "name\nAda \"Countess\" Lovelace\n", rows: []string{"2 created"}},
		{name: "a row too short and one too long", file: "name,phone\nAda\nBob,1234,x\nEve,1234\n", rows: []string{"2 refused malformed", "3 refused malformed", "4 created"}},
		{name: "a cell of 2 MB", file: "name\n" + long + "\n\"" + long + "\n\"\nBob\n", rows: []string{"2 refused too_long", "3 refused too_long", "5 created"}},
		{name: "a header of 2 MB", file: long + "\nAda\n", end: "line 1 too_long"},
		{name: "a line of 2 MB of NDJSON", file: `{"name":"` + long + `"}` + "\n" + `{"name":"Bob"}`, rows: []string{"1 refused too_long", "2 created"}},
		{name: "NUL bytes", file: "name\nA\x00da\nBob\n", rows: []string{"2 refused name invalid_text", "3 created"}},
		{name: "a NUL byte in the header", file: "name,\x00\nAda,\n", end: "line 1 malformed"},
		{name: "Latin-1", file: "name\nJos\xe9\nBob\n", rows: []string{"2 refused not_utf8", "3 created"}},
		{name: "Latin-1 in the header", file: "name,Stra\xdfe\nAda,x\n", end: "line 1 not_utf8"},
		{name: "UTF-16 with a mark", file: "\xff\xfen\x00a\x00m\x00e\x00", end: "line 1 not_utf8"},
		{name: "UTF-16 without one", file: "n\x00a\x00m\x00e\x00\n\x00", end: "line 1 not_utf8"},
		{name: "a column of formulas", file: "name,plan\n'=1+1,\"'=cmd|'/c calc'!A1\"\n=1+1,@x\n", rows: []string{"2 created", "3 created"}},
		{name: "a million commas", file: "name\n" + strings.Repeat(",", 1_000_000) + "\n" + strings.Repeat(",", 200_000) + "\nBob\n", rows: []string{"2 refused too_long", "4 created"}},
		{name: "a header of a hundred thousand commas", file: strings.Repeat(",", 100_000) + "\nAda\n", end: "line 1 malformed"},
		{name: "lines that end with a carriage return alone", file: "name,phone\rAda,1234\r", end: "line 1 malformed"},
		{name: "quoted cells in lines that end with a carriage return alone", file: "\"name\",\"phone\"\r\"Ada\",\"1234\"\r", end: "line 1 malformed"},
		{name: "rows of nothing but separators and quotes", file: "name,email\n,\n , \n\"\",\"\"\nAda,\n", rows: []string{"5 created"}},
		{name: "a mark, CRLF and a line break in quotes", file: "\xef\xbb\xbfname,notes\r\nAda,\"a\r\nb\"\r\nBob,x\r\n", rows: []string{"2 created", "4 created"}},
		{name: "text under a column without a name", file: "name,\nAda,\nBob,x\n", rows: []string{"2 created", "3 refused malformed"}},
		{name: "a name too long for a key", file: "name," + strings.Repeat("k", 65) + "\nAda,x\n", end: "line 1 unknown_column"},
		{name: "two columns of one key", file: "name,Fax No,Fax/No\nAda,1,2\n", end: "line 1 duplicate_column"},
		{name: "nothing to know a customer by", file: "name,notes\n,x\n", rows: []string{"2 refused identity_required"}},
		{name: "a JSON array", file: "\n [{\"name\":\"Ada\"}]", end: "line 2 malformed"},
		{
			name: "lines that are no objects", format: bulk.NDJSON,
			file: "\"x\"\n[]\n{\"name\":\n{\"name\":\"A\"}{}\n{\"name\":\"A\",\"name\":\"B\"}\n{\"name\":\"\\ud800\"}\nnull\n\xff\n" + strings.Repeat("[", 5000) + "\n" + `{"name":"Bob"}`,
			rows: []string{
				"1 refused malformed", "2 refused malformed", "3 refused malformed", "4 refused malformed", "5 refused malformed",
				"6 refused malformed", "7 refused malformed", "8 refused not_utf8", "9 refused malformed", "10 created",
			},
		},
		{
			name: "members that are unknown, misspelt, of a wrong type or read-only",
			file: `{"Name":"x","email":5,"tags":["a",1],"address":{"street":"x"},"metadata":{"a":1},"status":"active"}`,
			rows: []string{"1 refused Name unknown_member email wrong_type tags.1 wrong_type address.street unknown_member metadata.a wrong_type status read_only"},
		},
		{name: "an end that counts backwards", file: `{"end":true,"count":-1}` + "\n" + `{"end":true,"count":-2}`, rows: []string{"1 refused count wrong_type", "2 refused count wrong_type"}},
		{name: "an id that is none", file: `{"id":"7","name":"Ada"}`, rows: []string{"1 refused id wrong_type"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := bulk.NewReader(strings.NewReader(tt.file), tt.format, bulk.ReaderOptions{})
			var got []string
			if err == nil {
				imp := bulk.Importer{Store: memstore.New(), Mode: bulk.Commit}
				_, err = imp.Run(t.Context(), r.Rows(), func(res bulk.Result) error {
					got = append(got, say(res))
					return nil
				})
			}
			equal(t, "results", got, tt.rows)
			if tt.end == "" && err != nil || tt.end != "" && fileError(err) != tt.end {
				t.Errorf("the file ended with %v, want %q", err, tt.end)
			}
		})
	}
}

func TestAdviceOnLineEnds(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"name,phone\rAda,1234\r", "\"name\",\"phone\"\r\"Ada\",\"1234\"\r", "name\r" + strings.Repeat("Ada\r", bulk.MaxRowBytes)} {
		if _, err := read(file, bulk.CSV, bulk.ReaderOptions{}); err == nil || !strings.Contains(err.Error(), "lines must end with a line feed") {
			t.Errorf("error %v, want one that says how lines end", err)
		}
	}
}

func TestReaderLimit(t *testing.T) {
	t.Parallel()
	const file = "name\nAda\nBob\n"
	tests := []struct {
		name string
		o    bulk.ReaderOptions
		rows int
		end  string
	}{
		{"as many rows as allowed", bulk.ReaderOptions{MaxRows: 2}, 2, "<nil>"},
		{"more rows than there are", bulk.ReaderOptions{MaxRows: 3}, 2, "<nil>"},
		{"one row too many", bulk.ReaderOptions{MaxRows: 1}, 1, "line 3 too_many_rows"},
		{"as many bytes as allowed", bulk.ReaderOptions{MaxBytes: int64(len(file))}, 2, "<nil>"},
		{"more bytes than there are", bulk.ReaderOptions{MaxBytes: int64(len(file)) + 1}, 2, "<nil>"},
		{"one byte too many", bulk.ReaderOptions{MaxBytes: int64(len(file)) - 1}, 0, "line 1 too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(file, bulk.CSV, tt.o)
			if len(rows) != tt.rows || fileError(err) != tt.end {
				t.Errorf("%d rows and %v, want %d and %s", len(rows), err, tt.rows, tt.end)
			}
		})
	}
}

func TestAdviceOnEncodings(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, want, not string }{
		{"a letter of Latin-1", "name\nJos\xe9\n", "save the file as CSV UTF-8, or convert it: iconv -f ISO-8859-1 -t UTF-8", "JSON"},
		{"a quotation mark of Windows-1252", "name\n\x93Ada\x94 \xe9\n", "iconv -f WINDOWS-1252 -t UTF-8", "JSON"},
		{"a letter of Latin-1 in JSON", "{\"name\":\"Jos\xe9\"}\n", "JSON is written in UTF-8; convert the file: iconv -f ISO-8859-1 -t UTF-8", "CSV"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(tt.file, bulk.Detect, bulk.ReaderOptions{})
			if err != nil || len(rows) != 1 || rows[0].Err == nil {
				t.Fatalf("rows %+v, %v; want one refused", rows, err)
			}
			if got := rows[0].Err.Error(); !strings.Contains(got, tt.want) || strings.Contains(got, tt.not) {
				t.Errorf("%q, want one with %q and without %q", got, tt.want, tt.not)
			}
		})
	}
	for _, file := range []string{"\xff\xfe{\x00}\x00", "{\x00}\x00", "\xfe\xff\x00[\x00]"} {
		for _, format := range []bulk.Format{bulk.Detect, bulk.NDJSON} {
			if _, err := read(file, format, bulk.ReaderOptions{}); fileError(err) != "line 1 not_utf8" || strings.Contains(err.Error(), "CSV") || !strings.Contains(err.Error(), "iconv -f UTF-16") {
				t.Errorf("%s: error %v, want one that helps with JSON", format, err)
			}
		}
	}
}

// A value of a row has no place in what is said about it.
func TestNothingPersonalInResults(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a"
	files := []string{
		"name,email,tags\n" + canary + ",not an address " + canary + ",\"" + canary + "\"\n",
		"name,email\n\"" + canary + "\"x,\n" + canary + "\n",
		`{"name":"` + canary + `","email":"` + canary + `"}` + "\n" + `{"name":"` + canary + `" 5}` + "\n",
		`{"name":["` + canary + `"],"metadata":{"` + canary + `x y":"z"}}` + "\n",
	}
	for _, file := range files {
		for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
			all, err := results(bulk.Importer{Store: storeOf(t, customer.Draft{Email: canary + "@b.co"}), Mode: mode}, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, res := range all {
				if line := string(res.AppendJSON(nil)); strings.Contains(line, canary) {
					t.Errorf("a result repeats a value: %s", line)
				}
			}
		}
	}
}
