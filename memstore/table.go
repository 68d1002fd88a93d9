package memstore

import (
	"slices"
	"sync/atomic"

	"example.com/customer"
)

const chunkRows = 128

// chunk is a run of rows, column by column: what a search looks at for every row lies side by side.
type chunk struct {
	epoch  uint64
	bodies [chunkRows]string // "" where there is no customer
	index  [chunkRows]string
	heads  [sortKeys][chunkRows]uint64 // of the ranks
}

// rows are the customers by slot, a number that a customer keeps for life.
type rows []*chunk

func (r rows) body(slot uint32) string  { return r[slot/chunkRows].bodies[slot%chunkRows] }
func (r rows) index(slot uint32) string { return r[slot/chunkRows].index[slot%chunkRows] }
func (r rows) id(slot uint32) string    { return r.body(slot)[:idLen] }
func (r rows) head(slot uint32, k sortKey) uint64 {
	return r[slot/chunkRows].heads[k][slot%chunkRows]
}

func (r rows) place(slot uint32, k sortKey) *place {
	if k >= byCreated {
		return timePlace(int64(r.head(slot, k)^1<<63), r.id(slot))
	}
	return textPlace(unpackSortKey(r.index(slot), int(k)), r.id(slot))
}

func (r rows) record(slot uint32) *record {
	return &record{customer: r.customer(slot), keys: unpackKeys(r.index(slot)), body: r.body(slot), index: r.index(slot)}
}

func (r rows) customer(slot uint32) customer.Customer {
	return unpack(r.body(slot))
}

func (r rows) customers(slots []uint32) []customer.Customer {
	found := make([]customer.Customer, len(slots))
	for i, slot := range slots {
		unpackCustomer(r.body(slot), whole, &found[i])
	}
	return found
}

// table is the rows and the slots that are free. A snapshot of it takes one copy of the list of chunks; a chunk that a snapshot may hold is
// replaced when a row in it changes.
type table struct {
	rows
	next  uint32 // the first slot never used
	free  []uint32
	epoch atomic.Uint64 // rises with every snapshot
}

// snapshot returns the rows as they are now. It may be called by many readers at once, but not beside a writer.
func (t *table) snapshot() rows {
	t.epoch.Add(1)
	return slices.Clone(t.rows)
}

func (t *table) allocate() uint32 {
	if n := len(t.free); n > 0 {
		slot := t.free[n-1]
		t.free = t.free[:n-1]
		return slot
	}
	if int(t.next)%chunkRows == 0 {
		t.rows = append(t.rows, &chunk{epoch: t.epoch.Load()})
	}
	t.next++
	return t.next - 1
}

// set puts a record into its slot; nil frees the slot.
func (t *table) set(slot uint32, r *record) {
	c := t.rows[slot/chunkRows]
	if epoch := t.epoch.Load(); c.epoch != epoch {
		c = new(*c)
		c.epoch = epoch
		t.rows[slot/chunkRows] = c
	}
	i := slot % chunkRows
	if r == nil {
		c.bodies[i], c.index[i] = "", ""
		t.free = append(t.free, slot)
		return
	}
	c.bodies[i], c.index[i] = r.body, r.index
	for k := range sortKeys {
		c.heads[k][i] = r.place(k).head
	}
}
