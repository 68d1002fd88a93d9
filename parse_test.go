package customer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
)

func parsedAs(t *testing.T, text string, want customer.Filter) {
	t.Helper()
	got, err := customer.ParseText(text)
	if err != nil {
		t.Errorf("ParseText(%s): %v", text, err)
		return
	}
	if diff := cmp.Diff(customer.Normalize(want), got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("ParseText(%s) (-want +got):\n%s", text, diff)
	}
}

func TestParseTextReadsWordsAndOperators(t *testing.T) {
	t.Parallel()
	text, and, or, not := customer.Text, customer.And, customer.Or, customer.Not
	for _, tt := range []struct {
		name, text string
		want       customer.Filter
	}{
		{"one word", "ada", text("ada")},
		{"words side by side are and-ed", "love \u3000 Ada", text("ada love")},
		{"AND says the same", "love AND ada", text("ada love")},
		{"OR is any of", "ada OR bob", or(text("ada"), text("bob"))},
		{"AND binds before OR", "ada love OR bob AND lee", or(text("ada love"), text("bob lee"))},
		{"NOT binds before AND", "NOT ada love", and(not(text("ada")), text("love"))},
		{"a minus is NOT", "ada -love", and(text("ada"), not(text("love")))},
		{"NOT of a group", "NOT (ada OR bob) -(lee ann)", and(not(or(text("ada"), text("bob"))), not(text("ann lee")))},
		{"groups touch keywords", "(ada)OR(bob)", or(text("ada"), text("bob"))},
		{"NOT touches its group", "NOT(ada)", not(text("ada"))},
		{"groups in groups", "((ada) (bob OR (lee)))", and(text("ada"), or(text("bob"), text("lee")))},
		{"space inside groups", "( ada )", text("ada")},
		{"a minus before a digit belongs to the text", "089 -0877310", text("089 -0877310")},
		{"a minus before a digit of any script too", "-\u0663\u0664", text("34")},
		{"a minus inside a word belongs to it", "anna-lena", text("anna lena")},
		{"two minuses are one NOT of a word", "--ada", not(text("ada"))},
		{"keywords are in capitals", "ada or bob and not lee", text("ada or bob and not lee")},
		{"OR at the start is a word", "OR gate", text("or gate")},
		{"OR at the end is a word", "gate OR", text("or gate")},
		{"OR alone is a word", "OR", text("or")},
		{"AND at the start and at the end is a word", "AND gate AND", text("and gate")},
		{"NOT at the end is a word", "gate NOT", text("gate not")},
		{"OR at the end of a group is a word", "(gate OR ) x", text("gate or x")},
		{"OR at the start of a group is a word", "(OR gate) x", text("gate or x")},
		{"NOT at the end of a group is a word", "(gate NOT)", text("gate not")},
		{"OR in quotes is a word", `a "OR" b`, text("a or b")},
		{"NOT of a keyword at the end", "NOT NOT", not(text("not"))},
		{"NOT after OR", "ada OR NOT bob", or(text("ada"), not(text("bob")))},
		{"quotes make text of operators", `"ada -love (x)"`, text("ada love x")},
		{"quotes next to a word", `ada"love"bob`, text("ada love bob")},
		{"curly quotes", "“name:x”", text("name x")},
		{"an address is a prefix of the email", "Ada@exa", text("Ada@exa")},
		{"@domain is the domain of the email", "@Acme.com ada", and(customer.ByEmailDomain.Is("Acme.com"), text("ada"))},
		{"other scripts", "王 हिंदी", text("हिंदी 王")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parsedAs(t, tt.text, tt.want)
		})
	}
}

