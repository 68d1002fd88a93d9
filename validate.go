package customer

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Code names the rule that a value broke. The list is closed.
type Code string

// The codes of a [FieldError].
const (
	CodeIdentityRequired Code = "identity_required" // an active customer needs a name, company, email or phone
	CodeRequired         Code = "required"
	CodeTooLong          Code = "too_long"
	CodeTooMany          Code = "too_many"
	CodeInvalidText      Code = "invalid_text"
	CodeInvalidEmail     Code = "invalid_email"
	CodeInvalidPhone     Code = "invalid_phone"
	CodeInvalidKey       Code = "invalid_key"
	CodeWrongType        Code = "wrong_type"
	CodeUnknownMember    Code = "unknown_member"
	CodeReadOnly         Code = "read_only"
)

// The codes of a [QueryError].
const (
	CodeInvalidParameter Code = "invalid_parameter"
	CodeInvalidQuery     Code = "invalid_query"
	CodeInvalidCursor    Code = "invalid_cursor"
	CodeCursorMismatch   Code = "cursor_mismatch"
)

// FieldError is one fault of one field. Message says what is allowed and never holds the value.
type FieldError struct {
	Field   string // wire path: "email", "address.city", "tags.3", "metadata.plan"; "" for the record as a whole
	Code    Code
	Message string
}

// Error returns the path and the rule.
func (e FieldError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + " " + e.Message
}

// Pointer returns the path as a JSON Pointer in the form of a URI fragment (RFC 6901, section 6), as in "#/address/city"; "#" is the record as a
// whole.
func (e FieldError) Pointer() string {
	if e.Field == "" {
		return "#"
	}
	path := strings.ReplaceAll(e.Field, ".", "/")
	if key, ok := strings.CutPrefix(e.Field, "metadata."); ok {
		path = "metadata/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	}
	return "#" + (&url.URL{Fragment: "/" + path}).EscapedFragment()
}

// ValidationError holds every fault of one record at once, up to 200. It unwraps to [ErrInvalid].
type ValidationError struct{ Fields []FieldError }

// Error lists the faults; it holds no value of the record.
func (e *ValidationError) Error() string {
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = f.Error()
	}
	return "customer: invalid: " + strings.Join(texts, "; ")
}

// Unwrap returns [ErrInvalid].
func (e *ValidationError) Unwrap() error { return ErrInvalid }

func invalidField(field string, code Code, message string) error {
	return &ValidationError{Fields: []FieldError{{Field: field, Code: code, Message: message}}}
}

// CheckTenant reports a tenant's name that is not [a-z0-9][a-z0-9_-]{0,62} as [ErrInvalid]. Every call on a store's view of such a tenant
// returns it; the unnamed tenant is what a store is without a view.
func CheckTenant(name string) error {
	ok := name != "" && len(name) <= 63 && name[0] != '_' && name[0] != '-' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	if !ok {
		return invalidField("tenant", CodeInvalidKey, "must be 1 to 63 of a-z, 0-9, _ and -, a letter or digit first")
	}
	return nil
}

// Unit says what a [Limit] counts.
type Unit string

// The units of limits. A limit in runes also allows at most four times as many bytes.
const (
	Runes Unit = "runes"
	Bytes Unit = "bytes"
	Items Unit = "items"
)

// Limit is the greatest size of one field, of an element of it, or of a query.
type Limit struct {
	Name string // wire path; "tags[]" for one tag, "metadata{}" for one value, "metadata bytes" for keys and values together
	Max  int
	Unit Unit
}

// Limits of a query, all counted after [Normalize].
const (
	DefaultLimit = 50  // customers on a page when Query.Limit is 0
	MaxLimit     = 200 // customers on a page
	MaxNodes     = 32  // nodes of a filter
	MaxDepth     = 4   // nested nodes; a lone leaf has depth 1
	MaxValues    = 100 // values and search words of a filter
	MaxTextBytes = 512 // bytes of the text form of a filter and of the search box
)

const (
	maxTags, maxTagRunes                 = 50, 64
	maxMetadataKeys, maxMetadataKeyBytes = 64, 64
	maxMetadataValue, maxMetadataBytes   = 1000, 16 << 10
	maxEmail, maxEmailLocal              = 254, 64
	minPhoneDigits, maxPhoneDigits       = 3, 20
	maxDomain, maxDomainLabel            = 253, 63

	identityMessage    = "an active customer needs at least one of name, company, email and phone"
	metadataKeyMessage = "keys must be 1 to 64 of A-Z, a-z, 0-9, _ and -"
)

