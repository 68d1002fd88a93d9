package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// A small vocabulary, so that rows meet each other and the store.
var vocabulary = map[string][]string{
	"name":        {"", "Ada", "Ada ", "Bob"},
	"first name":  {"", "Ada", "Ada B", "Bob", "-"},
	"email":       {"", "a@b.co", "A@B.co", "b@b.co", "c@b.co", "nobody"},
	"external_id": {"", "1", "2", " 2", "3"},
	"phone":       {"", "12345", "1"},
	"notes":       {"", "x", "y"},
	"tags":        {"", `"b,a"`, "A"},
	"plan":        {"", "gold", "lead"},
	"city":        {"", "Ulm"},
}

var columns = []string{"name", "email", "external_id", "phone", "notes", "tags", "plan", "city"}

// ids are of the customers of drawStore, and of none.
var ids = []string{"", customer.ID{15: 1}.String(), customer.ID{15: 2}.String(), customer.ID{15: 9}.String()}

// drawFile returns a CSV file without some columns; with the ids of an export it looks like one. With keyed, no two rows say the same without an email or external id.
func drawFile(t *rapid.T, keyed bool, without ...string) string {
	named := columns[:0:0]
	for _, c := range columns {
		if rapid.IntRange(0, 3).Draw(t, c) > 0 && !slices.Contains(without, c) {
			named = append(named, c)
		}
	}
	named = append(named, "company")
	if i := slices.Index(named, "name"); i >= 0 && rapid.IntRange(0, 4).Draw(t, "a part of a name") == 0 {
		named[i] = "first name"
	}
	exported := !slices.Contains(without, "id") && rapid.Bool().Draw(t, "exported")
	var b strings.Builder
	if exported {
		b.WriteString("id,version,created_at,")
	}
	b.WriteString(strings.Join(named, ",") + "\n")
	for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
		if exported {
			b.WriteString(rapid.SampledFrom(ids).Draw(t, "id") + ",1,,")
		}
		for _, c := range named[:len(named)-1] {
			b.WriteString(rapid.SampledFrom(vocabulary[c]).Draw(t, c) + ",")
		}
		if keyed {
			fmt.Fprintf(&b, "row %d", i)
		} else {
			b.WriteString(rapid.SampledFrom([]string{"", "Acme", "Beta"}).Draw(t, "company"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// drawStore returns a function that makes stores of equal customers, some archived.
func drawStore(t *rapid.T) func() *memstore.Store {
	var drafts []customer.Draft
	var archived []bool
	for i := range rapid.IntRange(0, 4).Draw(t, "customers") {
		pick := func(field string) string { return rapid.SampledFrom(vocabulary[field]).Draw(t, field) }
		d := customer.Draft{ID: customer.ID{15: byte(i + 1)}, Name: "-", Email: pick("email"), ExternalID: pick("external_id"), Notes: pick("notes"), Metadata: map[string]string{"plan": pick("plan")}}
		drafts, archived = append(drafts, d), append(archived, rapid.Bool().Draw(t, "archived"))
	}
	return func() *memstore.Store {
		s := memstore.New()
		for i, d := range drafts {
			c, err := s.Create(context.Background(), d)
			if err == nil && archived[i] {
				_, err = customer.Archive(context.Background(), s, c.ID, c.Version)
			}
			_ = err // a draft that the others leave no room for is left out
		}
		return s
	}
}

func drawImporter(t *rapid.T) bulk.Importer {
	imp := bulk.Importer{
		OnConflict: rapid.SampledFrom([]bulk.Policy{bulk.Refuse, bulk.Skip, bulk.Update}).Draw(t, "policy"),
		Match:      rapid.SampledFrom([]customer.Key{"", customer.EmailKey, customer.ExternalIDKey}).Draw(t, "match"),
	}
	if imp.OnConflict == bulk.Update && imp.Match == "" {
		imp.Match = customer.EmailKey
	}
	return imp
}

func TestDryRunTellsWhatTheRealRunDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		file, open, imp := drawFile(t, false), drawStore(t), drawImporter(t)
		s := open()
		before := all(t, s)
		imp.Store = s
		foretold, err := results(imp, file)
		if err != nil {
			t.Fatalf("dry run: %v", err)
		}
		equal(t, "customers after the dry run", all(t, s), before)
		imp.Mode = bulk.Commit
		done, err := results(imp, file)
		if err != nil {
			t.Fatalf("import: %v", err)
		}
		if len(foretold) != len(done) {
			t.Fatalf("%d results foretold, %d came", len(foretold), len(done))
		}
		for i := range done {
			if id := foretold[i].ID; !id.IsZero() && id != done[i].ID {
				t.Fatalf("line %d: foretold %s, came %s", done[i].Line, id, done[i].ID)
			}
			equal(t, "result of\n"+file, say(done[i]), say(foretold[i]))
			equal(t, "faults of\n"+file, done[i].Errors, foretold[i].Errors)
		}
	})
}

func TestRowsCountInTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		file, open, imp := drawFile(t, true), drawStore(t), drawImporter(t)
		imp.Mode = bulk.Commit
		together, apart := open(), open()
		imp.Store = together
		got := run(t, imp, file)
		imp.Store = apart
		header, rows, _ := strings.Cut(file, "\n")
		var want []string
		line := 1
		for row := range strings.Lines(rows) {
			line++
			for _, one := range run(t, imp, header+"\n"+row) {
				_, outcome, _ := strings.Cut(one, " ")
				want = append(want, fmt.Sprint(line, " ", outcome))
			}
		}
		equal(t, "results of\n"+file, got, want)
		equal(t, "customers", all(t, together), all(t, apart))
	})
}

