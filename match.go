package customer

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// KeysVersion rises whenever [Fold] or [KeysOf] give another result for some input, as they may with a new version of Unicode. A store
// that keeps keys keeps the version with them and rewrites older ones.
const KeysVersion = 1

// Keys are what search compares, byte by byte: made here and stored as they are, so that no database has a say in it. Each is at most
// 2,000 bytes but Words.
type Keys struct {
	Name, Company, City, Region, PostalCode, Country string // folded

	Email  string // local part in NFC and ASCII lower case, domain as lower-case A-labels
	Domain string // the domain of Email
	Phone  string // the digits
	Words  string // every word of the search box, a space before each
}

// maxKeyBytes keeps a tenant, a key and an ID within a B-tree entry of any database; folding can make text nine times longer.
const maxKeyBytes = 2000

// KeysOf returns the keys of c.
func KeysOf(c Customer) Keys {
	name, company := Fold(c.Name), Fold(c.Company)
	k := Keys{
		Name: cutKey(name), Company: cutKey(company), City: foldKey(c.Address.City), Region: foldKey(c.Address.Region),
		PostalCode: foldKey(c.Address.PostalCode), Country: foldKey(c.Address.Country),
		Email: emailKey(c.Email), Phone: digitsOf(c.Phone),
	}
	_, k.Domain, _ = strings.Cut(k.Email, "@")
	w := wordList{buf: make([]byte, 0, 160)}
	w.cut(name)
	w.cut(company)
	w.cut(Fold(c.Email))
	w.cut(Fold(c.Phone))
	w.add(k.Phone)
	w.add(withoutTrunkZero(c.Phone))
	w.cut(Fold(c.ExternalID))
	w.cut(k.City)
	k.Words = string(w.buf)
	return k
}

func foldKey(s string) string { return cutKey(Fold(s)) }

func cutKey(s string) string {
	if len(s) <= maxKeyBytes {
		return s
	}
	return strings.ToValidUTF8(s[:maxKeyBytes], "")
}

