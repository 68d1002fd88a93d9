package memstore

// maxWalk bounds the customers that a walk looks at under the lock.
const maxWalk = 1 << 14

// walk goes along the ordered index from where the page begins until it is full. It gives up, and ok is false, where that would be, or
// turns out to be, longer than to look at all candidates: they may all lie at the far end.
func (t *tenant) walk(p *plan, w want) (slots []uint32, ok bool) {
	steps := t.worthwhile(p, w)
	if steps == 0 {
		return nil, false
	}
	begin, end := p.stretch(w)
	test := p.tester(t.table.rows)
	for i := range t.orders[w.key].from(begin, w.descending) {
		switch {
		case len(slots) == w.limit || w.beyond(i.head, end):
			return slots, true
		case steps == 0:
			return nil, false
		case w.after != nil && i.rank == w.after.rank && t.table.id(i.slot) == w.after.id:
			continue
		}
		steps--
		if (p.set == nil || p.set.Contains(i.slot)) && test.passes(i.slot) {
			slots = append(slots, i.slot)
		}
	}
	return slots, true
}

// worthwhile returns how many customers a walk may look at, 0 where it would have to look at more if the candidates were spread evenly.
func (t *tenant) worthwhile(p *plan, w want) int {
	if int(w.key) >= len(t.orders) {
		return 0
	}
	n, candidates := len(t.ids), t.size(p)
	if p.set == nil && p.match == nil && !p.hasSpansBut(w.key) {
		return n + 1
	}
	// A step costs about eight times what the scan of a candidate costs.
	steps := min(candidates/8, maxWalk)
	if w.limit*n > steps*candidates {
		return 0
	}
	return steps
}

// stretch returns the place at which a walk begins, nil for the very end of the order, and the last head in it.
func (p *plan) stretch(w want) (begin *place, end uint64) {
	if !w.descending {
		end = ^end
	}
	begin = w.after
	for _, s := range p.spans {
		switch near := (&place{rank: rank{head: s.from}}); {
		case s.key != w.key:
		case !w.descending:
			end = s.to
			if begin == nil || begin.compare(near) < 0 {
				begin = near
			}
		default:
			end = s.from
			if near.head = s.to + 1; near.head != 0 && (begin == nil || begin.compare(near) > 0) {
				begin = near
			}
		}
	}
	return begin, end
}

// beyond reports whether a head comes after the last one wanted.
func (w *want) beyond(head, last uint64) bool {
	if w.descending {
		return head < last
	}
	return head > last
}
