package customer

import (
	"bytes"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ID identifies a customer for ever: a UUID, version 7 unless the caller chose another. The zero ID is no customer's.
type ID [16]byte

// NewID returns a new time-ordered UUIDv7 (RFC 9562, section 5.7). It is safe for concurrent use.
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// ParseID reads the 36-character form in either case. Braces, URN prefixes and the form without hyphens are refused, so that
// an ID has one spelling but for case. The error never holds the text and unwraps to [ErrInvalid].
func ParseID(s string) (ID, error) {
	if len(s) == 36 {
		if u, err := uuid.Parse(s); err == nil {
			return ID(u), nil
		}
	}
	return ID{}, invalidField("id", CodeWrongType, "must be a UUID of 36 characters, as in 01970000-0000-7000-8000-000000000000")
}

// String returns the 36-character form in lower case.
func (id ID) String() string { return uuid.UUID(id).String() }

// IsZero reports whether id is the zero ID.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler] under the rule of [ParseID].
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// Value implements [driver.Valuer] with the 36-character form, which every database with a uuid type accepts.
func (id ID) Value() (driver.Value, error) { return id.String(), nil }

// Scan implements [database/sql.Scanner] for text and for 16 raw bytes.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return id.UnmarshalText([]byte(v))
	case [16]byte:
		*id = v
		return nil
	case []byte:
		if len(v) == len(id) {
			*id = ID(v)
			return nil
		}
		return id.UnmarshalText(v)
	}
	return errors.New("customer: an ID is scanned from text or 16 bytes")
}

// Version counts the changes of one customer: 1 when created, one more for every change, without gaps.
type Version int64

// AnyVersion as an expected version means that the last write wins, said on purpose. 0 and other negatives are [ErrInvalid].
const AnyVersion Version = -1

// Validate reports a version that no customer can have and that is not [AnyVersion] as [ErrInvalid].
func (v Version) Validate() error {
	if v == AnyVersion || v > 0 {
		return nil
	}
	return invalidField("version", CodeWrongType, "must be 1 or more, or AnyVersion")
}

// Check compares the expected version v with the one c has and returns a [*StaleError] where they differ.
func (v Version) Check(c Customer) error {
	if v == AnyVersion || v == c.Version {
		return nil
	}
	return &StaleError{ID: c.ID, Want: v, Have: c.Version}
}

// Status is a customer's place in its life.
type Status string

// The two states. A customer moves between them as often as needed; only Delete ends its life.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Address is a postal address as written. Any line may be empty.
type Address struct {
	Line1      string `json:"line1"`       // 200 runes
	Line2      string `json:"line2"`       // 200 runes
	City       string `json:"city"`        // 100 runes
	Region     string `json:"region"`      // 100 runes
	PostalCode string `json:"postal_code"` // 20 runes
	Country    string `json:"country"`     // 100 runes; ISO 3166-1 alpha-2 is recommended, not forced
}

// Customer is one record. Empty means absent throughout: there are no pointers and no nulls. All text is NFC, trimmed of white
// space and free of control characters; a limit in runes also allows at most four times as many bytes. The zero Customer is no
// valid record: [Draft.Build] makes one. A Customer holds a slice and a map, see [Customer.Clone].
type Customer struct {
	ID         ID                `json:"id"`
	ExternalID string            `json:"external_id"` // 200 runes, exact bytes; unique among all customers of a tenant
	Version    Version           `json:"version"`
	Status     Status            `json:"status"`
	Name       string            `json:"name"`    // 200 runes
	Email      string            `json:"email"`   // 254 bytes, as typed; unique among active customers of a tenant, without regard to case
	Phone      string            `json:"phone"`   // 40 runes, 3 to 20 digits
	Company    string            `json:"company"` // 200 runes
	Notes      string            `json:"notes"`   // 5,000 runes; may hold tabs and line breaks
	Address    Address           `json:"address"`
	Tags       []string          `json:"tags"`        // 50 of 64 runes, lower case, sorted, each once; nil when there are none
	Metadata   map[string]string `json:"metadata"`    // 64 keys [A-Za-z0-9_-]{1,64}, values of 1,000 runes, 16 KiB in all; nil when empty
	CreatedAt  time.Time         `json:"created_at"`  // UTC, whole microseconds, as are the two below
	UpdatedAt  time.Time         `json:"updated_at"`  // never before CreatedAt, never moves back
	ArchivedAt time.Time         `json:"archived_at"` // zero while active
}

// Clone returns a copy that shares no memory with c.
func (c Customer) Clone() Customer {
	c.Tags = slices.Clone(c.Tags)
	c.Metadata = maps.Clone(c.Metadata)
	return c
}

