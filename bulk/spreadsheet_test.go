package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func TestRowsOfEmptyCells(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		want       []string
	}{
		{"at the end, as spreadsheets leave them", "name;email;phone\nAda;ada@b.co;\n;;\n;;\n", []string{"2 created"}},
		{"between rows, in quotes and of spaces", "name,email\n,\nAda,\n \t, \n\"\",\" \"\nBob,\n", []string{"3 created", "6 created"}},
		{"of one column", "name\n\"\"\nAda\n \n", []string{"3 created"}},
		{"of another number of cells", "name,email,phone\n,\n,,,,,\nAda,,\n", []string{"4 created"}},
		{"with an empty mark of a formula", "name,email\n',\n", []string{"2 created"}},
		{"before the last line of an export", "id,version,status,name\n,,,\n,,,Ada\n,,,\n#end,1,,\n,,,\n", []string{"3 created"}},
		{"but for a reason", "name,email,reason\n,,identity_required: x\n", []string{"2 refused identity_required"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := memstore.New()
			for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
				equal(t, string(mode), run(t, bulk.Importer{Store: s, Mode: mode}, tt.file), tt.want)
			}
		})
	}
}

// They are no rows for the limit, and the file is whole.
func TestRowsOfEmptyCellsAreNotCounted(t *testing.T) {
	t.Parallel()
	r, err := bulk.NewReader(strings.NewReader("id,version,status,name\n,,,Ada\n,,,\n#end,1,,\n,,,\n"), bulk.CSV, bulk.ReaderOptions{MaxRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 || !r.Complete() {
		t.Errorf("%d rows, complete %t; want 1 of a whole file", n, r.Complete())
	}
}

func TestStreetOnSeveralLines(t *testing.T) {
	t.Parallel()
	address := func(line1, line2 string) customer.Draft {
		return customer.Draft{Name: "Ada", Address: customer.Address{Line1: line1, Line2: line2}}
	}
	const street, both = bulk.Name | bulk.Line1, bulk.Name | bulk.Line1 | bulk.Line2
	tests := []struct {
		name, file string
		want       customer.Draft
		fields     bulk.Fields
	}{
		{"two lines, and no column for the second", "name,street\nAda,\"Rd 1\nFlat 2\"\n", address("Rd 1", "Flat 2"), both},
		{"two lines, and an empty cell for the second", "name,street,street 2\nAda,\"Rd 1\r\nFlat 2\", \n", address("Rd 1", "Flat 2"), both},
		{"the second before the first", "name,street 2,street\nAda,,\"Rd 1\nFlat 2\"\n", address("Rd 1", "Flat 2"), both},
		{"more lines, some of them empty", "name,street\nAda,\"\n House \r\n\nRd 1\rFlat 2\n\"\n", address("House", "Rd 1, Flat 2"), both},
		{"one line and a break behind it", "name,street\nAda,\"Rd 1\n\"\n", address("Rd 1", ""), street},
		{"a second line that is there", "name,street,street 2\nAda,\"Rd 1\nFlat 2\",Ulm\n", address("Rd 1\nFlat 2", "Ulm"), both},
		{"one line", "name,street\nAda,Rd 1\n", address("Rd 1", ""), street},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(tt.file, bulk.CSV, bulk.ReaderOptions{})
			if err != nil || len(rows) != 1 || rows[0].Err != nil {
				t.Fatalf("rows %+v, %v; want one", rows, err)
			}
			equal(t, "draft", rows[0].Draft, tt.want)
			equal(t, "fields", rows[0].Fields, tt.fields)
		})
	}
}
