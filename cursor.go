package customer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Cursor is where a walk over the pages of one query goes on. It is opaque, not secret, and holds the last customer's sort key and ID: do
// not log it. It serves any page size, and no other tenant, filter or order.
type Cursor string

// Position is the last customer of the page before, in the query's order.
type Position struct {
	Key  string    // the folded sort key, for orders by text
	Time time.Time // the sort key of the other orders
	ID   ID
}

// A token is cursorVersion, the fingerprint of the query, the ID, the key, and a CRC-32 of all that; base64url without padding. The
// checksum catches damage, the fingerprint a cursor that belongs elsewhere; neither is a secret.
const (
	cursorVersion  = 1
	fingerprintLen = 8
	cursorFixedLen = 1 + fingerprintLen + len(ID{})
)

// NextCursor returns the cursor of the page after last, the last customer of a page of q in the tenant.
func NextCursor(q Query, tenant string, last Customer) Cursor {
	b := make([]byte, 1, 128)
	b[0] = cursorVersion
	b = append(append(b, q.fingerprint(tenant)...), last.ID[:]...)
	pos := PositionOf(q.OrderBy, last)
	if q.OrderBy.byTime() {
		b = binary.BigEndian.AppendUint64(b, uint64(pos.Time.UnixMicro()))
	} else {
		b = append(b, pos.Key...)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// PositionOf returns c's place in the order.
func PositionOf(o Order, c Customer) Position {
	pos := Position{ID: c.ID}
	switch name, _ := o.Key(); name {
	case "updated_at":
		pos.Time = c.UpdatedAt
	case "name":
		pos.Key = foldKey(c.Name)
	case "email":
		pos.Key = emailKey(c.Email)
	case "company":
		pos.Key = foldKey(c.Company)
	default:
		pos.Time = c.CreatedAt
	}
	return pos
}

// Position returns where the page after q.After begins and whether there is one: not on the first page. A token that is no cursor's, or
// damaged, is a [*QueryError] with [CodeInvalidCursor]; one of another tenant, filter or order has [CodeCursorMismatch].
func (q Query) Position(tenant string) (pos Position, ok bool, err error) {
	if q.After == "" {
		return Position{}, false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(string(q.After))
	if err != nil || len(b) < cursorFixedLen+4 || base64.RawURLEncoding.EncodeToString(b) != string(q.After) {
		return Position{}, false, badCursor(CodeInvalidCursor, "is not a cursor of this service")
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if body[0] != cursorVersion || crc32.ChecksumIEEE(body) != sum {
		return Position{}, false, badCursor(CodeInvalidCursor, "is damaged or of another version")
	}
	if string(body[1:1+fingerprintLen]) != string(q.fingerprint(tenant)) {
		return Position{}, false, badCursor(CodeCursorMismatch, "belongs to another filter or order; begin again without it")
	}
	pos.ID = ID(body[1+fingerprintLen : cursorFixedLen])
	if !pos.setKey(body[cursorFixedLen:], q.OrderBy) {
		return Position{}, false, badCursor(CodeInvalidCursor, "is damaged")
	}
	return pos, true, nil
}

// setKey reads the sort key and reports whether a customer could have it. Anyone can compute the checksums, and a store may not be able
// to hold what no customer has.
func (p *Position) setKey(key []byte, o Order) bool {
	if !o.byTime() {
		p.Key = string(key)
		return len(key) <= maxKeyBytes && utf8.Valid(key) && bytes.IndexByte(key, 0) < 0
	}
	if len(key) != 8 {
		return false
	}
	p.Time = time.UnixMicro(int64(binary.BigEndian.Uint64(key))).UTC()
	return p.Time.Year() >= 1 && p.Time.Year() <= 9999
}

func badCursor(code Code, message string) *QueryError { return badQuery("cursor", code, message) }

func (o Order) byTime() bool {
	name, _ := o.Key()
	return name == string(ByCreatedAt) || name == string(ByUpdatedAt)
}

// fingerprint stands for everything a cursor depends on but its place.
func (q Query) fingerprint(tenant string) []byte {
	name, descending := q.OrderBy.Key()
	b := appendStrings(make([]byte, 0, 256), []string{tenant, name})
	if descending {
		b = append(b, '-')
	}
	sum := sha256.Sum256(appendFilter(b, Normalize(q.Where)))
	return sum[:fingerprintLen]
}

// Normalize returns the one spelling of f that cursors and comparisons use; nil becomes AllOf{}. It flattens And and Or, merges the spans
// of one field, the all-tags and the texts of one And, drops double Not and And and Or of one, rounds times, sorts values and operands
// and drops repeated ones. It matches the same customers as f and shares no memory with it. Validate first: a fault may vanish on the way.
func Normalize(f Filter) Filter {
	if f == nil {
		return AllOf{}
	}
	return normal(f)
}

func normal(f Filter) Filter {
	switch f := f.(type) {
	case AllOf:
		return normalAll(f)
	case AnyOf:
		return normalAny(f)
	case NoneOf:
		return normalNone(f)
	case Match:
		f.Values = sortedSet(f.Values)
		return f
	case Span:
		f.From, f.To = ceilMicros(f.From), ceilMicros(f.To)
		return f
	case StatusIn:
		return StatusIn(sortedSet(f))
	case IDIn:
		ids := slices.Clone(f)
		slices.SortFunc(ids, func(a, b ID) int { return slices.Compare(a[:], b[:]) })
		return slices.Compact(ids)
	case Tagged:
		return f.normal()
	case MetadataIn:
		f.Values = sortedSet(f.Values)
		return f
	case HasWords:
		return f.normal()
	}
	return f
}

func sortedSet[S ~[]T, T cmp.Ordered](s S) S {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}

func (f Tagged) normal() Filter {
	tags := make([]string, len(f.Tags))
	for i, tag := range f.Tags {
		clean, code := cleanTag(tag)
		if code != "" || clean == "" {
			clean = tag
		}
		tags[i] = clean
	}
	f.Tags = sortedSet(tags)
	f.All = f.All && len(f.Tags) != 1
	return f
}

// normal cuts the text into its words, sorted and folded, and makes a filter on the domain of every @domain in it. Words that outgrew the
// limit of one text take several, so that what is valid stays valid.
func (f HasWords) normal() Filter {
	words := make([]string, 0, 4)
	var all AllOf
	for _, t := range f.Terms() {
		if t.Kind == TermDomain {
			all = append(all, Match{ByEmailDomain, Is, []string{t.source}})
		} else {
			words = append(words, t.source)
		}
	}
	if len(all) == 0 && len(words) == 0 {
		return f
	}
	var packed []string
	for _, word := range sortedSet(words) {
		if n := len(packed) - 1; n >= 0 && len(packed[n])+len(" ")+len(word) <= MaxTextBytes {
			packed[n] += " " + word
		} else {
			packed = append(packed, word)
		}
	}
	for _, text := range packed {
		all = append(all, HasWords{text})
	}
	return operands(all)
}

func normalAll(f AllOf) Filter {
	var (
		out   AllOf
		texts []string
		tags  *Tagged
		spans = map[TimeField]Span{}
	)
	for _, child := range f {
		for _, child := range conjuncts(normal(child)) {
			switch c := child.(type) {
			case HasWords:
				texts = append(texts, c.Text)
			case Span:
				if have, ok := spans[c.Field]; ok {
					c = have.and(c)
				}
				spans[c.Field] = c
			case Tagged:
				if !c.All && len(c.Tags) != 1 {
					out = append(out, c)
				} else if tags == nil {
					tags = &Tagged{c.Tags, true}
				} else {
					tags.Tags = append(tags.Tags, c.Tags...)
				}
			default:
				out = append(out, child)
			}
		}
	}
	for _, s := range spans {
		out = append(out, s)
	}
	if tags != nil {
		out = append(out, tags.normal())
	}
	if len(texts) > 0 {
		out = append(out, conjuncts(HasWords{strings.Join(texts, " ")}.normal())...)
	}
	return operands(out)
}

// conjuncts returns the operands of an And, or f alone.
func conjuncts(f Filter) AllOf {
	if all, ok := f.(AllOf); ok {
		return all
	}
	return AllOf{f}
}

// and intersects two spans of one field.
func (f Span) and(other Span) Span {
	if f.From.Before(other.From) {
		f.From = other.From
	}
	if f.To.IsZero() || !other.To.IsZero() && other.To.Before(f.To) {
		f.To = other.To
	}
	return f
}

func normalAny(f AnyOf) Filter {
	out := make(AnyOf, 0, len(f))
	for _, child := range f {
		child := normal(child)
		if nested, ok := child.(AnyOf); ok {
			out = append(out, nested...)
		} else {
			out = append(out, child)
		}
	}
	return operands(out)
}

func normalNone(f NoneOf) Filter {
	if len(f) == 0 {
		return AllOf{}
	}
	inner := normal(AnyOf(f))
	if double, ok := inner.(NoneOf); ok {
		return double[0]
	}
	return NoneOf{inner}
}

// operands sorts the operands of And or Or, drops repeated ones and unwraps a single one.
func operands[S interface {
	~[]Filter
	Filter
}](s S) Filter {
	if len(s) == 1 {
		return s[0]
	}
	if len(s) == 0 {
		return S{}
	}
	type operand struct {
		code string
		f    Filter
	}
	encoded := make([]operand, len(s))
	for i, f := range s {
		encoded[i] = operand{string(appendFilter(nil, f)), f}
	}
	slices.SortStableFunc(encoded, func(a, b operand) int { return strings.Compare(a.code, b.code) })
	out := make(S, 0, len(s))
	for i, e := range encoded {
		if i == 0 || e.code != encoded[i-1].code {
			out = append(out, e.f)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func ceilMicros(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	down := micros(t)
	if down.Before(t) {
		return down.Add(time.Microsecond)
	}
	return down
}

// appendFilter encodes a filter so that different filters have different encodings.
func appendFilter(b []byte, f Filter) []byte {
	switch f := f.(type) {
	case AllOf:
		return appendOperands(append(b, 'A'), f)
	case AnyOf:
		return appendOperands(append(b, 'O'), f)
	case NoneOf:
		return appendOperands(append(b, 'N'), f)
	case Match:
		return appendStrings(append(b, 'M'), append([]string{string(f.Field), string(f.Op)}, f.Values...))
	case Span:
		b = appendStrings(append(b, 'S'), []string{string(f.Field)})
		return appendSpanTime(appendSpanTime(b, f.From), f.To)
	case StatusIn:
		return appendStrings(append(b, 'L'), f)
	case IDIn:
		b = binary.AppendUvarint(append(b, 'I'), uint64(len(f)))
		for _, id := range f {
			b = append(b, id[:]...)
		}
		return b
	case Tagged:
		if f.All {
			return appendStrings(append(b, 'G'), f.Tags)
		}
		return appendStrings(append(b, 'T'), f.Tags)
	case MetadataIn:
		return appendStrings(append(b, 'K'), append([]string{f.Key}, f.Values...))
	case Present:
		return appendStrings(append(b, 'P'), []string{f.Field})
	case HasWords:
		return appendStrings(append(b, 'W'), []string{f.Text})
	}
	return append(b, '?')
}

func appendOperands(b []byte, fs []Filter) []byte {
	b = binary.AppendUvarint(b, uint64(len(fs)))
	for _, f := range fs {
		b = appendFilter(b, f)
	}
	return b
}

func appendStrings[T ~string](b []byte, list []T) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

func appendSpanTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendVarint(append(b, 1), t.UnixMicro())
}
