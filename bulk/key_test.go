package bulk_test

import (
	"context"
	"fmt"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// A row with a key of its own can be sent again whatever became of it, which its email would not allow.
func TestRowsWithIdempotencyKeys(t *testing.T) {
	t.Parallel()
	const ada = `{"idempotency_key":"a","email":"ada@b.co","name":"Ada"}` + "\n"
	update := bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
	tests := []struct {
		name          string
		imp           bulk.Importer
		first, second string
		want          []string // of the second
	}{
		{"a row that is sent again is unchanged", bulk.Importer{}, ada, ada, []string{"1 unchanged"}},
		{"also where rows are skipped", bulk.Importer{OnConflict: bulk.Skip}, ada, ada, []string{"1 unchanged"}},
		{"also where rows update", update, ada, ada, []string{"1 unchanged"}},
		{"also beside others", bulk.Importer{}, ada, ada + `{"name":"Bob"}` + "\n", []string{"1 unchanged", "2 created"}},
		{"also within a file", bulk.Importer{}, "{\"name\":\"Bob\"}\n", ada + ada, []string{"1 created", "2 unchanged"}},
		{"rows that say the same are two with two keys", bulk.Importer{}, `{"idempotency_key":"a","name":"Ada"}`, `{"idempotency_key":"b","name":"Ada"}`, []string{"1 created"}},
		{"a key that made another customer", bulk.Importer{}, ada, `{"idempotency_key":"a","name":"Bob"}`, []string{"1 refused idempotency_key_reused"}},
		{"another key does not help", bulk.Importer{}, ada, `{"idempotency_key":"b","email":"ada@b.co","name":"Ada"}`, []string{"1 refused email_taken"}},
		{"no key", bulk.Importer{}, ada, `{"idempotency_key":null,"name":"Ada"}` + "\n" + `{"name":"Bob"}`, []string{"1 created", "2 created"}},
		{"an empty key is none that a row can have", bulk.Importer{}, ada, `{"idempotency_key":"","name":"Bob"}`, []string{"1 refused idempotency_key invalid_key"}},
		{"an empty key of a row that would update", update, ada, `{"idempotency_key":"","email":"ada@b.co","name":"Bob"}`, []string{"1 refused idempotency_key invalid_key"}},
		{"a key with a space", bulk.Importer{}, ada, `{"idempotency_key":"a b","email":"no","name":"Ada"}`, []string{"1 refused email invalid_email idempotency_key invalid_key"}},
		{"a key that is a number", bulk.Importer{}, ada, `{"idempotency_key":1,"name":"Ada"}`, []string{"1 refused idempotency_key wrong_type"}},
		{
			"a key in a whole record",
			bulk.Importer{},
			ada, `{"idempotency_key":"c","id":"01970000-0000-7000-8000-000000000001","name":"Ada"}`,
			[]string{"1 refused idempotency_key invalid_key"},
		},
		{"a row in the way of another takes no key", bulk.Importer{}, ada, `{"idempotency_key":"b","email":"ada@b.co"}` + "\n" + `{"idempotency_key":"b","name":"Bob"}`, []string{"1 refused email_taken", "2 created"}},
		{"a key within a file, for another row", bulk.Importer{}, "{\"name\":\"Bob\"}\n", ada + `{"idempotency_key":"a","name":"Bob"}`, []string{"1 created", "2 refused idempotency_key_reused"}},
		{"a row that updates takes no key", update, ada, `{"idempotency_key":"b","email":"ada@b.co","name":"Bob"}` + "\n" + `{"idempotency_key":"b","email":"bob@b.co"}`, []string{"1 updated", "2 created"}},
		{"rows that say the same and have no key", bulk.Importer{}, `{"name":"Bob"}`, `{"name":"Bob"}` + "\n" + `{"name":"Bob "}`, []string{"1 unchanged", "2 created"}},
		{"a member that is nearly it", bulk.Importer{}, ada, `{"idempotencykey":"c","name":"Ada"}`, []string{"1 refused idempotencykey unknown_member"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, s := range []customer.Store{memstore.New(), plain{memstore.New()}} {
				imp := tt.imp
				imp.Mode, imp.Store = bulk.Commit, s
				run(t, imp, tt.first)
				if _, ok := s.(customer.ReplayFinder); ok {
					imp.Mode = bulk.Validate
					equal(t, "what was foretold", run(t, imp, tt.second), tt.want)
					imp.Mode = bulk.Commit
				}
				equal(t, "results", run(t, imp, tt.second), tt.want)
			}
		})
	}
}

// A store that cannot look keys up still answers for those that stand in the file.
func TestDryRunWithoutAReplayFinder(t *testing.T) {
	t.Parallel()
	const file = `{"idempotency_key":"a","name":"Ada"}
{"name":"Bob"}
{"idempotency_key":"a","name":"Ada"}
{"idempotency_key":"a","name":"Bob"}
`
	imp := bulk.Importer{Store: plain{memstore.New()}, Mode: bulk.Commit}
	run(t, imp, file)
	imp.Mode = bulk.Validate
	equal(t, "results", run(t, imp, file), []string{"1 created", "2 created", "3 unchanged", "4 refused idempotency_key_reused"})
}

// asked counts what a store is asked about keys.
type asked struct {
	*memstore.Store
	drafts int
}

func (a *asked) FindReplays(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	a.drafts += len(drafts)
	return a.Store.FindReplays(ctx, drafts)
}

func TestKeysAreLookedUpOnlyWhereThereAreSome(t *testing.T) {
	t.Parallel()
	const file = `{"name":"Ada","email":"ada@b.co"}
{"name":"Bob","external_id":"1"}
{"email":"nobody"}
{"idempotency_key":"a","email":"nobody"}
{"id":"01970000-0000-7000-8000-000000000001","version":1,"status":"active","name":"Cyd","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}
{"idempotency_key":"a","name":"Dan","email":"dan@b.co"}
{"name":"Eve"}
`
	for mode, want := range map[bulk.Mode]int{bulk.Validate: 2, bulk.Commit: 0} {
		s := &asked{Store: memstore.New()}
		run(t, bulk.Importer{Store: s, Mode: mode}, file)
		equal(t, fmt.Sprint("drafts asked about to ", mode), s.drafts, want)
	}
}
