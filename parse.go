package customer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ParseText reads the text form of a filter, the language of the search box:
//
//	ada -tag:churned created_at:>=2026-01-01 (country:NL OR has:phone) metadata.plan:gold,silver
//
// Words side by side must all match. OR, NOT (or -) and parentheses combine; field:value filters, where a plain value is part of a name,
// company, city, region or country and the whole of any other field; field:=x is equality, ~x contains, x* and *x prefix and suffix, has:x
// presence. Quotes make one value of any text. The text has at most 512 bytes. What it means is [Normalize]d; active customers are not
// implied. The error is a [*QueryError] with Param "q" and the byte offset of the fault.
func ParseText(text string) (Filter, error) {
	p := parser{text: text}
	if len(text) > MaxTextBytes {
		return nil, p.fault(MaxTextBytes, fmt.Sprintf("must have at most %d bytes", MaxTextBytes))
	}
	if !utf8.ValidString(text) {
		return nil, p.fault(0, "must be valid UTF-8")
	}
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.pos < len(text) {
		return nil, p.fault(p.pos, "closes a group that was not opened")
	}
	if err := checkFilter(f); err != nil {
		return nil, p.located(0, err)
	}
	return Normalize(f), nil
}

type parser struct {
	text string
	pos  int
}

func (p *parser) fault(offset int, message string) *QueryError {
	return &QueryError{Param: "q", Offset: offset, Code: CodeInvalidQuery, Message: message}
}

// echo is a fault whose message repeats a word of the query, which the text of the error must not.
func (p *parser) echo(offset int, message string) *QueryError {
	err := p.fault(offset, message)
	err.echoes = true
	return err
}

// located turns the fault of a node into one of the text at offset.
func (p *parser) located(offset int, err error) error {
	var q *QueryError
	if !errors.As(err, &q) {
		return err
	}
	if q.Param == "q" || q.Param == "filter" {
		return p.fault(offset, q.Message)
	}
	return p.fault(offset, q.Param+" "+q.Message)
}

func (p *parser) or() (Filter, error) {
	var parts AnyOf
	for {
		f, err := p.and()
		if err != nil {
			return nil, err
		}
		parts = append(parts, f)
		if !p.operator("OR") {
			return Or(parts...), nil
		}
	}
}

