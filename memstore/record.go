package memstore

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

// record is one customer on its way into the store. What the store keeps are its two strings: a million structs of some thirty strings
// each would cost twice the memory, a cache miss for every part that a reader touches, and the garbage collector most of its time.
type record struct {
	customer customer.Customer
	keys     customer.Keys

	body  string // the customer, see packCustomer
	index string // the keys, see packKeys
}

func newRecord(c customer.Customer) *record {
	k := customer.KeysOf(c)
	return &record{customer: c, keys: k, body: packCustomer(&c), index: packKeys(&k)}
}

// externalID and activeEmail are what nobody else may have, "" for none. They are parts of the packed strings, so that an index holds on to
// nothing that the customer was patched from.

func (r *record) externalID() string {
	var c customer.Customer
	unpackCustomer(r.body, fields, &c)
	return c.ExternalID
}

func (r *record) activeEmail() string {
	if r.customer.Status != customer.Active {
		return ""
	}
	return unpackSortKey(r.index, int(byEmail))
}

// A packed string is a head of fixed parts, the lengths of all texts behind each other, and the texts. What is unpacked shares its memory,
// which nobody can change.

const idLen = len(customer.ID{})

// flags of a packed customer.
const (
	archived    = 1 << iota // its status
	hasArchived             // it has the time of that
)

func packCustomer(c *customer.Customer) string {
	var flags byte
	if c.Status == customer.Archived {
		flags |= archived
	}
	if !c.ArchivedAt.IsZero() {
		flags |= hasArchived
	}
	texts := make([]string, 0, 64)
	for _, key := range slices.Sorted(maps.Keys(c.Metadata)) {
		texts = append(texts, key, c.Metadata[key])
	}
	texts = append(texts, c.Tags...)
	texts = append(texts, c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes, c.Address.Line1, c.Address.Line2,
		c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country)
	b := append(make([]byte, 0, 512), c.ID[:]...)
	b = append(b, flags)
	b = appendTime(appendTime(b, c.CreatedAt), c.UpdatedAt)
	if flags&hasArchived != 0 {
		b = appendTime(b, c.ArchivedAt)
	}
	b = binary.AppendUvarint(b, uint64(c.Version))
	b = binary.AppendUvarint(b, uint64(len(c.Tags)))
	b = binary.AppendUvarint(b, uint64(len(c.Metadata)))
	return string(appendTexts(b, texts))
}

func packKeys(k *customer.Keys) string {
	// The texts that customers are sorted by come first, see sortKey.
	texts := [...]string{k.Name, k.Email, k.Company, k.Words, k.Phone, k.City, k.Region, k.PostalCode, k.Country}
	return string(appendTexts(make([]byte, 0, 512), texts[:]))
}

func appendTime(b []byte, t time.Time) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(t.UnixMicro()))
}

func appendTexts(b []byte, texts []string) []byte {
	var lengths [1024]byte
	l := lengths[:0]
	for _, text := range texts {
		l = binary.AppendUvarint(l, uint64(len(text)))
	}
	b = append(binary.AppendUvarint(b, uint64(len(l))), l...)
	for _, text := range texts {
		b = append(b, text...)
	}
	return b
}

// depth is how much of a customer is unpacked.
type depth uint8

const (
	keysOnly depth = iota // nothing but the keys
	fields                // all but tags and metadata
	whole
)

// unpackCustomer fills c, which it takes as the zero Customer, down to the depth.
func unpackCustomer(s string, d depth, c *customer.Customer) {
	r := reader{s: s, pos: idLen + 1}
	copy(c.ID[:], s)
	c.Status = customer.Active
	if s[idLen]&archived != 0 {
		c.Status = customer.Archived
	}
	c.CreatedAt, c.UpdatedAt = r.time(), r.time()
	if s[idLen]&hasArchived != 0 {
		c.ArchivedAt = r.time()
	}
	c.Version = customer.Version(r.uvarint())
	tags, metadata := r.uvarint(), r.uvarint()
	r.texts()
	if d == whole {
		r.sets(c, metadata, tags)
	} else {
		for range 2*metadata + tags {
			r.text()
		}
	}
	c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	a := &c.Address
	a.Line1, a.Line2, a.City, a.Region, a.PostalCode, a.Country = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
}

func (r *reader) sets(c *customer.Customer, metadata, tags int) {
	if metadata > 0 {
		c.Metadata = make(map[string]string, metadata)
		for range metadata {
			key := r.text()
			c.Metadata[key] = r.text()
		}
	}
	if tags > 0 {
		c.Tags = make([]string, tags)
		for i := range c.Tags {
			c.Tags[i] = r.text()
		}
	}
}

func unpack(s string) (c customer.Customer) {
	unpackCustomer(s, whole, &c)
	return c
}

func unpackKeys(s string) (k customer.Keys) {
	r := reader{s: s}
	r.texts()
	k.Name, k.Email, k.Company, k.Words, k.Phone = r.text(), r.text(), r.text(), r.text(), r.text()
	k.City, k.Region, k.PostalCode, k.Country = r.text(), r.text(), r.text(), r.text()
	_, k.Domain, _ = strings.Cut(k.Email, "@")
	return k
}

// unpackSortKey returns the nth of the texts that packKeys puts first.
func unpackSortKey(s string, n int) string {
	r := reader{s: s}
	r.texts()
	for range n {
		r.text()
	}
	return r.text()
}

func unpackWords(s string) string { return unpackSortKey(s, 3) }

// reader reads a packed string from its beginning.
type reader struct {
	s    string
	pos  int
	next int // where the next text begins
}

func (r *reader) uvarint() int {
	n := 0
	for shift := 0; ; shift += 7 {
		b := r.s[r.pos]
		r.pos++
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

func (r *reader) time() time.Time {
	b := r.s[r.pos : r.pos+8]
	r.pos += len(b)
	micros := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	return time.UnixMicro(int64(micros)).UTC()
}

// texts goes on to the texts.
func (r *reader) texts() {
	n := r.uvarint()
	r.next = r.pos + n
}

func (r *reader) text() string {
	from := r.next
	r.next += r.uvarint()
	return r.s[from:r.next]
}
