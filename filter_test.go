package customer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/customer"
)

func mustBuild(t testing.TB, d customer.Draft) customer.Customer {
	t.Helper()
	id := someID
	id[15] = byte(len(d.Name) + len(d.Email)<<4)
	c, err := d.Build(id, noon)
	if err != nil {
		t.Fatalf("Build(%+v): %v", d, err)
	}
	return c
}

// people are the customers that every filter below is tried on.
func people(t testing.TB) []customer.Customer {
	all := []customer.Customer{
		mustBuild(t, customer.Draft{
			Name: "Ada Lovelace", Email: "Ada@Example.com", Phone: "+44 (0)20 7946 0018", Company: "Analytical Engines", ExternalID: "A-1", Notes: "first",
			Address: customer.Address{City: "London", Region: "Greater London", PostalCode: "SW1A 1AA", Country: "GB"}, Tags: []string{"vip", "b2b"},
			Metadata: map[string]string{"plan": "gold", "Plan": "x"}, CreatedAt: noon.Add(-48 * time.Hour),
		}),
		mustBuild(t, customer.Draft{Name: "José O’Reilly", Email: "josé@exämple.de", Phone: "0877310", Address: customer.Address{City: "München"}, Tags: []string{"vip"}}),
		mustBuild(t, customer.Draft{Company: "Łódź 100% _Textil_", ExternalID: "a-1", Metadata: map[string]string{"plan": "silver"}, CreatedAt: noon.Add(time.Microsecond)}),
		mustBuild(t, customer.Draft{Email: "info@sub.example.com", Tags: []string{"b2b"}, Address: customer.Address{Line2: "c/o x"}}),
	}
	archived, _, err := customer.Patch{Status: new(customer.Archived)}.Apply(mustBuild(t, customer.Draft{Name: "王小明", Phone: "5550100", ExternalID: "a-9"}), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return append(all, archived)
}

func TestEveryNodeMatchesWhatAPredicateByHandDoes(t *testing.T) {
	t.Parallel()
	is := func(names ...string) func(customer.Customer) bool {
		return func(c customer.Customer) bool {
			return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(c.Name+c.Company+c.Email, name) })
		}
	}
	everyone := func(customer.Customer) bool { return true }
	nobody := func(customer.Customer) bool { return false }
	for _, tt := range []struct {
		name string
		f    customer.Filter
		want func(customer.Customer) bool
	}{
		{"no filter is everyone", nil, everyone},
		{"all of nothing is everyone", customer.And(), everyone},
		{"any of nothing is nobody", customer.Or(), nobody},
		{"none of nothing is everyone", customer.NoneOf{}, everyone},
		{"no status is nobody", customer.HasStatus(), nobody},
		{"no id is nobody", customer.HasID(), nobody},
		{"any of no tags is nobody", customer.HasAnyTag(), nobody},
		{"all of no tags is everyone", customer.HasAllTags(), everyone},
		{"a name without case", customer.ByName.Is("ADA  lovelace"), is("Ada")},
		{"a name without accents", customer.ByName.Is("jose o’reilly"), is("José")},
		{"any of two names", customer.ByName.Is("ada lovelace", "王小明"), is("Ada", "王")},
		{"a part of a name", customer.ByName.Contains("LOVE", "x"), is("Ada")},
		{"the beginning of a name", customer.ByName.Prefix("jo"), is("José")},
		{"the end of a name", customer.ByName.Suffix("lace", "明"), is("Ada", "王")},
		{"a name that is not there", customer.ByName.Contains("a"), is("Ada")},
		{"a percent sign means itself", customer.ByCompany.Contains("100%"), is("Łódź")},
		{"a percent sign is no wildcard", customer.ByCompany.Contains("%textil"), nobody},
		{"an underscore means itself", customer.ByCompany.Contains(" _textil_"), is("Łódź")},
		{"a backslash means itself", customer.ByCompany.Contains(`\`), nobody},
		{"an email in either case", customer.ByEmail.Is("aDA@eXAMPLE.COM"), is("Ada")},
		{"an email by its A-labels", customer.ByEmail.Is("JOSé@xn--exmple-cua.de"), is("José")},
		{"an email with accents that differ", customer.ByEmail.Is("jose@exämple.de"), nobody},
		{"the beginning of an email", customer.ByEmail.Prefix("ADA@"), is("Ada")},
		{"the end of an email", customer.ByEmail.Suffix("example.com"), is("Ada", "info")},
		{"a part of an email as written", customer.ByEmail.Contains("@exämple"), is("José")},
		{"a domain", customer.ByEmailDomain.Is("EXAMPLE.com"), is("Ada")},
		{"a domain with its sign", customer.ByEmailDomain.Is("@example.com"), is("Ada")},
		{"a domain in Unicode", customer.ByEmailDomain.Is("EXäMPLE.de"), is("José")},
		{"the end of a domain", customer.ByEmailDomain.Suffix("example.com"), is("Ada", "info")},
		{"a phone by its digits", customer.ByPhone.Is("087-73 10"), is("José")},
		{"a phone with its trunk zero", customer.ByPhone.Is("4402079460018"), is("Ada")},
		{"the end of a phone", customer.ByPhone.Suffix("0018", "0100"), is("Ada", "王")},
		{"digits of another script", customer.ByPhone.Prefix("٠٨٧"), is("José")},
		{"an external id by its exact bytes", customer.ByExternalID.Is("A-1"), is("Ada")},
		{"the end of an external id", customer.ByExternalID.Suffix("-1"), is("Ada", "Łódź")},
		{"an external id that is there", customer.ByExternalID.Present(), is("Ada", "Łódź", "王")},
		{"a city", customer.ByCity.Is("munchen"), is("José")},
		{"a region", customer.ByRegion.Contains("london"), is("Ada")},
		{"a postal code", customer.ByPostalCode.Prefix("sw1a"), is("Ada")},
		{"a country", customer.ByCountry.Is("gb"), is("Ada")},
		{"since its very microsecond", customer.ByCreatedAt.Since(noon), func(c customer.Customer) bool { return !c.CreatedAt.Before(noon) }},
		{"before its very microsecond", customer.ByCreatedAt.Before(noon), is("Ada")},
		{"a half-open interval", customer.ByCreatedAt.Between(noon.Add(-time.Hour), noon.Add(time.Microsecond)), func(c customer.Customer) bool { return c.CreatedAt.Equal(noon) }},
		{"a bound after a microsecond rounds up", customer.ByCreatedAt.Since(noon.Add(1)), is("Łódź")},
		{"an interval that is empty", customer.ByCreatedAt.Between(noon, noon), nobody},
		{"an interval backwards", customer.ByCreatedAt.Between(noon.Add(time.Hour), noon), nobody},
		{"updated", customer.ByUpdatedAt.Since(noon.Add(time.Hour)), is("王")},
		{"archived before any time never matches the active", customer.ByArchivedAt.Before(noon.Add(1000 * time.Hour)), is("王")},
		{"not archived since then matches the active", customer.Not(customer.ByArchivedAt.Since(noon)), func(c customer.Customer) bool { return c.Status == customer.Active }},
		{"a status", customer.HasStatus(customer.Archived), is("王")},
		{"either status", customer.HasStatus(customer.Archived, customer.Active), everyone},
		{"an id", customer.HasID(people(t)[0].ID, customer.ID{}), is("Ada")},
		{"any of the tags", customer.HasAnyTag("B2B", "gone"), is("Ada", "info")},
		{"all of the tags", customer.HasAllTags("vip", " b2b "), is("Ada")},
		{"metadata by its exact value", customer.HasMetadata("plan", "gold", "Silver"), is("Ada")},
		{"metadata minds the case of its key", customer.HasMetadata("Plan", "gold"), nobody},
		{"a text field that is there", customer.ByPhone.Present(), is("Ada", "José", "王")},
		{"a domain that is there", customer.ByEmailDomain.Present(), func(c customer.Customer) bool { return c.Email != "" }},
		{"notes that are there", customer.Has("notes"), is("Ada")},
		{"any line of an address", customer.Has("address"), is("Ada", "José", "info")},
		{"tags that are there", customer.Has("tag"), is("Ada", "José", "info")},
		{"metadata that is there", customer.Has("metadata"), is("Ada", "Łódź")},
		{"a metadata key that is there", customer.Has("metadata.Plan"), is("Ada")},
		{"archived at all", customer.Has("archived_at"), is("王")},
		{"all of two", customer.And(customer.HasAnyTag("vip"), customer.ByCity.Is("london")), is("Ada")},
		{"any of two", customer.Or(customer.HasStatus(customer.Archived), customer.ByCity.Is("london")), is("Ada", "王")},
		{"none of two", customer.NoneOf{customer.HasStatus(customer.Archived), customer.HasAnyTag("vip")}, is("Łódź", "info")},
		{"words in any order", customer.Text("love ada"), is("Ada")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			match, err := customer.Compile(tt.f)
			if err != nil {
				t.Fatalf("Compile: %v", err)
			}
			unmatch, err := customer.Compile(customer.Not(customer.And(tt.f)))
			if tt.f == nil {
				unmatch, err = customer.Compile(customer.Not(customer.And()))
			}
			if err != nil {
				t.Fatalf("Compile of the complement: %v", err)
			}
			for _, c := range people(t) {
				keys := customer.KeysOf(c)
				if got, want := match(&c, &keys), tt.want(c); got != want || unmatch(&c, &keys) == want {
					t.Errorf("%s%s%s: matches %t, want %t; its complement %t", c.Name, c.Company, c.Email, got, want, unmatch(&c, &keys))
				}
			}
		})
	}
}

func TestNotIsAnExactComplement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCustomer(t)
		f := rapid.Custom(func(t *rapid.T) customer.Filter { return drawNode(t, 3) }).Filter(func(f customer.Filter) bool { return valid(f) && valid(customer.Not(f)) }).Draw(t, "filter")
		if matches(t, f, c) == matches(t, customer.Not(f), c) {
			t.Fatalf("%#v and its complement both match or both do not match %+v", f, c)
		}
	})
}

func TestActiveUnlessNamedLooksAtEveryDepth(t *testing.T) {
	t.Parallel()
	active := customer.HasStatus(customer.Active)
	for _, tt := range []struct {
		name  string
		f     customer.Filter
		named bool
	}{
		{"no filter", nil, false},
		{"a name", customer.ByName.Is("a"), false},
		{"a word", customer.Text("archived"), false},
		{"a creation time", customer.ByCreatedAt.Since(noon), false},
		{"a tag that is called active", customer.HasAnyTag("active"), false},
		{"a status", customer.HasStatus(customer.Archived), true},
		{"no status at all", customer.HasStatus(), true},
		{"an archiving time", customer.ByArchivedAt.Before(noon), true},
		{"archived at all", customer.Has("archived_at"), true},
		{"an id", customer.HasID(someID), true},
		{"an external id", customer.ByExternalID.Prefix("a"), true},
		{"an external id that is there", customer.ByExternalID.Present(), true},
		{"a status in And", customer.And(customer.ByName.Is("a"), active), true},
		{"a status in Or", customer.Or(customer.ByName.Is("a"), active), true},
		{"a status in Not", customer.Not(active), true},
		{"a status four deep", customer.And(customer.ByName.Is("a"), customer.Or(customer.ByCity.Is("b"), customer.Not(active))), true},
		{"groups without any", customer.And(customer.Or(customer.Not(customer.ByName.Is("a")))), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := customer.ActiveUnlessNamed(tt.f)
			for _, c := range people(t) {
				want := meaning(tt.f, c) && (tt.named || c.Status == customer.Active)
				if ok, err := customer.Matches(got, c); ok != want || err != nil {
					t.Errorf("matches %s: %t, %v, want %t", c.Name+c.Company+c.Email, ok, err, want)
				}
			}
		})
	}
}
