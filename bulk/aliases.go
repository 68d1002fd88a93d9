package bulk

import (
	"slices"
	"strings"
	"unicode"

	"example.com/customer"
)

// alias is a target and the names that it has in spreadsheets, as folded by columnName, the likeliest first.
type alias struct {
	to    target
	names []string
}

// aliases are the names that say what a column is.
var aliases = []alias{
	{target{kind: toText, field: ExternalID}, []string{
		"externalid", "customerid", "customernumber", "customerno", "clientid", "kundennummer", "kundennr", "id",
	}},
	{target{kind: toText, field: Name}, []string{"name", "fullname", "contactname", "customername", "displayname"}},
	{target{kind: toText, field: Email}, []string{"email", "emailaddress", "mail", "mailaddress", "emailadresse", "mailadresse"}},
	{target{kind: toText, field: Phone}, []string{
		"phone", "phonenumber", "telephone", "telephonenumber", "tel", "telefon", "telefonnummer", "mobile", "mobilephone", "mobilenumber", "cell",
		"cellphone", "mobil", "mobiltelefon", "handy",
	}},
	{target{kind: toText, field: Company}, []string{
		"company", "companyname", "organization", "organisation", "organizationname", "organisationname", "firma", "firmenname", "unternehmen",
	}},
	{target{kind: toText, field: Notes}, []string{"notes", "note", "comments", "comment", "bemerkungen", "bemerkung", "notizen", "notiz"}},
	{target{kind: toText, field: Line1}, []string{
		"addressline1", "line1", "address1", "streetaddress", "street", "address", "strasse", "strassehausnummer", "strasseundhausnummer", "adresse",
	}},
	{target{kind: toText, field: Line2}, []string{"addressline2", "line2", "address2", "street2", "extendedaddress", "adresszusatz"}},
	{target{kind: toText, field: City}, []string{"addresscity", "city", "town", "ort", "stadt", "wohnort"}},
	{target{kind: toText, field: Region}, []string{
		"addressregion", "region", "state", "province", "stateprovince", "stateregion", "bundesland",
	}},
	{target{kind: toText, field: PostalCode}, []string{
		"addresspostalcode", "postalcode", "postcode", "zipcode", "zip", "zippostalcode", "plz", "postleitzahl",
	}},
	{target{kind: toText, field: Country}, []string{"addresscountry", "country", "countryregion", "land"}},
	{target{kind: toTags, field: Tags}, []string{"tags", "tag", "labels"}},
	{target{kind: toFirst}, []string{"firstname", "givenname", "forename", vorname}},
	{target{kind: toLast}, []string{"lastname", "surname", "familyname", "nachname", "familienname", "zuname"}},
	{target{kind: toMetadata}, []string{"metadata"}},
}

const vorname = "vorname"

// weaker are names that count where no column has a surer one.
var weaker = []alias{
	{target{kind: toText, field: ExternalID}, []string{
		"recordid", "recordidcontact", // HubSpot
		"contactid", // Salesforce
	}},
	{target{kind: toText, field: Name}, []string{
		"customer", // QuickBooks
		"billingname",
		"ansprechpartner",
	}},
	{target{kind: toText, field: Email}, []string{
		"email1value",   // Google Contacts
		"customeremail", // Stripe
	}},
	{target{kind: toText, field: Phone}, []string{
		"phone1value",  // Google Contacts
		"phonenumbers", // QuickBooks
		"primaryphone", // Outlook
	}},
	{target{kind: toText, field: Company}, []string{
		"organization1name", // Google Contacts
		"accountname",       // Salesforce
		"associatedcompany", // HubSpot
		"businessname",
	}},
}

// prefixes stand before the names of a part of the customer, of which there may be several. What has one prefix belongs together.
var prefixes = []string{
	"mailing",        // Salesforce
	"billing",        // WooCommerce, QuickBooks, Salesforce
	"defaultaddress", // Shopify
	"business",       // Outlook
	"address1",       // Google Contacts
	"cardaddress",    // Stripe
	"work",
	"home", // Outlook
	"shipping",
	"other", // Outlook
}

