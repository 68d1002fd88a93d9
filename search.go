package customer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Query asks a store for a page of customers. The zero value asks for the first 50 of all customers, archived ones too, newest first.
type Query struct {
	Where   Filter // nil: all customers
	OrderBy Order  // "": newest first
	Limit   int    // 1 to 200; 0: 50
	After   Cursor // "": the first page
}

// Order is a sort key, with "-" before it for descending. Customers with equal keys are ordered by ID in the same direction; an empty
// key comes first when ascending. Text is ordered by code point of its folded form ([Fold]).
type Order string

// The orders. Ordering by UpdatedAt has no index in any store and costs a walk over all that match.
const (
	NewestFirst  Order = "-created_at" // as is ""
	OldestFirst  Order = "created_at"
	UpdatedFirst Order = "updated_at"
	UpdatedLast  Order = "-updated_at"
	NameAZ       Order = "name"
	NameZA       Order = "-name"
	EmailAZ      Order = "email"
	EmailZA      Order = "-email"
	CompanyAZ    Order = "company"
	CompanyZA    Order = "-company"
)

// Orders returns every order by its full name.
func Orders() []Order {
	return []Order{NewestFirst, OldestFirst, UpdatedFirst, UpdatedLast, NameAZ, NameZA, EmailAZ, EmailZA, CompanyAZ, CompanyZA}
}

// Key returns the sort key's wire name and whether it descends.
func (o Order) Key() (name string, descending bool) {
	name, descending = strings.CutPrefix(string(cmp.Or(o, NewestFirst)), "-")
	return name, descending
}

// Validate reports what is wrong with the query as a [*QueryError], or an error that is [errors.ErrUnsupported] for a node or an order this
// version does not know. The cursor is checked by [Query.Position], which knows the tenant.
func (q Query) Validate() error {
	if !slices.Contains(Orders(), cmp.Or(q.OrderBy, NewestFirst)) {
		return badQuery("sort", CodeInvalidParameter, "must be created_at, updated_at, name, email or company, with - before it for descending")
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return badQuery("limit", CodeInvalidParameter, fmt.Sprintf("must be 1 to %d", MaxLimit))
	}
	return checkFilter(q.Where)
}

// PageSize returns Limit, or [DefaultLimit] where it is 0.
func (q Query) PageSize() int { return cmp.Or(q.Limit, DefaultLimit) }

func badQuery(param string, code Code, message string) *QueryError {
	return &QueryError{Param: param, Code: code, Message: message}
}

// Filter says which customers match. It is sealed: its nodes are the types below, exported for authors of stores; everyone else builds
// them with the functions and field constants. Filters are values and safe for concurrent use as long as nobody changes their slices.
// An empty set matches nothing ([StatusIn], [IDIn], any tag) or everything (all tags), a nil Filter inside another one is invalid.
type Filter interface{ filter() }

// The nodes of a filter.
type (
	AllOf  []Filter // every one matches; empty: everything
	AnyOf  []Filter // at least one matches; empty: nothing
	NoneOf []Filter // none matches; empty: everything

	// Match compares the key of a text field ([KeysOf]) with the key of any of Values. A value that is empty or folds to nothing is invalid.
	Match struct {
		Field  TextField
		Op     MatchOp
		Values []string
	}
	// Span is the half-open interval From <= t < To, bounds rounded up to the microsecond. A zero bound is open; both open is invalid.
	// A span on ByArchivedAt never matches an active customer.
	Span struct {
		Field    TimeField
		From, To time.Time
	}
	StatusIn []Status // the status is one of these
	IDIn     []ID     // the ID is one of these

	// Tagged tests the set of tags for any or for all of Tags, which are normalised as on write.
	Tagged struct {
		Tags []string
		All  bool
	}
	// MetadataIn matches where the value of Key is exactly one of Values.
	MetadataIn struct {
		Key    string
		Values []string
	}
	// Present matches where the field is not empty: a text field, "notes", "address" (any line), "tag", "metadata", "metadata.<key>" or
	// "archived_at".
	Present struct{ Field string }

	// HasWords is the search box, see [Text].
	HasWords struct{ Text string }
)

func (AllOf) filter()      {}
func (AnyOf) filter()      {}
func (NoneOf) filter()     {}
func (Match) filter()      {}
func (Span) filter()       {}
func (StatusIn) filter()   {}
func (IDIn) filter()       {}
func (Tagged) filter()     {}
func (MetadataIn) filter() {}
func (Present) filter()    {}
func (HasWords) filter()   {}

