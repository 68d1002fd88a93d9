package memstore

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"example.com/customer"
)

// plan is how a filter is answered: who may match by the indexes, and what is left to be tested on each of them.
type plan struct {
	set   *roaring.Bitmap // nil: everyone. It may be an index's own: not to be changed, and not to be read without the lock
	spans []span
	match customer.Matcher // nil: nothing is left
	reads depth            // how much of a customer match reads
}

// span is a span of times by the heads of their ranks, both ends included.
type span struct {
	key      sortKey
	from, to uint64
}

// planner makes one plan.
type planner struct {
	*tenant
	lags bool // recent customers are missing in a set, or on the wrong side of one
}

// planFor plans a filter that is valid and normalised.
func (t *tenant) planFor(f customer.Filter) (p plan, err error) {
	var (
		planner = planner{tenant: t}
		sets    []*roaring.Bitmap
		rest    customer.AllOf
	)
	all, ok := f.(customer.AllOf)
	if !ok {
		all = customer.AllOf{f}
	}
	for _, f := range all {
		if f, ok := f.(customer.Span); ok && f.Field != customer.ByArchivedAt {
			p.spans = append(p.spans, spanOf(f))
			continue
		}
		set, exact := planner.candidates(f)
		if set != nil {
			sets = append(sets, set)
		}
		if !exact {
			rest = append(rest, f)
			p.reads = max(p.reads, readsOf(f))
		}
	}
	if p.set = intersection(sets); p.set != nil && planner.lags {
		if p.set, err = t.withRecent(p.set, f); err != nil {
			return p, err
		}
	}
	if len(rest) > 0 {
		p.match, err = customer.Compile(rest)
	}
	return p, err
}

// withRecent returns the set with those of the recent customers who match f, and no others of them.
func (t *tenant) withRecent(set *roaring.Bitmap, f customer.Filter) (*roaring.Bitmap, error) {
	match, err := customer.Compile(f)
	if err != nil {
		return nil, err
	}
	test := tester{rows: t.table.rows, match: match, reads: readsOf(f)}
	set = set.Clone()
	for _, slot := range t.grams.recent {
		if test.passes(slot) {
			set.Add(slot)
		} else {
			set.Remove(slot)
		}
	}
	return set, nil
}

func spanOf(f customer.Span) span {
	// The zero time is none and lies in no span.
	s := span{key: byCreated, from: timeHead(time.Time{}.UnixMicro()) + 1, to: ^uint64(0)}
	if f.Field == customer.ByUpdatedAt {
		s.key = byUpdated
	}
	if !f.From.IsZero() {
		s.from = timeHead(f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		s.to = timeHead(f.To.UnixMicro() - 1)
	}
	return s
}

// hasSpansBut reports whether there is a span of any other key.
func (p *plan) hasSpansBut(k sortKey) bool {
	return slices.ContainsFunc(p.spans, func(s span) bool { return s.key != k })
}

// candidates returns a set that holds every customer who matches f, nil for all there are, and whether it holds no others.
func (p *planner) candidates(f customer.Filter) (set *roaring.Bitmap, exact bool) {
	switch f := f.(type) {
	case customer.AllOf:
		return p.allOf(f)
	case customer.AnyOf:
		return p.anyOf(f)
	case customer.NoneOf:
		return p.noneOf(f)
	case customer.StatusIn:
		return p.withStatus(f), true
	case customer.IDIn:
		return p.withIDs(f), true
	case customer.Tagged:
		return p.tagged(f)
	case customer.MetadataIn:
		return p.havingAny(f.Values, func(value string) term { return term{hasMetadata, f.Key, value} }), true
	case customer.Present:
		return p.present(f), true
	case customer.Match:
		return p.matching(f)
	case customer.HasWords:
		return p.withWords(f)
	}
	return nil, false
}

func (p *planner) allOf(fs customer.AllOf) (*roaring.Bitmap, bool) {
	sets, allExact := make([]*roaring.Bitmap, 0, len(fs)), true
	for _, f := range fs {
		set, exact := p.candidates(f)
		if set != nil {
			sets = append(sets, set)
		}
		allExact = allExact && exact
	}
	return intersection(sets), allExact
}

func (p *planner) anyOf(fs customer.AnyOf) (*roaring.Bitmap, bool) {
	sets, allExact := make([]*roaring.Bitmap, 0, len(fs)), true
	for _, f := range fs {
		set, exact := p.candidates(f)
		if set == nil {
			return nil, exact
		}
		sets = append(sets, set)
		allExact = allExact && exact
	}
	return union(sets), allExact
}

func (p *planner) noneOf(fs customer.NoneOf) (*roaring.Bitmap, bool) {
	set, exact := p.anyOf(customer.AnyOf(fs))
	switch {
	case !exact:
		return nil, false
	case set == nil:
		return roaring.New(), true
	}
	return roaring.AndNot(p.traits.get(anyone), set), true
}

// intersection returns what all sets hold, nil for no sets.
func intersection(sets []*roaring.Bitmap) *roaring.Bitmap {
	if len(sets) == 0 {
		return nil
	}
	slices.SortFunc(sets, func(a, b *roaring.Bitmap) int { return cmp.Compare(a.GetCardinality(), b.GetCardinality()) })
	all := sets[0]
	for i, set := range sets[1:] {
		if all.IsEmpty() {
			break
		}
		if i == 0 {
			all = roaring.And(all, set)
		} else {
			all.And(set)
		}
	}
	return all
}

// union returns what any of the sets holds.
func union(sets []*roaring.Bitmap) *roaring.Bitmap {
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

// readsOf returns how much of a customer the matcher of f reads.
func readsOf(f customer.Filter) depth {
	each := func(fs []customer.Filter) (d depth) {
		for _, f := range fs {
			d = max(d, readsOf(f))
		}
		return d
	}
	switch f := f.(type) {
	case customer.AllOf:
		return each(f)
	case customer.AnyOf:
		return each(f)
	case customer.NoneOf:
		return each(f)
	case customer.Match:
		if f.Field == customer.ByExternalID || f.Field == customer.ByEmail && f.Op != customer.Is {
			return fields
		}
		return keysOnly
	case customer.HasWords:
		if strings.Contains(f.Text, "@") {
			return fields
		}
		return keysOnly
	case customer.Span, customer.StatusIn, customer.IDIn:
		return fields
	}
	return whole
}
