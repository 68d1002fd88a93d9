package customer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
)

const someIDText = "01970000-0000-7000-8000-000000000001"

func TestParseIDReadsThe36CharacterFormOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		ok       bool
	}{
		{"lower case", someIDText, true},
		{"upper case", "01970000-0000-7000-8000-00000000000A", true},
		{"another version", "c232ab00-9414-11ec-b3c8-9f6bdeced846", true},
		{"the zero id", "00000000-0000-0000-0000-000000000000", true},
		{"nothing", "", false},
		{"no hyphens", "01970000000070008000000000000001", false},
		{"braces", "{01970000-0000-7000-8000-000000000001}", false},
		{"a URN", "urn:uuid:01970000-0000-7000-8000-000000000001", false},
		{"36 characters with hyphens elsewhere", "0197-00000000-7000-8000-000000000001", false},
		{"36 characters without hyphens", "019700000000070000800000000000000001", false},
		{"a letter too far", "01970000-0000-7000-8000-00000000000g", false},
		{"a character too few", someIDText[1:], false},
		{"a space at the end", someIDText + " ", false},
		{"36 bytes of something else", strings.Repeat("é", 18), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := customer.ParseID(tt.in)
			if !tt.ok {
				wantFaults(t, err, "id wrong_type")
				if !id.IsZero() || tt.in != "" && strings.Contains(err.Error(), tt.in) {
					t.Errorf("got %s, %v", id, err)
				}
				return
			}
			if err != nil || id.String() != strings.ToLower(tt.in) {
				t.Errorf("got %s, %v", id, err)
			}
		})
	}
}

func TestIDGoesThroughTextAndDatabases(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := customer.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		text, err := want.MarshalText()
		if err != nil || string(text) != want.String() {
			t.Fatalf("MarshalText = %s, %v", text, err)
		}
		value, err := want.Value()
		if err != nil || value != want.String() {
			t.Fatalf("Value = %v, %v", value, err)
		}
		var fromText customer.ID
		if err := fromText.UnmarshalText(bytes.ToUpper(text)); err != nil || fromText != want {
			t.Fatalf("UnmarshalText = %s, %v", fromText, err)
		}
		for _, src := range []any{value, text, want[:], [16]byte(want)} {
			var got customer.ID
			if err := got.Scan(src); err != nil || got != want {
				t.Fatalf("Scan(%T) = %s, %v", src, got, err)
			}
		}
	})
	id := someID
	for _, src := range []any{nil, 7, "", "x", []byte{1}, []byte(nil), [15]byte{}, time.Time{}} {
		if err := id.Scan(src); err == nil || id != someID {
			t.Errorf("Scan(%#v) = %s, %v", src, id, err)
		}
	}
	if err := id.UnmarshalText([]byte("x")); !errors.Is(err, customer.ErrInvalid) || id != someID {
		t.Errorf("UnmarshalText = %s, %v", id, err)
	}
}

func TestNewIDsAreOrderedByTimeAndNeverEqual(t *testing.T) {
	t.Parallel()
	before := customer.NewID()
	seen := sync.Map{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				if _, twice := seen.LoadOrStore(customer.NewID(), true); twice {
					t.Error("an id came twice")
				}
			}
		})
	}
	group.Wait()
	after := customer.NewID()
	if before.String() >= after.String() || before[6]>>4 != 7 || before.IsZero() || !(customer.ID{}).IsZero() {
		t.Errorf("%s and then %s", before, after)
	}
}

func TestVersionSaysWhatItExpects(t *testing.T) {
	t.Parallel()
	for v, ok := range map[customer.Version]bool{1: true, 1 << 62: true, customer.AnyVersion: true, 0: false, -2: false, -1 << 63: false} {
		if err := v.Validate(); (err == nil) != ok || !ok && !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("Version(%d).Validate() = %v", v, err)
		}
	}
	c := customer.Customer{ID: someID, Version: 3}
	if err := customer.Version(3).Check(c); err != nil {
		t.Errorf("the version it has: %v", err)
	}
	if err := customer.AnyVersion.Check(c); err != nil {
		t.Errorf("any version: %v", err)
	}
	err := customer.Version(2).Check(c)
	stale, ok := errors.AsType[*customer.StaleError](err)
	if !ok || *stale != (customer.StaleError{ID: someID, Want: 2, Have: 3}) || !errors.Is(err, customer.ErrStale) {
		t.Errorf("another version: %v", err)
	}
}