func (p *parser) and() (Filter, error) {
	var parts AllOf
	for {
		p.space()
		if p.atEnd() || len(parts) > 0 && p.peekOperator("OR") {
			break
		}
		if len(parts) > 0 && p.operator("AND") {
			p.space()
		}
		f, err := p.unary()
		if err != nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	if len(parts) == 0 {
		return nil, p.fault(p.pos, "needs a word or a filter here")
	}
	return And(parts...), nil
}

func (p *parser) unary() (Filter, error) {
	rest := p.text[p.pos:]
	next, _ := utf8.DecodeRuneInString(strings.TrimPrefix(rest, "-"))
	if strings.HasPrefix(rest, "-") && len(rest) > 1 && !unicode.IsDigit(next) && !unicode.IsSpace(next) {
		p.pos++
	} else if !p.operator("NOT") {
		return p.primary()
	}
	p.space()
	f, err := p.primary()
	return Not(f), err
}

func (p *parser) primary() (Filter, error) {
	start := p.pos
	switch r, size := utf8.DecodeRuneInString(p.text[start:]); {
	case r == '(':
		p.pos += size
		f, err := p.or()
		if err != nil {
			return nil, err
		}
		if p.pos == len(p.text) {
			return nil, p.fault(start, "opens a group that is not closed")
		}
		p.pos++
		return f, nil
	case r == ',':
		return nil, p.fault(start, "a comma stands only between the values of a field; quote text with commas")
	case isQuote(r):
		value, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return p.leaf(start, Text(value))
	}
	word := p.bare()
	name, _, colon := strings.Cut(word, ":")
	if !colon {
		return p.leaf(start, Text(word))
	}
	p.pos = start + len(name) + 1
	return p.filter(start, name)
}

// leaf checks a node where it stands, so that its fault has an offset.
func (p *parser) leaf(offset int, f Filter) (Filter, error) {
	if err := checkLeaf(f); err != nil {
		return nil, p.located(offset, err)
	}
	return f, nil
}

func (p *parser) filter(start int, written string) (Filter, error) {
	name := strings.ToLower(written)
	switch {
	case strings.HasPrefix(name, "metadata."):
		// Cut from what was written: keys are case-sensitive, and lower case may be longer.
		key := written[len("metadata."):]
		return p.exact("metadata", func(v []string) Filter { return HasMetadata(key, v...) })
	case name == "tag":
		return p.exact(name, func(v []string) Filter { return HasAnyTag(v...) })
	case name == "status":
		return p.exact(name, func(v []string) Filter {
			statuses := make(StatusIn, len(v))
			for i := range v {
				statuses[i] = Status(v[i])
			}
			return statuses
		})
	case name == "id":
		return p.ids()
	case name == "has":
		return p.has()
	case slices.Contains(TimeFields(), TimeField(name)):
		return p.times(TimeField(name))
	case slices.Contains(TextFields(), TextField(name)):
		return p.match(TextField(name))
	}
	p.pos = start
	message := fmt.Sprintf("%q is no field", written)
	if near := Suggest(name, filterNames()); near != "" {
		message += fmt.Sprintf("; did you mean %s:", near)
	}
	return nil, p.echo(start, message+fmt.Sprintf("; to search for the text itself, quote it: %s", inQuotes(p.bare())))
}

func filterNames() []string {
	names := []string{"tag", "status", "id", "has", "metadata.key"}
	for _, f := range TextFields() {
		names = append(names, string(f))
	}
	for _, f := range TimeFields() {
		names = append(names, string(f))
	}
	return names
}

// exact reads the values of a field that knows equality only.
func (p *parser) exact(name string, node func([]string) Filter) (Filter, error) {
	at := p.pos
	if p.pos < len(p.text) && strings.IndexByte("~<>*", p.text[p.pos]) >= 0 {
		return nil, p.fault(at, name+" takes whole values only; quote a value that begins with ~ < > or *")
	}
	values, err := p.list(p.take("="))
	if err != nil {
		return nil, err
	}
	return p.leaf(at, node(values))
}

func (p *parser) ids() (Filter, error) {
	at := p.pos
	values, err := p.list(p.take("="))
	if err != nil {
		return nil, err
	}
	ids := make(IDIn, len(values))
	for i := range values {
		if ids[i], err = ParseID(values[i]); err != nil {
			return nil, p.fault(at, "id must be a UUID of 36 characters")
		}
	}
	return ids, nil
}

func (p *parser) has() (Filter, error) {
	at := p.pos
	field := p.bare()
	if lower := strings.ToLower(field); strings.HasPrefix(lower, "metadata.") {
		field = "metadata." + field[len("metadata."):]
	} else {
		field = lower
	}
	return p.leaf(at, Has(field))
}

// matchesPart reports the fields of which people type a part.
func matchesPart(f TextField) bool {
	return f == ByName || f == ByCompany || f == ByCity || f == ByRegion || f == ByCountry
}

func (p *parser) match(field TextField) (Filter, error) {
	at, op, single := p.pos, Is, false
	switch {
	case p.take("="):
		single = true
	case p.take("~"):
		op = Contains
	case p.take("*"):
		op, single = Suffix, true
	case p.pos < len(p.text) && (p.text[p.pos] == '<' || p.text[p.pos] == '>'):
		return nil, p.fault(at, string(field)+" has no < and >, which are for times; quote a value that begins with one")
	case p.prefixed():
		value, err := p.prefix()
		if err != nil {
			return nil, err
		}
		return p.leaf(at, field.Prefix(value))
	case matchesPart(field):
		op = Contains
	}
	values, err := p.list(single)
	if err != nil {
		return nil, err
	}
	if field == ByEmail && op == Is {
		for _, v := range values {
			if !strings.Contains(v, "@") {
				return nil, p.echo(at, "email compares whole addresses; to find a part write email:~"+quote(v))
			}
		}
	}
	return p.leaf(at, Match{field, op, values})
}

// prefixed reports whether the value ahead ends in a star.
func (p *parser) prefixed() bool {
	ahead := *p
	if ahead.pos < len(ahead.text) && isQuote(ahead.rune()) {
		_, err := ahead.quoted()
		return err == nil && ahead.take("*")
	}
	return strings.HasSuffix(ahead.bare(), "*")
}

// prefix reads the value that prefixed saw.
func (p *parser) prefix() (string, error) {
	start := p.pos
	if isQuote(p.rune()) {
		value, err := p.quoted()
		p.take("*")
		return value, err
	}
	value := strings.TrimSuffix(p.bare(), "*")
	return value, p.noStar(start, value)
}

// noStar refuses a star that would be part of the value: people mean a pattern by it.
func (p *parser) noStar(offset int, word string) error {
	if strings.HasPrefix(word, "*") || strings.HasSuffix(word, "*") {
		return p.fault(offset, "a * stands at one end of one value; write ~ for a part, or quote a value with a *")
	}
	return nil
}

func (p *parser) times(field TimeField) (Filter, error) {
	at := p.pos
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if p.take(op) {
			from, to, err := p.time()
			if err != nil {
				return nil, err
			}
			return p.leaf(at, compareTime(field, op, from, to))
		}
	}
	from, to, err := p.bound(true)
	if err != nil {
		return nil, err
	}
	if !p.take("..") {
		return p.days(at, field, from, to)
	}
	span := Span{Field: field, From: from}
	if _, span.To, err = p.bound(false); err != nil {
		return nil, err
	}
	return p.leaf(at, span)
}

