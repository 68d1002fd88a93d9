package bulk_test

import (
	"bytes"
	"slices"
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
		{"a short row tells how many cells it had", "name,phone,city\nAda\n", bulk.CSV, "name,phone,city,reason\nAda,,,\"malformed: the row has 1 cells and the header 3; move them to their columns, or empty this cell if they are there\"\n"},
		{"a short row of a file that has reasons", "name,phone,city,reason\nAda,1234\n", bulk.CSV, "name,phone,city,reason\nAda,1234,,\"malformed: the row has 2 cells and the header 3; move them to their columns, or empty this cell if they are there\"\n"},
		{"a row without the separators behind the header", "name,phone,,\nAda,1\n", bulk.CSV, "name,phone,,,reason\nAda,1,,,\"" + phone + "\"\n"},
		{"a row that lacks but the reason", "name,phone,reason\nAda,1234\n", bulk.CSV, "name,phone,reason\nAda,1234,\"malformed: the row has 2 cells and the header 2; move them to their columns, or empty this cell if they are there\"\n"},
		{"a long row of a file that has reasons keeps its cells", "name,reason\nAda,x,malformed: y\n", bulk.CSV, "name,reason\nAda,x,\"malformed: the row has more cells than the header, which has 2; a cell with a comma in it needs quotes\"\n"},
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

// What is refused for its form is refused again, as long as nobody has corrected it.
func TestRejectsImportedUnchanged(t *testing.T) {
	t.Parallel()
	const rows = "Ada\nAda,12345\nAda,12345,x\nAda,12345,x,y\nAda,12345,x,y,z,z,z,z\n\"Ada\"x,12345,x,y,z\n\"Ada\nB\",\"12345\"x\nJos\xe9\nJos\xe9,12345,x,y,z\n" +
		"A\x00da,12345,x,y,z\n=\"1\"\n\"a,b\",\"c\"\"d\"\n,,z\n" + "#end\n"
	for _, header := range []string{"name,phone,notes,city,plan\n", "name,phone,notes,city,reason\n", "reason,name,phone,notes,city\n", "name,phone,reason,notes,plan\n"} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			s := memstore.New()
			first := rejected(t, s, header+rows, bulk.CSV)
			equal(t, "lines of\n"+first, strings.Count(first, "\n"), 1+strings.Count(rows, "\n"))
			second := rejected(t, s, first, bulk.CSV)
			equal(t, "lines of rejects of rejects\n"+second, strings.Count(second, "\n"), strings.Count(first, "\n"))
			// Now that there is a column of reasons, the reasons count the same cells.
			equal(t, "rejects once more", rejected(t, s, second, bulk.CSV), second)
			equal(t, "customers", all(t, s), []customer.Customer(nil))
		})
	}
	broken := `{"name":"Ada"` + "\n" + `["Ada"]` + "\n" + `{"name":"Ada","name":"Bob"}` + "\n" + `{"name":"Jos` + "\xe9\"}\n" + `{"name":"A\u0000da"}` + "\n" + `{"text":"Ada"}` + "\nnull\n"
	s := memstore.New()
	first := rejected(t, s, broken, bulk.NDJSON)
	equal(t, "rejects of JSON", strings.Count(first, "\n"), strings.Count(broken, "\n"))
	equal(t, "rejects of rejects of JSON", strings.Count(rejected(t, s, first, bulk.NDJSON), "\n"), strings.Count(broken, "\n"))
	equal(t, "customers of JSON", all(t, s), []customer.Customer(nil))
}

// A row that lacked cells goes in once they are moved, or once somebody says that they are where they belong.
func TestShortRowsAreImportedOnceTheyAreLookedAt(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	rejects := rejected(t, s, "name,city,phone\nAda,12345\nBob,Ulm\n", bulk.CSV)
	ada := strings.Replace(rejects, "Ada,12345,,", "Ada,,12345,", 1)
	equal(t, "left when one is moved", strings.Count(rejected(t, s, ada, bulk.CSV), "\n"), 2)
	_, last, _ := strings.Cut(rejects, "Bob,")
	bob := "name,city,phone,reason\nBob," + strings.Replace(last, last[strings.Index(last, `"`):], "\n", 1)
	equal(t, "left when the reason is taken out of\n"+bob, rejected(t, s, bob, bulk.CSV), "")
	var got []string
	for _, c := range all(t, s) {
		got = append(got, c.Name+" "+c.Phone+c.Address.City)
	}
	slices.Sort(got)
	equal(t, "customers", got, []string{"Ada 12345", "Bob Ulm"})
}

// Rejects of what was exported are imported as the whole of it would have been.
func TestCorrectedRejectsOfAnExport(t *testing.T) {
	t.Parallel()
	records := []customer.Customer{
		record(t, 1, func(d *customer.Draft) { d.Email, d.Notes = "ada@b.co", "a \"b\"\n=c" }),
		record(t, 2, func(d *customer.Draft) { d.Email, d.Tags = "bob@b.co", []string{"=b", "vip"} }),
	}
	from := memstore.New()
	if _, err := from.Load(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	for _, format := range []bulk.Format{bulk.NDJSON, bulk.CSV} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			whole := export(t, from, format, bulk.ExportOptions{})
			to := storeOf(t, customer.Draft{Name: "Eve", Email: "ADA@b.co"})
			eve, err := customer.FindByEmail(t.Context(), to, "ada@b.co")
			if err != nil {
				t.Fatal(err)
			}
			rejects := rejected(t, to, whole, format)
			if strings.Count(rejects, "ada@b.co") != 1 || strings.Contains(rejects, "end") || strings.Contains(rejects, "bob@b.co") {
				t.Fatalf("the rejects are\n%s", rejects)
			}
			again := rejected(t, to, rejects, format)
			equal(t, "rejects of rejects", again, rejects)
			if err := to.Delete(t.Context(), eve.ID, eve.Version); err != nil {
				t.Fatal(err)
			}
			equal(t, "rejects of what nothing is in the way of", rejected(t, to, again, format), "")
			equal(t, "customers", all(t, to), all(t, from))
			if got := export(t, to, format, bulk.ExportOptions{}); format == bulk.NDJSON && got != whole {
				t.Errorf("exported again:\n%s\nand before:\n%s", got, whole)
			}
		})
	}
}

func TestRejectsOfAMisspeltHeader(t *testing.T) {
	t.Parallel()
	ada := customer.Draft{Name: "Ada", Email: "ada@b.co"}
	s := storeOf(t, ada)
	update := func(file string) (rejects string) {
		r, err := bulk.NewReader(strings.NewReader(file), bulk.CSV, bulk.ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		imp := bulk.Importer{Store: s, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
		if _, err := imp.Run(t.Context(), r.Rows(), bulk.NewRejectWriter(&out, r).Write); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	rejects := update("Mail adr,phone\nada@b.co,1234\n")
	equal(t, "customers", all(t, s), all(t, storeOf(t, ada)))
	equal(t, "rejects", update(strings.Replace(rejects, "Mail adr", "email", 1)), "")
	ada.Phone = "1234"
	equal(t, "customers", all(t, s), all(t, storeOf(t, ada)))
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
