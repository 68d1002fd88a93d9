package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
)

// drawWholeRecords returns rows of NDJSON, most of them whole records of either state, that meet each other and the customers of drawStore by id, email
// and external id.
func drawWholeRecords(t *rapid.T) string {
	var b strings.Builder
	for i := range rapid.IntRange(1, 4).Draw(t, "rows") {
		fmt.Fprintf(&b, `{"name":"row %d","email":%q,"external_id":%q`, rapid.IntRange(0, i).Draw(t, "name"),
			rapid.SampledFrom([]string{"", "a@b.co", "b@b.co", "c@b.co"}).Draw(t, "email"), rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, "external id"))
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); kind {
		case 0:
			// A new customer, or changes of one.
		case 1:
			fmt.Fprintf(&b, `,"idempotency_key":"%d"`, rapid.IntRange(0, 1).Draw(t, "key"))
		default:
			fmt.Fprintf(&b, `,"id":%q,"version":2,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"`, rapid.SampledFrom(ids[1:]).Draw(t, "id"))
			if kind%2 == 0 {
				b.WriteString(`,"status":"archived","archived_at":"2026-01-02T03:04:05Z"`)
			} else {
				b.WriteString(`,"status":"active"`)
			}
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func TestDryRunTellsWhatBecomesOfWholeRecords(t *testing.T) {
	t.Parallel()
	importers := []bulk.Importer{
		{},
		{Match: customer.EmailKey},
		{Match: customer.ExternalIDKey},
		{OnConflict: bulk.Skip},
		{OnConflict: bulk.Skip, Match: customer.EmailKey},
		{OnConflict: bulk.Skip, Match: customer.ExternalIDKey},
		{OnConflict: bulk.Update, Match: customer.EmailKey},
		{OnConflict: bulk.Update, Match: customer.ExternalIDKey},
	}
	rapid.Check(t, func(t *rapid.T) {
		open, first, second := drawStore(t), drawWholeRecords(t), drawWholeRecords(t)
		for _, imp := range importers {
			s := open()
			wantForetold(t, imp, s, first)
			wantForetold(t, imp, s, first)
			wantForetold(t, imp, s, second)
		}
	})
}
