package memstore

import (
	"cmp"
	"encoding/binary"
	"iter"
	"strings"
	"sync"

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

// order is the customers of a table by one key, and by ID where that is equal.
type order struct {
	key  sortKey
	rows *rows
	tree *btree.BTreeG[item]

	mu    sync.Mutex
	probe place // of probeSlot
}

// item is a customer in an order: the rank, and the slot to look the rest up by. There are four for every customer, so they hold no more,
// and no pointer for the garbage collector to follow.
type item struct {
	rank
	slot uint32
}

// probeSlot is nobody's: it stands for a place to look for, one at a time.
const probeSlot = ^uint32(0)

func newOrder(key sortKey, r *rows) *order {
	o := &order{key: key, rows: r}
	o.tree = btree.NewBTreeGOptions(func(a, b item) bool {
		switch {
		case a.head != b.head:
			return a.head < b.head
		case a.tail != b.tail:
			return a.tail < b.tail
		}
		return a.slot != b.slot && o.place(a.slot).compare(o.place(b.slot)) < 0
	}, btree.Options{NoLocks: true})
	return o
}

func (o *order) place(slot uint32) *place {
	if slot == probeSlot {
		return &o.probe
	}
	return o.rows.place(slot, o.key)
}

// insert adds a customer who is in the table.
func (o *order) insert(slot uint32) { o.tree.Set(item{o.place(slot).rank, slot}) }

// remove takes out a customer who is still in the table.
func (o *order) remove(slot uint32) { o.tree.Delete(item{o.place(slot).rank, slot}) }

// from returns the customers from a place on, in either direction; nil is the end where that begins. It may be called by many readers at
// once, but not beside a writer.
func (o *order) from(at *place, descending bool) iter.Seq[item] {
	return func(yield func(item) bool) {
		it := o.tree.Iter()
		next, ok := it.Next, false
		if descending {
			next = it.Prev
		}
		switch {
		case at != nil:
			ok = o.seek(&it, at, descending)
		case descending:
			ok = it.Last()
		default:
			ok = it.First()
		}
		for ; ok && yield(it.Item()); ok = next() {
		}
	}
}

func (o *order) seek(it *btree.IterG[item], at *place, descending bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.probe = *at
	switch found := it.Seek(item{at.rank, probeSlot}); {
	case !descending:
		return found
	case !found:
		return it.Last()
	}
	return o.place(it.Item().slot).compare(at) == 0 || it.Prev()
}

// moves reports whether a change of a customer changes the place in an order.
func moves(before, after *record, k sortKey) bool {
	return before == nil || after == nil || (k >= byCreated || before.index != after.index) && before.place(k).compare(after.place(k)) != 0
}