// MatchOp is how [Match] compares.
type MatchOp string

// The comparisons.
const (
	Is       MatchOp = "is"
	Prefix   MatchOp = "prefix"
	Suffix   MatchOp = "suffix"
	Contains MatchOp = "contains"
)

// TextField is a text field to filter by, named as on the wire.
type TextField string

// The text fields. Names and places compare folded ([Fold]); emails as described at [Draft.Build] for Is, by their text in ASCII lower
// case otherwise; phones by their digits; external ids by exact bytes.
const (
	ByName        TextField = "name"
	ByCompany     TextField = "company"
	ByEmail       TextField = "email"
	ByEmailDomain TextField = "email_domain"
	ByPhone       TextField = "phone"
	ByExternalID  TextField = "external_id"
	ByCity        TextField = "city"
	ByRegion      TextField = "region"
	ByPostalCode  TextField = "postal_code"
	ByCountry     TextField = "country"
)

// TextFields returns every text field.
func TextFields() []TextField {
	return []TextField{ByName, ByCompany, ByEmail, ByEmailDomain, ByPhone, ByExternalID, ByCity, ByRegion, ByPostalCode, ByCountry}
}

// Is matches where the whole field equals any of the values.
func (f TextField) Is(values ...string) Filter { return Match{f, Is, values} }

// Prefix matches where the field begins with any of the values.
func (f TextField) Prefix(values ...string) Filter { return Match{f, Prefix, values} }

// Suffix matches where the field ends with any of the values.
func (f TextField) Suffix(values ...string) Filter { return Match{f, Suffix, values} }

// Contains matches where any of the values stands in the field.
func (f TextField) Contains(values ...string) Filter { return Match{f, Contains, values} }

// Present matches where the field is not empty.
func (f TextField) Present() Filter { return Present{string(f)} }

// TimeField is a time to filter by, named as on the wire.
type TimeField string

// The time fields. There is no index on ByUpdatedAt in any store: filtering by it alone is a walk.
const (
	ByCreatedAt  TimeField = "created_at"
	ByUpdatedAt  TimeField = "updated_at"
	ByArchivedAt TimeField = "archived_at"
)

// TimeFields returns every time field.
func TimeFields() []TimeField { return []TimeField{ByCreatedAt, ByUpdatedAt, ByArchivedAt} }

// Since matches from t on, t included.
func (f TimeField) Since(t time.Time) Filter { return Span{Field: f, From: t} }

// Before matches up to t, t not included.
func (f TimeField) Before(t time.Time) Filter { return Span{Field: f, To: t} }

// Between matches from from, included, to to, not included.
func (f TimeField) Between(from, to time.Time) Filter { return Span{f, from, to} }

// And matches what every filter matches; And() matches everything.
func And(filters ...Filter) Filter { return AllOf(filters) }

// Or matches what at least one filter matches; Or() matches nothing.
func Or(filters ...Filter) Filter { return AnyOf(filters) }

// Not matches what f does not match: there is no third case.
func Not(f Filter) Filter { return NoneOf{f} }

// HasStatus matches customers in any of the states.
func HasStatus(statuses ...Status) Filter { return StatusIn(statuses) }

// HasID matches the customers with these IDs.
func HasID(ids ...ID) Filter { return IDIn(ids) }

// HasAnyTag matches customers with at least one of the tags.
func HasAnyTag(tags ...string) Filter { return Tagged{Tags: tags} }

// HasAllTags matches customers with all of the tags.
func HasAllTags(tags ...string) Filter { return Tagged{Tags: tags, All: true} }

// HasMetadata matches where the value of key is exactly one of values. Keys are case-sensitive.
func HasMetadata(key string, values ...string) Filter { return MetadataIn{key, values} }

// Has matches where the field is not empty, see [Present] for its name.
func Has(field string) Filter { return Present{field} }

// Text is the search box: every word of text must begin some word of the record's name, company, email, phone, external id or city,
// without regard to order, case and accents. A word of four or more digits, or in a script without spaces, may stand anywhere, a
// leading 00 of a number is dropped, a word with @ is a prefix of the email, and @example.com is the email's domain. At most 512
// bytes; text without a letter or digit is invalid, never everything.
func Text(text string) Filter { return HasWords{text} }

