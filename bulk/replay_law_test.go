package bulk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// members are what rows of NDJSON are drawn from; "" leaves a member out.
var members = []struct {
	name   string
	values []string
}{
	{"idempotency_key", []string{"", "", "", `null`, `"a"`, `"a"`, `"b"`, `"c d"`}},
	{"name", []string{"", `"Ada"`, `"Ada "`, `"Bob"`}},
	{"email", []string{"", "", `"a@b.co"`, `"A@B.co"`, `"b@b.co"`, `"nobody"`, `null`}},
	{"external_id", []string{"", "", `"1"`, `" 2"`, `"3"`, `""`}},
	{"notes", []string{"", "", `"x"`}},
	{"tags", []string{"", "", `["b","A"]`}},
	{"metadata", []string{"", "", `{"plan":"gold"}`}},
}

// drawRows returns rows of NDJSON, some of them with idempotency keys, some with nothing to be known by, some whole records of either state,
// of customers that are there and of others, and some repeated.
func drawRows(t *rapid.T) (rows []string) {
	for range rapid.IntRange(0, 10).Draw(t, "rows") {
		if len(rows) > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
			rows = append(rows, rapid.SampledFrom(rows).Draw(t, "row"))
			continue
		}
		var row []string
		whole := rapid.IntRange(0, 2).Draw(t, "whole") == 0
		if whole {
			row = append(row, fmt.Sprintf(`"id":"%s","version":2,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"`,
				rapid.SampledFrom(ids[1:]).Draw(t, "id")))
			row = append(row, rapid.SampledFrom([]string{`"status":"active"`, `"status":"archived","archived_at":"2026-01-02T03:04:05Z"`}).Draw(t, "status"))
		}
		for _, m := range members {
			if value := rapid.SampledFrom(m.values).Draw(t, m.name); value != "" && (!whole || m.name != "idempotency_key") {
				row = append(row, fmt.Sprintf("%q:%s", m.name, value))
			}
		}
		rows = append(rows, "{"+strings.Join(row, ",")+"}")
	}
	return rows
}

// drawChanges returns changes that somebody makes to a store between two imports, the same to equal ones.
func drawChanges(t *rapid.T) func(s *memstore.Store) error {
	type change struct{ at, kind int }
	changes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
		return change{rapid.IntRange(0, 11).Draw(t, "customer"), rapid.IntRange(0, 4).Draw(t, "kind")}
	}), 0, 3).Draw(t, "changes")
	return func(s *memstore.Store) error {
		ctx := context.Background()
		for _, ch := range changes {
			page, err := s.Search(ctx, customer.Query{OrderBy: customer.OldestFirst, Limit: customer.MaxLimit})
			if err != nil {
				return err
			}
			if ch.at >= len(page.Customers) {
				continue
			}
			id := page.Customers[ch.at].ID
			// That a change is refused, of an archived customer or because of another, is as good as no change.
			switch ch.kind {
			case 0:
				_, _ = customer.Archive(ctx, s, id, customer.AnyVersion)
			case 1:
				err = s.Delete(ctx, id, customer.AnyVersion)
			case 2:
				_, _ = s.Update(ctx, id, customer.AnyVersion, customer.Patch{Name: new("moved"), Email: new(""), ExternalID: new("")})
			case 3:
				_, _ = s.Update(ctx, id, customer.AnyVersion, customer.Patch{Email: new("b@b.co")})
			case 4:
				_, _ = s.Update(ctx, id, customer.AnyVersion, customer.Patch{Notes: new("seen")})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// wantForetold runs the import dry and then for good, and holds each result to what was foretold.
func wantForetold(t fataler, imp bulk.Importer, s customer.Store, text string) {
	t.Helper()
	imp.Store = s
	there := map[customer.ID]bool{}
	for c, err := range customer.All(context.Background(), s, customer.Query{}) {
		if err != nil {
			t.Fatalf("reading the store: %v", err)
		}
		there[c.ID] = true
	}
	before := all(t, s)
	imp.Mode = bulk.Validate
	foretold, err := results(imp, text)
	if err != nil {
		t.Fatalf("dry run: %v", err)
	}
	equal(t, "customers after the dry run", all(t, s), before)
	imp.Mode = bulk.Commit
	done, err := results(imp, text)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	if len(foretold) != len(done) {
		t.Fatalf("%d results foretold, %d came", len(foretold), len(done))
	}
	for i := range done {
		if id := foretold[i].ID; id != done[i].ID && (!id.IsZero() || there[done[i].ID]) {
			t.Fatalf("line %d of\n%s\nforetold %s, came %s", done[i].Line, text, id, done[i].ID)
		}
		equal(t, fmt.Sprintf("result with %s %s of\n%s", imp.OnConflict, imp.Match, text), say(done[i]), say(foretold[i]))
		equal(t, "faults of\n"+text, done[i].Errors, foretold[i].Errors)
	}
}

func TestDryRunKnowsWhatEarlierRunsHaveMade(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawStore(t)()
		rows := drawRows(t)
		first := strings.Join(rows, "\n")
		wantForetold(t, drawImporter(t), s, "{}\n"+first)
		if err := drawChanges(t)(s); err != nil {
			t.Fatalf("changing the store: %v", err)
		}
		second := slices.Concat(rows, drawRows(t))
		if rapid.Bool().Draw(t, "in another order") {
			slices.Reverse(second)
		}
		wantForetold(t, drawImporter(t), s, "{}\n"+strings.Join(second, "\n"))
	})
}

func TestDryRunKnowsRowsOfCSVThatEarlierRunsHaveMade(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, file := drawStore(t)(), drawFile(t, false)
		wantForetold(t, drawImporter(t), s, file)
		if err := drawChanges(t)(s); err != nil {
			t.Fatalf("changing the store: %v", err)
		}
		wantForetold(t, drawImporter(t), s, file)
	})
}

