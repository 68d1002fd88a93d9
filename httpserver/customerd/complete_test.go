package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"example.com/customer/memstore"
)

// However much of nothing stands behind the last line of an export, none of its rows is in when they are not all there.
func TestAnExportThatIsNotWholeIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	const (
		row  = "01970000-0000-7000-8000-000000000001,1,active,,Ada,,,,,,,,,,,,,,\n"
		head = "id,version,status,external_id,name,email,phone,company,notes,address_line1,address_line2,address_city,address_region," +
			"address_postal_code,address_country,tags,metadata,created_at,updated_at\n"

		record = `{"id":"01970000-0000-7000-8000-000000000001","version":1,"status":"active","name":"Ada",` +
			`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}` + "\n"
	)
	blank := strings.Repeat(",", strings.Count(head, ","))
	for name, text := range map[string]string{
		"the end alone":                        head + row + "#end,2\n",
		"an end without a line break":          head + row + "#end,2",
		"an end with cells behind it":          head + row + "#end,2" + blank[1:] + "\n",
		"blank rows of a spreadsheet":          head + row + "#end,2" + blank[1:] + "\r\n" + strings.Repeat(blank+"\r\n", 13),
		"many blank rows":                      head + row + "#end,2\n" + strings.Repeat(blank+"\n", 3000),
		"rows of empty quotes":                 head + row + `"#end","2"` + strings.Repeat(`,""`, 17) + "\n" + strings.Repeat(`""`+strings.Repeat(`,""`, 18)+"\n", 20),
		"rows of spaces":                       head + row + "#end,2\n" + strings.Repeat(" "+strings.ReplaceAll(blank, ",", ", ")+"\n", 20),
		"blank rows between semicolons":        strings.ReplaceAll(head+row+"#end,2"+blank[1:]+"\n"+strings.Repeat(blank+"\n", 20), ",", ";"),
		"blank rows between tabs":              strings.ReplaceAll(head+row+"#end,2"+blank[1:]+"\n"+strings.Repeat(blank+"\n", 20), ",", "\t"),
		"blank lines behind the end of NDJSON": record + `{"end":true,"count":2}` + strings.Repeat("\n", 500),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behind := memstore.New()
			_, stderr := want(t, 2, "import", file(t, "half", text), serveStore(t, behind))
			if !strings.Contains(stderr, "the last line says that there are 2 rows, and there are 1") {
				t.Errorf("got %s", stderr)
			}
			if got := len(contents(t, behind)); got != 0 {
				t.Errorf("%d customers are in", got)
			}
		})
	}
}

// The end is looked for in what is still to be read, at no more of it than a bound.
func TestWhatIsReadOnceIsReadOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		from int64
		want string
	}{
		"an export":                    {"a\n#end,0\n", 0, "a\n#end,0\n"},
		"an export that begins later":  {"xx\na\n#end,0\n", 3, "a\n#end,0\n"},
		"an end that was read already": {"a\n#end,0\n,,,\n", 9, ""},
		"no export":                    {"name\nAda\n", 0, ""},
		"nothing":                      {"", 0, ""},
		"nothing but blanks":           {",,,\n" + strings.Repeat(",,,\n", 1<<15), 0, ""},
		"blanks beyond the bound":      {"a\n#end,0\n" + strings.Repeat(",,,\n", 1<<15), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := os.Open(file(t, "f", tc.text))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if _, err := in.Seek(tc.from, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(endedFile(in))
			if err != nil || !bytes.Equal(got, []byte(tc.want)) {
				t.Errorf("got %d bytes, %v, want %q", len(got), err, tc.want)
			}
			if at, err := in.Seek(0, io.SeekCurrent); err != nil || at != tc.from {
				t.Errorf("the file stands at %d, %v", at, err)
			}
		})
	}
}