func TestCheckTenantKnowsOneAlphabet(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"a": true, "7": true, "acme-eu_1": true, strings.Repeat("a", 63): true, "": false, strings.Repeat("a", 64): false, "-a": false, "_a": false,
		"A": false, "a b": false, "a.b": false, "é": false, "a\x00": false, "a\n": false, "\xff": false, "'; drop": false,
	} {
		if err := customer.CheckTenant(name); (err == nil) != ok || !ok && !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("CheckTenant(%q) = %v", name, err)
		}
	}
}

func TestCustomerHasOneJSONShape(t *testing.T) {
	t.Parallel()
	full, err := build(fullDraft())
	if err != nil {
		t.Fatal(err)
	}
	full.Notes, full.Company = "<b>\"é\\ \u2028\x00\r\n&</b>\U0001f600", "\xff"
	full.Metadata = map[string]string{"b": "2", "a": "1", "B": "<&>"}
	full.CreatedAt = time.Date(1900, 1, 1, 1, 0, 0, 1000, time.FixedZone("", 3600))
	full.Status, full.ArchivedAt = customer.Archived, noon.Add(120*time.Millisecond)
	for _, tt := range []struct {
		name string
		c    customer.Customer
		want string
	}{
		{"nothing in it", customer.Customer{}, `{"id":"00000000-0000-0000-0000-000000000000","external_id":"","version":0,"status":"","name":"","email":"","phone":"",` +
			`"company":"","notes":"","address":{"line1":"","line2":"","city":"","region":"","postal_code":"","country":""},"tags":[],"metadata":{},` +
			`"created_at":"0001-01-01T00:00:00.000000Z","updated_at":"0001-01-01T00:00:00.000000Z","archived_at":null}`},
		{"everything in it", full, `{"id":"` + someIDText + `","external_id":"CRM-7","version":1,"status":"archived","name":"Ada Lovelace",` +
			`"email":"Ada@Example.com","phone":"+44 20 7946 0018","company":"\ufffd","notes":"<b>\"é\\ \u2028\u0000\r\n&</b>😀",` +
			`"address":{"line1":"12 St James's Square","line2":"c/o Byron","city":"London","region":"Greater London","postal_code":"SW1Y 4JH","country":"GB"},` +
			`"tags":["b2b","vip"],"metadata":{"B":"<&>","a":"1","b":"2"},"created_at":"1900-01-01T00:00:00.000001Z",` +
			`"updated_at":"2026-01-31T12:00:00.000000Z","archived_at":"2026-01-31T12:00:00.120000Z"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.c.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if appended := tt.c.AppendJSON([]byte("x")); string(appended) != "x"+string(got) {
				t.Errorf("AppendJSON differs: %s", appended)
			}
			if !json.Valid(got) {
				t.Error("it is not JSON")
			}
		})
	}
}

func TestCustomerComesBackFromJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawCustomer(t)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := customer.Customer{Name: "before", Tags: []string{"before"}, Metadata: map[string]string{"before": "x"}, ArchivedAt: noon}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
	for _, bad := range []string{`{"id":7}`, `{"id":"x"}`, `{"version":"1"}`, `{"tags":"a"}`, `{"created_at":"yesterday"}`, `[]`, `{`} {
		c := customer.Customer{Name: "before"}
		if err := json.Unmarshal([]byte(bad), &c); err == nil || c.Name != "before" {
			t.Errorf("%s: %+v, %v", bad, c, err)
		}
	}
}

func TestCloneSharesNoMemory(t *testing.T) {
	t.Parallel()
	c := customer.Customer{Tags: []string{"a"}, Metadata: map[string]string{"k": "v"}}
	d := c.Clone()
	if diff := cmp.Diff(c, d); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d.Tags[0], d.Metadata["k"] = "x", "x"
	if c.Tags[0] != "a" || c.Metadata["k"] != "v" {
		t.Error("changing the clone changed the customer")
	}
	if d := (customer.Customer{}).Clone(); d.Tags != nil || d.Metadata != nil {
		t.Errorf("the clone of nothing holds %v and %v", d.Tags, d.Metadata)
	}
}

func TestLogsHoldIdentityAndStateOnly(t *testing.T) {
	t.Parallel()
	c, err := build(canaryDraft("canary"))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("created", "customer", c, "pointer", &c)
	if strings.Contains(strings.ToLower(log.String()), "canary") {
		t.Errorf("the log holds personal data: %s", log.String())
	}
	if want := `"customer":{"id":"` + someIDText + `","version":1,"status":"active"}`; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %s: %s", want, log.String())
	}
}
