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

func TestImport(t *testing.T) {
	t.Parallel()
	var (
		ada     = customer.Draft{Name: "Ada", Email: "ada@b.co", ExternalID: "1", Phone: "1234", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold", "x": "y"}}
		bob     = customer.Draft{Name: "Bob", Email: "bob@b.co", ExternalID: "2"}
		gone    = customer.Draft{Name: "Gone", Email: "gone@b.co", ExternalID: "9"}
		byEmail = bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
		byID    = bulk.Importer{OnConflict: bulk.Update, Match: customer.ExternalIDKey}
		skip    = bulk.Importer{OnConflict: bulk.Skip}
	)
	tests := []struct {
		name string
		imp  bulk.Importer
		file string
		want []string
	}{
		{"new customers are created", bulk.Importer{}, "name,email\nEve,eve@b.co\nEve,\n", []string{"2 created", "3 created"}},
		{"a taken email is refused", bulk.Importer{}, "name,email\nx,ADA@b.co\n", []string{"2 refused email_taken"}},
		{"a taken external id is refused before an email", bulk.Importer{}, "id,email\n2,ada@b.co\n", []string{"2 refused external_id_taken"}},
		{"an archived customer keeps its external id and not its email", bulk.Importer{}, "id,name,email\n9,x,\n,x,gone@b.co\n", []string{"2 refused external_id_taken", "3 created"}},
		{"a key that the file has twice is refused", bulk.Importer{}, "name,email\nEve,eve@b.co\nEva,Eve@b.co\n", []string{"2 created", "3 refused email_taken"}},
		{"a refused row keeps no key from those after it", bulk.Importer{}, "name,email,id\nEve,eve@b.co,1\nEva,eve@b.co,\n", []string{"2 refused external_id_taken", "3 created"}},
		{"every fault of a row at once", bulk.Importer{}, "name,email,phone\nx,no,1\n", []string{"2 refused email invalid_email phone invalid_phone"}},
		{"what is there is skipped", skip, "id,name,email\n,x,ada@b.co\n2,x,\n9,x,\n,x,x@b.co\n,y,x@b.co\n", []string{"2 skipped email_taken", "3 skipped external_id_taken", "4 skipped archived", "5 created", "6 skipped email_taken"}},
		{"with a key, only what it names is skipped", bulk.Importer{OnConflict: bulk.Skip, Match: customer.EmailKey}, "id,name,email\n,x,ada@b.co\n2,x,\n", []string{"2 skipped email_taken", "3 refused external_id_taken"}},
		{"a key that is taken counts before what else the same customer has", bulk.Importer{OnConflict: bulk.Skip, Match: customer.EmailKey}, "id,name,email\n1,x,ada@b.co\n3,x,new@b.co\n3,x,New@b.co\n", []string{"2 skipped email_taken", "3 created", "4 skipped email_taken"}},
		{"a key that is taken is no excuse for what another customer has", bulk.Importer{OnConflict: bulk.Skip, Match: customer.EmailKey}, "id,name,email\n2,x,ada@b.co\n9,x,gone@b.co\n", []string{"2 refused external_id_taken", "3 refused external_id_taken"}},
		{"a row with an external id that is taken is skipped whatever its email", bulk.Importer{OnConflict: bulk.Skip, Match: customer.ExternalIDKey}, "id,name,email\n1,x,bob@b.co\n1,x,ada@b.co\n1,x,free@b.co\n9,x,ada@b.co\n9,x,\n", []string{"2 skipped external_id_taken", "3 skipped external_id_taken", "4 skipped external_id_taken", "5 skipped archived", "6 skipped archived"}},
		{"an update writes what the row has", byEmail, "email,name\nADA@b.co,Ada L.\n", []string{"2 updated"}},
		{"a row that says what is there changes nothing", byEmail, "email,name\nada@b.co,Ada\n", []string{"2 unchanged"}},
		{"an update needs no identity of its own", byID, "id,notes\n1,hello\n3,hello\n", []string{"2 updated", "3 refused identity_required"}},
		{"an archived match is skipped", byID, "id,name\n9,x\n9,Gone\n", []string{"2 skipped archived", "3 skipped archived"}},
		{"an archived email is no match", byEmail, "email,name\ngone@b.co,x\n", []string{"2 created"}},
		{"an update that takes a key of another is refused", byEmail, "email,id\nada@b.co,2\nada@b.co,3\n", []string{"2 refused external_id_taken", "3 updated"}},
		{"a faulty update is refused", byEmail, "email,phone,city\nada@b.co,1," + strings.Repeat("x", 101) + "\n", []string{"2 refused phone invalid_phone address.city too_long"}},
		{"an update that leaves nothing to know a customer by", byID, "id,name,email,phone\n2,,,\n", []string{"2 refused identity_required"}},
		{"rows without the key are created", byEmail, "name,email\nNo,\n", []string{"2 created"}},
		{"a file without the column of the key", byEmail, "name,Mail adr\nAda,ada@b.co\nEve,\n", []string{"2 refused no_match", "3 refused no_match"}},
		{"a file without the column of the other key", byID, "name,email\nAda,ada@b.co\n", []string{"2 refused no_match"}},
		{"a member of the key that is not there, and one that is null", byEmail, `{"name":"No"}` + "\n" + `{"name":"No","email":null}` + "\n" + `{"name":"No","email":""}`, []string{"1 refused no_match", "2 created", "3 created"}},
		{"a key of the row's own does not stand for the member", byEmail, `{"idempotency_key":"a","name":"No"}`, []string{"1 refused no_match"}},
		{"a file without the column of a key that nothing is updated by", bulk.Importer{OnConflict: bulk.Skip, Match: customer.EmailKey}, "name\nNo\n", []string{"2 created"}},
		{"a row updates what a row before it created", byEmail, "email,name\nx@b.co,X\nX@b.co,Y\nX@b.co,Y\n", []string{"2 created", "3 updated", "4 unchanged"}},
		{"a row that undoes what a row before it did", byEmail, "email,name\nada@b.co,Eve\nada@b.co,Ada\n", []string{"2 updated", "3 updated"}},
		{"a key that an update has freed can be taken", byID, "id,email,name\n1,new@b.co,x\n7,ada@b.co,y\n8,new@b.co,z\n", []string{"2 updated", "3 created", "4 refused email_taken"}},
		{"a key that an update has freed too late", byID, "id,email,name\n7,ada@b.co,y\n1,new@b.co,x\n7,ada@b.co,y\n", []string{"2 refused email_taken", "3 updated", "4 created"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storeOf(t, ada, bob, gone)
			c, err := customer.FindByExternalID(t.Context(), s, "9")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := customer.Archive(t.Context(), s, c.ID, customer.AnyVersion); err != nil {
				t.Fatal(err)
			}
			before := all(t, s)
			imp := tt.imp
			imp.Store = s
			equal(t, "dry run", run(t, imp, tt.file), tt.want)
			equal(t, "customers after the dry run", all(t, s), before)
			imp.Mode = bulk.Commit
			equal(t, "results", run(t, imp, tt.file), tt.want)
		})
	}
}

func TestUpdateWritesOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	full := customer.Draft{
		Name: "Ada", Email: "ada@b.co", ExternalID: "1", Phone: "1234", Company: "Acme", Notes: "n", Address: customer.Address{City: "Ulm", Country: "DE"},
		Tags: []string{"a", "b"}, Metadata: map[string]string{"plan": "gold", "seat": "1"},
	}
	edit := func(change func(*customer.Draft)) customer.Draft {
		d := full
		d.Metadata = map[string]string{"plan": "gold", "seat": "1"}
		change(&d)
		return d
	}
	tests := []struct {
		name, file string
		want       customer.Draft
	}{
		{"an empty cell clears and an absent column keeps", "email,phone,city\nada@b.co,,\n", edit(func(d *customer.Draft) { d.Phone, d.Address.City = "", "" })},
		{"metadata merges and an empty cell removes the key", "email,plan,new\nada@b.co,,x\n", edit(func(d *customer.Draft) { d.Metadata = map[string]string{"seat": "1", "new": "x"} })},
		{"tags replace", "email,tags\nada@b.co,\"c,a\"\n", edit(func(d *customer.Draft) { d.Tags = []string{"a", "c"} })},
		{"an empty cell of tags removes all", "email,tags\nada@b.co,\n", edit(func(d *customer.Draft) { d.Tags = nil })},
		{"JSON null clears, and members that are absent keep", `{"email":"ada@b.co","phone":null,"address":{"city":null},"metadata":{"plan":null}}`, edit(func(d *customer.Draft) { d.Phone, d.Address.City, d.Metadata = "", "", map[string]string{"seat": "1"} })},
		{"JSON null clears a whole address, all metadata and all tags", `{"email":"ada@b.co","address":null,"metadata":null,"tags":null}`, edit(func(d *customer.Draft) { d.Address, d.Metadata, d.Tags = customer.Address{}, nil, nil })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storeOf(t, full)
			imp := bulk.Importer{Store: s, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
			equal(t, "results", strings.Fields(run(t, imp, tt.file)[0])[1:], []string{"updated"})
			equal(t, "customers", all(t, s), all(t, storeOf(t, tt.want)))
		})
	}
}

