package bulk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// plain is a store with none of the optional interfaces.
type plain struct{ customer.Store }

// fatalf is what testing.TB and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// read returns the rows of a file and the error that ended it.
func read(text string, f bulk.Format, o bulk.ReaderOptions) (rows []bulk.Row, err error) {
	r, err := bulk.NewReader(strings.NewReader(text), f, o)
	if err != nil {
		return nil, err
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// run imports a file and returns a word for each row.
func run(t fataler, imp bulk.Importer, text string) []string {
	t.Helper()
	results, err := results(imp, text)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	out := make([]string, len(results))
	for i, res := range results {
		out[i] = say(res)
	}
	return out
}

func results(imp bulk.Importer, text string) (out []bulk.Result, err error) {
	r, err := bulk.NewReader(strings.NewReader(text), bulk.Detect, bulk.ReaderOptions{})
	if err != nil {
		return nil, err
	}
	_, err = imp.Run(context.Background(), r.Rows(), func(res bulk.Result) error {
		out = append(out, res)
		return nil
	})
	return out, err
}

// say is a result in short: "3 refused email_taken", "4 refused name too_long".
func say(res bulk.Result) string {
	text := fmt.Sprintf("%d %s", res.Line, res.Outcome)
	if res.Reason != "" {
		text += " " + string(res.Reason)
	}
	for _, fault := range res.Errors {
		text += strings.TrimRight(" "+fault.Field, " ") + " " + string(fault.Code)
	}
	return text
}

func equal(t fataler, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// all returns the customers of a store without what differs between two imports of one file, in an order of their own.
func all(t fataler, s customer.Searcher) []customer.Customer {
	t.Helper()
	var out []customer.Customer
	for c, err := range customer.All(context.Background(), s, customer.Query{}) {
		if err != nil {
			t.Fatalf("reading the store: %v", err)
		}
		w := customer.Customer{
			ExternalID: c.ExternalID, Status: c.Status, Name: c.Name, Email: c.Email, Phone: c.Phone, Company: c.Company, Notes: c.Notes,
			Address: c.Address, Tags: c.Tags, Metadata: c.Metadata,
		}
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b customer.Customer) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return out
}

// storeOf returns a store with the customers of the drafts.
func storeOf(t testing.TB, drafts ...customer.Draft) *memstore.Store {
	t.Helper()
	s := memstore.New()
	for _, d := range drafts {
		if _, err := s.Create(context.Background(), d); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func export(t fataler, s customer.Searcher, f bulk.Format, o bulk.ExportOptions) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := bulk.Export(context.Background(), s, nil, &out, f, o); err != nil {
		t.Fatalf("export: %v", err)
	}
	return out.String()
}

// fileError returns line and reason of an error, as "line 3 unclosed_quote".
func fileError(err error) string {
	if fault, ok := errors.AsType[*bulk.FileError](err); ok {
		return fmt.Sprintf("line %d %s", fault.Line, fault.Reason)
	}
	return fmt.Sprint(err)
}
