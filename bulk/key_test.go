package bulk_test

import (
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
		{"no key", bulk.Importer{}, ada, `{"idempotency_key":null,"name":"Ada"}` + "\n" + `{"idempotency_key":"","name":"Bob"}`, []string{"1 created", "2 created"}},
		{"a key with a space", bulk.Importer{}, ada, `{"idempotency_key":"a b","email":"no","name":"Ada"}`, []string{"1 refused email invalid_email idempotency_key invalid_key"}},
		{"a key that is a number", bulk.Importer{}, ada, `{"idempotency_key":1,"name":"Ada"}`, []string{"1 refused idempotency_key wrong_type"}},
		{
			"a key in a whole record",
			bulk.Importer{},
			ada, `{"idempotency_key":"c","id":"01970000-0000-7000-8000-000000000001","name":"Ada"}`,
			[]string{"1 refused idempotency_key invalid_key"},
		},
		{"a member that is nearly it", bulk.Importer{}, ada, `{"idempotencykey":"c","name":"Ada"}`, []string{"1 refused idempotencykey unknown_member"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, s := range []customer.Store{memstore.New(), plain{memstore.New()}} {
				imp := tt.imp
				imp.Mode, imp.Store = bulk.Commit, s
				run(t, imp, tt.first)
				equal(t, "results", run(t, imp, tt.second), tt.want)
			}
		})
	}
}