// ActiveUnlessNamed adds "and is active" to f unless a node of it, at any depth, is about status, archiving, id or external id. Lists and
// searches over HTTP go through it; Go callers say what they mean.
func ActiveUnlessNamed(f Filter) Filter {
	switch {
	case f == nil:
		return StatusIn{Active}
	case namesLifecycle(f):
		return f
	}
	return AllOf{f, StatusIn{Active}}
}

func namesLifecycle(f Filter) bool {
	switch f := f.(type) {
	case AllOf:
		return slices.ContainsFunc(f, namesLifecycle)
	case AnyOf:
		return slices.ContainsFunc(f, namesLifecycle)
	case NoneOf:
		return slices.ContainsFunc(f, namesLifecycle)
	case StatusIn, IDIn:
		return true
	case Match:
		return f.Field == ByExternalID
	case Span:
		return f.Field == ByArchivedAt
	case Present:
		return f.Field == string(ByExternalID) || f.Field == string(ByArchivedAt)
	}
	return false
}

// checkFilter finds the first fault of a filter; nil is the filter of all customers.
func checkFilter(f Filter) error {
	if f == nil {
		return nil
	}
	if err := checkNodes(f, 1); err != nil {
		return err
	}
	s := measure(withoutAddedStatus(Normalize(f)))
	switch {
	case s.nodes > MaxNodes:
		return badQuery("filter", CodeInvalidQuery, fmt.Sprintf("must have at most %d conditions, groups included", MaxNodes))
	case s.depth > MaxDepth:
		return errTooDeep()
	case s.values > MaxValues:
		return badQuery("filter", CodeInvalidQuery, fmt.Sprintf("must have at most %d values and words", MaxValues))
	}
	return nil
}

// withoutAddedStatus takes out what [ActiveUnlessNamed] put in, which is free.
func withoutAddedStatus(f Filter) Filter {
	all, ok := f.(AllOf)
	if !ok {
		return f
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(f Filter) bool {
		s, ok := f.(StatusIn)
		return ok && len(s) == 1 && s[0] == Active
	})
	if len(rest) != len(all)-1 || namesLifecycle(rest) {
		return f
	}
	return operands(rest)
}

type size struct{ nodes, depth, values int }

func measure(f Filter) size {
	var children []Filter
	s := size{nodes: 1}
	switch f := f.(type) {
	case AllOf:
		children = f
	case AnyOf:
		children = f
	case NoneOf:
		children = f
	case Match:
		s.values = len(f.Values)
	case StatusIn:
		s.values = len(f)
	case IDIn:
		s.values = len(f)
	case Tagged:
		s.values = len(f.Tags)
	case MetadataIn:
		s.values = len(f.Values)
	case HasWords:
		s.values = len(f.Terms())
	}
	for _, child := range children {
		c := measure(child)
		s.nodes, s.values, s.depth = s.nodes+c.nodes, s.values+c.values, max(s.depth, c.depth)
	}
	s.depth++
	return s
}

func errTooDeep() error {
	return badQuery("filter", CodeInvalidQuery, fmt.Sprintf("must nest at most %d deep", MaxDepth))
}

// maxWrittenDepth bounds the work on nesting that [Normalize] takes away; no text nests deeper.
const maxWrittenDepth = 2 * MaxTextBytes

