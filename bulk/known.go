package bulk

import (
	"context"
	"slices"

	"example.com/customer"
)

// holder is a customer that has a key, in the store or, in a dry run, of a row before.
type holder struct {
	customer customer.Customer
	slot     slot // where a dry run remembers it, or noSlot
	imagined bool // it would be made by a row before
}

// publicID is the customer's ID, if it will still be its ID when the rows are committed.
func (h holder) publicID() customer.ID {
	if h.imagined {
		return customer.ID{}
	}
	return h.customer.ID
}

// keys returns all that nobody else can have, the ID too.
func (h holder) keys() keys {
	k := keysOf(&h.customer)
	k.id = h.customer.ID
	return k
}

// known are the customers of the store that have a key of the rows at hand.
type known struct {
	ids                 map[customer.ID]customer.Customer
	emails, externalIDs map[string]customer.Customer
}

// lookUp asks the store for the customers that have a key of the items: in a dry run any key, else those by which a row knows its customer.
func (r *run) lookUp(ctx context.Context, items []item) error {
	r.known = known{emails: map[string]customer.Customer{}, externalIDs: map[string]customer.Customer{}}
	var ids []customer.ID
	var emails, externalIDs []string
	for i := range items {
		it := &items[i]
		if it.row.Err != nil {
			continue
		}
		if !it.keys.id.IsZero() && (it.err == nil || it.row.Record == nil) {
			ids = append(ids, it.keys.id)
		}
		if it.keys.email != "" && (r.dry != nil || r.match == customer.EmailKey) {
			// As typed: the key of an address may be longer than a filter takes.
			emails = append(emails, emailOf(it))
		}
		if it.keys.externalID != "" && (r.dry != nil || r.match == customer.ExternalIDKey) {
			externalIDs = append(externalIDs, it.keys.externalID)
		}
	}
	var err error
	if len(ids) > 0 {
		if r.known.ids, err = customer.GetMany(ctx, r.store, ids); err != nil {
			return err
		}
	}
	err = r.search(ctx, emails, func(values []string) customer.Filter {
		return customer.And(customer.HasStatus(customer.Active), customer.ByEmail.Is(values...))
	}, func(c customer.Customer) { r.known.emails[emailKey(c.Email)] = c })
	if err != nil {
		return err
	}
	return r.search(ctx, externalIDs, func(values []string) customer.Filter { return customer.ByExternalID.Is(values...) },
		func(c customer.Customer) { r.known.externalIDs[c.ExternalID] = c })
}

func emailOf(it *item) string {
	if it.err == nil {
		return it.built.Email
	}
	return legalEmail(it.row.Draft.Email)
}

// search finds the customers with any of the values, each of which one customer has.
func (r *run) search(ctx context.Context, values []string, filter func([]string) customer.Filter, found func(customer.Customer)) error {
	// A status is a value of the filter too.
	for part := range slices.Chunk(values, customer.MaxValues-1) {
		page, err := r.store.Search(ctx, customer.Query{Where: filter(part), Limit: customer.MaxLimit})
		if err != nil {
			return err
		}
		for _, c := range page.Customers {
			found(c)
		}
	}
	return nil
}

// lookUpReplays asks the store for what it has made under the idempotency keys of the items.
func (r *run) lookUpReplays(ctx context.Context, items []item) error {
	if r.finder == nil {
		return nil
	}
	var (
		keyed  []*item
		drafts []customer.Draft
	)
	for i := range items {
		// What was not built makes no customer.
		if it := &items[i]; it.row.Record == nil && it.row.Draft.IdempotencyKey != "" && !it.built.ID.IsZero() {
			keyed, drafts = append(keyed, it), append(drafts, it.row.Draft)
		}
	}
	if len(keyed) == 0 {
		return nil
	}
	made, errs, err := r.finder.FindReplays(ctx, drafts)
	if err != nil {
		return err
	}
	for i, it := range keyed {
		switch {
		case errs[i] != nil:
			res, err := r.refused(errs[i])
			if err != nil {
				return err
			}
			it.replay = &res
		case !made[i].ID.IsZero():
			it.replay = &Result{Outcome: Unchanged, ID: made[i].ID}
		}
	}
	return nil
}

// find returns who has the key, if that is known.
func (r *run) find(field, key string) (holder, bool) {
	if key == "" {
		return holder{}, false
	}
	if r.dry != nil {
		if h, ok := r.dry.find(field, key); ok {
			return h, true
		}
	}
	c, ok := r.known.externalIDs[key]
	if field == "email" {
		c, ok = r.known.emails[key]
	}
	if !ok || r.dry != nil && r.dry.has(c.ID) {
		// Of a customer that a row has changed, the dry run knows the keys it still has.
		return holder{}, false
	}
	return holder{customer: c, slot: noSlot}, true
}

// findID returns the customer with the ID, if it is known.
func (r *run) findID(id customer.ID) (holder, bool) {
	if r.dry != nil {
		if h, ok := r.dry.findID(id); ok {
			return h, true
		}
	}
	c, ok := r.known.ids[id]
	return holder{customer: c, slot: noSlot}, ok
}
