package bulk_test

import (
	"context"
	"errors"
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
		rivals  = record(t, 5, func(d *customer.Draft) { d.Email, d.ExternalID = "ADA@b.co", "2" })
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
		{"an external id that is taken goes before an email", update, []customer.Customer{rivals, rival}, []string{"refused external_id_taken", "refused email_taken"}},
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

// A record that was archived when it was written and is active in the store.
func TestRecordsOfAnotherState(t *testing.T) {
	t.Parallel()
	var (
		alice = record(t, 1, func(d *customer.Draft) { d.Email = "alice@b.co" })
		bob   = record(t, 2, func(d *customer.Draft) { d.Email = "bob@b.co" })
		row   = func(id byte, email string) string {
			c := record(t, id, func(d *customer.Draft) { d.Name, d.Email = "Kept", email })
			c.Status, c.ArchivedAt = customer.Archived, noon
			return string(c.AppendJSON(nil)) + "\n"
		}
		byEmail = bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
		byID    = bulk.Importer{OnConflict: bulk.Update, Match: customer.ExternalIDKey}
	)
	const team = `{"name":"Team","email":"team@b.co","external_id":"7"}` + "\n"
	tests := []struct {
		name, file string
		imp        bulk.Importer
		want       []string
		ids        []customer.ID // of those who have alice@b.co, bob@b.co and team@b.co afterwards; zero: nobody or somebody new
	}{
		{"its content is written, and the state stays", row(1, "team@b.co"), byEmail, []string{"1 updated"}, []customer.ID{{}, bob.ID, alice.ID}},
		{"its email is in the way of another", row(1, "bob@b.co"), byEmail, []string{"1 refused email_taken"}, []customer.ID{alice.ID, bob.ID, {}}},
		{"its email is in the way of another, whatever rows are known by", row(1, "bob@b.co"), byID, []string{"1 refused email_taken"}, []customer.ID{alice.ID, bob.ID, {}}},
		{"its email is one of a row before it", team + row(1, "team@b.co"), byEmail, []string{"1 created", "2 refused email_taken"}, []customer.ID{alice.ID, bob.ID, {}}},
		{"its email is one of a row behind it", row(1, "team@b.co") + team, byEmail, []string{"1 updated", "2 updated"}, []customer.ID{{}, bob.ID, alice.ID}},
		{"it frees an email", row(1, "team@b.co") + row(2, "alice@b.co"), byEmail, []string{"1 updated", "2 updated"}, []customer.ID{bob.ID, {}, alice.ID}},
		{"of a new customer its email is nobody's", row(3, "bob@b.co") + row(4, "team@b.co") + team, byEmail, []string{"1 created", "2 created", "3 created"}, []customer.ID{alice.ID, bob.ID, {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := memstore.New()
			if _, err := s.Load(t.Context(), []customer.Customer{alice, bob}); err != nil {
				t.Fatal(err)
			}
			imp := tt.imp
			for _, imp.Mode = range []bulk.Mode{bulk.Validate, bulk.Commit} {
				imp.Store = s
				equal(t, string(imp.Mode), run(t, imp, tt.file), tt.want)
			}
			for i, email := range []string{"alice@b.co", "bob@b.co", "team@b.co"} {
				c, err := customer.FindByEmail(t.Context(), s, email)
				if err != nil && !errors.Is(err, customer.ErrNotFound) {
					t.Fatal(err)
				}
				if id := c.ID; id != tt.ids[i] && (!tt.ids[i].IsZero() || id == alice.ID || id == bob.ID) {
					t.Errorf("%s is of %s, want %s", email, id, tt.ids[i])
				}
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
