package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// An export in CSV that comes back to the store it is from, as it is and as people have edited it.
func TestExportInItsOwnStore(t *testing.T) {
	t.Parallel()
	var (
		ada  = customer.Draft{ID: customer.ID{15: 1}, Name: "Ada"}
		bob  = customer.Draft{ID: customer.ID{15: 2}, Name: "Bob", Email: "bob@b.co", ExternalID: "7"}
		gone = customer.Draft{ID: customer.ID{15: 3}, Name: "Gone"}
		own  = func(c customer.Draft, cells string) string { return c.ID.String() + ",1,active," + cells + "\n" }

		skip    = bulk.Importer{OnConflict: bulk.Skip}
		byEmail = bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
		byID    = bulk.Importer{OnConflict: bulk.Update, Match: customer.ExternalIDKey}
		eve     = customer.Draft{ID: customer.ID{15: 9}}
	)
	const head = "id,version,status,name,email\n"
	tests := []struct {
		name string
		imp  bulk.Importer
		file string
		want []string
	}{
		{"ids that are there are refused", bulk.Importer{}, head + own(ada, "Ada,") + own(bob, "Bob,bob@b.co"), []string{"2 refused id_taken", "3 refused id_taken"}},
		{"ids that are there are skipped", skip, head + own(ada, "Ada,") + own(gone, "Gone,") + own(bob, "B,"), []string{"2 skipped id_taken", "3 skipped archived", "4 skipped id_taken"}},
		{"ids are taken whatever the key of a policy to skip", bulk.Importer{OnConflict: bulk.Skip, Match: customer.EmailKey}, head + own(ada, "Ada,bob@b.co"), []string{"2 skipped id_taken"}},
		{"the customer with the id is updated", byEmail, head + own(ada, "Ada L.,ada@b.co") + own(ada, "Ada L.,ada@b.co") + own(gone, "x,"), []string{"2 updated", "3 unchanged", "4 skipped archived"}},
		{"an email that was changed is one of the customer with the id", byEmail, head + own(bob, "Bob,new@b.co") + own(eve, "Eve,bob@b.co"), []string{"2 updated", "3 created"}},
		{"the key goes before the id", byEmail, head + own(ada, "Bobby,bob@b.co"), []string{"2 updated"}},
		{"the customer with the id is updated where there is no column for the key", byID, head + own(ada, "Ada L.,") + own(eve, "Eve,"), []string{"2 updated", "3 refused no_match"}},
		{"what the columns say is written and no more", byEmail, "id,version,status,phone,email\n" + own(bob, "12345,new@b.co"), []string{"2 updated"}},
		{"a new id is created, once", bulk.Importer{}, head + own(eve, "Eve,") + own(eve, "Eve,"), []string{"2 created", "3 refused id_taken"}},
		{"a new id is created and then updated", byEmail, head + own(eve, "Eve,") + own(eve, "Eve B,eve@b.co"), []string{"2 created", "3 updated"}},
		{"a new id does not make room for an email", bulk.Importer{}, head + own(eve, "Eve,bob@b.co"), []string{"2 refused email_taken"}},
		{"rows that somebody has added have no id", bulk.Importer{}, head + own(ada, "Ada,") + ",,,New,\n,,,New,\n", []string{"2 refused id_taken", "3 created", "4 created"}},
		{"an id that is none", bulk.Importer{}, head + own(eve, "Eve,") + "7,1,active,Bob,\n", []string{"2 created", "3 refused id wrong_type"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, batches := range []bool{false, true} {
				s := storeOf(t, ada, bob, gone)
				if _, err := customer.Archive(t.Context(), s, gone.ID, customer.AnyVersion); err != nil {
					t.Fatal(err)
				}
				imp := tt.imp
				if imp.Store = s; !batches {
					imp.Store = plain{s}
				}
				equal(t, "dry run", run(t, imp, tt.file), tt.want)
				imp.Mode = bulk.Commit
				equal(t, "import", run(t, imp, tt.file), tt.want)
			}
		})
	}
}

func TestExportInAnotherStore(t *testing.T) {
	t.Parallel()
	from, to := storeOf(t, customer.Draft{Name: "Ada"}, customer.Draft{Name: "Ada"}, customer.Draft{Name: "Bob", Email: "bob@b.co"}), memstore.New()
	file := export(t, from, bulk.CSV, bulk.ExportOptions{})
	imp := bulk.Importer{Store: to, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
	equal(t, "at first", run(t, imp, file), []string{"2 created", "3 created", "4 created"})
	equal(t, "again", run(t, imp, file), []string{"2 unchanged", "3 unchanged", "4 unchanged"})
	for c, err := range customer.All(t.Context(), from, customer.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		same, err := to.Get(t.Context(), c.ID)
		if err != nil || same.Name != c.Name {
			t.Errorf("%s is %q, %v; want %q", c.ID, same.Name, err, c.Name)
		}
	}
	if n := strings.Count(export(t, to, bulk.CSV, bulk.ExportOptions{}), "\n"); n != 5 {
		t.Errorf("an export of %d lines, want 5", n)
	}
}