// textRule is one text field: where it is, how long it may be, and what else holds for it.
type textRule struct {
	path      string
	max       int
	unit      Unit
	multiline bool
	at        func(*Customer) *string
	from      func(*Patch) **string
	clean     func(string) (string, Code) // nil: plain text
}

var textRules = [...]textRule{
	{path: "name", max: 200, unit: Runes, at: func(c *Customer) *string { return &c.Name }, from: func(p *Patch) **string { return &p.Name }},
	{path: "email", max: maxEmail, unit: Bytes, at: func(c *Customer) *string { return &c.Email }, from: func(p *Patch) **string { return &p.Email }, clean: cleanEmail},
	{path: "phone", max: 40, unit: Runes, at: func(c *Customer) *string { return &c.Phone }, from: func(p *Patch) **string { return &p.Phone }, clean: cleanPhone},
	{path: "company", max: 200, unit: Runes, at: func(c *Customer) *string { return &c.Company }, from: func(p *Patch) **string { return &p.Company }},
	{path: "notes", max: 5000, unit: Runes, multiline: true, at: func(c *Customer) *string { return &c.Notes }, from: func(p *Patch) **string { return &p.Notes }},
	{path: "external_id", max: 200, unit: Runes, at: func(c *Customer) *string { return &c.ExternalID }, from: func(p *Patch) **string { return &p.ExternalID }},
	{path: "address.line1", max: 200, unit: Runes, at: func(c *Customer) *string { return &c.Address.Line1 }, from: func(p *Patch) **string { return &p.Address.Line1 }},
	{path: "address.line2", max: 200, unit: Runes, at: func(c *Customer) *string { return &c.Address.Line2 }, from: func(p *Patch) **string { return &p.Address.Line2 }},
	{path: "address.city", max: 100, unit: Runes, at: func(c *Customer) *string { return &c.Address.City }, from: func(p *Patch) **string { return &p.Address.City }},
	{path: "address.region", max: 100, unit: Runes, at: func(c *Customer) *string { return &c.Address.Region }, from: func(p *Patch) **string { return &p.Address.Region }},
	{path: "address.postal_code", max: 20, unit: Runes, at: func(c *Customer) *string { return &c.Address.PostalCode }, from: func(p *Patch) **string { return &p.Address.PostalCode }},
	{path: "address.country", max: 100, unit: Runes, at: func(c *Customer) *string { return &c.Address.Country }, from: func(p *Patch) **string { return &p.Address.Country }},
}

// Limits returns every limit of a record's fields.
func Limits() []Limit {
	out := make([]Limit, 0, len(textRules)+5)
	for _, r := range textRules {
		out = append(out, Limit{r.path, r.max, r.unit})
	}
	return append(out, Limit{"tags", maxTags, Items}, Limit{"tags[]", maxTagRunes, Runes}, Limit{"metadata", maxMetadataKeys, Items},
		Limit{"metadata{}", maxMetadataValue, Runes}, Limit{"metadata bytes", maxMetadataBytes, Bytes})
}

// validation collects the faults of one record.
type validation struct{ fields []FieldError }

// maxFaults is more than one record of legal size can have, and keeps the answer to a list of nothing but faults small.
const maxFaults = 200

func (v *validation) add(field string, code Code, message string) {
	if len(v.fields) == maxFaults {
		return
	}
	v.fields = append(v.fields, FieldError{Field: field, Code: code, Message: message})
}

func (v *validation) err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &ValidationError{Fields: v.fields}
}

// text returns s in its stored form, or s itself where it broke the rule.
func (v *validation) text(r *textRule, s string) string {
	if s == "" {
		return ""
	}
	var (
		out  string
		code Code
	)
	if r.clean != nil {
		out, code = r.clean(s)
	} else {
		out, code = cleanText(s, r.max, r.multiline)
	}
	if code != "" {
		v.add(r.path, code, codeMessage(code, r.max))
		return s
	}
	return out
}

// cleanField returns the stored form of what belongs into a text field.
func cleanField(path, s string) (string, error) {
	var v validation
	for i := range textRules {
		if textRules[i].path == path {
			s = v.text(&textRules[i], s)
		}
	}
	return s, v.err()
}

func codeMessage(code Code, limit int) string {
	switch code {
	case CodeTooLong:
		return fmt.Sprintf("must have at most %d characters and %d bytes", limit, 4*limit)
	case CodeInvalidEmail:
		return "must be one address such as ada@example.com: at most 254 bytes, 64 before the @, no quotes, no comments"
	case CodeInvalidPhone:
		return "must have 3 to 20 digits and otherwise only spaces, + ( ) - . / # * , x ext tel"
	}
	return "must be valid UTF-8 without control characters, line breaks outside notes, bidi overrides and noncharacters"
}

