package bulk_test

import (
	"context"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// overtaken is a store in which somebody else is always a moment faster, once.
type overtaken struct {
	customer.Store
	before func(customer.Store)
}

func (s *overtaken) overtake() {
	if before := s.before; before != nil {
		s.before = nil
		before(s.Store)
	}
}

func (s *overtaken) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	s.overtake()
	return s.Store.Create(ctx, d)
}

func (s *overtaken) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	s.overtake()
	return s.Store.Update(ctx, id, v, p)
}

func TestImportThatIsOvertaken(t *testing.T) {
	t.Parallel()
	var (
		eve     = customer.Draft{Name: "Eve", Email: "eve@b.co", ExternalID: "7"}
		byEmail = bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
		byID    = bulk.Importer{OnConflict: bulk.Update, Match: customer.ExternalIDKey}
	)
	creates := func(d customer.Draft) func(customer.Store) {
		return func(s customer.Store) {
			if _, err := s.Create(context.Background(), d); err != nil {
				t.Error(err)
			}
		}
	}
	// With the customer Ada, who is there before the import.
	changes := func(change func(customer.Store, customer.Customer) error) func(customer.Store) {
		return func(s customer.Store) {
			ada, err := customer.FindByEmail(context.Background(), s, "ada@b.co")
			if err == nil {
				err = change(s, ada)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	patch := func(p customer.Patch) func(customer.Store) {
		return changes(func(s customer.Store, c customer.Customer) error {
			_, err := s.Update(context.Background(), c.ID, customer.AnyVersion, p)
			return err
		})
	}
	tests := []struct {
		name   string
		imp    bulk.Importer
		file   string
		before func(customer.Store)
		want   string
	}{
		{"creating what somebody has created", byEmail, "email,name\neve@b.co,Eve B\n", creates(eve), "2 updated"},
		{"creating what somebody has created with both keys", byEmail, "email,id,name\neve@b.co,7,Eve B\n", creates(eve), "2 updated"},
		{"creating what somebody has created alike", byID, "email,id,name\neve@b.co,7,Eve\n", creates(eve), "2 unchanged"},
		{"creating what another customer is in the way of", byID, "email,id\neve@b.co,8\n", creates(eve), "2 refused email_taken"},
		{"creating with a policy to skip", bulk.Importer{OnConflict: bulk.Skip}, "email\neve@b.co\n", creates(eve), "2 skipped email_taken"},
		{"creating with a policy to refuse", bulk.Importer{}, "email\neve@b.co\n", creates(eve), "2 refused email_taken"},
		{"updating what somebody has updated", byEmail, "email,name\nada@b.co,Ada L.\n", patch(customer.Patch{Phone: new("12345")}), "2 updated"},
		{"updating what somebody has updated alike", byEmail, "email,name\nada@b.co,Ada L.\n", patch(customer.Patch{Name: new("Ada L.")}), "2 unchanged"},
		{"updating what somebody has archived", byID, "id,name\n1,Ada L.\n", patch(customer.Patch{Status: new(customer.Archived)}), "2 skipped archived"},
		{"updating by an email that somebody has archived", byEmail, "email,name\nada@b.co,Ada L.\n", patch(customer.Patch{Status: new(customer.Archived)}), "2 created"},
		{
			"updating what somebody has deleted", byEmail, "email,name\nada@b.co,Ada L.\n",
			changes(func(s customer.Store, c customer.Customer) error {
				return s.Delete(context.Background(), c.ID, c.Version)
			}), "2 created",
		},
		{"updating to a key that somebody has taken", byEmail, "email,id\nada@b.co,7\n", creates(eve), "2 refused external_id_taken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &overtaken{Store: storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co", ExternalID: "1"}), before: tt.before}
			imp := tt.imp
			imp.Store, imp.Mode = s, bulk.Commit
			equal(t, "results", run(t, imp, tt.file), []string{tt.want})
			if s.before != nil {
				t.Error("nobody was faster")
			}
		})
	}
}

// A batch tells of a conflict as Create does.
func TestBatchesAndLoopsAgree(t *testing.T) {
	t.Parallel()
	const file = "name,email,id\nA,a@b.co,1\nB,A@b.co,\nC,,1\nD,no,\nE,,\nE,,\nF,a@b.co,1\n"
	for _, imp := range []bulk.Importer{{}, {OnConflict: bulk.Skip}, {OnConflict: bulk.Skip, Match: customer.EmailKey}, {OnConflict: bulk.Update, Match: customer.EmailKey}} {
		batch, loop := memstore.New(), memstore.New()
		imp.Mode, imp.Store = bulk.Commit, batch
		want := run(t, imp, file)
		imp.Store = plain{loop}
		equal(t, string(imp.OnConflict), run(t, imp, file), want)
		equal(t, string(imp.OnConflict), all(t, loop), all(t, batch))
	}
}
