package bulk_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// Whatever the file, a fault is of a row or of the file, an import tells of every row, and a dry run tells the same.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		"name,email\nAda,ada@b.co\nBob,ada@b.co\n", "name;tags;metadata\nAda;a,b;\"{\"\"a\"\":\"\"b\"\"}\"\n", "\"name\nAda", "id\n#end,1\n", "first name,last name\nA,B,C\n\"x\"y,z\n",
		`{"name":"Ada","tags":["a"],"address":{"city":null}}` + "\n" + `{"end":true,"count":1}`,
		`{"id":"00000000-0000-0000-0000-000000000001","version":1,"status":"active","name":"Ada","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`,
		"id,version,status,name,email,created_at\n01970000-0000-7000-8000-000000000001,1,archived,Ada,,\n,,,Bob,b@b.co,\n#end,2,,,,\n",
		"\xff\xfea\x00", "\xef\xbb\xbfname\r\nJos\xe9\r\n", "sep=;\nname\n", "[{}]",
	} {
		f.Add(seed, byte(0))
		f.Add(seed, byte(2))
	}
	policies := []bulk.Policy{bulk.Refuse, bulk.Skip, bulk.Update}
	f.Fuzz(func(t *testing.T, file string, policy byte) {
		s := memstore.New()
		if _, err := s.Create(t.Context(), customer.Draft{Name: "Ada", Email: "ada@b.co", ExternalID: "1"}); err != nil {
			t.Fatal(err)
		}
		imp := bulk.Importer{Store: s, OnConflict: policies[int(policy)%len(policies)], Match: customer.EmailKey}
		foretold, dryErr := results(imp, file)
		imp.Mode = bulk.Commit
		done, err := results(imp, file)
		if fault, ok := errors.AsType[*bulk.FileError](err); err != nil && (!ok || fault.Line < 1 || fault.Message == "") {
			t.Fatalf("error %v, want a FileError with line and message", err)
		}
		if fileError(err) != fileError(dryErr) || len(done) != len(foretold) {
			t.Fatalf("foretold %d rows and %v, came %d and %v", len(foretold), dryErr, len(done), err)
		}
		for i, res := range done {
			if say(res) != say(foretold[i]) {
				t.Fatalf("foretold %s, came %s", say(foretold[i]), say(res))
			}
			if !json.Valid(res.AppendJSON(nil)) {
				t.Fatalf("no JSON: %s", res.AppendJSON(nil))
			}
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("name,E-Mail,first name", "Kunde", "name")
	f.Add("a;b;a ", "a", "metadata.x")
	f.Add("Name,Vorname,Billing Street,Home City", "home city", "address.city")
	f.Fuzz(func(t *testing.T, header, column, field string) {
		file := header + "\n" + strings.Repeat(",", 3) + "\n"
		_, err := read(file, bulk.CSV, bulk.ReaderOptions{Map: map[string]string{column: field}})
		if fault, ok := errors.AsType[*bulk.FileError](err); err != nil && (!ok || fault.Line < 1) {
			t.Fatalf("error %v, want a FileError with a line", err)
		}
	})
}

// A line that is taken means what Go's own decoder reads in it, and one that it cannot read is refused.
func FuzzNDJSON(f *testing.F) {
	f.Add(`{"name":"Ada","email":null,"tags":["a"],"metadata":{"k":"v"},"address":{"city":"Ulm"}}`)
	f.Add(`{"id":"00000000-0000-0000-0000-000000000001","version":1}`)
	f.Add(`{"name":"\ud83d\ude00","reason":[{}]}`)
	f.Fuzz(func(t *testing.T, line string) {
		r, err := bulk.NewReader(iotest.OneByteReader(strings.NewReader(line)), bulk.NDJSON, bulk.ReaderOptions{})
		if err != nil {
			return
		}
		for {
			row, err := r.Read()
			if err != nil {
				if _, ok := errors.AsType[*bulk.FileError](err); err != io.EOF && !ok {
					t.Fatalf("error %v, want a FileError or the end", err)
				}
				return
			}
			if row.Err != nil || row.Record != nil {
				continue
			}
			var want customer.Draft
			var members struct {
				Name, Email string
				Metadata    map[string]string
			}
			if err := json.Unmarshal([]byte(row.Raw()), &members); err != nil {
				t.Fatalf("%q was taken: %v", row.Raw(), err)
			}
			want.Name, want.Email, want.Metadata = members.Name, members.Email, members.Metadata
			equal(t, "draft", customer.Draft{Name: row.Draft.Name, Email: row.Draft.Email, Metadata: row.Draft.Metadata}, want)
		}
	})
}

// A file is read alike however it arrives.
func FuzzPieces(f *testing.F) {
	f.Add("name,notes\nAda,\"a\r\nb\"\n")
	f.Fuzz(func(t *testing.T, file string) {
		var said [2]string
		for i, src := range []io.Reader{strings.NewReader(file), iotest.OneByteReader(strings.NewReader(file))} {
			r, err := bulk.NewReader(src, bulk.Detect, bulk.ReaderOptions{})
			if err == nil {
				_, err = bulk.Importer{Store: memstore.New()}.Run(context.Background(), r.Rows(), func(res bulk.Result) error {
					said[i] += say(res) + "\n"
					return nil
				})
			}
			said[i] += fileError(err)
		}
		equal(t, "results", said[1], said[0])
	})
}
