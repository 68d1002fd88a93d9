package bulk_test

import (
	"bytes"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// rejected imports a file and returns its rejects.
func rejected(t *testing.T, s customer.Store, file string, f bulk.Format) string {
	t.Helper()
	r, err := bulk.NewReader(strings.NewReader(file), f, bulk.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := bulk.NewRejectWriter(&out, r)
	if _, err := (bulk.Importer{Store: s, Mode: bulk.Commit}).Run(t.Context(), r.Rows(), w.Write); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRejects(t *testing.T) {
	t.Parallel()
	const phone = "invalid_phone: phone must have 3 to 20 digits and otherwise only spaces, + ( ) - . / # * , x ext tel"
	tests := []struct {
		name, file string
		format     bulk.Format
		want       string
	}{
		{"nothing where nothing is refused", "name\nAda\n", bulk.CSV, ""},
		{"the rows with their reasons", "name;phone\nAda;1\nBob;1234\n\"E;ve\";2\n", bulk.CSV, "name;phone;reason\nAda;1;\"" + phone + "\"\n\"E;ve\";2;\"" + phone + "\"\n"},
		{"a short row keeps its columns", "name,phone,city\nAda\n", bulk.CSV, "name,phone,city,reason\nAda,,,malformed: the row has 1 cells and the header 3\n"},
		{"a stray quote stays as it is", "name\n\"Ada\"x\n", bulk.CSV, "name,reason\n\"Ada\"x,\"malformed: the row has text behind a closing quote, or a quote that is not doubled\"\n"},
		{"a guarded formula stays guarded", "name,phone\n'=A,1\n", bulk.CSV, "name,phone,reason\n'=A,1,\"" + phone + "\"\n"},
		{"an old reason is replaced", "name,reason,phone\nAda,old,1\n", bulk.CSV, "name,phone,reason\nAda,1,\"" + phone + "\"\n"},
		{"a row that is too long leaves its reason", "name\n" + strings.Repeat("x", bulk.MaxRowBytes+1) + "\n", bulk.CSV, "name,reason\n,too_long: the row is longer than the 262144 bytes that a record may have\n"},
		{"objects with their reasons", `{"name":"Ada","phone":"1"}` + "\n" + `{"name":"Bob"}` + "\n", bulk.NDJSON, `{"reason":"` + phone + `","name":"Ada","phone":"1"}` + "\n"},
		{"an old reason of an object is replaced", `{"name":"Ada","reason":"old","phone":"1"}`, bulk.NDJSON, `{"reason":"` + phone + `","name":"Ada","phone":"1"}` + "\n"},
		{"what is no object", "{\"name\"\n", bulk.NDJSON, `{"reason":"malformed: the row is JSON that ends too early; an object must stand on one line","text":"{\"name\""}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "rejects", rejected(t, memstore.New(), tt.file, tt.format), tt.want)
		})
	}
}

func TestCorrectedRejectsAreImported(t *testing.T) {
	t.Parallel()
	files := map[bulk.Format]string{
		bulk.CSV:    "name,phone,plan\nAda,no,\"a\"\"b\"\nBob,123,x\nEve,no,\"c,d\"\n",
		bulk.NDJSON: `{"name":"Ada","phone":"no","metadata":{"plan":"a\"b"}}` + "\n" + `{"name":"Bob","phone":"123","metadata":{"plan":"x"}}` + "\n" + `{"name":"Eve","phone":"no","metadata":{"plan":"c,d"}}`,
	}
	for format, file := range files {
		s := memstore.New()
		rejects := rejected(t, s, file, format)
		if left := rejected(t, s, strings.ReplaceAll(rejects, "no", "456"), format); left != "" {
			t.Errorf("%s: corrected rejects were refused:\n%s", format, left)
		}
		whole := memstore.New()
		rejected(t, whole, strings.ReplaceAll(file, "no", "456"), format)
		equal(t, string(format), all(t, s), all(t, whole))
	}
}