// days reads on where the first of a list of days was read.
func (p *parser) days(at int, field TimeField, from, to time.Time) (Filter, error) {
	var spans AnyOf
	for {
		if from.IsZero() {
			return nil, p.fault(at, timeMessage)
		}
		if to.Sub(from) != day {
			return nil, p.fault(at, string(field)+" equals a day such as 2026-01-31 only; write a range for anything else")
		}
		spans = append(spans, field.Between(from, to))
		if !p.take(",") {
			return Or(spans...), nil
		}
		at = p.pos
		var err error
		if from, to, err = p.bound(false); err != nil {
			return nil, err
		}
	}
}

// bound reads a time, if one stands ahead; first says that a range may follow it.
func (p *parser) bound(first bool) (from, to time.Time, err error) {
	at := p.pos
	if at < len(p.text) && isQuote(p.rune()) {
		value, err := p.quoted()
		if err != nil {
			return from, to, err
		}
		return parseTimeAt(at, value)
	}
	value := p.bare()
	if before, _, isRange := strings.Cut(value, ".."); first && isRange {
		value, p.pos = before, at+len(before)
	}
	if value == "" {
		return from, to, nil
	}
	return parseTimeAt(at, value)
}

func (p *parser) time() (from, to time.Time, err error) {
	at := p.pos
	value, err := p.list(true)
	if err != nil {
		return from, to, err
	}
	return parseTimeAt(at, value[0])
}

func parseTimeAt(offset int, value string) (from, to time.Time, err error) {
	if from, to, err = ParseTime(value); err != nil {
		err = &QueryError{Param: "q", Offset: offset, Code: CodeInvalidQuery, Message: timeMessage}
	}
	return from, to, err
}

// compareTime compares with the instants from <= t < to that a value stands for.
func compareTime(field TimeField, op string, from, to time.Time) Filter {
	switch op {
	case ">=":
		return field.Since(from)
	case ">":
		return field.Since(to)
	case "<":
		return field.Before(from)
	case "<=":
		return field.Before(to)
	}
	return field.Between(from, to)
}

const (
	day         = 24 * time.Hour
	timeMessage = "must be a date such as 2026-01-31 or an RFC 3339 time such as 2026-01-31T12:00:00Z, in the years 1900 to 9999"
)

// ParseTime reads a time as filters write it: a date is that whole day in UTC, an RFC 3339 time that instant, both as from <= t < to in whole
// microseconds. A space where the sign of an offset stands counts as +, which is what becomes of a + in a query string.
func ParseTime(value string) (from, to time.Time, err error) {
	if from, err = time.Parse(time.DateOnly, value); err == nil {
		to = from.Add(day)
	} else {
		if i := len(value) - len("+00:00"); i > 0 && value[i] == ' ' {
			value = value[:i] + "+" + value[i+1:]
		}
		var ok bool
		if from, ok = parseInstant(value); !ok {
			return time.Time{}, time.Time{}, badQuery("time", CodeInvalidParameter, timeMessage)
		}
		to = micros(from).Add(time.Microsecond)
		from = ceilMicros(from)
	}
	if !validYear(from) {
		return time.Time{}, time.Time{}, badQuery("time", CodeInvalidParameter, timeMessage)
	}
	return from, to, nil
}