func TestRunAgainAfterAStop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		open, imp := drawStore(t), drawImporter(t)
		var fixed []string
		if imp.OnConflict == bulk.Update {
			// An update that gives a key away makes room for a row that was refused before it, in any second run.
			fixed = append(slices.DeleteFunc([]string{"email", "external_id"}, func(c string) bool { return c == string(imp.Match) }), "id")
		}
		file := drawFile(t, false, fixed...)
		imp.Mode = bulk.Commit
		once, twice := open(), open()
		imp.Store = once
		run(t, imp, file)
		imp.Store = &unreliable{Store: twice, left: rapid.IntRange(0, 8).Draw(t, "creations before the stop")}
		if _, err := results(imp, file); err != nil && !errors.Is(err, customer.ErrUnavailable) {
			t.Fatalf("import: %v", err)
		}
		imp.Store = twice
		run(t, imp, file)
		equal(t, "customers of\n"+file, all(t, twice), all(t, once))
	})
}

func TestRacingImportsMakeOneCustomerForEachKey(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("name,email,external_id\n")
	const keys = 400
	for i := range 3 * keys {
		switch n := i % keys; n % 4 {
		case 0:
			fmt.Fprintf(&b, "by email,%d@b.co,\n", n)
		case 1:
			fmt.Fprintf(&b, "by external id,,%d\n", n)
		case 2:
			fmt.Fprintf(&b, "by both,%d@b.co,%d\n", n, n)
		case 3:
			if i < keys {
				fmt.Fprintf(&b, "by nothing %d,,\n", n)
			}
		}
	}
	for _, imp := range []bulk.Importer{
		{OnConflict: bulk.Refuse},
		{OnConflict: bulk.Skip},
		{OnConflict: bulk.Update, Match: customer.EmailKey},
		{OnConflict: bulk.Update, Match: customer.ExternalIDKey},
	} {
		t.Run(fmt.Sprint(imp.OnConflict, " ", imp.Match), func(t *testing.T) {
			t.Parallel()
			s := memstore.New()
			imp.Store, imp.Mode = s, bulk.Commit
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if _, err := results(imp, b.String()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n, err := s.Count(t.Context(), nil, 0); err != nil || n.Value != keys {
				t.Errorf("%d customers, %v; want %d", n.Value, err, keys)
			}
		})
	}
}
