package customer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
)

func TestKeysOfAllFields(t *testing.T) {
	t.Parallel()
	got := customer.KeysOf(customer.Customer{
		Name: "Ada  LOVELACE", Company: "Straße & Söhne", Email: "Ada@EXÄMPLE.de", Phone: "+49 0711 2842222", ExternalID: "CRM-007",
		Notes: "not a word of it", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold"},
		Address: customer.Address{Line1: "1 Street", Line2: "2 Street", City: "München", Region: "Bayern", PostalCode: "D-80331", Country: "DE"},
	})
	want := customer.Keys{
		Name: "ada lovelace", Company: "strasse & sohne", City: "munchen", Region: "bayern", PostalCode: "d-80331", Country: "de",
		Email: "ada@xn--exmple-cua.de", Domain: "xn--exmple-cua.de", Phone: "4907112842222",
		Words: " ada lovelace strasse sohne ada example de 49 0711 2842222 4907112842222 497112842222 crm 007 munchen",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := customer.KeysOf(customer.Customer{}); got != (customer.Keys{}) {
		t.Errorf("the keys of nothing are %+v", got)
	}
}

func TestWordsAreCutAtEverythingElse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"spaces and punctuation", "a,b;c - d/e_f+g", []string{"a", "b", "c", "d", "e", "f", "g"}},
		{"letters and digits stay together", "R2D2 3M", []string{"r2d2", "3m"}},
		{"an apostrophe joins too", "O'Reilly", []string{"o", "reilly", "oreilly"}},
		{"a typographer's apostrophe", "O’Reilly", []string{"o", "reilly", "oreilly"}},
		{"an opening quote as apostrophe", "O‘Reilly", []string{"o", "reilly", "oreilly"}},
		{"a modifier letter as apostrophe", "OʼReilly", []string{"o", "reilly", "oreilly"}},
		{"a Hawaiian okina", "Hawaiʻi", []string{"hawai", "i", "hawaii"}},
		{"a chain of apostrophes", "rock'n'roll", []string{"rock", "n", "roll", "rocknroll"}},
		{"an accent before the apostrophe", "Dé'Ah", []string{"de", "ah", "deah"}},
		{"two chains", "d'Arc l'Eau", []string{"d", "arc", "darc", "l", "eau", "leau"}},
		{"an apostrophe after a digit", "5'x", []string{"5", "x"}},
		{"an apostrophe before a digit", "x'5", []string{"x", "5"}},
		{"two apostrophes", "o''reilly", []string{"o", "reilly"}},
		{"an apostrophe at an end", "'tis James'", []string{"tis", "james"}},
		{"an apostrophe and a space", "o' reilly", []string{"o", "reilly"}},
		{"marks belong to their letter", "हिंदी", []string{"हिंदी"}},
		{"marks alone are no word", "\u20d0 a", []string{"a"}},
		{"Han is one run", "王小明", []string{"王小明"}},
		{"an emoji parts words", "a\U0001f600b", []string{"a", "b"}},
		{"nothing but punctuation", "-- & --", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Fields(customer.KeysOf(customer.Customer{Name: tt.in}).Words)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWordsOfAPhoneLeaveOutTheTrunkZero(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, phone string
		with        string // the run of all digits
		without     string // the run without the trunk zero, "" for none
	}{
		{"a zero after the country code", "+49 0711 2842222", "4907112842222", "497112842222"},
		{"a zero in brackets", "+44 (0)20 7946 0018", "4402079460018", "442079460018"},
		{"a zero in brackets with its area code", "+49 (0711) 2842222", "4907112842222", "497112842222"},
		{"a zero of its own", "+49-0-711-2842222", "4907112842222", "497112842222"},
		{"tel before it", "tel. +49 0711 28", "49071128", "4971128"},
		{"no zero there", "+49 711 2842222", "497112842222", ""},
		{"a zero in the third group", "+49 711 0842222", "497110842222", ""},
		{"no plus", "0049 0711 2842222", "004907112842222", ""},
		{"no plus but a zero", "(0711) 2842222", "07112842222", ""},
		{"one group", "+4907112842222", "4907112842222", ""},
		{"digits before the plus", "1 +49 0711", "1490711", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys := customer.KeysOf(customer.Customer{Phone: tt.phone})
			words := strings.Fields(keys.Words)
			if keys.Phone != tt.with || !slices.Contains(words, tt.with) {
				t.Errorf("key %q, words %q, want %q", keys.Phone, words, tt.with)
			}
			if last := words[len(words)-1]; tt.without != "" && last != tt.without || tt.without == "" && last != tt.with {
				t.Errorf("words %q end with %q, want %q", words, last, tt.without)
			}
		})
	}
}

func TestSearchBoxFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	ada := customer.Customer{
		Name: "Ada Lovelace", Company: "O’Reilly & Söhne", Email: "Ada.L@sub.Example.com", Phone: "+49 0711 2845555", ExternalID: "CRM-0077",
		Address: customer.Address{City: "München", Region: "Bayern", Country: "Germany", Line1: "Hidden Street"}, Notes: "secret", Tags: []string{"vip"},
	}
	other := customer.Customer{Name: "José 王小明 さとう", Company: "ไทยแลนด์", Email: "bjørn@exämple.de", Phone: "555-0100"}
	for _, tt := range []struct {
		name, text string
		c          customer.Customer
		want       bool
	}{
		{"both words in any order", "love ada", ada, true},
		{"capitals and spaces", "  LOVE\u3000ADA ", ada, true},
		{"a word that is not there", "ada smith", ada, false},
		{"the middle of a word", "velace", ada, false},
		{"an apostrophe left out", "oreilly", ada, true},
		{"an apostrophe written", "o'reilly", ada, true},
		{"the name after the apostrophe", "reilly", ada, true},
		{"an umlaut left out", "sohne munchen", ada, true},
		{"an umlaut written", "söhne MÜNCHEN", ada, true},
		{"a part of an email", "example", ada, true},
		{"the beginning of an email", "ada.l@sub", ada, true},
		{"an email in capitals", "ADA.L@SUB.EXAMPLE.COM", ada, true},
		{"the middle of an email", "l@sub.example.com", ada, false},
		{"a domain", "@sub.example.com", ada, true},
		{"a domain in capitals", "@SUB.example.COM", ada, true},
		{"a part of a domain", "@example.com", ada, false},
		{"a domain in Unicode", "@exämple.de", other, true},
		{"a domain in A-labels", "@xn--exmple-cua.de", other, true},
		{"the end of a phone", "5555", ada, true},
		{"three digits of the end", "555", ada, false},
		{"a phone in one run", "+4907112845555", ada, true},
		{"a phone without its trunk zero", "+497112845555", ada, true},
		{"a phone with 00 for its plus", "00497112845555", ada, true},
		{"a phone as a local one", "0711/2845555", ada, true},
		{"an external id", "CRM-0077", ada, true},
		{"a city", "münch", ada, true},
		{"a region is not searched", "bayern", ada, false},
		{"a country is not searched", "germany", ada, false},
		{"a street is not searched", "hidden", ada, false},
		{"notes are not searched", "secret", ada, false},
		{"tags are not searched", "vip", ada, false},
		{"an accent left out", "jose", other, true},
		{"a Nordic letter in ASCII", "bjorn", other, true},
		{"the middle of Han", "小明", other, true},
		{"the middle of kana", "とう", other, true},
		{"the middle of Thai", "แลนด์", other, true},
		{"Han that is not there", "小王", other, false},
		{"punctuation beside words is nothing", "jose !", other, true},
		{"percent is no wildcard", "%jose%", other, true},
		{"an underscore parts words", "jose_王", other, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := customer.Matches(customer.Text(tt.text), tt.c); err != nil || got != tt.want {
				t.Errorf("%q finds it: %t, %v, want %t; words %q", tt.text, got, err, tt.want, customer.KeysOf(tt.c).Words)
			}
		})
	}
}