func TestParseTextReadsFilters(t *testing.T) {
	t.Parallel()
	const id = "01970000-0000-7000-8000-00000000000a"
	parsed, err := customer.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		want       customer.Filter
	}{
		{"a plain name is a part of it", "name:ada", customer.ByName.Contains("ada")},
		{"a plain company", "company:acme", customer.ByCompany.Contains("acme")},
		{"a plain city", "city:Bonn", customer.ByCity.Contains("Bonn")},
		{"a plain region", "region:Hesse", customer.ByRegion.Contains("Hesse")},
		{"a plain country", "country:NL", customer.ByCountry.Contains("NL")},
		{"a tilde says part", "name:~ada", customer.ByName.Contains("ada")},
		{"an equals sign says the whole", `name:="Ann Lee"`, customer.ByName.Is("Ann Lee")},
		{"a star at the end says prefix", "name:an*", customer.ByName.Prefix("an")},
		{"a star at the beginning says suffix", "name:*ee", customer.ByName.Suffix("ee")},
		{"a star after quotes", `name:"Ann L"*`, customer.ByName.Prefix("Ann L")},
		{"a star before quotes", `name:*"n Lee"`, customer.ByName.Suffix("n Lee")},
		{"a star inside is itself", "name:a*b", customer.ByName.Contains("a*b")},
		{"stars in quotes are themselves", `name:"*a*"`, customer.ByName.Contains("*a*")},
		{"a list is any of", `name:ada,"Ann Lee",bob`, customer.ByName.Contains("ada", "Ann Lee", "bob")},
		{"a list of parts", "email:~ada,bob", customer.ByEmail.Contains("ada", "bob")},
		{"curly quotes around a value", "name:“Ann Lee”", customer.ByName.Contains("Ann Lee")},
		{"an escaped quote", `name:"a\"b"`, customer.ByName.Contains(`a"b`)},
		{"an escaped curly quote", `name:"a\“b"`, customer.ByName.Contains("a“b")},
		{"an escaped backslash", `name:"a\\"`, customer.ByName.Contains(`a\`)},
		{"a backslash before anything else is itself", `name:"a\nb"`, customer.ByName.Contains(`a\nb`)},
		{"a backslash outside quotes is itself", `name:a\b`, customer.ByName.Contains(`a\b`)},
		{"only the first colon splits", "name:a:b", customer.ByName.Contains("a:b")},
		{"a value may begin with a minus", "name:-x", customer.ByName.Contains("-x")},
		{"operators in quotes are themselves", `name:"~x" city:"=x"`, customer.And(customer.ByName.Contains("~x"), customer.ByCity.Contains("=x"))},
		{"field names ignore case", "NAME:ada Tag:vip", customer.And(customer.ByName.Contains("ada"), customer.HasAnyTag("vip"))},
		{"keywords as values", "name:OR", customer.ByName.Contains("OR")},
		{"a plain email is the whole", "email:ada@b.co", customer.ByEmail.Is("ada@b.co")},
		{"an equals sign says the same", "email:=ada@b.co", customer.ByEmail.Is("ada@b.co")},
		{"emails", "email:a@b.co,c@d.co", customer.ByEmail.Is("a@b.co", "c@d.co")},
		{"the beginning of an email", "email:ada*", customer.ByEmail.Prefix("ada")},
		{"the end of an email", "email:*@b.co", customer.ByEmail.Suffix("@b.co")},
		{"a plain phone is the whole", "phone:+1-555", customer.ByPhone.Is("+1-555")},
		{"a part of a phone", "phone:~555", customer.ByPhone.Contains("555")},
		{"a plain external id is the whole", "external_id:A-1", customer.ByExternalID.Is("A-1")},
		{"a plain postal code is the whole", `postal_code:"SW1A 1AA"`, customer.ByPostalCode.Is("SW1A 1AA")},
		{"a plain domain is the whole", "email_domain:acme.com", customer.ByEmailDomain.Is("acme.com")},
		{"a tag", "tag:vip", customer.HasAnyTag("vip")},
		{"any of the tags", "tag:vip,b2b", customer.HasAnyTag("vip", "b2b")},
		{"all of the tags", "tag:vip tag:b2b", customer.HasAllTags("vip", "b2b")},
		{"an equals sign before a tag", "tag:=vip", customer.HasAnyTag("vip")},
		{"a tag with a space", `-tag:"zwei worte"`, customer.Not(customer.HasAnyTag("zwei worte"))},
		{"both states", "status:active,archived", customer.HasStatus(customer.Active, customer.Archived)},
		{"an id in capitals", "id:" + strings.ToUpper(id), customer.HasID(parsed)},
		{"metadata", "metadata.plan:gold,silver", customer.HasMetadata("plan", "gold", "silver")},
		{"metadata keys mind case, the word metadata does not", "METADATA.Plan:Gold", customer.HasMetadata("Plan", "Gold")},
		{"a metadata value of anything", `metadata.k:"a,b"`, customer.HasMetadata("k", "a,b")},
		{"presence", "has:phone -has:company", customer.And(customer.ByPhone.Present(), customer.Not(customer.ByCompany.Present()))},
		{"presence of what has no values", "has:notes has:Address has:tag has:metadata has:archived_at", customer.And(
			customer.Has("notes"), customer.Has("address"), customer.Has("tag"), customer.Has("metadata"), customer.Has("archived_at"))},
		{"presence of a metadata key", "has:Metadata.Plan", customer.Has("metadata.Plan")},
		{"either, grouped", "(tag:vip OR country:NL) -has:phone", customer.And(
			customer.Or(customer.HasAnyTag("vip"), customer.ByCountry.Contains("NL")), customer.Not(customer.ByPhone.Present()))},
		{"words and filters", `ada -tag:churned name:"x"bob`, customer.And(
			customer.Text("ada bob"), customer.Not(customer.HasAnyTag("churned")), customer.ByName.Contains("x"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parsedAs(t, tt.text, tt.want)
		})
	}
}

func TestParseTextReadsTimes(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	jan31, feb1, feb3 := at("2026-01-31T00:00:00Z"), at("2026-02-01T00:00:00Z"), at("2026-02-03T00:00:00Z")
	micro := time.Microsecond
	created, archived := customer.ByCreatedAt, customer.ByArchivedAt
	for _, tt := range []struct {
		name, text string
		want       customer.Filter
	}{
		{"a date is that whole day", "created_at:2026-01-31", created.Between(jan31, feb1)},
		{"an equals sign says the same", "created_at:=2026-01-31", created.Between(jan31, feb1)},
		{"from a date", "created_at:>=2026-01-31", created.Since(jan31)},
		{"after a date", "created_at:>2026-01-31", created.Since(feb1)},
		{"before a date", "created_at:<2026-01-31", created.Before(jan31)},
		{"up to a date", "created_at:<=2026-01-31", created.Before(feb1)},
		{"a range holds both ends", "created_at:2026-01-31..2026-02-02", created.Between(jan31, feb3)},
		{"a range open at the end", "updated_at:2026-01-31..", customer.ByUpdatedAt.Since(jan31)},
		{"a range open at the beginning", "archived_at:..2026-01-31", archived.Before(feb1)},
		{"one day as a range", "created_at:2026-01-31..2026-01-31", created.Between(jan31, feb1)},
		{"two bounds are one span", "created_at:>=2026-01-31 created_at:<2026-02-03", created.Between(jan31, feb3)},
		{"an instant", "created_at:>=2026-01-31T12:00:00Z", created.Since(noon)},
		{"after an instant", "created_at:>2026-01-31T12:00:00Z", created.Since(noon.Add(micro))},
		{"up to an instant", "created_at:<=2026-01-31T12:00:00Z", created.Before(noon.Add(micro))},
		{"an instant itself", "created_at:=2026-01-31T12:00:00Z", created.Between(noon, noon.Add(micro))},
		{"an instant with an offset", "created_at:<2026-01-31T17:30:00+05:30", created.Before(noon)},
		{"an offset west", "created_at:<2026-01-31T07:00:00-05:00", created.Before(noon)},
		{"instants as a range", "created_at:2026-01-31T12:00:00Z..2026-01-31T12:00:00.5Z", created.Between(noon, noon.Add(500_001*micro))},
		{"a part of a microsecond before it", "created_at:<2026-01-31T12:00:00.0000001Z", created.Before(noon.Add(micro))},
		{"a part of a microsecond after it", "created_at:>=2026-01-31T12:00:00.0000001Z", created.Since(noon.Add(micro))},
		{"the first day there is", "created_at:>=1900-01-01", created.Since(at("1900-01-01T00:00:00Z"))},
		{"the last day there is", "created_at:9999-12-31", created.Between(at("9999-12-31T00:00:00Z"), at("9999-12-31T00:00:00Z").Add(24*time.Hour))},
		{"quotes around a time", `created_at:>="2026-01-31"`, created.Since(jan31)},
		{"quotes around a day", `created_at:"2026-01-31"`, created.Between(jan31, feb1)},
		{"quotes around the ends of a range", `created_at:"2026-01-31".."2026-02-02"`, created.Between(jan31, feb3)},
		{"quotes around one end of a range", `created_at:..“2026-02-02”`, created.Before(feb3)},
		{"a space for the sign of an offset, in quotes", `created_at:<"2026-01-31T17:30:00 05:30"`, created.Before(noon)},
		{"a list of days is any of them", "created_at:2026-01-31,2026-02-02", customer.Or(
			created.Between(jan31, feb1), created.Between(feb3.Add(-24*time.Hour), feb3))},
		{"a span that is empty", "created_at:2026-02-03..2026-01-31", created.Between(feb3, feb1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parsedAs(t, tt.text, tt.want)
		})
	}
}

func TestParseTextSaysWhereItIsWrong(t *testing.T) {
	t.Parallel()
	thirtyThree := "tag:a0"
	for i := range 31 {
		thirtyThree += fmt.Sprintf(" OR name:a%d", i)
	}
	for _, tt := range []struct {
		name, text string
		offset     int
		message    string
	}{
		{"nothing", "", 0, "needs a word or a filter"},
		{"nothing but space", "   ", 3, "needs a word or a filter"},
		{"an empty group", "ada ()", 5, "needs a word or a filter"},
		{"a group that is not closed", "ada (bob", 4, "not closed"},
		{"a group that was not opened", "ada) bob", 3, "not opened"},
		{"a quotation that is not closed", `ada "bob`, 4, "not closed"},
		{"a quotation closed by an escaped quote", `"bob\"`, 0, "not closed"},
		{"a quoted value that is not closed", `name:"bob`, 5, "not closed"},
		{"a comma between words", "ada, bob", 3, "comma"},
		{"a comma after a pattern", "name:a*,b", 7, "comma"},
		{"text without letter or digit", "ada ???", 4, "letter or a digit"},
		{"a minus alone", "ada - bob", 4, "letter or a digit"},
		{"empty quotes", `ada ""`, 4, "letter or a digit"},
		{"a NUL", "ada b\x00b", 4, "control characters"},
		{"a line break in quotes", "\"a\nb\"", 0, "control characters"},
		{"a bidi override", "\u202eada", 0, "control characters"},
		{"invalid UTF-8", "ada \xff", 0, "UTF-8"},
		{"513 bytes", strings.Repeat("a", 513), 512, "at most 512 bytes"},
		{"33 conditions", thirtyThree, 0, "at most 32 conditions"},
		{"five deep", "a OR (b -(c OR (d -(e OR f))))", 0, "at most 4 deep"},
		{"a field that does not exist", "foo:bar", 0, `"foo" is no field; to search for the text itself, quote it: "foo:bar"`},
		{"a field misspelt", "nmae:ada", 0, `did you mean name:`},
		{"a field without its underscore", "x postalcode:1", 2, `did you mean postal_code:`},
		{"a field of the plural", "tags:vip", 0, `did you mean tag:`},
		{"a clock time", "ada 12:30", 4, `"12:30"`},
		{"a link", "http://x", 0, `"http://x"`},
		{"no field at all", ":x", 0, `"" is no field`},
		{"a field without a value", "name:", 5, "needs a value"},
		{"a field with a space before its value", "name: ada", 5, "needs a value"},
		{"a list that ends with a comma", "name:a,", 7, "needs a value"},
		{"a list that begins with a comma", "tag:,a", 4, "needs a value"},
		{"an empty quoted value", `ada name:""`, 9, "must not be empty"},
		{"a value that folds to nothing", "phone:abc", 6, "without anything to compare"},
		{"a name of 201 letters", "name:" + strings.Repeat("a", 201), 5, "at most 200"},
		{"a name with a comparison of times", "name:<a", 5, "for times"},
		{"stars at both ends", "name:*a*", 6, "one end"},
		{"a star in a list", "name:a,b*", 7, "one end"},
		{"a star alone", "name:*", 6, "needs a value"},
		{"two stars", "name:**", 6, "one end"},
		{"an email without @", "x email:ada", 8, "email:~ada"},
		{"a tag with a tilde", "tag:~vip", 4, "whole values"},
		{"a tag with a star", "tag:vi*", 4, "one end"},
		{"a tag with a comma", `tag:"a,b"`, 4, "without commas"},
		{"a status that does not exist", "status:gone", 7, "active or archived"},
		{"a status in capitals", "status:Active", 7, "active or archived"},
		{"an id that is none", "id:7", 3, "UUID"},
		{"presence of nothing", "has:", 4, "must be a text field"},
		{"presence of a field that does not exist", "has:foo", 4, "must be a text field"},
		{"presence of a list", "has:name,city", 8, "comma"},
		{"a metadata filter without a key", "metadata.:x", 10, "keys must be"},
		{"a metadata key of 65", "metadata." + strings.Repeat("k", 65) + ":x", 75, "keys must be"},
		{"a metadata filter without a value", "metadata.k:", 11, "needs a value"},
		{"a year", "created_at:2026", 11, "must be a date"},
		{"30 February", "created_at:>=2026-02-30", 13, "must be a date"},
		{"the year 1899", "created_at:1899-12-31", 11, "1900"},
		{"infinity", "created_at:<infinity", 12, "must be a date"},
		{"no time", "created_at:", 11, "must be a date"},
		{"a comparison without a time", "created_at:>=", 13, "needs a value"},
		{"a range without ends", "created_at:..", 11, "a beginning or an end"},
		{"a range of three", "created_at:2026-01-01..2026-01-02..2026-01-03", 23, "must be a date"},
		{"an instant without an operator", "created_at:2026-01-31T12:00:00Z", 11, "equals a day"},
		{"a list with a range in it", "created_at:2026-01-31,2026-02-01..", 22, "must be a date"},
		{"a star after a time", "created_at:2026-01*", 11, "must be a date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := customer.ParseText(tt.text)
			fault, ok := errors.AsType[*customer.QueryError](err)
			if !ok || f != nil {
				t.Fatalf("got %#v, %v, want a *QueryError", f, err)
			}
			if fault.Param != "q" || fault.Code != customer.CodeInvalidQuery || fault.Offset != tt.offset || !strings.Contains(fault.Message, tt.message) {
				t.Errorf("got %+v, want offset %d and %q", *fault, tt.offset, tt.message)
			}
		})
	}
}

func TestSuggestKnowsTwoEdits(t *testing.T) {
	t.Parallel()
	names := []string{"id", "tag", "name", "email", "created_at"}
	for _, tt := range []struct{ name, written, want string }{
		{"one letter missing", "nme", "name"},
		{"two letters swapped", "emial", "email"},
		{"a letter too many", "tagg", "tag"},
		{"capitals", "NAME", "name"},
		{"three edits are too many", "naxyz", ""},
		{"a short name is not made of nothing", "xy", ""},
		{"nothing", "", ""},
		{"a text of a megabyte", strings.Repeat("name", 1<<18), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := customer.Suggest(tt.written, names); got != tt.want {
				t.Errorf("Suggest = %q, want %q", got, tt.want)
			}
		})
	}
}
