package customer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

func stored(t *testing.T) customer.Customer {
	t.Helper()
	c, err := build(fullDraft())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func archived(t *testing.T) customer.Customer {
	t.Helper()
	c, _, err := customer.Patch{Status: new(customer.Archived)}.Apply(stored(t), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestApplyChangesWhatIsNamedAndNothingElse(t *testing.T) {
	t.Parallel()
	later := noon.Add(2 * time.Hour)
	for _, tt := range []struct {
		name    string
		p       customer.Patch
		changed []string
		want    func(*customer.Customer)
	}{
		{"a name", customer.Patch{Name: new("  Ada King ")}, []string{"name"}, func(c *customer.Customer) { c.Name = "Ada King" }},
		{"a cleared name", customer.Patch{Name: new("")}, []string{"name"}, func(c *customer.Customer) { c.Name = "" }},
		{"a name of spaces clears", customer.Patch{Name: new(" \u3000")}, []string{"name"}, func(c *customer.Customer) { c.Name = "" }},
		{"an email in other capitals", customer.Patch{Email: new("ada@example.com")}, []string{"email"}, func(c *customer.Customer) { c.Email = "ada@example.com" }},
		{"several fields, paths sorted", customer.Patch{Phone: new("112"), Company: new("Acme"), ExternalID: new("")}, []string{"company", "external_id", "phone"}, func(c *customer.Customer) {
			c.Phone, c.Company, c.ExternalID = "112", "Acme", ""
		}},
		{"one line of the address", customer.Patch{Address: customer.AddressPatch{City: new("Bath")}}, []string{"address.city"}, func(c *customer.Customer) { c.Address.City = "Bath" }},
		{"every line of the address", customer.Patch{Address: customer.AddressPatch{Line1: new(""), Line2: new(""), City: new(""), Region: new(""), PostalCode: new(""), Country: new("")}}, []string{
			"address.city", "address.country", "address.line1", "address.line2", "address.postal_code", "address.region",
		}, func(c *customer.Customer) { c.Address = customer.Address{} }},
		{"all tags", customer.Patch{Tags: &[]string{"New", "vip"}}, []string{"tags"}, func(c *customer.Customer) { c.Tags = []string{"new", "vip"} }},
		{"no tags", customer.Patch{Tags: &[]string{}}, []string{"tags"}, func(c *customer.Customer) { c.Tags = nil }},
		{"a tag added", customer.Patch{AddTags: []string{"A", "vip"}}, []string{"tags"}, func(c *customer.Customer) { c.Tags = []string{"a", "b2b", "vip"} }},
		{"a tag removed", customer.Patch{RemoveTags: []string{" VIP", "gone"}}, []string{"tags"}, func(c *customer.Customer) { c.Tags = []string{"b2b"} }},
		{"a tag added and another removed", customer.Patch{AddTags: []string{"a"}, RemoveTags: []string{"b2b", "vip"}}, []string{"tags"}, func(c *customer.Customer) { c.Tags = []string{"a"} }},
		{"metadata merged", customer.Patch{Metadata: map[string]*string{"seats": new("5"), "plan": new("silver")}}, []string{"metadata.plan", "metadata.seats"}, func(c *customer.Customer) {
			c.Metadata = map[string]string{"plan": "silver", "seats": "5"}
		}},
		{"a metadata key removed by null", customer.Patch{Metadata: map[string]*string{"plan": nil, "gone": nil}}, []string{"metadata.plan"}, func(c *customer.Customer) { c.Metadata = nil }},
		{"a metadata key removed by an empty value", customer.Patch{Metadata: map[string]*string{"plan": new(" ")}}, []string{"metadata.plan"}, func(c *customer.Customer) { c.Metadata = nil }},
		{"metadata replaced", customer.Patch{Metadata: map[string]*string{"seats": new("5")}, ReplaceMetadata: true}, []string{"metadata.plan", "metadata.seats"}, func(c *customer.Customer) {
			c.Metadata = map[string]string{"seats": "5"}
		}},
		{"metadata replaced by nothing", customer.Patch{ReplaceMetadata: true}, []string{"metadata.plan"}, func(c *customer.Customer) { c.Metadata = nil }},
		{"archiving", customer.Patch{Status: new(customer.Archived)}, []string{"status"}, func(c *customer.Customer) { c.Status, c.ArchivedAt = customer.Archived, later }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := stored(t)
			got, changed, err := tt.p.Apply(c, later.Add(999))
			if err != nil {
				t.Fatal(err)
			}
			want := stored(t)
			if diff := cmp.Diff(want, c); diff != "" {
				t.Errorf("Apply changed its argument (-want +got):\n%s", diff)
			}
			want.Version, want.UpdatedAt = 2, later
			tt.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.changed, changed); diff != "" {
				t.Errorf("changed paths (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyOfNoChangeReturnsTheRecordAsItIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		p    customer.Patch
	}{
		{"the zero patch", customer.Patch{}},
		{"the same name", customer.Patch{Name: new("Ada Lovelace")}},
		{"the same name as typed", customer.Patch{Name: new(" Ada Lovelace\u3000")}},
		{"the same address line", customer.Patch{Address: customer.AddressPatch{City: new("London")}}},
		{"the same tags in another spelling", customer.Patch{Tags: &[]string{"VIP", "B2B", "vip"}}},
		{"a tag that is there", customer.Patch{AddTags: []string{"Vip"}}},
		{"a tag that is not there", customer.Patch{RemoveTags: []string{"gone"}}},
		{"the same metadata", customer.Patch{Metadata: map[string]*string{"plan": new("gold"), "gone": nil}}},
		{"the same metadata as replacement", customer.Patch{Metadata: map[string]*string{"plan": new(" gold ")}, ReplaceMetadata: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []customer.Customer{stored(t), archived(t)} {
				got, changed, err := tt.p.Apply(c, noon.Add(24*time.Hour))
				if err != nil || changed != nil {
					t.Fatalf("%s: changed %q, %v", c.Status, changed, err)
				}
				if diff := cmp.Diff(c, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.Status, diff)
				}
				got.Tags[0], got.Metadata["plan"] = "x", "x"
				if c.Tags[0] == "x" || c.Metadata["plan"] == "x" {
					t.Error("the result shares memory with the record")
				}
			}
		})
	}
	for c, s := range map[*customer.Customer]customer.Status{new(stored(t)): customer.Active, new(archived(t)): customer.Archived} {
		if got, changed, err := (customer.Patch{Status: &s}).Apply(*c, noon.Add(24*time.Hour)); err != nil || changed != nil || got.Version != c.Version || got.ArchivedAt != c.ArchivedAt {
			t.Errorf("%s once more: %q, %v", s, changed, err)
		}
	}
}

func TestApplyMovesBetweenTheTwoStates(t *testing.T) {
	t.Parallel()
	c := archived(t)
	if c.Version != 2 || c.Status != customer.Archived || !c.ArchivedAt.Equal(noon.Add(time.Hour)) || !c.UpdatedAt.Equal(c.ArchivedAt) {
		t.Fatalf("archived: %+v", c)
	}
	back, changed, err := customer.Patch{Status: new(customer.Active)}.Apply(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	if back.Version != 3 || back.Status != customer.Active || !back.ArchivedAt.IsZero() || len(changed) != 1 {
		t.Errorf("restored: %+v, %q", back, changed)
	}
	if !back.UpdatedAt.Equal(c.UpdatedAt) {
		t.Errorf("a clock that went back moved UpdatedAt from %s to %s", c.UpdatedAt, back.UpdatedAt)
	}
}

func TestAnArchivedCustomerTakesRedactionOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		p    customer.Patch
		ok   bool
	}{
		{"a field emptied", customer.Patch{Email: new("")}, true},
		{"everything emptied, even all it is known by", customer.Patch{
			Name: new(""), Email: new(" "), Phone: new(""), Company: new(""), Notes: new(""), ExternalID: new(""),
			Address: customer.AddressPatch{Line1: new("")}, Tags: &[]string{}, ReplaceMetadata: true,
		}, true},
		{"a tag removed", customer.Patch{RemoveTags: []string{"vip"}}, true},
		{"tags replaced by fewer", customer.Patch{Tags: &[]string{"VIP"}}, true},
		{"a metadata key removed", customer.Patch{Metadata: map[string]*string{"plan": nil}}, true},
		{"a field set to what it is and another emptied", customer.Patch{Name: new("Ada Lovelace"), Notes: new("")}, true},
		{"a tag that is there and a field emptied", customer.Patch{AddTags: []string{"vip"}, Notes: new("")}, true},
		{"a field changed", customer.Patch{Name: new("Ada")}, false},
		{"a field emptied and another changed", customer.Patch{Email: new(""), Name: new("Ada")}, false},
		{"a tag added", customer.Patch{AddTags: []string{"new"}}, false},
		{"a tag replaced", customer.Patch{Tags: &[]string{"new"}}, false},
		{"a metadata value changed", customer.Patch{Metadata: map[string]*string{"plan": new("silver")}}, false},
		{"a metadata key added and all others removed", customer.Patch{Metadata: map[string]*string{"k": new("v")}, ReplaceMetadata: true}, false},
		{"a field set to something invalid", customer.Patch{Email: new("nonsense")}, false},
		{"a tag set to something invalid", customer.Patch{AddTags: []string{"a,b"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := tt.p.Apply(archived(t), noon.Add(2*time.Hour))
			if tt.ok && (err != nil || c.Version != 3 || c.Status != customer.Archived || !c.ArchivedAt.Equal(noon.Add(time.Hour))) {
				t.Errorf("Apply: %+v, %v", c, err)
			}
			if !tt.ok && !errors.Is(err, customer.ErrArchived) {
				t.Errorf("Apply: %v, want ErrArchived", err)
			}
		})
	}
	bare, _, err := customer.Patch{Name: new(""), Email: new(""), Phone: new(""), Company: new("")}.Apply(archived(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = customer.Patch{Status: new(customer.Active)}.Apply(bare, noon)
	wantFaults(t, err, " identity_required")
}

func TestApplyRefusesWithEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 201)
	for _, tt := range []struct {
		name string
		p    customer.Patch
		want []customer.Code
	}{
		{"faults of several fields", customer.Patch{
			Name: &long, Email: new("a@b"), Address: customer.AddressPatch{City: new("\x00")}, AddTags: []string{"a,b"}, RemoveTags: []string{"\x00"},
			Metadata: map[string]*string{"a b": new("x"), "k": new("\x00")},
		}, []customer.Code{"name too_long", "email invalid_email", "address.city invalid_text", "add.0 invalid_text", "remove.0 invalid_text", "metadata invalid_key", "metadata.k invalid_text"}},
		{"nothing left to know the customer by", customer.Patch{Name: new(""), Email: new(""), Phone: new(""), Company: new(" ")}, []customer.Code{" identity_required"}},
		{"a fault and nothing left", customer.Patch{Name: new(""), Email: new(""), Phone: new(""), Company: new(""), Notes: new("\x00")}, []customer.Code{"notes invalid_text", " identity_required"}},
		{"tags replaced and added to", customer.Patch{Tags: &[]string{"a"}, AddTags: []string{"b"}}, []customer.Code{"tags invalid_text"}},
		{"tags replaced and removed from", customer.Patch{Tags: &[]string{}, RemoveTags: []string{"b"}}, []customer.Code{"tags invalid_text"}},
		{"one tag added and removed", customer.Patch{AddTags: []string{"a", "VIP"}, RemoveTags: []string{"vip "}}, []customer.Code{"tags invalid_text"}},
		{"a status that does not exist", customer.Patch{Status: new(customer.Status("gone"))}, []customer.Code{"status wrong_type"}},
		{"a status and a name", customer.Patch{Status: new(customer.Archived), Name: new("x")}, []customer.Code{"status read_only"}},
		{"a status and a tag", customer.Patch{Status: new(customer.Active), AddTags: []string{"x"}}, []customer.Code{"status read_only"}},
		{"a status and an address line", customer.Patch{Status: new(customer.Active), Address: customer.AddressPatch{City: new("x")}}, []customer.Code{"status read_only"}},
		{"a status and metadata to replace", customer.Patch{Status: new(customer.Active), ReplaceMetadata: true}, []customer.Code{"status read_only"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, changed, err := tt.p.Apply(stored(t), noon)
			wantFaults(t, err, tt.want...)
			if c.Version != 0 || changed != nil {
				t.Errorf("a failed Apply returns %+v, %q", c, changed)
			}
		})
	}
}

// Limits may have been wider when a record was written.
func TestApplyValidatesOnlyWhatItTouches(t *testing.T) {
	t.Parallel()
	old := stored(t)
	old.Name, old.Email, old.Phone = strings.Repeat("x", 300), "no address", "1"
	old.Tags, old.Metadata = []string{"A, b"}, map[string]string{"no good": "x"}
	for i := range 60 {
		old.Tags = append(old.Tags, fmt.Sprintf("t%02d", i))
		old.Metadata[fmt.Sprint("k", i)] = strings.Repeat("v", 1500)
	}
	all := append([]string{}, old.Tags...)
	for _, tt := range []struct {
		name string
		p    customer.Patch
		want []customer.Code
	}{
		{"another field", customer.Patch{Company: new("Acme")}, nil},
		{"the old values sent back with another field", customer.Patch{Name: &old.Name, Email: &old.Email, Phone: &old.Phone, Tags: &all, Metadata: map[string]*string{"no good": new("x")}, Notes: new("")}, nil},
		{"an old tag removed", customer.Patch{RemoveTags: []string{"A, b"}}, nil},
		{"an old key removed", customer.Patch{Metadata: map[string]*string{"no good": nil}}, nil},
		{"an old value shortened", customer.Patch{Name: new("Ada")}, nil},
		{"an old value changed and still too long", customer.Patch{Name: new(old.Name[1:])}, []customer.Code{"name too_long"}},
		{"one more tag than there may be", customer.Patch{AddTags: []string{"new"}}, []customer.Code{"tags too_many"}},
		{"one more key than there may be", customer.Patch{Metadata: map[string]*string{"new": new("x")}}, []customer.Code{"metadata too_long"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := tt.p.Apply(old, noon)
			wantFaults(t, err, tt.want...)
			if tt.want == nil && c.Version != old.Version+1 {
				t.Errorf("nothing changed: %v", err)
			}
		})
	}
}
