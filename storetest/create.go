package storetest

import (
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

var createCases = []testCase{
	{
		name:     "create/returned equals reread",
		contract: "Create stores the customer that Draft.Build makes of the draft, and returns what every read returns afterwards.",
		run:      createdEqualsReread,
	},
	{
		name:     "create/the draft's ID and time win",
		contract: "A draft's own ID and CreatedAt win over the store's; UpdatedAt is the later of CreatedAt and now.",
		run:      createdWithIDAndTime,
	},
	{
		name:     "create/defaults",
		contract: "Without a clock and a source of IDs a store uses its own: IDs that do not repeat, times in UTC in whole microseconds.",
		defaults: true,
		run:      createdWithDefaults,
	},
	{
		name:     "create/invalid drafts",
		contract: "An invalid draft is a *ValidationError with every fault at once, and nothing is stored.",
		run:      createdInvalid,
	},
	{
		name:     "create/empty sets",
		contract: "No tags and no metadata are nil, whether the caller said nil or an empty set, or emptied them later.",
		run:      createdEmptySets,
	},
	{
		name:     "create/the largest record",
		contract: "A record with every field at its limit is stored, reread, changed, found and sorted, however long its folded keys are.",
		run:      createdLargest,
	},
}

func fullDraft() customer.Draft {
	return customer.Draft{
		ExternalID: "crm-0042", Name: "Ada Lovelace", Email: "Ada@Example.com", Phone: "+44 (0)20 7946 0958", Company: "Analytical Engines",
		Notes: "first line\n\tsecond line",
		Address: customer.Address{
			Line1: "12 St James's Square", Line2: "Floor 3", City: "London", Region: "Greater London", PostalCode: "SW1Y 4JH", Country: "GB",
		},
		Tags:     []string{"b2b", "vip"},
		Metadata: map[string]string{"plan": "gold", "seats": "5"},
	}
}

func untidyDraft() customer.Draft {
	return customer.Draft{
		ExternalID: " ext 1\u00a0", Name: "\u2003Jose\u0301  A\u0301lvarez ", Email: " Jose@EXÄMPLE.de ", Phone: "٠١٠\u00a0–\u00a0٢٣٤٥", Notes: "\r\n a\r\nb \n",
		Address: customer.Address{City: "A\u030angstro\u0308m"}, Tags: []string{"Zeta", " alpha  beta ", "zeta", "", "ÜNÏ"},
		Metadata: map[string]string{"Plan": " gold ", "plan": "e\u0301", "none": "", "blank": " "},
	}
}

// drafts is what every way of writing a customer has to cope with.
func drafts() []customer.Draft {
	return []customer.Draft{
		fullDraft(), untidyDraft(),
		{Name: "only a name"},
		{Company: "only a company"},
		{Email: "only@example.org"},
		{Phone: "555 0100"},
		{
			Name: `<script>'"\%_;--&amp;</script>`, Notes: "👩‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u200fעברית\u200e",
			Metadata: map[string]string{"json": `{"a":[1,"b"]}`}, Tags: []string{`a"b`, `{x}`, `\`, "null"},
		},
	}
}

func createdEqualsReread(t *trial) {
	for _, d := range drafts() {
		got := t.create(d)
		want, err := d.Build(got.ID, t.clock.now())
		if err != nil {
			t.Fatalf("Build: %v", err)
		}
		t.same("Create", got, want)
		t.stored(want)
		t.clock.move(time.Hour)
	}
	if got := len(t.everything()); got != len(drafts()) {
		t.Errorf("there are %d customers, want %d", got, len(drafts()))
	}
}

func createdWithIDAndTime(t *trial) {
	now := t.clock.now().UTC().Truncate(time.Microsecond)
	times := []time.Time{
		{}, // the store's
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		now.Add(-time.Nanosecond),
		now.Add(365*24*time.Hour + 999*time.Nanosecond).In(time.FixedZone("", -8*60*60)),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	}
	ids := []customer.ID{{15: 1}, {0: 1}, {0: 0x80}, {0: 0xff, 15: 0xff}, t.ids.next(), customer.NewID()}
	for i, at := range times {
		d := customer.Draft{Name: "chosen", ID: ids[i], CreatedAt: at}
		got := t.create(d)
		want, err := d.Build(t.ids.next(), now)
		if err != nil {
			t.Fatalf("Build: %v", err)
		}
		t.same("Create", got, want)
		t.stored(want)
	}
	got := t.walk(customer.Query{OrderBy: customer.OldestFirst, Limit: 1}, nil)
	if !slices.IsSortedFunc(got, func(a, b customer.Customer) int { return customer.Compare(a, b, customer.OldestFirst) }) || len(got) != len(times) {
		t.Errorf("the walk from the oldest has %d customers or another order", len(got))
	}
}

func createdWithDefaults(t *trial) {
	seen := make(map[customer.ID]bool)
	for range 20 {
		c := t.create(customer.Draft{Name: "by default"})
		t.stored(c)
		if seen[c.ID] {
			t.Errorf("two customers got the ID %s", c.ID)
		}
		seen[c.ID] = true
		if c.CreatedAt.IsZero() || !c.UpdatedAt.Equal(c.CreatedAt) {
			t.Errorf("created at %v, updated at %v, want one time that is not zero", c.CreatedAt, c.UpdatedAt)
		}
		t.stored(t.update(c.ID, 1, customer.Patch{Notes: new("changed")}))
	}
}

func createdInvalid(t *trial) {
	invalid := []customer.Draft{
		{},
		{Notes: "nobody", Tags: []string{"vip"}},
		{Name: "\u200b"},
		{Name: " \u00a0\u200d"},
		{Name: strings.Repeat("a", 201)},
		{Name: "a\x00b"},
		{Name: "a\xffb"},
		{Name: "a\u202eb"},
		{Name: "year", CreatedAt: time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC)},
		{Name: "year", CreatedAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Name: "key", IdempotencyKey: "with space"},
		{Name: "key", IdempotencyKey: strings.Repeat("k", 256)},
		{Name: "key", IdempotencyKey: "ключ"},
		{Email: "a@b", Phone: "12", Name: strings.Repeat("n", 201), Tags: []string{"a,b"}, Metadata: map[string]string{"no key": "x"}},
	}
	t.changesNothing(func() {
		for _, d := range invalid {
			_, want := d.Build(t.ids.next(), t.clock.now())
			_, err := t.store.Create(t.Context(), d)
			t.faults("Create", err, want)
		}
	})
}

func createdEmptySets(t *trial) {
	empty := t.create(customer.Draft{Name: "empty", Tags: []string{}, Metadata: map[string]string{}})
	blank := t.create(customer.Draft{Name: "blank", Tags: []string{" ", ""}, Metadata: map[string]string{"plan": ""}})
	emptied := t.create(customer.Draft{Name: "emptied", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold"}})
	emptied = t.update(emptied.ID, 1, customer.Patch{Tags: &[]string{}, Metadata: map[string]*string{"plan": nil}})
	for _, c := range []customer.Customer{empty, blank, emptied} {
		if c.Tags != nil || c.Metadata != nil {
			t.Errorf("customer %q: tags %#v and metadata %#v, want nil", c.Name, c.Tags, c.Metadata)
		}
		t.stored(c)
	}
	t.found("customers without tags and metadata", customer.Not(customer.Or(customer.Has("tag"), customer.Has("metadata"))), empty, blank, emptied)
}
