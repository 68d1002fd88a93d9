package memstore

import (
	"crypto/sha256"
	"sync"

	"example.com/customer"
)

// tenant is the customers of one tenant and their indexes. The lock guards everything; whoever holds it for reading may take a snapshot of
// the table and let go.
type tenant struct {
	mu    sync.RWMutex
	table table

	ids         map[customer.ID]uint32
	emails      map[digest]uint32 // by key, of the active
	externalIDs map[digest]uint32
	creations   map[digest]creation // by idempotency key
	keys        map[uint32]digest   // the way back from the slot of one that was created with a key

	orders [byUpdated]*order // what they are updated at has none
	traits postings[trait]
	terms  postings[term]
	grams  gramIndex
}

// digest stands for a text in a map. A text itself is a pointer into a packed string, and to follow a million of them in no order is most
// of what the garbage collector would do. Nobody can make two texts with one SHA-256, or 128 bits of it.
type digest [16]byte

func digestOf(text string) digest {
	sum := sha256.Sum256([]byte(text))
	return digest(sum[:len(digest{})])
}

// creation is what came of an idempotency key.
type creation struct {
	slot  uint32
	draft digest
}

func newTenant() *tenant {
	t := &tenant{
		ids: make(map[customer.ID]uint32), emails: make(map[digest]uint32), externalIDs: make(map[digest]uint32),
		creations: make(map[digest]creation), keys: make(map[uint32]digest),
		traits: make(postings[trait]), terms: make(postings[term]), grams: gramIndex{sets: make(postings[gram])},
	}
	for k := range t.orders {
		t.orders[k] = newOrder(sortKey(k), &t.table.rows)
	}
	return t
}

// body returns the packed customer.
func (t *tenant) body(id customer.ID) (string, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	slot, ok := t.ids[id]
	if !ok {
		return "", false
	}
	return t.table.body(slot), true
}

// record returns what update takes to replace the customer.
func (t *tenant) record(id customer.ID) (*record, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	slot, ok := t.ids[id]
	if !ok {
		return nil, false
	}
	return t.table.record(slot), true
}

// create stores r, made from a draft with the idempotency key and the hash, "" for none. If the key has made a customer before, it returns
// that one, packed.
func (t *tenant) create(r *record, key, draftHash string) (replayed string, err error) {
	var keyDigest, draft digest
	if key != "" {
		keyDigest, draft = digestOf(key), digestOf(draftHash)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if key != "" {
		if made, ok := t.creations[keyDigest]; ok && made.draft != draft {
			return "", customer.ErrKeyReused
		} else if ok {
			return t.table.body(made.slot), nil
		}
	}
	if slot, taken := t.ids[r.customer.ID]; taken {
		return "", t.conflict("id", slot)
	}
	if err := t.checkUnique(r); err != nil {
		return "", err
	}
	slot := t.table.allocate()
	t.put(slot, nil, r)
	if key != "" {
		t.creations[keyDigest], t.keys[slot] = creation{slot, draft}, keyDigest
	}
	return "", nil
}

// update replaces a customer by another version of it, and reports whether it was still there as it was before.
func (t *tenant) update(before, after *record) (ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slot, ok := t.ids[before.customer.ID]
	if !ok || t.table.body(slot) != before.body {
		return false, nil
	}
	if err := t.checkUnique(after); err != nil {
		return true, err
	}
	t.put(slot, before, after)
	return true, nil
}

func (t *tenant) delete(id customer.ID, v customer.Version) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	slot, ok := t.ids[id]
	if !ok {
		return customer.ErrNotFound
	}
	r := t.table.record(slot)
	if err := v.Check(r.customer); err != nil {
		return err
	}
	t.put(slot, r, nil)
	if key, ok := t.keys[slot]; ok {
		delete(t.keys, slot)
		delete(t.creations, key)
	}
	return nil
}

// checkUnique finds the first field of r that another customer has.
func (t *tenant) checkUnique(r *record) error {
	taken := func(index map[digest]uint32, text string) (uint32, bool) {
		slot, ok := index[digestOf(text)]
		return slot, ok && t.table.id(slot) != r.body[:idLen]
	}
	if slot, ok := taken(t.externalIDs, r.customer.ExternalID); ok {
		return t.conflict("external_id", slot)
	}
	if slot, ok := taken(t.emails, r.activeEmail()); ok {
		return t.conflict("email", slot)
	}
	return nil
}

func (t *tenant) conflict(field string, slot uint32) error {
	return &customer.ConflictError{Field: field, Holder: customer.ID([]byte(t.table.id(slot)))}
}

// put replaces before by after in the slot and in every index. Before is nil for a new customer, after for one that goes.
func (t *tenant) put(slot uint32, before, after *record) {
	for k, order := range t.orders {
		if before != nil && moves(before, after, sortKey(k)) {
			order.remove(slot)
		}
	}
	t.table.set(slot, after)
	for k, order := range t.orders {
		if after != nil && moves(before, after, sortKey(k)) {
			order.insert(slot)
		}
	}
	var (
		traits, newTraits []trait
		terms, newTerms   []term
		words, newWords   string
	)
	if before != nil {
		delete(t.ids, before.customer.ID)
		delete(t.externalIDs, digestOf(before.customer.ExternalID))
		delete(t.emails, digestOf(before.activeEmail()))
		traits, terms, words = before.traits(), before.terms(), before.keys.Words
	}
	if after != nil {
		t.ids[after.customer.ID] = slot
		setUnique(t.externalIDs, after.customer.ExternalID, slot)
		setUnique(t.emails, after.activeEmail(), slot)
		newTraits, newTerms, newWords = after.traits(), after.terms(), after.keys.Words
	}
	t.traits.move(slot, traits, newTraits)
	t.terms.move(slot, terms, newTerms)
	t.grams.move(t.table.rows, slot, words, newWords)
}

func setUnique(index map[digest]uint32, text string, slot uint32) {
	if text != "" {
		index[digestOf(text)] = slot
	}
}
