package memstore

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// gram is a run of three bytes within a word of customer.Keys.Words and the space before it, or that space and one byte.
type gram uint32

func (g gram) own() gram { return g }

func trigram(a, b, c byte) gram { return gram(a)<<16 | gram(b)<<8 | gram(c) }

// initial differs from every trigram, as no word has a zero byte.
func initial(b byte) gram { return gram(' ')<<8 | gram(b) }

// eachGram calls f with every gram of words, with some of them repeatedly.
func eachGram(words string, f func(gram)) {
	for i := 0; i+1 < len(words); i++ {
		if words[i] == ' ' {
			f(initial(words[i+1]))
		}
		if i+2 < len(words) && words[i+1] != ' ' && words[i+2] != ' ' {
			f(trigram(words[i], words[i+1], words[i+2]))
		}
	}
}

func gramsOf(words string) []gram {
	grams := make([]gram, 0, len(words))
	eachGram(words, func(g gram) { grams = append(grams, g) })
	return grams
}

// gramIndex finds customers by a part of a word. A new customer has some eighty grams, and the sets of most are in no cache: the last few
// customers wait, and go in together, set by set. Until then a search looks at each of them.
type gramIndex struct {
	sets   postings[gram]
	recent []uint32 // slots that are in no set yet, sorted
}

// maxRecent is worth the wait: the sets of so many customers are a fifth of what they are one by one, and to look at them takes about as
// long as to return a page.
const maxRecent = 256

// move takes account of a change of the words in a slot, "" where there is nobody. The rows have the new ones.
func (g *gramIndex) move(r rows, slot uint32, before, after string) {
	i, recent := slices.BinarySearch(g.recent, slot)
	switch {
	case before == after:
	case recent && after == "":
		g.recent = slices.Delete(g.recent, i, i+1)
	case recent:
	case before == "":
		g.recent = slices.Insert(g.recent, i, slot)
		if len(g.recent) >= maxRecent {
			g.settle(r)
		}
	default:
		g.sets.move(slot, gramsOf(before), gramsOf(after))
	}
}

// settle puts the recent customers into the sets.
func (g *gramIndex) settle(r rows) {
	pairs := make([]uint64, 0, len(g.recent)*128)
	for _, slot := range g.recent {
		eachGram(unpackWords(r.index(slot)), func(g gram) { pairs = append(pairs, uint64(g)<<32|uint64(slot)) })
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	slots := make([]uint32, 0, len(g.recent))
	for i, pair := range pairs {
		slots = append(slots, uint32(pair))
		if i+1 == len(pairs) || pair>>32 != pairs[i+1]>>32 {
			g.sets.add(gram(pair>>32), slots...)
			slots = slots[:0]
		}
	}
	g.recent = g.recent[:0]
}

// containing returns who has the piece in a word, a space standing for the beginning of one, nil for anyone, and whether nobody else is
// in the set. It leaves out recent customers.
func (g *gramIndex) containing(piece string) (set *roaring.Bitmap, exact bool) {
	switch {
	case len(piece) < 2:
		return nil, false
	case len(piece) == 2 && piece[0] == ' ':
		return g.sets.get(initial(piece[1])), true
	case len(piece) == 2:
		var sets []*roaring.Bitmap
		for b := range 256 {
			if set := g.sets.get(trigram(byte(b), piece[0], piece[1])); !set.IsEmpty() {
				sets = append(sets, set)
			}
		}
		return union(sets), true
	}
	sets := make([]*roaring.Bitmap, 0, len(piece)-2)
	for i := range len(piece) - 2 {
		sets = append(sets, g.sets.get(trigram(piece[i], piece[i+1], piece[i+2])))
	}
	return intersection(sets), len(piece) == 3
}
