package customer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"example.com/customer"
)

// veteran returns an archived customer of version 7.
func veteran(t *testing.T) customer.Customer {
	t.Helper()
	c, err := fullDraft().Build(someID, noon)
	if err != nil {
		t.Fatal(err)
	}
	c.Version, c.Status, c.UpdatedAt, c.ArchivedAt = 7, customer.Archived, noon.Add(2*time.Hour), noon.Add(time.Hour)
	return c
}

func TestValidateKnowsWhatCanHaveComeToBe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(c *customer.Customer)
		want   []customer.Code
	}{
		"a veteran":                       {func(*customer.Customer) {}, nil},
		"archived and redacted":           {func(c *customer.Customer) { c.Name, c.Email, c.Phone, c.Company = "", "", "", "" }, nil},
		"active again":                    {func(c *customer.Customer) { c.Status, c.ArchivedAt = customer.Active, time.Time{} }, nil},
		"times in other zones":            {func(c *customer.Customer) { c.CreatedAt = c.CreatedAt.In(time.FixedZone("", 3600)) }, nil},
		"empty sets in place of none":     {func(c *customer.Customer) { c.Tags, c.Metadata = []string{}, map[string]string{} }, nil},
		"all its life in one instant":     {func(c *customer.Customer) { c.UpdatedAt, c.ArchivedAt = c.CreatedAt, c.CreatedAt }, nil},
		"the greatest version":            {func(c *customer.Customer) { c.Version = 1<<53 - 1 }, nil},
		"a version beyond":                {func(c *customer.Customer) { c.Version = 1 << 53 }, []customer.Code{"version wrong_type"}},
		"version 0":                       {func(c *customer.Customer) { c.Version = 0 }, []customer.Code{"version wrong_type"}},
		"any version":                     {func(c *customer.Customer) { c.Version = customer.AnyVersion }, []customer.Code{"version wrong_type"}},
		"no ID":                           {func(c *customer.Customer) { c.ID = customer.ID{} }, []customer.Code{"id required"}},
		"no status":                       {func(c *customer.Customer) { c.Status = "" }, []customer.Code{"status wrong_type", "archived_at wrong_type"}},
		"archived and no time of it":      {func(c *customer.Customer) { c.ArchivedAt = time.Time{} }, []customer.Code{"archived_at wrong_type"}},
		"active with a time of archiving": {func(c *customer.Customer) { c.Status = customer.Active }, []customer.Code{"archived_at wrong_type"}},
		"active with nothing to know it by": {func(c *customer.Customer) {
			*c = customer.Customer{ID: c.ID, Version: 1, Status: customer.Active, CreatedAt: noon, UpdatedAt: noon}
		}, []customer.Code{" identity_required"}},
		"updated before it was created":            {func(c *customer.Customer) { c.CreatedAt = c.ArchivedAt.Add(time.Hour + 1000) }, []customer.Code{"updated_at wrong_type", "archived_at wrong_type"}},
		"archived before it was created":           {func(c *customer.Customer) { c.ArchivedAt = c.CreatedAt.Add(-time.Microsecond) }, []customer.Code{"archived_at wrong_type"}},
		"archived after the last change":           {func(c *customer.Customer) { c.ArchivedAt = c.UpdatedAt.Add(time.Microsecond) }, []customer.Code{"archived_at wrong_type"}},
		"never created":                            {func(c *customer.Customer) { c.CreatedAt = time.Time{} }, []customer.Code{"created_at wrong_type"}},
		"a time finer than a microsecond":          {func(c *customer.Customer) { c.UpdatedAt = c.UpdatedAt.Add(1) }, []customer.Code{"updated_at wrong_type"}},
		"updated in the year 10000":                {func(c *customer.Customer) { c.UpdatedAt = c.UpdatedAt.AddDate(8000, 0, 0) }, []customer.Code{"updated_at wrong_type"}},
		"text with space around it":                {func(c *customer.Customer) { c.Name, c.Address.City = "Ada ", " London" }, []customer.Code{"name invalid_text", "address.city invalid_text"}},
		"text of nothing but space":                {func(c *customer.Customer) { c.Notes = "\n" }, []customer.Code{"notes invalid_text"}},
		"text that is decomposed":                  {func(c *customer.Customer) { c.Company = "Cafe\u0301" }, []customer.Code{"company invalid_text"}},
		"a phone in other digits":                  {func(c *customer.Customer) { c.Phone = "٠١٢٣" }, []customer.Code{"phone invalid_text"}},
		"faults of fields, one each":               {func(c *customer.Customer) { c.Email, c.Phone, c.Name = "ada", "1", strings.Repeat("x", 201) }, []customer.Code{"name too_long", "email invalid_email", "phone invalid_phone"}},
		"tags out of order":                        {func(c *customer.Customer) { c.Tags = []string{"vip", "b2b"} }, []customer.Code{"tags invalid_text"}},
		"a tag twice":                              {func(c *customer.Customer) { c.Tags = []string{"vip", "vip"} }, []customer.Code{"tags invalid_text"}},
		"a tag in capitals":                        {func(c *customer.Customer) { c.Tags = []string{"VIP"} }, []customer.Code{"tags invalid_text"}},
		"a tag with a comma":                       {func(c *customer.Customer) { c.Tags = []string{"a,b", "VIP"} }, []customer.Code{"tags.0 invalid_text"}},
		"too many tags":                            {func(c *customer.Customer) { c.Tags = slices.Collect(maps.Keys(numbered(51))) }, []customer.Code{"tags too_many"}},
		"an empty value of metadata":               {func(c *customer.Customer) { c.Metadata = map[string]string{"plan": ""} }, []customer.Code{"metadata invalid_text"}},
		"metadata with a key that is none":         {func(c *customer.Customer) { c.Metadata = map[string]string{"a b": "x"} }, []customer.Code{"metadata invalid_key"}},
		"metadata with a value that is not tidy":   {func(c *customer.Customer) { c.Metadata = map[string]string{"plan": " gold"} }, []customer.Code{"metadata invalid_text"}},
		"metadata with a value that is not UTF-8":  {func(c *customer.Customer) { c.Metadata = map[string]string{"plan": "\xff"} }, []customer.Code{"metadata.plan invalid_text"}},
		"metadata with more keys than are allowed": {func(c *customer.Customer) { c.Metadata = numbered(65) }, []customer.Code{"metadata too_many"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := veteran(t)
			tt.change(&c)
			before := c.Clone()
			err := c.Validate()
			if len(tt.want) == 0 && err != nil {
				t.Errorf("Validate: %v", err)
			} else if len(tt.want) > 0 {
				wantFaults(t, err, tt.want...)
			}
			if !slices.Equal(before.Tags, c.Tags) || !maps.Equal(before.Metadata, c.Metadata) {
				t.Error("Validate changed the record")
			}
		})
	}
}

