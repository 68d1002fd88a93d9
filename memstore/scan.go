package memstore

import (
	"context"
	"math/bits"
	"slices"
	"sort"

	"example.com/customer"
)

// scan looks at all candidates of a plan, in a snapshot of the table.
type scan struct {
	rows  rows
	slots []uint32 // sorted; nil: all rows
	test  tester
}

// scan needs the lock; what it returns does not.
func (t *tenant) scan(p *plan) *scan {
	s := &scan{rows: t.table.snapshot()}
	if p.set != nil {
		s.slots = append([]uint32{}, p.set.ToArray()...)
	}
	s.test = p.tester(s.rows)
	return s
}

// tester tests one candidate after the other for what the indexes do not tell. It is for one goroutine.
type tester struct {
	rows  rows
	spans []span
	match customer.Matcher
	reads depth

	customer customer.Customer
	keys     customer.Keys
}

func (p *plan) tester(r rows) tester {
	return tester{rows: r, spans: p.spans, match: p.match, reads: p.reads}
}

func (t *tester) passes(slot uint32) bool {
	for _, s := range t.spans {
		if head := t.rows.head(slot, s.key); head < s.from || head > s.to {
			return false
		}
	}
	if t.match == nil {
		return true
	}
	t.keys = unpackKeys(t.rows.index(slot))
	if t.reads > keysOnly {
		t.customer = customer.Customer{}
		unpackCustomer(t.rows.body(slot), t.reads, &t.customer)
	}
	return t.match(&t.customer, &t.keys)
}

// blocks calls f with the candidates, a few at a time, until it returns false. The blocks come in an order that has nothing to do with
// that of the slots, which is often the one that is asked for, or its reverse: in that each candidate would come before all seen so far.
func (s *scan) blocks(ctx context.Context, f func(slots []uint32) bool) error {
	n := (len(s.slots) + chunkRows - 1) / chunkRows
	if s.slots == nil {
		n = len(s.rows)
	}
	var all [chunkRows]uint32
	width := bits.Len(uint(n))
	for i := range uint(1) << width {
		b := int(bits.Reverse(i) >> (bits.UintSize - width))
		if b >= n {
			continue
		}
		if i%(checkEvery/chunkRows) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		block := all[:0]
		if s.slots != nil {
			block = s.slots[b*chunkRows : min((b+1)*chunkRows, len(s.slots))]
		} else {
			for row, body := range s.rows[b].bodies {
				if body != "" {
					block = append(block, uint32(b*chunkRows+row))
				}
			}
		}
		if !f(block) {
			return nil
		}
	}
	return nil
}

func (s *scan) count(ctx context.Context, limit int) (n int, err error) {
	err = s.blocks(ctx, func(slots []uint32) bool {
		for _, slot := range slots {
			if s.test.passes(slot) {
				n++
			}
		}
		return limit == 0 || n <= limit
	})
	return n, err
}

// first returns the slots of the first matches behind w.after, in order.
func (s *scan) first(ctx context.Context, w want) ([]uint32, error) {
	type candidate struct {
		*place
		slot uint32
	}
	var (
		kept     = make([]candidate, 0, w.limit+1)
		flip     = uint64(0) // makes of a head what is smaller for whoever comes first
		from, to = uint64(0), ^uint64(0)
	)
	if w.descending {
		flip = ^flip
	}
	if w.after != nil {
		from = w.after.head ^ flip
	}
	err := s.blocks(ctx, func(slots []uint32) bool {
		for _, slot := range slots {
			if head := s.rows.head(slot, w.key) ^ flip; head < from || head > to {
				continue
			}
			at := s.rows.place(slot, w.key)
			if w.after != nil && w.compare(at, w.after) <= 0 || len(kept) == w.limit && w.compare(at, kept[w.limit-1].place) > 0 || !s.test.passes(slot) {
				continue
			}
			i := sort.Search(len(kept), func(i int) bool { return w.compare(at, kept[i].place) < 0 })
			kept = slices.Insert(kept, i, candidate{at, slot})
			if len(kept) >= w.limit {
				kept = kept[:w.limit]
				to = kept[w.limit-1].head ^ flip
			}
		}
		return true
	})
	slots := make([]uint32, len(kept))
	for i := range kept {
		slots[i] = kept[i].slot
	}
	return slots, err
}

func (w *want) compare(a, b *place) int {
	if w.descending {
		a, b = b, a
	}
	return a.compare(b)
}
