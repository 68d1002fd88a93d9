package customer_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
)

var (
	someID = customer.ID{0x01, 0x97, 0x00, 0x00, 0x00, 0x00, 0x70, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}
	noon   = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
)

func build(d customer.Draft) (customer.Customer, error) { return d.Build(someID, noon) }

func TestBuildMakesAnActiveCustomerOfVersionOne(t *testing.T) {
	t.Parallel()
	got, err := fullDraft().Build(someID, noon.In(time.FixedZone("", 3600)).Add(1234567))
	if err != nil {
		t.Fatal(err)
	}
	want := customer.Customer{
		ID: someID, Version: 1, Status: customer.Active, ExternalID: "CRM-7", Name: "Ada Lovelace", Email: "Ada@Example.com", Phone: "+44 20 7946 0018",
		Company: "Analytical Engines", Notes: "first\nsecond", Tags: []string{"b2b", "vip"}, Metadata: map[string]string{"plan": "gold"},
		Address:   customer.Address{Line1: "12 St James's Square", Line2: "c/o Byron", City: "London", Region: "Greater London", PostalCode: "SW1Y 4JH", Country: "GB"},
		CreatedAt: noon.Add(1234000), UpdatedAt: noon.Add(1234000),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.CreatedAt.Location() != time.UTC {
		t.Errorf("created in %s", got.CreatedAt.Location())
	}
}

func fullDraft() customer.Draft {
	return customer.Draft{
		ExternalID: "CRM-7", Name: " Ada Lovelace ", Email: "Ada@Example.com", Phone: "+44 20\u00a07946 0018", Company: "Analytical Engines", Notes: "first\nsecond\n",
		Tags: []string{"VIP", "b2b", " vip "}, Metadata: map[string]string{"plan": " gold", "empty": ""},
		Address: customer.Address{Line1: "12 St James's Square", Line2: "c/o Byron", City: "London", Region: "Greater London", PostalCode: "SW1Y 4JH", Country: "GB"},
	}
}

func TestBuildTakesIdentityAndTimeFromTheDraftFirst(t *testing.T) {
	t.Parallel()
	other := customer.ID{15: 9}
	for _, tt := range []struct {
		name             string
		d                customer.Draft
		id               customer.ID
		created, updated time.Time
	}{
		{"neither given", customer.Draft{Name: "Ada"}, someID, noon, noon},
		{"an id of its own", customer.Draft{Name: "Ada", ID: other}, other, noon, noon},
		{"created before now", customer.Draft{Name: "Ada", CreatedAt: noon.Add(-time.Hour)}, someID, noon.Add(-time.Hour), noon},
		{"created after now", customer.Draft{Name: "Ada", CreatedAt: noon.Add(time.Hour)}, someID, noon.Add(time.Hour), noon.Add(time.Hour)},
		{"created at the beginning of 1900", customer.Draft{Name: "Ada", CreatedAt: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)}, someID, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), noon},
		{"created in another zone", customer.Draft{Name: "Ada", CreatedAt: noon.In(time.FixedZone("", -3600)).Add(999)}, someID, noon, noon},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := build(tt.d)
			if err != nil {
				t.Fatal(err)
			}
			if c.ID != tt.id || !c.CreatedAt.Equal(tt.created) || !c.UpdatedAt.Equal(tt.updated) {
				t.Errorf("got %s, %s, %s", c.ID, c.CreatedAt, c.UpdatedAt)
			}
		})
	}
}

func TestBuildReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := customer.Draft{
		CreatedAt: time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC), IdempotencyKey: "a b", ExternalID: "\x00", Name: strings.Repeat("x", 201),
		Email: "a@b", Phone: "12", Company: "\u202e", Notes: "\x00", Tags: []string{"ok", "a,b", "\x01", strings.Repeat("x", 65)},
		Address:  customer.Address{Line1: "\n", Line2: "\t", City: "\x7f", Region: "\ufffe", PostalCode: strings.Repeat("1", 21), Country: "\xff"},
		Metadata: map[string]string{"b": "\x00", "a": strings.Repeat("x", 1001), "no good": "x", "": "y"},
	}.Build(customer.ID{}, noon)
	wantFaults(
		t, err, "id required", "created_at wrong_type", "name too_long", "email invalid_email", "phone invalid_phone", "company invalid_text",
		"notes invalid_text", "external_id invalid_text", "address.line1 invalid_text", "address.line2 invalid_text", "address.city invalid_text",
		"address.region invalid_text", "address.postal_code too_long", "address.country invalid_text", "tags.1 invalid_text", "tags.2 invalid_text",
		"tags.3 too_long", "metadata.a too_long", "metadata.b invalid_text", "metadata invalid_key", "idempotency_key invalid_key",
	)
	if !errors.Is(err, customer.ErrInvalid) {
		t.Errorf("%v does not unwrap to ErrInvalid", err)
	}
}