// codes are names that say enough behind a prefix only: alone, a country code may be one of a phone.
var codes = map[Fields][]string{Region: {"provincecode"}, Country: {"countrycode"}}

// parts are the fields that come with prefixes, those together that make sense of one prefix alone. The first of them must be there.
var parts = [][]target{
	{{kind: toText, field: Line1}, {kind: toText, field: Line2}, {kind: toText, field: City}, {kind: toText, field: Region}, {kind: toText, field: PostalCode}, {kind: toText, field: Country}},
	{{kind: toLast}, {kind: toFirst}},
	{{kind: toText, field: Email}},
	{{kind: toText, field: Phone}},
	{{kind: toText, field: Company}},
}

// columnName folds a name so that case, spaces, punctuation and accents make no difference.
func columnName(s string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, customer.Fold(s))
	if folded == "" {
		return strings.TrimSpace(s)
	}
	return folded
}

// guesser finds columns by their names.
type guesser struct {
	names []string
	found map[int]target // by column
	taken map[target]bool
}

// guess adds the columns that are known by their names. Of several names of one target the likeliest counts; a whole name goes before its
// parts. What has no column then is looked for among the weaker names, and behind a prefix if none of its part has one, so that an address or a
// name is never made of two.
func guess(names []string, found map[int]target) {
	g := guesser{names, found, make(map[target]bool, len(found))}
	halves := false
	for _, to := range found {
		g.taken[to] = true
		halves = halves || to.isPart()
	}
	if !halves && !g.taken[wholeName] {
		halves = g.german()
	}
	for _, a := range aliases {
		if a.to == wholeName && halves || a.to.isPart() && g.taken[wholeName] {
			continue
		}
		g.take(a.to, "", a.names)
	}
	for _, a := range weaker {
		if g.free(a.to) {
			g.take(a.to, "", a.names)
		}
	}
	for _, part := range parts {
		if slices.ContainsFunc(part, func(to target) bool { return !g.free(to) }) {
			continue
		}
		for _, prefix := range prefixes {
			if !g.take(part[0], prefix, namesOf(part[0])) {
				continue
			}
			for _, to := range part[1:] {
				g.take(to, prefix, slices.Concat(namesOf(to), codes[to.field]))
			}
			break
		}
	}
}

// german takes Name for the last name where Vorname has the first and nothing else the last, as is the custom there.
func (g *guesser) german() bool {
	if slices.ContainsFunc(namesOf(target{kind: toLast}), func(name string) bool { return slices.Contains(g.names, name) }) {
		return false
	}
	first, last := slices.Index(g.names, vorname), slices.Index(g.names, "name")
	for _, i := range []int{first, last} {
		if _, mapped := g.found[i]; mapped || i < 0 {
			return false
		}
	}
	return g.take(target{kind: toFirst}, "", []string{vorname}) && g.take(target{kind: toLast}, "", []string{"name"})
}

// free reports whether no column has the target, or for a name, any of it.
func (g *guesser) free(to target) bool {
	if to == wholeName || to.isPart() {
		return !g.taken[wholeName] && !g.taken[target{kind: toFirst}] && !g.taken[target{kind: toLast}]
	}
	return !g.taken[to]
}

// take finds the first of the names, with a prefix, among the columns that are nothing yet, and reports whether the target has its column now.
func (g *guesser) take(to target, prefix string, names []string) bool {
	if g.taken[to] {
		return false
	}
	for _, name := range names {
		i := slices.Index(g.names, prefix+name)
		if _, ok := g.found[i]; i >= 0 && !ok {
			g.found[i], g.taken[to] = to, true
			return true
		}
	}
	return false
}

// namesOf returns the aliases of a target.
func namesOf(to target) []string {
	for _, a := range aliases {
		if a.to == to {
			return a.names
		}
	}
	return nil
}