func TestSecondRunMakesNoDuplicates(t *testing.T) {
	t.Parallel()
	const file = "name,email,notes\nAda,,\nAda,,\nBob,bob@b.co,\nAda ,,\nAda,,x\n"
	s := memstore.New()
	imp := bulk.Importer{Store: s, Mode: bulk.Commit, OnConflict: bulk.Skip}
	equal(t, "first run", run(t, imp, file), []string{"2 created", "3 created", "4 created", "5 created", "6 created"})
	first := all(t, s)
	equal(t, "second run", run(t, imp, file), []string{"2 unchanged", "3 unchanged", "4 skipped email_taken", "5 unchanged", "6 unchanged"})
	equal(t, "customers", all(t, s), first)
}

func TestResultsNameTheCustomer(t *testing.T) {
	t.Parallel()
	s := storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"})
	ada, err := customer.FindByEmail(t.Context(), s, "ada@b.co")
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []bulk.Mode{bulk.Validate, bulk.Commit} {
		for _, policy := range []bulk.Policy{bulk.Refuse, bulk.Skip, bulk.Update} {
			got, err := results(bulk.Importer{Store: s, Mode: mode, OnConflict: policy, Match: customer.EmailKey}, "name,email\nAda,ada@b.co\n")
			if err != nil || got[0].ID != ada.ID {
				t.Errorf("%s, %s: %v, %v; want the id of the customer that is there", mode, policy, got, err)
			}
		}
	}
	got, err := results(bulk.Importer{Store: s}, "name\nEve\n")
	if err != nil || !got[0].ID.IsZero() {
		t.Errorf("a dry run: %v, %v; want no id of a customer that is not there", got, err)
	}
}