// parseInstant holds to RFC 3339 where package time forgives: an hour of one digit, a comma, and offsets of a whole day or hour.
func parseInstant(value string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || value[len("2006-01-02T1")] == ':' || strings.Contains(value, ",") {
		return time.Time{}, false
	}
	return t, strings.HasSuffix(value, "Z") || value[len(value)-len("00:00"):] < "24" && value[len(value)-len("00"):] < "60"
}

// list reads one value, or as many as commas part.
func (p *parser) list(single bool) ([]string, error) {
	var values []string
	for {
		start := p.pos
		if start < len(p.text) && isQuote(p.rune()) {
			value, err := p.quoted()
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		} else if word := p.bare(); word == "" {
			return nil, p.fault(start, "needs a value here")
		} else {
			if err := p.noStar(start, word); err != nil {
				return nil, err
			}
			values = append(values, word)
		}
		if single || !p.take(",") {
			return values, nil
		}
	}
}

func (p *parser) rune() rune {
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return r
}

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' }

// delimits reports what ends a bare value.
func delimits(r rune) bool {
	return isQuote(r) || r == ',' || r == '(' || r == ')' || unicode.IsSpace(r)
}

func (p *parser) quoted() (string, error) {
	var b strings.Builder
	start, escaped := p.pos, false
	for i, r := range p.text[start:] {
		switch {
		case i == 0:
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && isQuote(r):
			p.pos = start + i + utf8.RuneLen(r)
			return b.String(), nil
		case escaped && r != '\\' && !isQuote(r):
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(r)
		}
		escaped = false
	}
	return "", p.fault(start, "opens a quotation that is not closed")
}

func (p *parser) bare() string {
	rest := p.text[p.pos:]
	if i := strings.IndexFunc(rest, delimits); i >= 0 {
		rest = rest[:i]
	}
	p.pos += len(rest)
	return rest
}

func (p *parser) take(prefix string) bool {
	ok := strings.HasPrefix(p.text[p.pos:], prefix)
	if ok {
		p.pos += len(prefix)
	}
	return ok
}

func (p *parser) space() {
	p.pos = len(p.text) - len(strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace))
}

// atEnd reports the end of the text or of a group.
func (p *parser) atEnd() bool { return p.pos == len(p.text) || p.text[p.pos] == ')' }

// operator takes the keyword if it stands ahead with something after it: at the end of a group it is a word.
func (p *parser) operator(keyword string) bool {
	ahead := *p
	ahead.space()
	if ahead.bare() != keyword {
		return false
	}
	after := ahead
	if after.space(); after.atEnd() {
		return false
	}
	*p = ahead
	return true
}

func (p *parser) peekOperator(keyword string) bool {
	ahead := *p
	return ahead.operator(keyword)
}

// FormatText returns the text form of f, which [ParseText] reads back as [Normalize](f). A filter that has no such form is
// [errors.ErrUnsupported]: sets without elements, several values of an equality where a plain value means a part, an email's equality with
// something that has no @, prefixes and suffixes with several values, and what takes more than 512 bytes.
func FormatText(f Filter) (string, error) {
	if err := checkFilter(f); err != nil {
		return "", err
	}
	text, ok := formatText(Normalize(f))
	if !ok || len(text) > MaxTextBytes {
		return "", fmt.Errorf("customer: the filter has no text form: %w", errors.ErrUnsupported)
	}
	return text, nil
}

