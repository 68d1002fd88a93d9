package customer_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"example.com/customer"
)

func TestTextIsNFCAndTrimmedAndOtherwiseUntouched(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"plain text", "Ada Lovelace", "Ada Lovelace"},
		{"decomposed accents compose", "Jose\u0301", "Jos\u00e9"},
		{"the Kelvin sign is K in NFC", "\u212a", "K"},
		{"compatibility characters stay", "\ufb01 \u2460 \uff21", "\ufb01 \u2460 \uff21"},
		{"spaces inside stay", "a  b\u00a0 c", "a  b\u00a0 c"},
		{"quotes, angle brackets and SQL", `<b>"Robert'); DROP TABLE customers;--`, `<b>"Robert'); DROP TABLE customers;--`},
		{"an emoji joined by zero-width joiners", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f469\u200d\U0001f467"},
		{"a flag of tag characters", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"},
		{"right-to-left text with its marks", "\u05e9\u05dc\u05d5\u05dd\u200f", "\u05e9\u05dc\u05d5\u05dd\u200f"},
		{"Persian with a zero-width non-joiner", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc"},
		{"a soft hyphen and an Arabic letter mark", "a\u00adb\u061c", "a\u00adb\u061c"},
		{"the replacement character itself", "a\ufffd", "a\ufffd"},
		{"private use", "\ue000", "\ue000"},
		{"percent, underscore and backslash", `100%_\`, `100%_\`},
		{"a leading equals sign", "=1+1", "=1+1"},
		{"spaces of every kind at the ends", " \u00a0\u1680\u2000\u2003\u200a\u202f\u205f\u3000x\u3000 ", "x"},
		{"a format character shields a space behind it", "\u200e x", "\u200e x"},
		{"31 marks on one letter", "x" + strings.Repeat("\u0301", 31), "x" + strings.Repeat("\u0301", 31)},
		{"199 marks on one letter that takes the first", "e" + strings.Repeat("\u0301", 199), "\u00e9" + strings.Repeat("\u0301", 198)},
		{"a mark that keeps the many behind it from their letter", "a\u030d" + strings.Repeat("\u0301", 40), "a\u030d" + strings.Repeat("\u0301", 40)},
		{
			"many marks in the wrong order", "a" + strings.Repeat("\u0301\u0323", 40),
			"\u1ea1" + strings.Repeat("\u0323", 39) + strings.Repeat("\u0301", 40),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := build(customer.Draft{Name: tt.in})
			if err != nil {
				t.Fatalf("Build: %v", err)
			}
			if c.Name != tt.want {
				t.Errorf("Name = %+q, want %+q", c.Name, tt.want)
			}
		})
	}
}

func TestTextRefusesWhatHasNoPlaceInARecord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"NUL", "a\x00b"},
		{"a tab", "a\tb"},
		{"a tab at the end", "a\t"},
		{"a line break", "a\nb"},
		{"a line break at the end", "a\n"},
		{"a carriage return", "a\rb"},
		{"escape", "a\x1b[31m"},
		{"delete", "a\x7f"},
		{"a C1 control", "a\u009f"},
		{"next line at the end", "a\u0085"},
		{"a line separator", "a\u2028b"},
		{"a paragraph separator at the beginning", "\u2029a"},
		{"invalid UTF-8", "a\xff"},
		{"a lone surrogate in bytes", "a\xed\xa0\x80"},
		{"an overlong encoding", "a\xc0\xaf"},
		{"nothing but a control", "\x01"},
		{"nothing but a bidi override", "\u202e"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := build(customer.Draft{Company: "Acme", Name: tt.in, Tags: []string{tt.in}, Metadata: map[string]string{"k": tt.in}})
			wantFaults(t, err, "name invalid_text", "tags.0 invalid_text", "metadata.k invalid_text")
		})
	}
}

// The rule for every code point there is, written down a second time. What is allowed is tried a hundred at a time.
func TestTextAllowsExactlyTheDocumentedCodePoints(t *testing.T) {
	t.Parallel()
	var inNames, inNotes []rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		format := r == 0xad || r == 0x61c || r >= 0x200c && r <= 0x200f || r >= 0xe0020 && r <= 0xe007f
		forbidden := unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && !format || r == 0x2028 || r == 0x2029 ||
			r >= 0xfdd0 && r <= 0xfdef || r&0xffff >= 0xfffe
		switch {
		case !forbidden:
			inNames = append(inNames, r)
		case strings.ContainsRune("\t\n\r\u2028\u2029", r):
			inNotes = append(inNotes, r)
		default:
			if _, err := build(customer.Draft{Name: "a", Notes: "a" + string(r) + "b"}); err == nil {
				t.Errorf("U+%04X is allowed in notes", r)
			}
		}
		if forbidden {
			if _, err := build(customer.Draft{Name: "a" + string(r) + "b"}); err == nil {
				t.Errorf("U+%04X is allowed in a name", r)
			}
		}
	}
	for chunk := range slices.Chunk(inNames, 100) {
		if _, err := build(customer.Draft{Name: "a" + string(chunk) + "b", Company: "Acme"}); err != nil {
			t.Errorf("U+%04X to U+%04X: %v", chunk[0], chunk[len(chunk)-1], err)
		}
	}
	if _, err := build(customer.Draft{Name: "a", Notes: "a" + string(inNotes) + "b"}); err != nil || len(inNotes) != 5 {
		t.Errorf("%+q in notes: %v", inNotes, err)
	}
}

func TestNotesKeepTabsAndLineBreaks(t *testing.T) {
	t.Parallel()
	const notes = "first\r\n\tsecond\u2028third\u2029\nlast"
	c, err := build(customer.Draft{Name: "Ada", Notes: "\n\t " + notes + "\r\n"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Notes != notes {
		t.Errorf("Notes = %q, want %q", c.Notes, notes)
	}
}

func TestTextOfSpacesAndFormatCharactersIsAbsent(t *testing.T) {
	t.Parallel()
	for _, blank := range []string{"", " ", "\u3000\u2003 ", "\u200d", "\u00ad\u061c\u200c\u200f", " \u200e \U000e0020\u00a0"} {
		c, err := build(customer.Draft{
			Name: "Ada", ExternalID: blank, Company: blank, Email: blank, Phone: strings.ReplaceAll(blank, "\U000e0020", ""), Notes: blank,
			Address: customer.Address{Line1: blank, City: blank}, Tags: []string{blank, "vip"}, Metadata: map[string]string{"k": blank},
		})
		if err != nil {
			t.Errorf("%+q: %v", blank, err)
		} else if c.ExternalID+c.Company+c.Email+c.Phone+c.Notes+c.Address.Line1+c.Address.City != "" || len(c.Tags) != 1 || c.Metadata != nil {
			t.Errorf("%+q is kept: %+v", blank, c)
		}
		if _, err := build(customer.Draft{Name: blank}); err == nil {
			t.Errorf("%+q is a name to know a customer by", blank)
		}
	}
}

// A limit counts runes of the stored form, and four times as many bytes.
func TestEveryLimitHoldsAtItsEdge(t *testing.T) {
	t.Parallel()
	for _, l := range customer.Limits() {
		for _, size := range []int{l.Max - 1, l.Max, l.Max + 1} {
			for _, d := range draftsOfSize(l, size) {
				if _, err := build(d); (err != nil) != (size > l.Max) {
					t.Errorf("%s of %d %s: %v", l.Name, size, l.Unit, err)
				}
			}
		}
	}
}

// draftsOfSize returns drafts whose field l is of that size, made of letters of one byte and of four.
func draftsOfSize(l customer.Limit, size int) []customer.Draft {
	ascii, wide := strings.Repeat("x", size), strings.Repeat("\U0001f600", size)
	texts := []string{ascii, wide, " " + ascii + "\u3000"}
	switch l.Name {
	case "email":
		texts = []string{emailOf(64, size)}
	case "phone":
		texts = []string{"1234567890" + strings.Repeat(" ", size-11) + "1"}
	case "tags":
		tags := make([]string, 0, 2*size)
		for i := range size {
			tags = append(tags, "tag"+string(rune(0x4e00+i)), "TAG"+string(rune(0x4e00+i)))
		}
		return []customer.Draft{{Name: "Ada", Tags: tags}}
	case "metadata":
		m := map[string]string{"absent": ""}
		for i := range size {
			m["k"+strings.Repeat("_", i%60)+string(rune('a'+i/60))] = "v"
		}
		return []customer.Draft{{Name: "Ada", Metadata: m}}
	case "metadata bytes":
		m := map[string]string{"a": strings.Repeat("\U0001f600", 1000), "b": strings.Repeat("\U0001f600", 1000), "c": strings.Repeat("\U0001f600", 1000)}
		size -= 3 * 4001
		for key := 'd'; size > 0; key++ {
			n := min(size-1, 1000)
			m[string(key)] = strings.Repeat("v", n)
			size -= n + 1
		}
		return []customer.Draft{{Name: "Ada", Metadata: m}}
	}
	drafts := make([]customer.Draft, len(texts))
	for i, s := range texts {
		drafts[i] = draftWith(l.Name, s)
	}
	return drafts
}

func draftWith(field, value string) customer.Draft {
	d := customer.Draft{Name: "Ada"}
	a := &d.Address
	into := map[string]*string{
		"name": &d.Name, "email": &d.Email, "phone": &d.Phone, "company": &d.Company, "notes": &d.Notes, "external_id": &d.ExternalID,
		"address.line1": &a.Line1, "address.line2": &a.Line2, "address.city": &a.City, "address.region": &a.Region,
		"address.postal_code": &a.PostalCode, "address.country": &a.Country,
	}
	switch field {
	case "tags[]":
		d.Tags = []string{value}
	case "metadata{}":
		d.Metadata = map[string]string{"k": value}
	default:
		*into[field] = value
	}
	return d
}

func TestALetterWithThousandsOfMarksIsTooLong(t *testing.T) {
	t.Parallel()
	_, err := build(customer.Draft{Name: "e" + strings.Repeat("\u0301", 5000)})
	wantFaults(t, err, "name too_long")
	if _, err = build(customer.Draft{Name: "x", Notes: "x" + strings.Repeat("\u0301", 4999)}); err != nil {
		t.Errorf("notes of 5,000 code points: %v", err)
	}
}

// A run of marks longer than package norm composes makes no difference to the text before it.
func TestTextNormalisesOnce(t *testing.T) {
	t.Parallel()
	const many = 31
	tail := "x" + strings.Repeat("\u0301", many)
	letters := rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("aeiou\u0301\u0323\u0308\u1100\u1161\u11a8\u09c7\u09be\u0345\u1e0d")))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(letters, 1, 40, 300).Draw(t, "text")
		plain, err := build(customer.Draft{Name: s + "x"})
		if err != nil {
			return
		}
		if want := strings.TrimLeftFunc(norm.NFC.String(s+"x"), unicode.IsSpace); plain.Name != want && !strings.Contains(want, "\u034f") {
			t.Fatalf("%+q is stored as %+q, want %+q", s, plain.Name, want)
		}
		long, err := build(customer.Draft{Name: s + tail})
		if want := plain.Name[:len(plain.Name)-1] + tail; err != nil || long.Name != want {
			t.Fatalf("%+q is stored as %+q, %v, want %+q", s+tail, long.Name, err, want)
		}
		again, err := build(customer.Draft{Name: long.Name})
		if err != nil || again.Name != long.Name {
			t.Fatalf("%+q is stored as %+q the second time, %v", long.Name, again.Name, err)
		}
	})
}

func TestTextWithManyMarksIsFoundByItself(t *testing.T) {
	t.Parallel()
	marked := "x" + strings.Repeat("\u0301\u0323", 25)
	c, err := build(customer.Draft{Name: marked, ExternalID: marked, Email: "\u0915" + strings.Repeat("\u093c", 16) + "@b.co", Company: marked})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []customer.Filter{
		customer.ByExternalID.Is(marked), customer.ByExternalID.Is(c.ExternalID), customer.ByName.Is(marked), customer.ByCompany.Is(c.Company),
		customer.ByEmail.Is(c.Email), customer.ByEmail.Prefix(c.Email), customer.Text(marked),
	} {
		if ok, err := customer.Matches(f, c); err != nil || !ok {
			t.Errorf("%+v finds nothing: %v", f, err)
		}
	}
}