func TestDryRunOnPostgresKnowsWhatEarlierRunsHaveMade(t *testing.T) {
	t.Parallel()
	const keyed = `{"idempotency_key":"a","name":"Ada","email":"ada@b.co"}
{"idempotency_key":"b","name":"Bob","external_id":"1"}
{"idempotency_key":"a","name":"Ada","email":"ada@b.co"}
{"idempotency_key":"a","name":"Cyd"}
{"idempotency_key":"c","name":"Cyd","email":"ADA@b.co"}
{"idempotency_key":"c","name":"Cyd","email":null}
{"name":"Dan","email":null,"external_id":null}
{"name":"Dan","email":null,"external_id":null}
{"name":"Dan ","notes":"\n","email":"","external_id":""}
{"id":"01970000-0000-7000-8000-000000000001","version":1,"status":"active","name":"Eve","external_id":"1","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}
`
	var crowd strings.Builder
	crowd.WriteString("name,email,external_id\n")
	for i := range 2_500 {
		fmt.Fprintf(&crowd, "Ada %d,,\n", i%1_100)
	}
	for name, file := range map[string]string{"rows with keys": keyed, "many rows with nothing to be known by": crowd.String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := postgrestest.New(t)
			for i, imp := range []bulk.Importer{
				{OnConflict: bulk.Refuse},
				{OnConflict: bulk.Skip, Match: customer.EmailKey},
				{OnConflict: bulk.Update, Match: customer.EmailKey},
				{OnConflict: bulk.Update, Match: customer.ExternalIDKey},
			} {
				s := postgres.New(pool).Tenant(fmt.Sprint("tenant-", i))
				wantForetold(t, imp, s, file)
				wantForetold(t, imp, s, file)
				for c, err := range customer.All(t.Context(), s, customer.Query{Where: customer.Or(customer.ByEmail.Is("ada@b.co"), customer.ByExternalID.Is("1"))}) {
					if err == nil {
						_, err = s.Update(t.Context(), c.ID, c.Version, customer.Patch{Name: new("moved"), Email: new(""), ExternalID: new("")})
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				wantForetold(t, imp, s, file)
			}
		})
	}
}
