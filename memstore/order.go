package memstore

import (
	"cmp"
	"encoding/binary"
	"strings"

	"github.com/tidwall/btree"

	"example.com/customer"
)

// sortKey is what customers are sorted by. The first three are the first texts of packKeys.
type sortKey uint8

const (
	byName sortKey = iota
	byEmail
	byCompany
	byCreated
	byUpdated
	sortKeys
)

// sortKeyOf returns the key of an order and whether it descends.
func sortKeyOf(o customer.Order) (k sortKey, descending bool) {
	name, descending := o.Key()
	switch name {
	case "name":
		return byName, descending
	case "email":
		return byEmail, descending
	case "company":
		return byCompany, descending
	case "updated_at":
		return byUpdated, descending
	}
	return byCreated, descending
}

// place is where a customer stands in an order, or would stand.
type place struct {
	rank
	key string // "" for times
	id  string
}

// rank begins like what customers are ordered by: a time and the ID, or a text, a zero byte, which no text has, and the ID. So ranks that
// differ tell the order, and nearly all do.
type rank struct {
	head uint64
	tail uint32
}

func timeHead(micros int64) uint64 { return uint64(micros) ^ 1<<63 }

func timePlace(micros int64, id string) *place {
	var b [4]byte
	copy(b[:], id)
	return &place{rank: rank{timeHead(micros), binary.BigEndian.Uint32(b[:])}, id: id}
}

func textPlace(key, id string) *place {
	var b [12]byte
	if n := copy(b[:], key) + 1; n < len(b) {
		copy(b[n:], id)
	}
	return &place{rank: rank{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint32(b[8:])}, key: key, id: id}
}

func placeOf(p customer.Position, k sortKey) *place {
	if k >= byCreated {
		return timePlace(p.Time.UnixMicro(), string(p.ID[:]))
	}
	return textPlace(p.Key, string(p.ID[:]))
}

func (r *record) place(k sortKey) *place {
	id := r.body[:idLen]
	switch k {
	case byName:
		return textPlace(r.keys.Name, id)
	case byEmail:
		return textPlace(r.keys.Email, id)
	case byCompany:
		return textPlace(r.keys.Company, id)
	case byCreated:
		return timePlace(r.customer.CreatedAt.UnixMicro(), id)
	}
	return timePlace(r.customer.UpdatedAt.UnixMicro(), id)
}

func (p *place) compare(other *place) int {
	switch {
	case p.head != other.head:
		return cmp.Compare(p.head, other.head)
	case p.tail != other.tail:
		return cmp.Compare(p.tail, other.tail)
	}
	return cmp.Or(strings.Compare(p.key, other.key), strings.Compare(p.id, other.id))
}

// item is a customer in an ordered index: the rank, and the slot to look the rest up by. With a place it is one that may not be there.
type item struct {
	rank
	slot uint32
	at   *place
}

func itemAt(p *place) item { return item{rank: p.rank, at: p} }

func (i item) place(r rows, k sortKey) *place {
	if i.at != nil {
		return i.at
	}
	return r.place(i.slot, k)
}

// newOrder returns an empty index of the customers in t by k, and by ID where that is equal. A customer goes in after it has gone into the
// table, and out before it goes out of it.
func newOrder(t *table, k sortKey) *btree.BTreeG[item] {
	less := func(a, b item) bool {
		switch {
		case a.head != b.head:
			return a.head < b.head
		case a.tail != b.tail:
			return a.tail < b.tail
		case a.at == nil && b.at == nil && a.slot == b.slot:
			return false
		}
		return a.place(t.rows, k).compare(b.place(t.rows, k)) < 0
	}
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

// moves reports whether a change of a customer changes the place in an order.
func moves(before, after *record, k sortKey) bool {
	return before == nil || after == nil || (k >= byCreated || before.index != after.index) && before.place(k).compare(after.place(k)) != 0
}
