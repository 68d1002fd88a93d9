package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

var queryCases = []testCase{
	{
		name:     "search/fields and operators",
		contract: "A comparison of a text field holds where it holds for the field's key and the key of any value.",
		run:      func(t *trial) { t.answers(fieldQueries) },
	},
	{
		name:     "search/folding",
		contract: "Text compares without regard to case, accents, width and ligatures, in every script, and keeps apart what is another letter.",
		run:      func(t *trial) { t.answers(foldingQueries) },
	},
	{
		name:     "search/signs of query languages",
		contract: `Percent, underscore, backslash, quotes and the like mean themselves, in values and in records.`,
		run:      func(t *trial) { t.answers(signQueries) },
	},
	{
		name:     "search/words",
		contract: "Every word of the search box begins some word of the record; digits and scripts without spaces may stand anywhere.",
		run:      func(t *trial) { t.answers(wordQueries) },
	},
	{
		name:     "search/sets, times and presence",
		contract: "Status, ID, tags, metadata, times and presence are tested exactly; a span is half-open, and empty sets have their meaning.",
		run:      func(t *trial) { t.answers(setQueries) },
	},
	{
		name:     "search/and, or, not",
		contract: "And, Or and Not combine in two-valued logic: what is empty in a record makes no third case.",
		run:      func(t *trial) { t.answers(logicQueries) },
	},
	{
		name:     "search/active unless named",
		contract: "ActiveUnlessNamed adds active unless a node at any depth is about status, archiving, ID or external id.",
		run:      func(t *trial) { t.answers(activeQueries) },
	},
}

// A query pairs a filter with what it shall match, said in Go and by hand.
type query struct {
	where customer.Filter
	match func(c customer.Customer) bool
}

// answers runs the queries over the people, and for each also its complement and its count.
func (t *trial) answers(queries []query) {
	t.Helper()
	all := t.populate()
	for i, q := range queries {
		want := slices.DeleteFunc(slices.Clone(all), func(c customer.Customer) bool { return !q.match(c) })
		rest := slices.DeleteFunc(slices.Clone(all), q.match)
		order := customer.Orders()[i%len(customer.Orders())]
		for _, asked := range []struct {
			where customer.Filter
			want  []customer.Customer
		}{{q.where, want}, {customer.Not(q.where), rest}} {
			slices.SortFunc(asked.want, func(a, b customer.Customer) int { return customer.Compare(a, b, order) })
			got := t.search(customer.Query{Where: asked.where, OrderBy: order, Limit: customer.MaxLimit})
			t.same(fmt.Sprintf("Search for %#v in the order %q", asked.where, order), labelsOf(got.Customers), labelsOf(asked.want))
			t.same("Count", t.count(asked.where, 0), customer.Total{Value: len(asked.want), Exact: true})
		}
	}
}

// labelsOf returns what a person would tell the people apart by.
func labelsOf(customers []customer.Customer) []string {
	labels := make([]string, len(customers))
	for i, c := range customers {
		labels[i] = strings.Join([]string{c.Name, c.Company, c.Email, c.Phone}, "|")
	}
	return labels
}

// named matches the people with these names.
func named(names ...string) func(customer.Customer) bool {
	return func(c customer.Customer) bool { return slices.Contains(names, c.Name) }
}

func everyone(customer.Customer) bool { return true }

func nobody(customer.Customer) bool { return false }