// A program may say by the draft alone what a row knows its customer by.
func TestRowOfAProgramKnowsItsCustomer(t *testing.T) {
	t.Parallel()
	s := storeOf(t, customer.Draft{Name: "Ada", Email: "ada@b.co"})
	imp := bulk.Importer{Store: s, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
	var got []string
	_, err := imp.Run(t.Context(), func(yield func(bulk.Row, error) bool) {
		_ = yield(bulk.Row{Line: 1, Draft: customer.Draft{Email: "ada@b.co", Phone: "1234"}, Fields: bulk.Phone}, nil) &&
			yield(bulk.Row{Line: 2, Draft: customer.Draft{Phone: "1234"}, Fields: bulk.Phone}, nil)
	}, func(res bulk.Result) error {
		got = append(got, say(res))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "results", got, []string{"1 updated", "2 refused no_match"})
}

func TestRowWithoutItsKeySaysWhatToDo(t *testing.T) {
	t.Parallel()
	for key, column := range map[customer.Key]string{customer.EmailKey: "email", customer.ExternalIDKey: "external_id"} {
		got, err := results(bulk.Importer{Store: memstore.New(), OnConflict: bulk.Update, Match: key}, "name\nAda\n")
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Detail, "has no "+column) || !strings.Contains(got[0].Detail, "map") {
			t.Errorf("%v, %v; want a row whose detail names %s", got, err, column)
		}
	}
}

func TestImporterOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		imp  bulk.Importer
		want error
	}{
		{"an update without a key", bulk.Importer{OnConflict: bulk.Update}, customer.ErrInvalid},
		{"an unknown mode", bulk.Importer{Mode: "try"}, errors.ErrUnsupported},
		{"an unknown policy", bulk.Importer{OnConflict: "merge"}, errors.ErrUnsupported},
		{"an unknown key", bulk.Importer{Match: "phone"}, errors.ErrUnsupported},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.imp.Store = memstore.New()
			if _, err := results(tt.imp, "name\nAda\n"); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

var errStop = errors.New("stop")

// unreliable is a store that loses its connection after so many creations.
type unreliable struct {
	customer.Store
	left int
}

func (s *unreliable) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if s.left--; s.left < 0 {
		return customer.Customer{}, customer.ErrUnavailable
	}
	return s.Store.Create(ctx, d)
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	file := "name\n" + strings.Repeat("Ada\n", 2000)
	rows := func(t *testing.T) func(func(bulk.Row, error) bool) {
		r, err := bulk.NewReader(strings.NewReader(file), bulk.CSV, bulk.ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Rows()
	}
	t.Run("at an error of the store, with the results there are", func(t *testing.T) {
		t.Parallel()
		imp := bulk.Importer{Store: &unreliable{Store: memstore.New(), left: 700}, Mode: bulk.Commit}
		sum, err := imp.Run(t.Context(), rows(t), nil)
		if !errors.Is(err, customer.ErrUnavailable) || sum.Created != 700 {
			t.Errorf("%+v, %v; want 700 created and ErrUnavailable", sum, err)
		}
	})
	t.Run("at an error of emit", func(t *testing.T) {
		t.Parallel()
		n := 0
		sum, err := bulk.Importer{Store: memstore.New()}.Run(t.Context(), rows(t), func(bulk.Result) error {
			if n++; n > 3 {
				return errStop
			}
			return nil
		})
		if !errors.Is(err, errStop) || sum.Rows != 3 {
			t.Errorf("%+v, %v; want 3 rows and the error", sum, err)
		}
	})
	t.Run("at the end of its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		sum, err := bulk.Importer{Store: memstore.New(), Mode: bulk.Commit}.Run(ctx, rows(t), func(res bulk.Result) error {
			if res.Line == 400 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || sum.Rows != 1000 {
			t.Errorf("%+v, %v; want the 1000 rows of a chunk and context.Canceled", sum, err)
		}
	})
	t.Run("at an error of the rows, behind those before it", func(t *testing.T) {
		t.Parallel()
		sum, err := bulk.Importer{Store: memstore.New()}.Run(t.Context(), func(yield func(bulk.Row, error) bool) {
			_ = yield(bulk.Row{Line: 1, Draft: customer.Draft{Name: "Ada"}}, nil) && yield(bulk.Row{}, errStop)
		}, nil)
		if !errors.Is(err, errStop) || sum.Created != 1 {
			t.Errorf("%+v, %v; want 1 created and the error", sum, err)
		}
	})
}
