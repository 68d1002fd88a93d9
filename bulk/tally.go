package bulk

import "strconv"

// tally counts equal texts by eight bytes of their SHA-256, which is all it keeps of a text that came once. Its table is between half and
// seven eighths full: 9 to 16 bytes a text.
type tally struct {
	slots []uint64
	used  int
	again map[uint64]int // of texts that came more than once
}

// add returns how often the text with this hash, in hexadecimal, came before. Texts that share the eight bytes are counted as one, which
// does no harm: what a row's key is made of still differs.
func (t *tally) add(hash string) int {
	h, _ := strconv.ParseUint(hash[:16], 16, 64)
	h |= 1 // 0 is an empty slot
	if 8*(t.used+1) > 7*len(t.slots) {
		t.grow()
	}
	at := t.find(h)
	if t.slots[at] == 0 {
		t.slots[at] = h
		t.used++
		return 0
	}
	if t.again == nil {
		t.again = make(map[uint64]int)
	}
	t.again[h]++
	return t.again[h]
}

func (t *tally) grow() {
	old := t.slots
	t.slots = make([]uint64, max(1024, 2*len(old)))
	for _, h := range old {
		if h != 0 {
			t.slots[t.find(h)] = h
		}
	}
}

// find returns the slot of h or the empty one where it belongs.
func (t *tally) find(h uint64) int {
	mask := uint64(len(t.slots) - 1)
	at := (h >> 1) & mask
	for t.slots[at] != 0 && t.slots[at] != h {
		at = (at + 1) & mask
	}
	return int(at)
}
