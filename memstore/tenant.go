package memstore

import (
	"sync"

	"github.com/tidwall/btree"

	"example.com/customer"
)

// tenant is the customers of one tenant and their indexes. The lock guards everything; whoever holds it for reading may take a snapshot of
// the table and let go.
type tenant struct {
	mu    sync.RWMutex
	table table

	ids         map[customer.ID]entry
	emails      map[string]uint32 // by key, of the active
	externalIDs map[string]uint32
	creations   map[string]creation // by the hash of the idempotency key
	keyHashes   map[uint32]string   // the way back from a slot

	orders [byUpdated]*btree.BTreeG[item] // what they are updated at has none
	traits postings[trait]
	terms  postings[term]
	grams  gramIndex
}

// entry is a customer by ID: the packed customer again, so that to get one is to go to the map and there.
type entry struct {
	body string
	slot uint32
}

// creation is what came of an idempotency key.
type creation struct {
	slot      uint32
	draftHash string
}

func newTenant() *tenant {
	t := &tenant{
		ids: make(map[customer.ID]entry), emails: make(map[string]uint32), externalIDs: make(map[string]uint32),
		creations: make(map[string]creation), keyHashes: make(map[uint32]string), traits: make(postings[trait]),
		terms: make(postings[term]), grams: gramIndex{sets: make(postings[gram])},
	}
	for k := range t.orders {
		t.orders[k] = newOrder(&t.table, sortKey(k))
	}
	return t
}

// body returns the packed customer.
func (t *tenant) body(id customer.ID) (string, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	e, ok := t.ids[id]
	return e.body, ok
}

// record returns what update takes to replace the customer.
func (t *tenant) record(id customer.ID) (*record, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	e, ok := t.ids[id]
	if !ok {
		return nil, false
	}
	return t.table.record(e.slot), true
}

// create stores r, unless the key has made a customer before: then it returns that one, packed.
func (t *tenant) create(r *record, keyHash, draftHash string) (replayed string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if keyHash != "" {
		if made, ok := t.creations[keyHash]; ok && made.draftHash != draftHash {
			return "", customer.ErrKeyReused
		} else if ok {
			return t.table.body(made.slot), nil
		}
	}
	if e, taken := t.ids[r.customer.ID]; taken {
		return "", t.conflict("id", e.slot)
	}
	if err := t.checkUnique(nil, r); err != nil {
		return "", err
	}
	slot := t.table.allocate()
	t.put(slot, nil, r)
	if keyHash != "" {
		t.creations[keyHash] = creation{slot, draftHash}
		t.keyHashes[slot] = keyHash
	}
	return "", nil
}

// update replaces a customer by another version of it, and reports whether it was still there as it was before.
func (t *tenant) update(before, after *record) (ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.ids[before.customer.ID]
	if !ok || e.body != before.body {
		return false, nil
	}
	if err := t.checkUnique(before, after); err != nil {
		return true, err
	}
	t.put(e.slot, before, after)
	return true, nil
}

func (t *tenant) delete(id customer.ID, v customer.Version) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.ids[id]
	if !ok {
		return customer.ErrNotFound
	}
	r := t.table.record(e.slot)
	if err := v.Check(r.customer); err != nil {
		return err
	}
	t.put(e.slot, r, nil)
	if keyHash, ok := t.keyHashes[e.slot]; ok {
		delete(t.keyHashes, e.slot)
		delete(t.creations, keyHash)
	}
	return nil
}

// checkUnique finds the first field of after that another customer has; before is what after replaces, or nil.
func (t *tenant) checkUnique(before, after *record) error {
	var self customer.ID
	if before != nil {
		self = before.customer.ID
	}
	taken := func(index map[string]uint32, key string) (uint32, bool) {
		slot, ok := index[key]
		return slot, ok && key != "" && (before == nil || t.table.body(slot)[:idLen] != string(self[:]))
	}
	if slot, ok := taken(t.externalIDs, after.externalID()); ok {
		return t.conflict("external_id", slot)
	}
	if slot, ok := taken(t.emails, after.activeEmail()); ok {
		return t.conflict("email", slot)
	}
	return nil
}

func (t *tenant) conflict(field string, slot uint32) error {
	return &customer.ConflictError{Field: field, Holder: customer.ID([]byte(t.table.body(slot)[:idLen]))}
}

// put replaces before by after in the slot and in every index. Before is nil for a new customer, after for one that goes.
func (t *tenant) put(slot uint32, before, after *record) {
	for k, order := range t.orders {
		if before != nil && moves(before, after, sortKey(k)) {
			order.Delete(itemAt(before.place(sortKey(k))))
		}
	}
	t.table.set(slot, after)
	for k, order := range t.orders {
		if after != nil && moves(before, after, sortKey(k)) {
			order.Set(item{rank: after.place(sortKey(k)).rank, slot: slot})
		}
	}
	var (
		traits, newTraits []trait
		terms, newTerms   []term
		words, newWords   string
	)
	if before != nil {
		delete(t.ids, before.customer.ID)
		delete(t.externalIDs, before.externalID())
		delete(t.emails, before.activeEmail())
		traits, terms, words = before.traits(), before.terms(), before.keys.Words
	}
	if after != nil {
		t.ids[after.customer.ID] = entry{after.body, slot}
		setKey(t.externalIDs, after.externalID(), slot)
		setKey(t.emails, after.activeEmail(), slot)
		newTraits, newTerms, newWords = after.traits(), after.terms(), after.keys.Words
	}
	t.traits.move(slot, traits, newTraits)
	t.terms.move(slot, terms, newTerms)
	t.grams.move(t.table.rows, slot, words, newWords)
}

func setKey(index map[string]uint32, key string, slot uint32) {
	if key != "" {
		index[key] = slot
	}
}
