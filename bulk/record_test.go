package bulk_test

import (
	"context"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func record(t testing.TB, id byte, change func(*customer.Draft)) customer.Customer {
	t.Helper()
	d := customer.Draft{Name: "Ada"}
	change(&d)
	c, err := d.Build(customer.ID{15: id}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWholeRecords(t *testing.T) {
	t.Parallel()
	var (
		nothing = func(*customer.Draft) {}
		there   = record(t, 1, func(d *customer.Draft) { d.Email, d.Metadata = "ada@b.co", map[string]string{"plan": "gold"} })
		gone    = record(t, 2, func(d *customer.Draft) { d.ExternalID = "2" })
		fresh   = record(t, 3, nothing)
		renamed = record(t, 1, func(d *customer.Draft) { d.Name = "Countess" })
		rival   = record(t, 4, func(d *customer.Draft) { d.Email = "ADA@b.co" })
		skip    = bulk.Importer{OnConflict: bulk.Skip}
		update  = bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
	)
	gone, _, err := customer.Patch{Status: new(customer.Archived)}.Apply(gone, noon)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		imp  bulk.Importer
		rows []customer.Customer
		want []string
	}{
		{"a new id is loaded as it is", bulk.Importer{}, []customer.Customer{fresh}, []string{"created"}},
		{"an id that is there is refused", bulk.Importer{}, []customer.Customer{renamed, gone}, []string{"refused id_taken", "refused id_taken"}},
		{"an id that is there is skipped", skip, []customer.Customer{renamed, gone}, []string{"skipped id_taken", "skipped archived"}},
		{"an id that is there is brought to the row's content", update, []customer.Customer{there, renamed, renamed, gone}, []string{"unchanged", "updated", "unchanged", "skipped archived"}},
		{"an id that the file has twice", bulk.Importer{}, []customer.Customer{fresh, fresh}, []string{"created", "refused id_taken"}},
		{"another customer's email", bulk.Importer{}, []customer.Customer{rival}, []string{"refused email_taken"}},
		{"another customer's email is no match for a record", update, []customer.Customer{rival, fresh}, []string{"refused email_taken", "created"}},
		{"an email that a row before has freed", update, []customer.Customer{renamed, rival}, []string{"updated", "created"}},
		{"a record that breaks a rule", bulk.Importer{}, []customer.Customer{{ID: customer.ID{15: 9}, Version: 1, Status: customer.Active, CreatedAt: noon, UpdatedAt: noon}}, []string{"refused identity_required"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var file []byte
			for _, c := range tt.rows {
				file = append(c.AppendJSON(file), '\n')
			}
			file = append(file, `{"end":true,"count":`+string(rune('0'+len(tt.rows)))+"}"...)
			s := memstore.New()
			if _, err := s.Load(t.Context(), []customer.Customer{there, gone}); err != nil {
				t.Fatal(err)
			}
			imp := tt.imp
			for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
				imp.Store, imp.Mode = s, mode
				var got []string
				for _, word := range run(t, imp, string(file)) {
					_, word, _ = strings.Cut(word, " ")
					got = append(got, word)
				}
				equal(t, string(mode), got, tt.want)
			}
		})
	}
}

func TestStoreThatLoadsNothing(t *testing.T) {
	t.Parallel()
	file := string(record(t, 1, func(*customer.Draft) {}).AppendJSON(nil)) + "\n{\"end\":true,\"count\":1}\n"
	for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
		equal(t, string(mode), run(t, bulk.Importer{Store: plain{memstore.New()}, Mode: mode}, file), []string{"1 refused not_loadable"})
	}
}

// The order of rows holds where drafts and records take turns.
func TestRecordsAndDrafts(t *testing.T) {
	t.Parallel()
	rival := record(t, 4, func(d *customer.Draft) { d.Email = "b@b.co" })
	file := `{"name":"A","email":"a@b.co"}` + "\n" + `{"name":"B","email":"b@b.co"}` + "\n" + string(rival.AppendJSON(nil)) + "\n" +
		`{"name":"C","email":"c@b.co"}` + "\n" + `{"end":true,"count":4}`
	for _, imp := range []bulk.Importer{{OnConflict: bulk.Refuse}, {OnConflict: bulk.Update, Match: customer.EmailKey}} {
		s := memstore.New()
		for _, imp.Mode = range []bulk.Mode{bulk.Validate, bulk.Commit} {
			imp.Store = s
			equal(t, string(imp.Mode), run(t, imp, file), []string{"1 created", "2 created", "3 refused email_taken", "4 created"})
		}
		if _, err := customer.FindByEmail(context.Background(), s, "c@b.co"); err != nil {
			t.Error(err)
		}
	}
}