func formatText(f Filter) (text string, ok bool) {
	switch f := f.(type) {
	case AllOf:
		return formatOperands(f, " ")
	case AnyOf:
		return formatOperands(f, " OR ")
	case NoneOf:
		text, ok = formatText(f[0])
		if first := strings.TrimLeftFunc(text, unicode.IsDigit); grouped(f[0]) || first != text {
			text = "(" + text + ")"
		}
		return "-" + text, ok
	case Match:
		return f.format()
	case Span:
		return f.format()
	case StatusIn:
		return formatList("status:", f)
	case IDIn:
		ids := make([]string, len(f))
		for i := range f {
			ids[i] = f[i].String()
		}
		return formatList("id:", ids)
	case Tagged:
		if !f.All {
			return formatList("tag:", f.Tags)
		}
		tags := make([]string, len(f.Tags))
		for i, tag := range f.Tags {
			tags[i] = "tag:" + quote(tag)
		}
		return strings.Join(tags, " "), len(tags) > 0
	case MetadataIn:
		return formatList("metadata."+f.Key+":", f.Values)
	case Present:
		return "has:" + f.Field, true
	case HasWords:
		words := strings.Fields(f.Text)
		for i, word := range words {
			words[i] = quoteWord(word)
		}
		return strings.Join(words, " "), true
	}
	return "", false
}

func formatOperands(operands []Filter, between string) (string, bool) {
	texts := make([]string, len(operands))
	for i, f := range operands {
		text, ok := formatText(f)
		if !ok {
			return "", false
		}
		if _, or := f.(AnyOf); or {
			text = "(" + text + ")"
		}
		texts[i] = text
	}
	return strings.Join(texts, between), len(texts) > 0
}

// grouped reports nodes whose text is more than one operand of NOT.
func grouped(f Filter) bool {
	switch f := f.(type) {
	case AllOf, AnyOf:
		return true
	case Tagged:
		return f.All
	case HasWords:
		return strings.Contains(f.Text, " ")
	}
	return false
}

func (f Match) format() (string, bool) {
	field, one := string(f.Field)+":", len(f.Values) == 1
	switch {
	case f.Op == Contains && matchesPart(f.Field):
		return formatList(field, f.Values)
	case f.Op == Contains:
		return formatList(field+"~", f.Values)
	case f.Op == Is && matchesPart(f.Field):
		return field + "=" + quote(f.Values[0]), one
	case f.Op == Is:
		missing := func(v string) bool { return !strings.Contains(v, "@") }
		text, ok := formatList(field, f.Values)
		return text, ok && (f.Field != ByEmail || !slices.ContainsFunc(f.Values, missing))
	case f.Op == Prefix:
		return field + quote(f.Values[0]) + "*", one
	}
	return field + "*" + quote(f.Values[0]), one
}

func (f Span) format() (string, bool) {
	field, last := string(f.Field)+":", f.To.Add(-time.Microsecond)
	switch {
	case f.To.IsZero():
		return field + ">=" + f.From.Format(time.RFC3339Nano), validYear(f.From)
	case f.From.IsZero() && validYear(f.To):
		return field + "<" + f.To.Format(time.RFC3339Nano), true
	case f.From.IsZero():
		return field + ".." + last.Format(time.RFC3339Nano), true
	}
	return field + f.From.Format(time.RFC3339Nano) + ".." + last.Format(time.RFC3339Nano), validYear(f.From) && validYear(last)
}

func formatList[S ~[]T, T ~string](field string, values S) (string, bool) {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quote(string(v))
	}
	return field + strings.Join(texts, ","), len(texts) > 0
}

// quote returns a value as it stands after a field.
func quote(value string) string {
	if value != "" && strings.IndexFunc(value, delimits) < 0 && !strings.ContainsAny(value[:1], "=~<>*") && !strings.HasSuffix(value, "*") {
		return value
	}
	return inQuotes(value)
}

func inQuotes(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `“`, `\“`, `”`, `\”`).Replace(value) + `"`
}

// quoteWord returns a word of the search box as it stands alone.
func quoteWord(word string) string {
	if strings.Contains(word, ":") || word[0] == '-' {
		return inQuotes(word)
	}
	return quote(word)
}

// Suggest returns the name that was probably meant: the nearest of names within two edits, or "".
func Suggest(written string, names []string) string {
	best, bestDistance := "", 3
	for _, name := range names {
		if d := editDistance(strings.ToLower(written), name); d < bestDistance && d < len(name) {
			best, bestDistance = name, d
		}
	}
	return best
}

// editDistance is Levenshtein's, in bytes; names far longer than any of ours are not measured.
func editDistance(a, b string) int {
	if len(a) > len(b)+3 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