var fieldQueries = []query{
	{customer.ByName.Is("ada lovelace"), named("Ada Lovelace")},
	{customer.ByName.Is("Twin"), named("Twin", "twin", "TWIN")},
	{customer.ByName.Is(" ada   LOVELACE ", "Grace Hopper"), named("Ada Lovelace", "Grace Hopper")},
	{customer.ByName.Prefix("a", "gra"), named("Ada Lovelace", "Alan Turing", "Anne-Marie Mc Donald", "Grace Hopper", "ＡＣＭＥ Trading")},
	{customer.ByName.Suffix("ing", "hopper"), named("Alan Turing", "Grace Hopper", "ＡＣＭＥ Trading")},
	{customer.ByName.Contains("da lo"), named("Ada Lovelace")},
	{customer.ByName.Contains("lovelace ada"), nobody},
	{customer.ByCompany.Is("acme"), func(c customer.Customer) bool { return strings.EqualFold(c.Company, "acme") }},
	{customer.ByCompany.Prefix("ac"), func(c customer.Customer) bool { return strings.EqualFold(c.Company, "acme") }},
	{customer.ByCompany.Contains("acme"), func(c customer.Customer) bool { return strings.Contains(strings.ToLower(c.Company), "acme") }},
	{customer.ByCompany.Suffix("company", "books"), func(c customer.Customer) bool { return c.Company == "Only a Company" || c.Company == "Books" }},
	{customer.ByEmail.Is("ADA@example.COM"), named("Ada Lovelace")},
	{customer.ByEmail.Is("ada@example.com", "alan@acme.com"), named("Ada Lovelace", "Alan Turing")},
	{customer.ByEmail.Is("shared@acme.com"), named("Edsger Dijkstra", "Dummy _underscore_")},
	{customer.ByEmail.Is("ada"), nobody},
	{customer.ByEmail.Prefix("ADA"), named("Ada Lovelace", "Plus Email")},
	{customer.ByEmail.Prefix("ada@"), named("Ada Lovelace")},
	{customer.ByEmail.Suffix("@acme.com"), named("Alan Turing", "Edsger Dijkstra", "Dummy _underscore_")},
	{customer.ByEmail.Contains("acme.com"), func(c customer.Customer) bool { return strings.Contains(c.Email, "acme.com") }},
	{customer.ByEmail.Contains("+news@"), named("Plus Email")},
	{customer.ByEmail.Is("köhler@xn--exmple-cua.de"), named("Köhler")},
	{customer.ByEmail.Suffix("@EXÄMPLE.de"), nobody},
	{customer.ByEmail.Suffix("@exämple.de"), named("Köhler")},
	{customer.ByEmailDomain.Is("acme.com"), func(c customer.Customer) bool { return strings.HasSuffix(c.Email, "@acme.com") }},
	{customer.ByEmailDomain.Is("EXÄMPLE.de", "sub.acme.com"), named("Köhler", "Mail Only Domain")},
	{customer.ByEmailDomain.Prefix("acme."), func(c customer.Customer) bool { return strings.Contains(c.Email, "@acme.") }},
	{customer.ByEmailDomain.Suffix("acme.com"), func(c customer.Customer) bool { return strings.HasSuffix(c.Email, "acme.com") }},
	{customer.ByEmailDomain.Contains("example"), func(c customer.Customer) bool { return strings.Contains(strings.ToLower(c.Email), "example") }},
	{customer.ByPhone.Is("4402079460958"), named("Ada Lovelace")},
	{customer.ByPhone.Is("089-123 456"), named("Alan Turing")},
	{customer.ByPhone.Prefix("+49"), named("Jörg Weiß")},
	{customer.ByPhone.Suffix("٢٣٤٥٦٧٨"), named("مُحَمَّد علي")},
	{customer.ByPhone.Contains("5550"), func(c customer.Customer) bool {
		return slices.Contains([]string{"(555) 010-5555 ext 12", "5550100", "5550101", "+1 555 0100"}, c.Phone)
	}},
	{customer.ByExternalID.Is("crm-1"), named("Ada Lovelace")},
	{customer.ByExternalID.Is("CRM-1", "crm-2"), named("Alan Turing", "Grace Hopper")},
	{customer.ByExternalID.Prefix("crm-"), named("Ada Lovelace", "Grace Hopper")},
	{customer.ByExternalID.Suffix("-1"), named("Ada Lovelace", "Alan Turing")},
	{customer.ByExternalID.Contains("st"), named("The Founder", "The Visitor")},
	{customer.ByCity.Is("london"), named("Ada Lovelace")},
	{customer.ByCity.Prefix("koe", "kö"), named("Köhler", "Kohler", "Koehler")},
	{customer.ByCity.Suffix("ln"), named("Köhler", "Kohler", "Koehler")},
	{customer.ByCity.Contains("LING"), named("Grace Hopper")},
	{customer.ByRegion.Is("virginia"), named("Grace Hopper", "TWIN")},
	{customer.ByRegion.Prefix("anda"), named("José Álvarez")},
	{customer.ByRegion.Suffix("LONDON"), named("Ada Lovelace")},
	{customer.ByRegion.Contains("r"), named("Ada Lovelace", "Grace Hopper", "TWIN")},
	{customer.ByPostalCode.Is("sw1y 4jh"), named("Ada Lovelace")},
	{customer.ByPostalCode.Prefix("2"), named("Grace Hopper", "José Álvarez")},
	{customer.ByPostalCode.Suffix("1"), named("José Álvarez")},
	{customer.ByPostalCode.Contains("4j", "220"), named("Ada Lovelace", "Grace Hopper")},
	{customer.ByCountry.Is("gb", "no"), named("Ada Lovelace", "Alan Turing", "Bjørn Ødegård")},
	{customer.ByCountry.Prefix("e"), named("José Álvarez", "Jose Alvarez")},
	{customer.ByCountry.Suffix("na"), named("José Álvarez")},
	{customer.ByCountry.Contains("p"), named("José Álvarez", "Łukasz Żółć", "パン屋")},
}

var activeQueries = []query{
	{customer.ActiveUnlessNamed(nil), isActive},
	{customer.ActiveUnlessNamed(customer.ByCompany.Is("acme")), func(c customer.Customer) bool { return isActive(c) && strings.EqualFold(c.Company, "acme") }},
	{customer.ActiveUnlessNamed(customer.HasStatus(customer.Archived)), isArchived},
	{customer.ActiveUnlessNamed(customer.ByExternalID.Is("a_b", "crm-1")), named("Edsger Dijkstra", "Ada Lovelace")},
	{customer.ActiveUnlessNamed(customer.Or(customer.ByName.Is("ada lovelace"), customer.Not(customer.ByArchivedAt.Since(day(1))))), isActive},
	{customer.ActiveUnlessNamed(customer.Not(customer.Has("external_id"))), func(c customer.Customer) bool { return c.ExternalID == "" }},
}

func isActive(c customer.Customer) bool { return c.Status == customer.Active }

func isArchived(c customer.Customer) bool { return c.Status == customer.Archived }

// instant is the time of one of the people, and one that falls between two microseconds.
var instant = day(10).Add(time.Microsecond)