// LogValue implements [slog.LogValuer]: identity and state, no personal data.
func (c Customer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID.String()), slog.Int64("version", int64(c.Version)), slog.String("status", string(c.Status)))
}

// maxVersion is the last whole number that every reader of JSON keeps exact, far from where another change would overflow.
const maxVersion = 1<<53 - 1

// Validate reports what is wrong with c as a whole record, such as [Loader] takes: a [*ValidationError] with every fault at once. ID, version,
// status and times must fit each other, and all else be in the form in which [Draft.Build] and [Patch.Apply] leave it: text that they would
// still change, such as by trimming it, is a fault. Times count as instants, in any zone.
func (c Customer) Validate() error {
	var v validation
	if c.ID.IsZero() {
		v.add("id", CodeRequired, "must not be zero")
	}
	if c.Version < 1 || c.Version > maxVersion {
		v.add("version", CodeWrongType, "must be 1 to 9007199254740991")
	}
	if c.Status != Active && c.Status != Archived {
		v.add("status", CodeWrongType, "must be active or archived")
	}
	v.times(&c)
	for i := range textRules {
		text := *textRules[i].at(&c)
		if v.text(&textRules[i], text) != text {
			v.add(textRules[i].path, CodeInvalidText, keptMessage)
		}
	}
	faults := len(v.fields)
	tags := v.tags("tags", c.Tags, nil)
	if v.tagCount(tags); len(v.fields) == faults && !slices.Equal(tags, c.Tags) {
		v.add("tags", CodeInvalidText, keptMessage)
	}
	faults = len(v.fields)
	metadata := v.metadata(c.Metadata)
	if v.metadataSize(metadata); len(v.fields) == faults && !maps.Equal(metadata, c.Metadata) {
		v.add("metadata", CodeInvalidText, keptMessage)
	}
	if c.Status == Active && !c.hasIdentity() {
		v.add("", CodeIdentityRequired, identityMessage)
	}
	return v.err()
}

const keptMessage = "must be in the form in which it is kept: NFC and trimmed, tags in lower case, in order and each once, no empty value"

func (v *validation) times(c *Customer) {
	v.time("created_at", c.CreatedAt)
	v.time("updated_at", c.UpdatedAt)
	if c.UpdatedAt.Before(c.CreatedAt) {
		v.add("updated_at", CodeWrongType, "must not be before created_at")
	}
	switch {
	case c.ArchivedAt.IsZero() == (c.Status == Archived):
		v.add("archived_at", CodeWrongType, "must be there if the customer is archived, and only then")
	case c.Status == Archived:
		v.time("archived_at", c.ArchivedAt)
		if c.ArchivedAt.Before(c.CreatedAt) || c.ArchivedAt.After(c.UpdatedAt) {
			v.add("archived_at", CodeWrongType, "must not be before created_at or after updated_at")
		}
	}
}

func (v *validation) time(field string, t time.Time) {
	if !validYear(t.UTC()) || !t.Equal(micros(t)) {
		v.add(field, CodeWrongType, "must be whole microseconds in the years 1900 to 9999")
	}
}

// hasIdentity reports whether there is anything to know the customer by.
func (c *Customer) hasIdentity() bool {
	return c.Name != "" || c.Company != "" || c.Email != "" || c.Phone != ""
}

// MarshalJSON writes the wire shape: every member is always there, times have six fractional digits and Z, archived_at is null
// while active, metadata is ordered by key. It does not escape HTML; [json.Marshal] does, of whatever it is given.
func (c Customer) MarshalJSON() ([]byte, error) { return c.AppendJSON(make([]byte, 0, 768)), nil }

// AppendJSON appends what [Customer.MarshalJSON] returns to b.
func (c Customer) AppendJSON(b []byte) []byte {
	b = append(append(append(b, `{"id":"`...), c.ID.String()...), '"')
	b = appendMember(b, `,"external_id":`, c.ExternalID)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(c.Version), 10)
	b = appendMember(b, `,"status":`, string(c.Status))
	b = appendMember(b, `,"name":`, c.Name)
	b = appendMember(b, `,"email":`, c.Email)
	b = appendMember(b, `,"phone":`, c.Phone)
	b = appendMember(b, `,"company":`, c.Company)
	b = appendMember(b, `,"notes":`, c.Notes)
	b = appendMember(b, `,"address":{"line1":`, c.Address.Line1)
	b = appendMember(b, `,"line2":`, c.Address.Line2)
	b = appendMember(b, `,"city":`, c.Address.City)
	b = appendMember(b, `,"region":`, c.Address.Region)
	b = appendMember(b, `,"postal_code":`, c.Address.PostalCode)
	b = appendMember(b, `,"country":`, c.Address.Country)
	b = append(b, `},"tags":[`...)
	for i, tag := range c.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, tag)
	}
	b = append(b, `],"metadata":{`...)
	for i, key := range sortedKeys(c.Metadata) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(appendString(b, key), ':'), c.Metadata[key])
	}
	b = appendTime(append(b, `},"created_at":`...), c.CreatedAt)
	b = appendTime(append(b, `,"updated_at":`...), c.UpdatedAt)
	b = append(b, `,"archived_at":`...)
	if c.ArchivedAt.IsZero() {
		return append(b, `null}`...)
	}
	return append(appendTime(b, c.ArchivedAt), '}')
}