func TestTermsSayHowEachWordIsLookedUp(t *testing.T) {
	t.Parallel()
	type term struct {
		Kind customer.TermKind
		Text string
	}
	var got []term
	for _, w := range (customer.HasWords{Text: "Ada 123 1234 001234 0000 王 a@b @Acme.COM @exämple.de a@b@c @ -"}).Terms() {
		got = append(got, term{w.Kind, w.Text})
	}
	want := []term{
		{customer.TermPrefix, "ada"},
		{customer.TermPrefix, "123"},
		{customer.TermAnywhere, "1234"},
		{customer.TermAnywhere, "1234"},
		{customer.TermAnywhere, "00"},
		{customer.TermAnywhere, "王"},
		{customer.TermEmail, "a@b"},
		{customer.TermDomain, "acme.com"},
		{customer.TermDomain, "xn--exmple-cua.de"},
		{customer.TermEmail, "a@b@c"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
}

func TestKeysAreAtMostTwoThousandBytes(t *testing.T) {
	t.Parallel()
	c := customer.Customer{Name: strings.Repeat("\ufdfa", 200), Company: strings.Repeat("㌖", 200), Address: customer.Address{City: strings.Repeat("\ufdfa", 100)}}
	k := customer.KeysOf(c)
	for name, key := range map[string]string{"name": k.Name, "company": k.Company, "city": k.City} {
		if len(key) > 2000 || len(key) < 1990 || !strings.HasPrefix(customer.Fold(map[string]string{"name": c.Name, "company": c.Company, "city": c.Address.City}[name]), key) {
			t.Errorf("the key of the %s has %d bytes", name, len(key))
		}
	}
	for _, f := range []customer.Filter{customer.ByName.Is(c.Name), customer.ByCompany.Is(c.Company), customer.ByCity.Prefix(c.Address.City[:30])} {
		if ok, err := customer.Matches(f, c); !ok || err != nil {
			t.Errorf("%T does not match what it was made from: %v", f, err)
		}
	}
}

func TestEmailKeysFoldASCIIOnly(t *testing.T) {
	t.Parallel()
	key := func(email string) string { return customer.KeysOf(customer.Customer{Email: email}).Email }
	for _, tt := range []struct {
		name, a, b string
		equal      bool
	}{
		{"capitals", "A@Ex.COM", "a@ex.com", true},
		{"a composed and a decomposed umlaut", "\u00fc@b.co", "u\u0308@b.co", true},
		{"a capital that only composes in lower case", "H\u0331@b.co", "\u1e96@b.co", true},
		{"a domain and its A-labels", "a@exämple.de", "a@XN--EXMPLE-CUA.DE", true},
		{"a domain in capitals", "a@EXÄMPLE.de", "a@exämple.de", true},
		{"a domain in fullwidth", "a@ｅx.com", "a@ex.com", true},
		{"the Kelvin sign", "\u212a@b.co", "k@b.co", true},
		{"an umlaut in capitals", "Ü@b.co", "ü@b.co", false},
		{"a capital i with a dot", "\u0130@b.co", "i@b.co", false},
		{"a capital i with a dot, and two code points", "\u0130@b.co", "i\u0307@b.co", false},
		{"a small i without a dot", "\u0131@b.co", "i@b.co", false},
		{"a small i without a dot and a capital", "\u0131@b.co", "I@b.co", false},
		{"a long s", "\u017f@b.co", "s@b.co", false},
		{"a ligature", "ﬁ@b.co", "fi@b.co", false},
		{"a fullwidth letter", "ａ@b.co", "a@b.co", false},
		{"a dot of a mailbox", "a.b@c.de", "ab@c.de", false},
		{"a tag of a mailbox", "a+x@c.de", "a@c.de", false},
		{"a sharp s in the domain", "a@faß.de", "a@fass.de", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := key(tt.a) == key(tt.b); got != tt.equal {
				t.Errorf("%q and %q: equal %t, want %t", key(tt.a), key(tt.b), got, tt.equal)
			}
		})
	}
}
