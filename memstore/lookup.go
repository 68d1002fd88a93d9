package memstore

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"

	"example.com/customer"
)

// havingAny returns who has any of the terms that termOf makes of the values.
func (t *tenant) havingAny(values []string, termOf func(value string) term) *roaring.Bitmap {
	sets := make([]*roaring.Bitmap, len(values))
	for i, value := range values {
		sets[i] = t.terms.get(termOf(value))
	}
	return union(sets)
}

func (t *tenant) withStatus(statuses customer.StatusIn) *roaring.Bitmap {
	sets := make([]*roaring.Bitmap, len(statuses))
	for i, status := range statuses {
		sets[i] = t.traits.get(hasStatus(status))
	}
	return union(sets)
}

func (t *tenant) withIDs(ids customer.IDIn) *roaring.Bitmap {
	set := roaring.New()
	for _, id := range ids {
		if e, ok := t.ids[id]; ok {
			set.Add(e.slot)
		}
	}
	return set
}

func (t *tenant) tagged(f customer.Tagged) (set *roaring.Bitmap, exact bool) {
	if !f.All {
		return t.havingAny(f.Tags, tagTerm), true
	}
	sets := make([]*roaring.Bitmap, len(f.Tags))
	for i, tag := range f.Tags {
		sets[i] = t.terms.get(tagTerm(tag))
	}
	return intersection(sets), true
}

func (t *tenant) present(f customer.Present) *roaring.Bitmap {
	if key, ok := strings.CutPrefix(f.Field, "metadata."); ok {
		return t.terms.get(term{kind: hasMetadata, key: key})
	}
	return t.traits.get(hasField(f.Field))
}

// maxEqual bounds the customers with one name, company or email that are gathered from an ordered index, one by one.
const maxEqual = 4096

func (p *planner) matching(f customer.Match) (set *roaring.Bitmap, exact bool) {
	keys := f.Keys()
	if f.Op == customer.Is {
		if set = p.equal(f.Field, keys); set != nil {
			return set, true
		}
	}
	sets := make([]*roaring.Bitmap, len(keys))
	for i, key := range keys {
		var inWords []*roaring.Bitmap
		for _, piece := range pieces(f, key) {
			if set, _ := p.containing(piece); set != nil {
				inWords = append(inWords, set)
			}
		}
		if sets[i] = intersection(inWords); sets[i] == nil {
			return nil, false
		}
	}
	return union(sets), false
}

// equal returns the customers whose key of the field is one of keys, or nil where no index knows them, or too many.
func (t *tenant) equal(field customer.TextField, keys []string) *roaring.Bitmap {
	switch field {
	case customer.ByName:
		return t.equalIn(byName, keys)
	case customer.ByEmail:
		return t.equalIn(byEmail, keys)
	case customer.ByCompany:
		return t.equalIn(byCompany, keys)
	case customer.ByExternalID:
		set := roaring.New()
		for _, key := range keys {
			if slot, ok := t.externalIDs[key]; ok {
				set.Add(slot)
			}
		}
		return set
	}
	if !hasTerms(field) {
		return nil
	}
	return t.havingAny(keys, func(key string) term { return term{hasText, string(field), key} })
}

func (t *tenant) equalIn(k sortKey, keys []string) *roaring.Bitmap {
	set, n := roaring.New(), 0
	for _, key := range keys {
		for i := range t.orders[k].from(textPlace(key, ""), false) {
			if unpackSortKey(t.table.index(i.slot), int(k)) != key {
				break
			}
			set.Add(i.slot)
			if n++; n > maxEqual {
				return nil
			}
		}
	}
	return set
}

func (p *planner) containing(piece string) (set *roaring.Bitmap, exact bool) {
	p.lags = p.lags || len(p.grams.recent) > 0
	return p.grams.containing(piece)
}

func (p *planner) withWords(f customer.HasWords) (set *roaring.Bitmap, exact bool) {
	var sets []*roaring.Bitmap
	exact = true
	add := func(set *roaring.Bitmap, isExact bool) {
		if set != nil {
			sets = append(sets, set)
		}
		exact = exact && isExact
	}
	for _, word := range f.Terms() {
		switch word.Kind {
		case customer.TermPrefix:
			add(p.containing(" " + word.Text))
		case customer.TermAnywhere:
			add(p.containing(word.Text))
		case customer.TermDomain:
			add(p.terms.get(term{hasText, string(customer.ByEmailDomain), word.Text}), true)
		case customer.TermEmail:
			exact = false
			for _, piece := range pieces(customer.Match{Field: customer.ByEmail, Op: customer.Prefix}, word.Text) {
				set, _ := p.containing(piece)
				add(set, false)
			}
		}
	}
	return intersection(sets), exact
}

// pieces returns what must stand in the words of every customer who matches f by the key of one of its values: the runs of letters, digits
// and marks in the key, with a space before where a word is sure to begin. None for a field that is not among the words.
//
// Names and places are cut into words by their key. Emails and external ids are compared as they are and cut after folding, which leaves
// alone what is ASCII.
func pieces(f customer.Match, key string) []string {
	inWord := func(r rune) bool {
		return (unicode.In(r, unicode.L, unicode.M) || unicode.IsDigit(r)) && r != 'ʼ' && r != 'ʻ'
	}
	switch f.Field {
	case customer.ByName, customer.ByCompany, customer.ByCity, customer.ByPhone:
	case customer.ByEmail, customer.ByExternalID:
		key = strings.Map(asciiLower, key)
		inWord = func(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	default:
		return nil
	}
	var found []string
	start, begins := -1, f.Op == customer.Prefix || f.Op == customer.Is
	flush := func(end int) {
		if start < 0 {
			return
		}
		if piece := key[start:end]; strings.IndexFunc(piece, func(r rune) bool { return !unicode.Is(unicode.M, r) }) >= 0 {
			if begins {
				piece = " " + piece
			}
			found = append(found, piece)
		}
		start = -1
	}
	for i, r := range key {
		switch {
		case !inWord(r):
			flush(i)
			begins = r < utf8.RuneSelf
		case start < 0:
			start = i
		}
	}
	flush(len(key))
	return slices.Clip(found)
}

func asciiLower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
