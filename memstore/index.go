package memstore

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// posting is the set of slots that have something in common. Most sets are small: their slots stand in a sorted slice, which takes a tenth
// of the memory of a bitmap.
type posting struct {
	few  []uint32
	many *roaring.Bitmap
}

const maxFew = 16

func (p *posting) add(slots ...uint32) {
	if p.many == nil && len(p.few)+len(slots) > maxFew {
		p.many, p.few = roaring.BitmapOf(p.few...), nil
	}
	if p.many != nil {
		if len(slots) == 1 {
			p.many.Add(slots[0])
		} else {
			p.many.AddMany(slots)
		}
		return
	}
	for _, slot := range slots {
		if i, found := slices.BinarySearch(p.few, slot); !found {
			p.few = slices.Insert(p.few, i, slot)
		}
	}
}

func (p *posting) remove(slot uint32) (empty bool) {
	if p.many != nil {
		p.many.Remove(slot)
		return p.many.IsEmpty()
	}
	if i, found := slices.BinarySearch(p.few, slot); found {
		p.few = slices.Delete(p.few, i, i+1)
	}
	return len(p.few) == 0
}

// postings are the sets by what their customers have in common.
type postings[K postingKey[K]] map[K]*posting

type postingKey[K any] interface {
	comparable
	own() K // shares no memory with a customer, who may be erased while others still have this in common
}

// move takes the slot out of the sets of before and puts it into those of after. Keys may repeat.
func (ps postings[K]) move(slot uint32, before, after []K) {
	if len(before) == 0 {
		for _, key := range after {
			ps.add(key, slot)
		}
		return
	}
	stays := make(map[K]bool, len(after))
	for _, key := range after {
		stays[key] = true
	}
	for _, key := range before {
		if !stays[key] {
			ps.remove(key, slot)
		}
	}
	for _, key := range after {
		ps.add(key, slot)
	}
}

func (ps postings[K]) add(key K, slots ...uint32) {
	p := ps[key]
	if p == nil {
		p = new(posting)
		ps[key.own()] = p
	}
	p.add(slots...)
}

func (ps postings[K]) remove(key K, slot uint32) {
	if p := ps[key]; p != nil && p.remove(slot) {
		delete(ps, key)
	}
}

// get returns the set of a key, which the caller must not change.
func (ps postings[K]) get(key K) *roaring.Bitmap {
	switch p := ps[key]; {
	case p == nil:
		return roaring.New()
	case p.many != nil:
		return p.many
	default:
		return roaring.BitmapOf(p.few...)
	}
}