// Fold returns s as search compares it, without regard to case, accents, width and ligatures: compatibility decomposition (NFKD); marks dropped
// after Latin, Greek, Cyrillic, Arabic and Hebrew letters; lower case of upper case; letters such as ß and ø in their ASCII spelling;
// digits of any script as ASCII; white space collapsed and trimmed. It is idempotent.
func Fold(s string) string {
	ascii, collapsed, lower := true, true, true
	for i := range len(s) {
		b := s[i]
		ascii = ascii && b < 0x80
		collapsed = collapsed && (b > ' ' && b < 0x7f || b == ' ' && i > 0 && i < len(s)-1 && s[i-1] != ' ')
		lower = lower && (b < 'A' || b > 'Z')
	}
	switch {
	case collapsed && lower:
		return s
	case collapsed:
		return strings.ToLower(s)
	case ascii:
		return collapse(strings.ToLower(s))
	}
	// Package norm leaves what follows a stray byte as it is.
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	return collapse(norm.NFKD.String(foldRunes(norm.NFKD.String(s))))
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

func foldRunes(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	dropMarks := false
	for _, r := range s {
		if unicode.Is(unicode.M, r) {
			if !dropMarks {
				b.WriteRune(r)
			}
			continue
		}
		dropMarks = unicode.IsLetter(r) && unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew)
		r = unicode.ToLower(unicode.ToUpper(r))
		if ascii, ok := spellings[r]; ok {
			b.WriteString(ascii)
		} else if unicode.IsDigit(r) {
			b.WriteRune('0' + digitValue(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// spellings are the letters that no decomposition reaches but that people type in ASCII.
var spellings = map[rune]string{
	'ß': "ss", 'ς': "σ", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h",
}

// emailText is an email as the comparisons but Is see it: NFC, ASCII lower case. Full case folding would merge addresses that differ.
func emailText(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, nfc(s))
}

// emailKey is the one spelling of an address. Of text that is none it makes a key that no address has.
func emailKey(s string) string {
	if s = emailText(s); s == "" {
		return ""
	}
	if !isASCII(s) {
		// Lower case may compose where upper case did not: h with a line below has a letter of its own, H has not.
		s = nfc(s)
	}
	local, domain, _ := strings.Cut(s, "@")
	if ascii, err := asciiDomain(domain); err == nil {
		return local + "@" + ascii
	}
	return s
}

func digitsOf(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 && isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0' + digitValue(r)
		}
		return -1
	}, s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// withoutTrunkZero returns the digits of a number written with + without the national prefix that people leave in, as in
// +49 0711 or +44 (0)20: a zero that begins the second group of digits. Without one it returns "".
func withoutTrunkZero(phone string) string {
	before, number, plus := strings.Cut(phone, "+")
	groups := strings.FieldsFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if !plus || digitsOf(before) != "" || len(groups) < 2 || groups[1][0] != '0' {
		return ""
	}
	groups[1] = groups[1][1:]
	return strings.Join(groups, "")
}

// wordList collects words, a space before each.
type wordList struct {
	buf    []byte
	pieces []string // of the word that is being joined
}

func (w *wordList) add(word string) {
	if word != "" {
		w.buf = append(append(w.buf, ' '), word...)
	}
}

// cut adds the words of folded text: runs of letters, digits and marks with a letter or digit in them. An apostrophe between letters parts
// two words and joins them to a third.
func (w *wordList) cut(folded string) {
	eachWord(folded, func(word string, apostrophe bool) {
		if !apostrophe {
			w.join()
		}
		w.pieces = append(w.pieces, word)
		w.add(word)
	})
	w.join()
}

func (w *wordList) join() {
	if len(w.pieces) > 1 {
		w.add(strings.Join(w.pieces, ""))
	}
	w.pieces = w.pieces[:0]
}

// eachWord calls f with every word, and whether nothing but an apostrophe between letters parts it from the word before.
func eachWord(folded string, f func(word string, apostrophe bool)) {
	start, alnum, joins := -1, false, false
	letter := false
	for i, r := range folded {
		isLetter, isMark := unicode.IsLetter(r) && !isApostrophe(r), unicode.Is(unicode.M, r)
		switch {
		case isLetter, isMark, unicode.IsDigit(r):
			if start < 0 {
				start, alnum = i, false
				joins = joins && isLetter
			}
			alnum = alnum || !isMark
			letter = isLetter || isMark && letter
			continue
		case start >= 0 && alnum:
			f(folded[start:i], joins)
			joins = letter && isApostrophe(r)
		default:
			joins = false
		}
		start, letter = -1, false
	}
	if start >= 0 && alnum {
		f(folded[start:], joins)
	}
}

// isApostrophe covers what keyboards and typographers write; the last two are letters to Unicode.
func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == 'ʻ'
}

// TermKind says how a word of the search box is looked up.
type TermKind uint8

// The kinds of terms.
const (
	TermPrefix   TermKind = iota // Keys.Words holds a space and then Text
	TermAnywhere                 // Keys.Words holds Text
	TermEmail                    // the email in its text form (as for ByEmail.Prefix) begins with Text
	TermDomain                   // Keys.Domain is Text; Normalize leaves none
)

// Term is one word of the search box.
type Term struct {
	Kind TermKind
	Text string

	source string
}

// Terms cuts the text of the search box into the words that must all be found.
func (f HasWords) Terms() []Term {
	var terms []Term
	for token := range strings.FieldsSeq(f.Text) {
		switch at := strings.IndexByte(token, '@'); {
		case at < 0:
			eachWord(Fold(token), func(word string, _ bool) { terms = append(terms, wordTerm(word)) })
		case strings.IndexFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0:
		case at == 0 && !strings.Contains(token[1:], "@"):
			terms = append(terms, Term{TermDomain, domainKey(token[1:]), token[1:]})
		default:
			terms = append(terms, Term{TermEmail, emailText(token), token})
		}
	}
	return terms
}

func wordTerm(word string) Term {
	// Composed, or the syllables of a Korean query would outgrow its limit.
	source := nfc(word)
	digits := strings.Trim(word, "0123456789") == ""
	switch {
	case digits && len(word) >= 4:
		if rest, ok := strings.CutPrefix(word, "00"); ok {
			return Term{TermAnywhere, rest, source}
		}
		return Term{TermAnywhere, word, source}
	case strings.IndexFunc(word, unspaced) >= 0:
		return Term{TermAnywhere, word, source}
	}
	return Term{TermPrefix, word, source}
}

// unspaced reports scripts that do not part words.
func unspaced(r rune) bool {
	return r >= 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func domainKey(s string) string {
	s = emailText(strings.TrimSpace(s))
	if ascii, err := asciiDomain(s); err == nil {
		return ascii
	}
	return s
}

// Keys returns the key of each value, as it is compared with the key of the field.
func (f Match) Keys() []string {
	keys := make([]string, len(f.Values))
	for i, value := range f.Values {
		switch f.Field {
		case ByEmail:
			if keys[i] = emailText(strings.TrimSpace(value)); f.Op == Is {
				keys[i] = emailKey(keys[i])
			}
		case ByEmailDomain:
			if keys[i] = emailText(strings.TrimSpace(value)); f.Op == Is {
				// As the search box has it: no domain begins with the sign.
				keys[i] = domainKey(strings.TrimPrefix(keys[i], "@"))
			}
		case ByPhone:
			keys[i] = digitsOf(value)
		case ByExternalID:
			keys[i] = nfc(value)
		default:
			keys[i] = foldKey(value)
		}
	}
	return keys
}

// keyOf returns the key of c that f compares.
func (f Match) keyOf(c *Customer, k *Keys) string {
	switch f.Field {
	case ByName:
		return k.Name
	case ByCompany:
		return k.Company
	case ByEmail:
		if f.Op == Is {
			return k.Email
		}
		return emailText(c.Email)
	case ByEmailDomain:
		return k.Domain
	case ByPhone:
		return k.Phone
	case ByExternalID:
		return c.ExternalID
	case ByCity:
		return k.City
	case ByRegion:
		return k.Region
	case ByPostalCode:
		return k.PostalCode
	}
	return k.Country
}

// Matcher reports whether a customer, whose keys are k, matches. It changes neither and is safe for concurrent use.
type Matcher func(c *Customer, k *Keys) bool

// Compile validates f and returns its matcher: what every store must agree with. A nil filter matches everything.
func Compile(f Filter) (Matcher, error) {
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	return compile(Normalize(f)), nil
}

// Matches reports whether c matches f. To test many customers, [Compile] once.
func Matches(f Filter, c Customer) (bool, error) {
	m, err := Compile(f)
	if err != nil {
		return false, err
	}
	k := KeysOf(c)
	return m(&c, &k), nil
}

func compile(f Filter) Matcher {
	switch f := f.(type) {
	case AllOf:
		parts := compileEach(f)
		return func(c *Customer, k *Keys) bool {
			for _, m := range parts {
				if !m(c, k) {
					return false
				}
			}
			return true
		}
	case AnyOf:
		return anyOf(compileEach(f))
	case NoneOf:
		m := anyOf(compileEach(f))
		return func(c *Customer, k *Keys) bool { return !m(c, k) }
	case Match:
		return f.compile()
	case Span:
		return f.compile()
	case StatusIn:
		return func(c *Customer, _ *Keys) bool { return slices.Contains(f, c.Status) }
	case IDIn:
		return func(c *Customer, _ *Keys) bool { return slices.Contains(f, c.ID) }
	case Tagged:
		return f.compile()
	case MetadataIn:
		return func(c *Customer, _ *Keys) bool { return slices.Contains(f.Values, c.Metadata[f.Key]) }
	case Present:
		return f.compile()
	case HasWords:
		return f.compile()
	}
	return func(*Customer, *Keys) bool { return false }
}

func compileEach(fs []Filter) []Matcher {
	parts := make([]Matcher, len(fs))
	for i, f := range fs {
		parts[i] = compile(f)
	}
	return parts
}

func anyOf(parts []Matcher) Matcher {
	return func(c *Customer, k *Keys) bool {
		for _, m := range parts {
			if m(c, k) {
				return true
			}
		}
		return false
	}
}

func (f Match) compile() Matcher {
	compare := map[MatchOp]func(key, value string) bool{
		Is: func(key, value string) bool { return key == value }, Prefix: strings.HasPrefix, Suffix: strings.HasSuffix, Contains: strings.Contains,
	}[f.Op]
	values := f.Keys()
	return func(c *Customer, k *Keys) bool {
		key := f.keyOf(c, k)
		return slices.ContainsFunc(values, func(value string) bool { return compare(key, value) })
	}
}

func (f Span) compile() Matcher {
	at := map[TimeField]func(*Customer) time.Time{
		ByCreatedAt:  func(c *Customer) time.Time { return c.CreatedAt },
		ByUpdatedAt:  func(c *Customer) time.Time { return c.UpdatedAt },
		ByArchivedAt: func(c *Customer) time.Time { return c.ArchivedAt },
	}[f.Field]
	return func(c *Customer, _ *Keys) bool {
		t := at(c)
		return !t.IsZero() && (f.From.IsZero() || !t.Before(f.From)) && (f.To.IsZero() || t.Before(f.To))
	}
}

func (f Tagged) compile() Matcher {
	return func(c *Customer, _ *Keys) bool {
		for _, tag := range f.Tags {
			if _, has := slices.BinarySearch(c.Tags, tag); has != f.All {
				return has
			}
		}
		return f.All
	}
}

func (f Present) compile() Matcher {
	switch f.Field {
	case "notes":
		return func(c *Customer, _ *Keys) bool { return c.Notes != "" }
	case "address":
		return func(c *Customer, _ *Keys) bool { return c.Address != Address{} }
	case "tag":
		return func(c *Customer, _ *Keys) bool { return len(c.Tags) > 0 }
	case "metadata":
		return func(c *Customer, _ *Keys) bool { return len(c.Metadata) > 0 }
	case string(ByArchivedAt):
		return func(c *Customer, _ *Keys) bool { return !c.ArchivedAt.IsZero() }
	}
	if key, ok := strings.CutPrefix(f.Field, "metadata."); ok {
		return func(c *Customer, _ *Keys) bool { return c.Metadata[key] != "" }
	}
	field := Match{Field: TextField(f.Field), Op: Is}
	return func(c *Customer, k *Keys) bool { return field.keyOf(c, k) != "" }
}

func (f HasWords) compile() Matcher {
	terms := f.Terms()
	for i := range terms {
		if terms[i].Kind == TermPrefix {
			terms[i].Text = " " + terms[i].Text
		}
	}
	return func(c *Customer, k *Keys) bool {
		for i := range terms {
			switch t := &terms[i]; t.Kind {
			case TermEmail:
				if !strings.HasPrefix(emailText(c.Email), t.Text) {
					return false
				}
			case TermDomain:
				if k.Domain != t.Text {
					return false
				}
			default:
				if !strings.Contains(k.Words, t.Text) {
					return false
				}
			}
		}
		return true
	}
}

// Compare orders a and b as o does: negative where a comes first. Only a customer and itself are equal.
func Compare(a, b Customer, o Order) int {
	return PositionOf(o, a).Compare(PositionOf(o, b), o)
}

// Compare orders two positions as o does.
func (p Position) Compare(other Position, o Order) int {
	result := cmp.Or(strings.Compare(p.Key, other.Key), p.Time.Compare(other.Time), slices.Compare(p.ID[:], other.ID[:]))
	if _, descending := o.Key(); descending {
		return -result
	}
	return result
}