func numbered(n int) map[string]string {
	m := make(map[string]string, n)
	for i := range n {
		m[string(rune('a'+i%26))+strings.Repeat("x", i/26)] = "1"
	}
	return m
}

// What Build makes of any text and Apply makes of that is a whole record: nothing in it would change if it came again.
func TestWhatBuildAndApplyLeaveIsValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOf(rapid.RuneFrom([]rune(" -'"), unicode.L, unicode.M, unicode.N, unicode.Zs, unicode.P, unicode.So))
		text := func(label string) string { return words.Draw(t, label) }
		d := customer.Draft{
			Name: text("name"), Email: rapid.SampledFrom(someEmails).Draw(t, "email"), Phone: rapid.SampledFrom(somePhones).Draw(t, "phone"), Company: text("company"),
			Notes: text("notes"), ExternalID: text("external id"), Address: customer.Address{Line1: text("line1"), City: text("city")},
			Tags: rapid.SliceOfN(words, 0, 3).Draw(t, "tags"), Metadata: map[string]string{"k": text("value")}, CreatedAt: rapid.SampledFrom(someTimes).Draw(t, "created"),
		}
		c, err := d.Build(someID, noon)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("Validate of what Build made: %v", err)
		}
		for _, p := range []customer.Patch{{Notes: new(text("new notes")), AddTags: []string{text("new tag")}}, {Status: new(customer.Archived)}, {Name: new(""), Company: new("")}} {
			next, _, err := p.Apply(c, rapid.SampledFrom(someTimes).Draw(t, "now"))
			if err != nil {
				continue
			}
			if c = next; c.Validate() != nil {
				t.Fatalf("Validate of what Apply made: %v", c.Validate())
			}
		}
		if drawn := drawCustomer(t); drawn.Validate() != nil {
			t.Fatalf("Validate of a drawn customer: %v", drawn.Validate())
		}
	})
}
