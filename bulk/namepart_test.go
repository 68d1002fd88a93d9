package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func TestUpdateByAPartOfAName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, have, want string
		results                []string
	}{
		{"the first name it begins with keeps it", "First Name,Email\nGrace,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 unchanged"}},
		{"the last name it ends with keeps it", "Last Name,Email\nHopper,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 unchanged"}},
		{"what else the row says is written", "First Name,Email,phone\nGrace,a@b.co,12345\n", "Grace Hopper", "Grace Hopper", []string{"2 updated"}},
		{"several words", "First Name,Email\nGrace  Brewster,a@b.co\n", "Grace Brewster Murray Hopper", "Grace Brewster Murray Hopper", []string{"2 unchanged"}},
		{"the whole of it", "First Name,Email\nGrace,a@b.co\n", "Grace", "Grace", []string{"2 unchanged"}},
		{"case and accents make no difference, as in a search", "Last Name,Email\nMULLER,a@b.co\n", "Jo Müller", "Jo Müller", []string{"2 unchanged"}},
		{"an empty cell clears nothing", "First Name,Email\n ,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 unchanged"}},
		{"no name is taken from nobody", "First Name,Email\nGrace,a@b.co\n", "", "Grace", []string{"2 updated"}},
		{"another first name", "First Name,Email,phone\nAda,a@b.co,12345\n", "Grace Hopper", "Grace Hopper", []string{"2 refused part_of_name"}},
		{"a last name where the first one stands", "Last Name,Email\nGrace,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 refused part_of_name"}},
		{"a first name where the last one stands", "First Name,Email\nHopper,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 refused part_of_name"}},
		{"a part of a word", "First Name,Email\nGra,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 refused part_of_name"}},
		{"more than there is", "First Name,Email\nGrace Hopper Murray,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 refused part_of_name"}},
		{"what is not valid is refused for that", "First Name,Email\nGr\x00ace,a@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 refused name invalid_text"}},
		{"both parts are a name", "First Name,Last Name,Email\nAda,Lovelace,a@b.co\n", "Grace Hopper", "Ada Lovelace", []string{"2 updated"}},
		{"both parts, of which one is empty, are a name", "First Name,Last Name,Email\nAda,,a@b.co\n", "Grace Hopper", "Ada", []string{"2 updated"}},
		{"a column of whole names", "Full Name,Email\nAda,a@b.co\n", "Grace Hopper", "Ada", []string{"2 updated"}},
		{"what a row before has made", "First Name,Email\nAda,new@b.co\nAda,new@b.co\nBob,new@b.co\n", "Grace Hopper", "Grace Hopper", []string{"2 created", "3 unchanged", "4 refused part_of_name"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storeOf(t, customer.Draft{Name: tt.have, Email: "a@b.co"})
			for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
				equal(t, string(mode), run(t, bulk.Importer{Store: s, Mode: mode, OnConflict: bulk.Update, Match: customer.EmailKey}, tt.file), tt.results)
			}
			c, err := customer.FindByEmail(t.Context(), s, "a@b.co")
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "name", c.Name, tt.want)
		})
	}
}

func TestCreationByAPartOfAName(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	got, err := results(bulk.Importer{Store: s, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}, "Last Name,Email\nHopper,a@b.co\n")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "fields", got[0].Changed(), []string{"email", "name"})
	equal(t, "customers", all(t, s), all(t, storeOf(t, customer.Draft{Name: "Hopper", Email: "a@b.co"})))
}

func TestAPartOfANameSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := storeOf(t, customer.Draft{Name: "Grace Hopper", Email: "a@b.co"})
	for column, want := range map[string]string{"First Name": "does not begin with it", "Nachname": "does not end with it"} {
		got, err := results(bulk.Importer{Store: s, OnConflict: bulk.Update, Match: customer.EmailKey}, column+",Email\nAda,a@b.co\n")
		if err != nil || len(got) != 1 || got[0].ID.IsZero() || !strings.Contains(got[0].Detail, want) || !strings.Contains(got[0].Detail, `"`+column+`=name"`) {
			t.Errorf("%v, %v; want a detail that says %s and how to map %s", got, err, want, column)
		}
	}
}