func appendMember(b []byte, name, value string) []byte {
	return appendString(append(b, name...), value)
}

func appendTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), "2006-01-02T15:04:05.000000Z"), '"')
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			return appendEscaped(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendEscaped(b []byte, s string) []byte {
	out := bytes.NewBuffer(b)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return append(b, `""`...)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// UnmarshalJSON reads the wire shape, for clients of the server. It checks types, not the rules of the fields.
func (c *Customer) UnmarshalJSON(data []byte) error {
	type plain Customer
	var p plain
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	if len(p.Tags) == 0 {
		p.Tags = nil
	}
	if len(p.Metadata) == 0 {
		p.Metadata = nil
	}
	*c = Customer(p)
	return nil
}

// Draft is what a caller knows of a customer that does not exist yet. Text may come as typed: [Draft.Build] normalises it.
type Draft struct {
	ID             ID        // zero: the store generates one
	CreatedAt      time.Time // zero: now; years 1900 to 9999
	IdempotencyKey string    // empty: none; 1 to 255 bytes 0x21 to 0x7E, unique per tenant in all states

	ExternalID, Name, Email, Phone, Company, Notes string

	Address  Address
	Tags     []string
	Metadata map[string]string
}

// Build returns the active customer, version 1, that d describes: normalised, validated, sharing no memory with d. The draft's own
// ID and CreatedAt win over id and now. Failing, it returns a [*ValidationError] with every fault at once.
func (d Draft) Build(id ID, now time.Time) (Customer, error) {
	c := d.texts()
	c.ID, c.Version, c.Status, c.CreatedAt = id, 1, Active, micros(now)
	var v validation
	if !d.ID.IsZero() {
		c.ID = d.ID
	}
	if c.ID.IsZero() {
		v.add("id", CodeRequired, "must not be zero")
	}
	if !d.CreatedAt.IsZero() {
		c.CreatedAt = micros(d.CreatedAt)
		if !validYear(c.CreatedAt) {
			v.add("created_at", CodeWrongType, "must lie in the years 1900 to 9999")
		}
	}
	c.UpdatedAt = later(micros(now), c.CreatedAt)
	for i := range textRules {
		p := textRules[i].at(&c)
		*p = v.text(&textRules[i], *p)
	}
	c.Tags = v.tags("tags", d.Tags, nil)
	v.tagCount(c.Tags)
	c.Metadata = v.metadata(d.Metadata)
	v.metadataSize(c.Metadata)
	if d.IdempotencyKey != "" && !validKey(d.IdempotencyKey) {
		v.add("idempotency_key", CodeInvalidKey, "must be 1 to 255 visible ASCII characters")
	}
	if !c.hasIdentity() {
		v.add("", CodeIdentityRequired, identityMessage)
	}
	if err := v.err(); err != nil {
		return Customer{}, err
	}
	return c, nil
}

// texts returns a customer of nothing but the texts of d.
func (d *Draft) texts() Customer {
	return Customer{
		ExternalID: d.ExternalID, Name: d.Name, Email: d.Email, Phone: d.Phone, Company: d.Company, Notes: d.Notes, Address: d.Address,
	}
}

// patch returns the change that brings what d says into a customer. What breaks a rule is in it as it came, for [Patch.Apply] to report.
func (d *Draft) patch() Patch {
	var (
		p Patch
		v validation
		c = d.texts()
	)
	for i := range textRules {
		text := textRules[i].at(&c)
		if *text = v.text(&textRules[i], *text); *text != "" {
			*textRules[i].from(&p) = text
		}
	}
	if a := &c.Address; *a != (Address{}) {
		p.Address = AddressPatch{&a.Line1, &a.Line2, &a.City, &a.Region, &a.PostalCode, &a.Country}
	}
	if d.Tags != nil {
		p.Tags = new(slices.Clone(d.Tags))
	}
	for key, value := range d.Metadata {
		if clean := v.metadataValue(key, value); clean != "" || !validMetadataKey(key) {
			if p.Metadata == nil {
				p.Metadata = make(map[string]*string, len(d.Metadata))
			}
			p.Metadata[key] = new(clean)
		}
	}
	return p
}

// HashKey returns what a store keeps of a [Draft.IdempotencyKey]: its SHA-256 in hexadecimal, or "" for no key.
func HashKey(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// HashDraft returns the fingerprint of the draft that built was made from: the same for every draft that means the same, whatever its
// ID, CreatedAt and key. A store keeps it beside the hash of the key.
func HashDraft(built Customer) string {
	built.ID, built.Version, built.Status = ID{}, 0, ""
	built.CreatedAt, built.UpdatedAt, built.ArchivedAt = time.Time{}, time.Time{}, time.Time{}
	sum := sha256.Sum256(built.AppendJSON(nil))
	return hex.EncodeToString(sum[:])
}

// AddressPatch changes single lines of an address: nil keeps, a pointer to "" clears.
type AddressPatch struct{ Line1, Line2, City, Region, PostalCode, Country *string }

// Patch says what to change. The zero Patch changes nothing; nil keeps a field and a pointer to "" clears it.
type Patch struct {
	Name, Email, Phone, Company, Notes, ExternalID *string

	Address             AddressPatch
	Tags                *[]string          // replaces all tags; excludes the two below
	AddTags, RemoveTags []string           // so that two people tagging lose nothing
	Metadata            map[string]*string // merges by key; nil or "" removes the key
	ReplaceMetadata     bool               // Metadata is all there shall be
	Status              *Status            // alone, or ErrInvalid: archiving and restoring are changes of their own
}

// Validate reports what is wrong with the patch whatever record it is meant for, as a [*ValidationError]. Rules of the fields are
// checked by [Patch.Apply].
func (p Patch) Validate() error {
	var v validation
	if p.Status != nil {
		if *p.Status != Active && *p.Status != Archived {
			v.add("status", CodeWrongType, "must be active or archived")
		}
		rest := p
		rest.Status = nil
		if !rest.isZero() {
			v.add("status", CodeReadOnly, "must be changed alone")
		}
	}
	if p.Tags != nil && len(p.AddTags)+len(p.RemoveTags) > 0 {
		v.add("tags", CodeInvalidText, "cannot be replaced, and added to or removed from, in one change")
	}
	if len(p.AddTags) > 0 && len(p.RemoveTags) > 0 {
		added := make(map[string]bool, len(p.AddTags))
		for _, tag := range p.AddTags {
			clean, _ := cleanTag(tag)
			added[clean] = clean != ""
		}
		if slices.ContainsFunc(p.RemoveTags, func(tag string) bool { clean, _ := cleanTag(tag); return added[clean] }) {
			v.add("tags", CodeInvalidText, "cannot add and remove one tag in one change")
		}
	}
	return v.err()
}

func (p *Patch) isZero() bool {
	for i := range textRules {
		if *textRules[i].from(p) != nil {
			return false
		}
	}
	return p.Tags == nil && len(p.AddTags) == 0 && len(p.RemoveTags) == 0 && len(p.Metadata) == 0 && !p.ReplaceMetadata && p.Status == nil
}

// Apply returns c changed by p, its version one higher, and the changed wire paths in order ("address.city", "metadata.plan"). It does
// not touch c. A patch that changes nothing returns c as it is, with no paths, archived or not.
//
// Only touched fields and the identity rule are validated, so that tighter limits never block old records. An archived customer takes
// a change of status, or a patch that only empties fields and removes tags or metadata; any other change is [ErrArchived].
func (p Patch) Apply(c Customer, now time.Time) (next Customer, changed []string, err error) {
	if err := p.Validate(); err != nil {
		return Customer{}, nil, err
	}
	e := edit{prev: c, next: c.Clone(), onlyEmpties: true}
	e.texts(&p)
	e.tags(&p)
	e.metadata(&p)
	e.status(p.Status)
	if len(e.changed) == 0 && len(e.fields) == 0 {
		return e.next, nil, nil
	}
	if c.Status == Archived && p.Status == nil && !e.onlyEmpties {
		return Customer{}, nil, ErrArchived
	}
	if e.next.Status == Active && !e.next.hasIdentity() {
		e.add("", CodeIdentityRequired, identityMessage)
	}
	if err := e.err(); err != nil {
		return Customer{}, nil, err
	}
	e.next.Version++
	e.next.UpdatedAt = later(micros(now), c.UpdatedAt)
	if p.Status != nil && *p.Status == Archived {
		e.next.ArchivedAt = e.next.UpdatedAt
	}
	slices.Sort(e.changed)
	return e.next, e.changed, nil
}

// Filled returns the wire paths of the writable fields that are not empty, in order: what [Patch.Apply] would say of c if it made c from nothing.
func (c Customer) Filled() []string {
	filled := make([]string, 0, 16)
	for i := range textRules {
		if *textRules[i].at(&c) != "" {
			filled = append(filled, textRules[i].path)
		}
	}
	if len(c.Tags) > 0 {
		filled = append(filled, "tags")
	}
	for key := range c.Metadata {
		filled = append(filled, "metadata."+key)
	}
	slices.Sort(filled)
	return filled
}

// edit collects what a patch does to one record.
type edit struct {
	validation
	prev, next  Customer
	changed     []string
	onlyEmpties bool
}

func (e *edit) texts(p *Patch) {
	for i := range textRules {
		rule := &textRules[i]
		value, field := *rule.from(p), rule.at(&e.next)
		if value == nil || *value == *field {
			continue
		}
		faults := len(e.fields)
		clean := e.text(rule, *value)
		e.onlyEmpties = e.onlyEmpties && len(e.fields) == faults
		if clean != *field {
			*field = clean
			e.changed = append(e.changed, rule.path)
			e.onlyEmpties = e.onlyEmpties && clean == ""
		}
	}
}

func (e *edit) tags(p *Patch) {
	faults, next := len(e.fields), e.prev.Tags
	switch {
	case p.Tags != nil:
		next = e.validation.tags("tags", *p.Tags, e.prev.Tags)
	case len(p.AddTags)+len(p.RemoveTags) > 0:
		next = slices.Concat(next, e.validation.tags("add", p.AddTags, e.prev.Tags))
		gone := e.validation.tags("remove", p.RemoveTags, e.prev.Tags)
		next = slices.DeleteFunc(next, func(tag string) bool { _, is := slices.BinarySearch(gone, tag); return is })
		slices.Sort(next)
		next = slices.Compact(next)
	}
	if len(next) == 0 {
		next = nil
	}
	changed := !slices.Equal(next, e.prev.Tags)
	if changed {
		e.next.Tags = slices.Clone(next)
		e.changed = append(e.changed, "tags")
	}
	grown := slices.ContainsFunc(next, func(tag string) bool { return !slices.Contains(e.prev.Tags, tag) })
	if grown {
		e.tagCount(next)
	}
	e.onlyEmpties = e.onlyEmpties && !grown && len(e.fields) == faults
}

func (e *edit) metadata(p *Patch) {
	if len(p.Metadata) == 0 && !p.ReplaceMetadata {
		return
	}
	faults := len(e.fields)
	next := maps.Clone(e.prev.Metadata)
	if next == nil || p.ReplaceMetadata {
		next = make(map[string]string, len(p.Metadata))
	}
	for _, key := range sortedKeys(p.Metadata) {
		value, old := p.Metadata[key], e.prev.Metadata[key]
		switch {
		case old == "" && !validMetadataKey(key):
			e.add("metadata", CodeInvalidKey, metadataKeyMessage)
		case value == nil:
			delete(next, key)
		case *value != old:
			next[key] = e.metadataValue(key, *value)
		default:
			next[key] = old
		}
	}
	maps.DeleteFunc(next, func(_, value string) bool { return value == "" })
	grown := false
	for key, value := range next {
		if e.prev.Metadata[key] != value {
			grown = true
			e.changed = append(e.changed, "metadata."+key)
		}
	}
	for key := range e.prev.Metadata {
		if _, kept := next[key]; !kept {
			e.changed = append(e.changed, "metadata."+key)
		}
	}
	if grown {
		e.metadataSize(next)
	}
	e.onlyEmpties = e.onlyEmpties && !grown && len(e.fields) == faults
	if e.next.Metadata = next; len(next) == 0 {
		e.next.Metadata = nil
	}
}

func (e *edit) status(s *Status) {
	if s == nil || *s == e.prev.Status {
		return
	}
	e.next.Status, e.next.ArchivedAt = *s, time.Time{}
	e.changed = append(e.changed, "status")
}

// micros is the precision every store keeps, so that a returned record equals the reread one.
func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func validYear(t time.Time) bool { return t.Year() >= 1900 && t.Year() <= 9999 }

func validKey(key string) bool {
	return len(key) <= 255 && strings.IndexFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e }) < 0
}