// tags returns the set of tags in stored form. A tag in known passes as it is: it was stored under the rules of its day.
func (v *validation) tags(path string, tags, known []string) []string {
	out := make([]string, 0, len(tags))
	for i, raw := range tags {
		if slices.Contains(known, raw) {
			out = append(out, raw)
			continue
		}
		tag, code := cleanTag(raw)
		if code != "" {
			v.add(fmt.Sprintf("%s.%d", path, i), code, tagMessage(code))
		} else if tag != "" {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

func tagMessage(code Code) string {
	if code == CodeTooLong {
		return codeMessage(code, maxTagRunes)
	}
	return "must be text without commas and control characters"
}

func (v *validation) tagCount(tags []string) {
	if len(tags) > maxTags {
		v.add("tags", CodeTooMany, fmt.Sprintf("must be at most %d", maxTags))
	}
}

// metadata returns m in stored form: no empty values, nil for none.
func (v *validation) metadata(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	badKey := false
	for _, key := range sortedKeys(m) {
		if !validMetadataKey(key) {
			badKey = true
		} else if value := v.metadataValue(key, m[key]); value != "" {
			out[key] = value
		}
	}
	if badKey {
		v.add("metadata", CodeInvalidKey, metadataKeyMessage)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// sortedKeys takes one allocation where growing a slice takes several.
func sortedKeys[V any](m map[string]V) []string {
	keys := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(keys)
	return keys
}

func (v *validation) metadataValue(key, value string) string {
	clean, code := cleanText(value, maxMetadataValue, false)
	if code != "" {
		v.add("metadata."+key, code, codeMessage(code, maxMetadataValue))
		return value
	}
	return clean
}

func (v *validation) metadataSize(m map[string]string) {
	size := 0
	for key, value := range m {
		size += len(key) + len(value)
	}
	if len(m) > maxMetadataKeys {
		v.add("metadata", CodeTooMany, fmt.Sprintf("must have at most %d keys", maxMetadataKeys))
	}
	if size > maxMetadataBytes {
		v.add("metadata", CodeTooLong, fmt.Sprintf("must have at most %d bytes in keys and values together", maxMetadataBytes))
	}
}

func validMetadataKey(key string) bool {
	return key != "" && len(key) <= maxMetadataKeyBytes && strings.IndexFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) < 0
}

// cleanText returns s in NFC without white space at its ends; text of nothing but white space and format characters is absent.
func cleanText(s string, maxRunes int, multiline bool) (string, Code) {
	if printable(s) {
		if s = strings.Trim(s, " "); len(s) > maxRunes {
			return "", CodeTooLong
		}
		return s, ""
	}
	if !utf8.ValidString(s) {
		return "", CodeInvalidText
	}
	blank := true
	for _, r := range s {
		if forbidden(r, multiline) {
			return "", CodeInvalidText
		}
		blank = blank && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r))
	}
	if blank {
		return "", ""
	}
	s = strings.TrimFunc(nfc(s), unicode.IsSpace)
	if len(s) > 4*maxRunes || utf8.RuneCountInString(s) > maxRunes {
		return "", CodeTooLong
	}
	return s, ""
}

// printable reports text of printable ASCII alone, most of what there is.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// forbidden refuses what has no place in a record: controls, line breaks in one-line text, noncharacters, and the format characters
// beyond those that scripts and emoji need, which keeps bidi overrides (UAX #9) out.
func forbidden(r rune, multiline bool) bool {
	switch {
	case r >= ' ' && r <= '~':
		return false
	case multiline && (r == '\t' || r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029):
		return false
	case r == 0xad || r == 0x61c || r >= 0x200c && r <= 0x200f || r >= 0xe0020 && r <= 0xe007f:
		return false
	case r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp)
}

// cleanTag returns a tag in stored form; "" is no tag.
func cleanTag(s string) (string, Code) {
	// Measured below: spaces inside collapse, and lower case may be longer than what it came from.
	s, code := cleanText(s, len(s), false)
	if code != "" {
		return "", code
	}
	s = nfc(strings.ToLower(strings.Join(strings.Fields(s), " ")))
	if strings.Contains(s, ",") {
		return "", CodeInvalidText
	}
	if len(s) > 4*maxTagRunes || utf8.RuneCountInString(s) > maxTagRunes {
		return "", CodeTooLong
	}
	return s, ""
}

// nfc returns s in NFC. Package norm parts a run of more than 30 marks with a U+034F (UAX #15, stream-safe text), which would change the
// text and its length; such runs are composed here.
func nfc(s string) string {
	if isASCII(s) {
		return s
	}
	const grapheme = "\u034f"
	out := norm.NFC.String(s)
	if strings.Count(out, grapheme) == strings.Count(s, grapheme) {
		return out
	}
	var marks []mark
	for _, r := range s {
		for _, d := range norm.NFD.String(string(r)) {
			marks = append(marks, mark{d, norm.NFD.PropertiesString(string(d)).CCC()})
		}
	}
	for from := range marks {
		if marks[from].class == 0 || from > 0 && marks[from-1].class != 0 {
			continue
		}
		to := from
		for to < len(marks) && marks[to].class != 0 {
			to++
		}
		slices.SortStableFunc(marks[from:to], func(a, b mark) int { return int(a.class) - int(b.class) })
	}
	return compose(marks)
}

// mark is a code point of decomposed text with its combining class, 0 for a letter.
type mark struct {
	r     rune
	class uint8
}

// compose is the canonical composition of Unicode (section 3.11, D117).
func compose(marks []mark) string {
	out, starter := make([]rune, 0, len(marks)), -1
	var last uint8
	for _, m := range marks {
		if starter >= 0 && (starter == len(out)-1 || last < m.class) {
			if one := []rune(norm.NFC.String(string([]rune{out[starter], m.r}))); len(one) == 1 {
				out[starter] = one[0]
				continue
			}
		}
		if m.class == 0 {
			starter = len(out)
		}
		out, last = append(out, m.r), m.class
	}
	return string(out)
}

// cleanEmail returns an address as typed, NFC and trimmed, if it follows RFC 5321 and RFC 6531 without quotes and comments.
func cleanEmail(s string) (string, Code) {
	s, code := cleanText(s, maxEmail, false)
	if code != "" {
		return "", CodeInvalidEmail
	}
	if s == "" {
		return "", ""
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxEmail || !validLocal(local) {
		return "", CodeInvalidEmail
	}
	if _, err := asciiDomain(domain); err != nil {
		return "", CodeInvalidEmail
	}
	return s, ""
}

func validLocal(local string) bool {
	if local == "" || len(local) > maxEmailLocal {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.IndexFunc(atom, func(r rune) bool { return !atext(r) }) >= 0 {
			return false
		}
	}
	return true
}

func atext(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return !unicode.In(r, unicode.C, unicode.Z)
}

var errDomain = errors.New("not a domain name")

// asciiDomain returns a domain as lower-case A-labels (RFC 5890). Plain ASCII names are checked here; idna, which alone would let
// empty labels pass, sees only the others, and its result is checked again.
func asciiDomain(domain string) (string, error) {
	if !needsIDNA(domain) {
		return strings.ToLower(domain), checkDomain(domain)
	}
	// Punycode takes time by the square of a label.
	if len(domain) > utf8.UTFMax*maxDomain {
		return "", errDomain
	}
	// idna drops some invisible characters silently; an address with one in it is refused instead.
	if strings.IndexFunc(domain, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Z) }) >= 0 {
		return "", errDomain
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", errDomain
	}
	return strings.ToLower(ascii), checkDomain(ascii)
}

func needsIDNA(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > 3 && label[2:4] == "--" {
			return true
		}
	}
	return strings.IndexFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
}

