package memstore

import (
	"sync"

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
	keyHashes   map[uint32]string   // the way back from the slot of one that was created with a key

	orders [byUpdated]*order // what they are updated at has none
	traits postings[trait]
	terms  postings[term]
	grams  gramIndex
}

// entry is a customer by ID: the slot, and the packed customer as it is there, because to get one is to wait for memory, twice this way and
// three times by the slot.
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
		creations: make(map[string]creation), keyHashes: make(map[uint32]string),
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

// create stores r, made from a draft with these hashes, of the idempotency key and of the draft; "" is no key. If the key has made a customer
// before, it returns that one, packed.
func (t *tenant) create(r *record, keyHash, draftHash string) (replayed string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.insert(r, keyHash, draftHash)
}

// createAll is create for each of a batch that has no error yet, and nothing comes between.
func (t *tenant) createAll(batch []newcomer) (replayed []string) {
	replayed = make([]string, len(batch))
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range batch {
		if n := &batch[i]; n.err == nil {
			replayed[i], n.err = t.insert(n.record, n.keyHash, n.draftHash)
		}
	}
	return replayed
}

// replays is what create would return by its key, for each of a batch that has no error yet.
func (t *tenant) replays(batch []newcomer) (replayed []string) {
	replayed = make([]string, len(batch))
	t.mu.RLock()
	defer t.mu.RUnlock()
	for i := range batch {
		if n := &batch[i]; n.err == nil {
			replayed[i], n.err = t.replay(n.keyHash, n.draftHash)
		}
	}
	return replayed
}

// replay returns the customer that the key has made, packed, or "".
func (t *tenant) replay(keyHash, draftHash string) (string, error) {
	made, ok := t.creations[keyHash]
	switch {
	case !ok:
		return "", nil
	case made.draftHash != draftHash:
		return "", customer.ErrKeyReused
	}
	return t.table.body(made.slot), nil
}

func (t *tenant) insert(r *record, keyHash, draftHash string) (replayed string, err error) {
	if replayed, err = t.replay(keyHash, draftHash); replayed != "" || err != nil {
		return replayed, err
	}
	if e, taken := t.ids[r.customer.ID]; taken {
		return "", t.conflict("id", e.slot)
	}
	if err := t.checkUnique(r); err != nil {
		return "", err
	}
	slot := t.table.allocate()
	t.put(slot, nil, r)
	if keyHash != "" {
		t.creations[keyHash], t.keyHashes[slot] = creation{slot, draftHash}, keyHash
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
	if err := t.checkUnique(after); err != nil {
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
	slot := e.slot
	r := t.table.record(slot)
	if err := v.Check(r.customer); err != nil {
		return err
	}
	t.put(slot, r, nil)
	if keyHash, ok := t.keyHashes[slot]; ok {
		delete(t.keyHashes, slot)
		delete(t.creations, keyHash)
	}
	return nil
}

// checkUnique finds the first field of r that another customer has.
func (t *tenant) checkUnique(r *record) error {
	taken := func(index map[string]uint32, text string) (uint32, bool) {
		slot, ok := index[text]
		return slot, ok && t.table.id(slot) != r.body[:idLen]
	}
	if slot, ok := taken(t.externalIDs, r.externalID()); ok {
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
		delete(t.externalIDs, before.externalID())
		delete(t.emails, before.activeEmail())
		traits, terms, words = before.traits(), before.terms(), before.keys.Words
	}
	if after != nil {
		t.ids[after.customer.ID] = entry{after.body, slot}
		setUnique(t.externalIDs, after.externalID(), slot)
		setUnique(t.emails, after.activeEmail(), slot)
		newTraits, newTerms, newWords = after.traits(), after.terms(), after.keys.Words
	}
	t.traits.move(slot, traits, newTraits)
	t.terms.move(slot, terms, newTerms)
	t.grams.move(t.table.rows, slot, words, newWords)
}

func setUnique(index map[string]uint32, text string, slot uint32) {
	if text != "" {
		index[text] = slot
	}
}