func checkNodes(f Filter, depth int) error {
	if depth > maxWrittenDepth {
		return errTooDeep()
	}
	var children []Filter
	switch f := f.(type) {
	case nil:
		return badQuery("filter", CodeInvalidQuery, "must not hold a nil filter")
	case AllOf:
		children = f
	case AnyOf:
		children = f
	case NoneOf:
		children = f
	default:
		return checkLeaf(f)
	}
	for _, child := range children {
		if err := checkNodes(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func checkLeaf(f Filter) error {
	switch f := f.(type) {
	case Match:
		return f.check()
	case Span:
		return f.check()
	case StatusIn:
		for _, s := range f {
			if s != Active && s != Archived {
				return badQuery("status", CodeInvalidParameter, "must be active or archived")
			}
		}
		return nil
	case IDIn:
		return nil
	case Tagged:
		for _, tag := range f.Tags {
			if clean, code := cleanTag(tag); code != "" || clean == "" {
				return badQuery("tag", CodeInvalidParameter, "must be 1 to 64 characters without commas and control characters")
			}
		}
		return nil
	case MetadataIn:
		return f.check()
	case Present:
		return f.check()
	case HasWords:
		return f.check()
	}
	return fmt.Errorf("customer: filter %T: %w", f, errors.ErrUnsupported)
}

func (f Match) check() error {
	param := string(f.Field)
	if !slices.Contains(TextFields(), f.Field) {
		return badQuery("filter", CodeInvalidQuery, "compares a text field that does not exist")
	}
	if f.Op != Is && f.Op != Prefix && f.Op != Suffix && f.Op != Contains {
		return fmt.Errorf("customer: comparison of %s: %w", param, errors.ErrUnsupported)
	}
	if len(f.Values) == 0 {
		return badQuery(param, CodeInvalidParameter, "needs a value")
	}
	// Lengths first: folding a value of any size takes its time.
	longest := f.Field.maxRunes()
	for _, value := range f.Values {
		switch {
		case !plainText(value):
			return badQuery(param, CodeInvalidParameter, "must be text without control characters")
		case utf8.RuneCountInString(value) > longest || len(value) > 4*longest:
			return badQuery(param, CodeInvalidParameter, fmt.Sprintf("must have at most %d characters", longest))
		}
	}
	if slices.Contains(f.Keys(), "") {
		return badQuery(param, CodeInvalidParameter, "must not be empty, nor without anything to compare")
	}
	return nil
}

// maxRunes is the limit of the field itself: nothing longer can match.
func (f TextField) maxRunes() int {
	for _, r := range textRules {
		if r.path == string(f) || r.path == "address."+string(f) {
			return r.max
		}
	}
	return maxDomain
}

func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return forbidden(r, false) }) < 0
}

func (f Span) check() error {
	if !slices.Contains(TimeFields(), f.Field) {
		return badQuery("filter", CodeInvalidQuery, "compares a time that does not exist")
	}
	if f.From.IsZero() && f.To.IsZero() {
		return badQuery(string(f.Field), CodeInvalidParameter, "needs a beginning or an end")
	}
	for _, t := range []time.Time{f.From, f.To} {
		if t = t.UTC(); !t.IsZero() && !validYear(t) && !t.Equal(endOfTime) {
			return badQuery(string(f.Field), CodeInvalidParameter, "must lie in the years 1900 to 9999")
		}
	}
	return nil
}

// endOfTime is the open end of a span that includes the last day there is.
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

func (f MetadataIn) check() error {
	if !validMetadataKey(f.Key) {
		return badQuery("metadata", CodeInvalidParameter, metadataKeyMessage)
	}
	if len(f.Values) == 0 {
		return badQuery("metadata."+f.Key, CodeInvalidParameter, "needs a value")
	}
	for _, value := range f.Values {
		if value == "" || !plainText(value) || utf8.RuneCountInString(value) > maxMetadataValue || len(value) > 4*maxMetadataValue {
			return badQuery("metadata."+f.Key, CodeInvalidParameter, "must be 1 to 1000 characters without control characters")
		}
	}
	return nil
}

func (f Present) check() error {
	key, isKey := strings.CutPrefix(f.Field, "metadata.")
	switch {
	case isKey && validMetadataKey(key), slices.Contains(TextFields(), TextField(f.Field)),
		slices.Contains([]string{"notes", "address", "tag", "metadata", string(ByArchivedAt)}, f.Field):
		return nil
	}
	return badQuery("has", CodeInvalidParameter, "must be a text field, notes, address, tag, metadata, metadata.<key> or archived_at")
}

func (f HasWords) check() error {
	switch {
	case !plainText(f.Text):
		return badQuery("q", CodeInvalidQuery, "must be text without control characters")
	case len(f.Text) > MaxTextBytes:
		return badQuery("q", CodeInvalidQuery, fmt.Sprintf("must have at most %d bytes", MaxTextBytes))
	}
	terms := f.Terms()
	if len(terms) == 0 {
		return badQuery("q", CodeInvalidQuery, "needs a word: a letter or a digit")
	}
	for _, t := range terms {
		if len(t.source) > MaxTextBytes || t.Kind == TermDomain && utf8.RuneCountInString(t.source) > maxDomain {
			return badQuery("q", CodeInvalidQuery, "has a word that is too long")
		}
	}
	return nil
}
