package bulk

import (
	"encoding/binary"
	"hash/maphash"
	"maps"
	"slices"

	"example.com/customer"
)

// dryRun remembers what the rows so far would have written, for the rows after them. Of keys it has eight bytes of a hash, with a seed of
// its own; of an idempotency key that identify made, which no other row gets, nothing. Of customers it has what a later row could change;
// where no row can, no more than who they are.
type dryRun struct {
	whole  bool // rows update
	seed   maphash.Seed
	unique map[string]map[uint64]slot // by field, by hash
	ids    map[customer.ID]slot
	states []string
	used   map[uint64]uint64 // idempotency keys that rows came with, and the drafts, by hash
}

// slot is a place in states, from 1.
type slot uint32

const noSlot slot = 0

func newDryRun(whole bool) *dryRun {
	return &dryRun{
		whole: whole, seed: maphash.MakeSeed(), ids: map[customer.ID]slot{},
		unique: map[string]map[uint64]slot{"email": {}, "external_id": {}}, used: map[uint64]uint64{},
	}
}

func (d *dryRun) has(id customer.ID) bool { return d.ids[id] != noSlot }

func (d *dryRun) find(field, key string) (holder, bool) {
	return d.at(d.unique[field][d.hash(key)])
}

func (d *dryRun) findID(id customer.ID) (holder, bool) { return d.at(d.ids[id]) }

func (d *dryRun) at(s slot) (holder, bool) {
	if s == noSlot {
		return holder{}, false
	}
	c, imagined := unpack(d.states[s-1])
	return holder{customer: c, slot: s, imagined: imagined}, true
}

// replay returns what becomes of an item by its idempotency key alone, if the store or a row before has used it.
func (d *dryRun) replay(it *item) (Result, bool) {
	key := it.row.Draft.IdempotencyKey
	switch draft, ok := d.used[d.hash(key)]; {
	case it.replay != nil:
		return *it.replay, true
	case key == "" || !ok:
		return Result{}, false
	case draft != d.hash(customer.HashDraft(it.built)):
		return refusal(customer.ErrKeyReused)
	}
	return Result{Outcome: Unchanged}, true
}

func (d *dryRun) hash(text string) uint64 { return maphash.String(d.seed, text) }

// add remembers a customer that a row would make. Of one that has none of the keys no row behind it can know.
func (d *dryRun) add(it *item) {
	if key := it.row.Draft.IdempotencyKey; it.row.Record == nil && key != "" && !it.counted {
		d.used[d.hash(key)] = d.hash(customer.HashDraft(it.built))
	}
	if it.keys == (keys{}) {
		return
	}
	c := it.built
	imagined := it.keys.id.IsZero()
	if imagined {
		c.ID = customer.NewID()
	}
	s := d.allocate()
	if !imagined {
		d.ids[c.ID] = s
	}
	d.set(s, keys{}, &c, imagined)
}

// change remembers what a row would make of a customer.
func (d *dryRun) change(p *plan) {
	have := &p.have
	s := have.slot
	if s == noSlot {
		s = d.allocate()
		d.ids[have.customer.ID] = s
	}
	d.set(s, keysOf(&have.customer), &p.next, have.imagined)
}

func (d *dryRun) allocate() slot {
	d.states = append(d.states, "")
	return slot(len(d.states))
}

func (d *dryRun) set(s slot, before keys, c *customer.Customer, imagined bool) {
	after := keysOf(c)
	for field, index := range d.unique {
		if old := before.of(field); old != "" {
			delete(index, d.hash(old))
		}
		if key := after.of(field); key != "" {
			index[d.hash(key)] = s
		}
	}
	d.states[s-1] = pack(c, imagined, d.whole)
}

// A packed customer is its ID, a byte of flags and, if it is whole, its writable fields, each after its length.
const (
	isArchived = 1 << iota
	isImagined
)

func pack(c *customer.Customer, imagined, whole bool) string {
	var flags byte
	if c.Status == customer.Archived {
		flags |= isArchived
	}
	if imagined {
		flags |= isImagined
	}
	b := append(append(make([]byte, 0, 256), c.ID[:]...), flags)
	if !whole {
		return string(b)
	}
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	for _, p := range writable(c) {
		text(*p)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Tags)))
	for _, tag := range c.Tags {
		text(tag)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Metadata)) {
		text(key)
		text(c.Metadata[key])
	}
	return string(b)
}

// unpack returns what pack was given. The version is the first: nobody looks at it.
func unpack(s string) (c customer.Customer, imagined bool) {
	c.Version, c.Status = 1, customer.Active
	copy(c.ID[:], s)
	flags := s[len(c.ID)]
	if flags&isArchived != 0 {
		c.Status = customer.Archived
	}
	imagined = flags&isImagined != 0
	if s = s[len(c.ID)+1:]; s == "" {
		return c, imagined
	}
	length := func() int {
		n, size := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen32)]))
		s = s[size:]
		return int(n)
	}
	text := func() (t string) {
		n := length()
		t, s = s[:n], s[n:]
		return t
	}
	for _, p := range writable(&c) {
		*p = text()
	}
	for range length() {
		c.Tags = append(c.Tags, text())
	}
	for s != "" {
		if c.Metadata == nil {
			c.Metadata = map[string]string{}
		}
		key := text()
		c.Metadata[key] = text()
	}
	return c, imagined
}

func writable(c *customer.Customer) [12]*string {
	a := &c.Address
	return [...]*string{
		&c.ExternalID, &c.Name, &c.Email, &c.Phone, &c.Company, &c.Notes, &a.Line1, &a.Line2, &a.City, &a.Region, &a.PostalCode, &a.Country,
	}
}