func checkDomain(domain string) error {
	if !strings.Contains(domain, ".") || len(domain) > maxDomain {
		return errDomain
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > maxDomainLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return errDomain
		}
		if strings.IndexFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
		}) >= 0 {
			return errDomain
		}
	}
	if strings.Trim(domain[strings.LastIndexByte(domain, '.')+1:], "0123456789") == "" {
		return errDomain
	}
	return nil
}

// cleanPhone returns a number as typed, its spaces, dashes and digits in ASCII.
func cleanPhone(s string) (string, Code) {
	if !utf8.ValidString(s) {
		return "", CodeInvalidPhone
	}
	digits := 0
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			digits++
			return '0' + digitValue(r)
		case forbidden(r, false):
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r) || r == 0x2212:
			return '-'
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	if s = strings.Trim(s, " "); s == "" {
		return "", ""
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" +()-./#*,0123456789", r) })
	for _, word := range words {
		if !slices.Contains([]string{"x", "ext", "tel"}, strings.ToLower(word)) {
			return "", CodeInvalidPhone
		}
	}
	if len(s) > 40 {
		return "", CodeTooLong
	}
	if digits < minPhoneDigits || digits > maxPhoneDigits {
		return "", CodeInvalidPhone
	}
	return s, ""
}

// digitValue relies on Unicode assigning the decimal digits of every script in runs of ten.
func digitValue(r rune) rune {
	if r < utf8.RuneSelf {
		return r - '0'
	}
	for _, t := range unicode.Nd.R16 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}