func TestACustomerIsKnownByOneOfFourFields(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		d    customer.Draft
		ok   bool
	}{
		{"a name", customer.Draft{Name: "Ada"}, true},
		{"a company", customer.Draft{Company: "Acme"}, true},
		{"an email", customer.Draft{Email: "a@b.co"}, true},
		{"a phone", customer.Draft{Phone: "112"}, true},
		{"nothing", customer.Draft{}, false},
		{"a name of spaces", customer.Draft{Name: " \u3000\u200d"}, false},
		{"everything else", customer.Draft{ExternalID: "1", Notes: "x", Address: customer.Address{Line1: "x"}, Tags: []string{"x"}, Metadata: map[string]string{"k": "v"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := build(tt.d)
			if tt.ok {
				wantFaults(t, err)
			} else {
				wantFaults(t, err, " identity_required")
			}
		})
	}
}

func TestTagsAreASetInOneSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		in, want []string
	}{
		{"none", nil, nil},
		{"an empty list", []string{}, nil},
		{"sorted", []string{"b", "a"}, []string{"a", "b"}},
		{"merged", []string{"vip", "VIP", " vip\u00a0"}, []string{"vip"}},
		{"Unicode lower case", []string{"ÄÖ", "Σ", "ДА"}, []string{"äö", "σ", "да"}},
		{"NFC", []string{"e\u0301", "\u00e9"}, []string{"é"}},
		{"NFC after lower case", []string{"H\u0331"}, []string{"\u1e96"}},
		{"spaces inside collapse", []string{"a \u00a0\u3000 b"}, []string{"a b"}},
		{"many spaces inside do not count", []string{"a" + strings.Repeat(" ", 5000) + "b"}, []string{"a b"}},
		{"blank ones are none", []string{"", "  ", "\u200d", "x"}, []string{"x"}},
		{"accents tell apart", []string{"cafe", "café"}, []string{"cafe", "café"}},
		{"punctuation but the comma", []string{"a;b", "-x", `"`}, []string{`"`, "-x", "a;b"}},
		{"64 characters", []string{strings.Repeat("ü", 64)}, []string{strings.Repeat("ü", 64)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := build(customer.Draft{Name: "Ada", Tags: tt.in})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, c.Tags); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetadataKeepsKeysAndValuesExactly(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 64)
	c, err := build(customer.Draft{Name: "Ada", Metadata: map[string]string{
		"Plan": "Gold", "plan": "  spaced  out ", "-_-": "a,b", "0": "0", "gone": "", "blank": " \u3000", long: "e\u0301",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Plan": "Gold", "plan": "spaced  out", "-_-": "a,b", "0": "0", long: "é"}
	if diff := cmp.Diff(want, c.Metadata); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, key := range []string{"", "a b", "a.b", "é", long + "k", "a\x00", "$"} {
		_, err := build(customer.Draft{Name: "Ada", Metadata: map[string]string{key: "v"}})
		wantFaults(t, err, "metadata invalid_key")
	}
	if c, err := build(customer.Draft{Name: "Ada", Metadata: map[string]string{"k": " "}}); err != nil || c.Metadata != nil {
		t.Errorf("metadata of nothing is %v, %v, want nil", c.Metadata, err)
	}
}

func TestIdempotencyKeyIsVisibleASCII(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{
		"": true, "k": true, "!~": true, `"quoted"`: true, strings.Repeat("k", 255): true, strings.Repeat("k", 256): false,
		" ": false, "a b": false, "a\x7f": false, "é": false, "\xff": false, "a\n": false,
	} {
		if _, err := build(customer.Draft{Name: "Ada", IdempotencyKey: key}); (err == nil) != ok {
			t.Errorf("the key %q: %v", key, err)
		}
	}
}

func TestBuildSharesNoMemoryWithTheDraft(t *testing.T) {
	t.Parallel()
	d := customer.Draft{Name: "Ada", Tags: []string{"a", "b"}, Metadata: map[string]string{"k": "v"}}
	c, err := build(d)
	if err != nil {
		t.Fatal(err)
	}
	c.Tags[0], c.Metadata["k"] = "x", "x"
	if d.Tags[0] != "a" || d.Metadata["k"] != "v" {
		t.Error("changing the customer changed the draft")
	}
}

func TestDraftsThatMeanTheSameHaveOneHash(t *testing.T) {
	t.Parallel()
	hash := func(d customer.Draft) string {
		c, err := build(d)
		if err != nil {
			t.Fatal(err)
		}
		return customer.HashDraft(c)
	}
	want := hash(fullDraft())
	same := fullDraft()
	same.ID, same.CreatedAt, same.IdempotencyKey = customer.ID{15: 7}, noon.Add(-time.Hour), "another"
	same.Name, same.Tags, same.Metadata = "Ada Lovelace", []string{"b2b", "VIP"}, map[string]string{"plan": "gold"}
	if got := hash(same); got != want || len(got) != 64 {
		t.Errorf("the same draft hashes to %s and %s", want, got)
	}
	for field, change := range map[string]func(*customer.Draft){
		"name": func(d *customer.Draft) { d.Name = "Ada" }, "email": func(d *customer.Draft) { d.Email = "ada@example.com" },
		"phone": func(d *customer.Draft) { d.Phone = "112" }, "company": func(d *customer.Draft) { d.Company = "" },
		"notes": func(d *customer.Draft) { d.Notes = "x" }, "external id": func(d *customer.Draft) { d.ExternalID = "" },
		"line1": func(d *customer.Draft) { d.Address.Line1 = "" }, "lines swapped": func(d *customer.Draft) { d.Address.Line1, d.Address.Line2 = d.Address.Line2, d.Address.Line1 },
		"country": func(d *customer.Draft) { d.Address.Country = "UK" }, "tags": func(d *customer.Draft) { d.Tags = nil },
		"metadata value": func(d *customer.Draft) { d.Metadata = map[string]string{"plan": "Gold"} },
		"metadata key":   func(d *customer.Draft) { d.Metadata = map[string]string{"Plan": "gold"} },
	} {
		other := fullDraft()
		change(&other)
		if hash(other) == want {
			t.Errorf("a draft with another %s has the same hash", field)
		}
	}
}

func TestHashKeyIsSHA256InHexadecimal(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"": "", "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	} {
		if got := customer.HashKey(key); got != want {
			t.Errorf("HashKey(%q) = %s, want %s", key, got, want)
		}
	}
}

// What the documentation of Customer promises, Limits must say.
func TestLimitsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"name": "200 runes", "email": "254 bytes", "phone": "40 runes", "company": "200 runes", "notes": "5000 runes", "external_id": "200 runes",
		"address.line1": "200 runes", "address.line2": "200 runes", "address.city": "100 runes", "address.region": "100 runes",
		"address.postal_code": "20 runes", "address.country": "100 runes", "tags": "50 items", "tags[]": "64 runes", "metadata": "64 items",
		"metadata{}": "1000 runes", "metadata bytes": "16384 bytes",
	}
	got := map[string]string{}
	for _, l := range customer.Limits() {
		got[l.Name] = fmt.Sprint(l.Max, " ", l.Unit)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if names := slices.Sorted(maps.Keys(got)); len(names) != len(customer.Limits()) {
		t.Errorf("%d limits under %d names", len(customer.Limits()), len(names))
	}
}

// wantFaults compares the faults of a *ValidationError, each as its field and code: "email invalid_email", " identity_required".
func wantFaults(t *testing.T, err error, want ...customer.Code) {
	t.Helper()
	var got []customer.Code
	if invalid, ok := errors.AsType[*customer.ValidationError](err); ok {
		for _, f := range invalid.Fields {
			got = append(got, customer.Code(f.Field)+" "+f.Code)
		}
	} else if err != nil {
		t.Errorf("error %v is no *ValidationError", err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
