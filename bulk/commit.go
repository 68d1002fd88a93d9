package bulk

import (
	"context"
	"errors"

	"example.com/customer"
)

// flush writes the items that wait.
func (r *run) flush(ctx context.Context) error {
	p := r.pending
	r.pending = pending{}
	if len(p.items) == 0 {
		return nil
	}
	made, errs, err := r.writeAll(ctx, p)
	for i, it := range p.items[:len(made)] {
		// What is written is told first, whatever fails then.
		if errs[i] == nil {
			it.settleMade(made[i])
		}
	}
	if err := r.lookUpHolders(ctx, errs); err != nil {
		return err
	}
	for i, it := range p.items[:len(made)] {
		if errs[i] == nil {
			continue
		}
		if err := r.settleRefused(ctx, it, errs[i]); err != nil {
			return err
		}
	}
	if !r.looks {
		// The holders were those of this batch.
		r.known = known{}
	}
	return err
}

// writeAll returns the customer or the error of each item that has an answer, and an error that keeps the others from one.
func (r *run) writeAll(ctx context.Context, p pending) (made []customer.Customer, errs []error, err error) {
	if p.action == load {
		made = make([]customer.Customer, len(p.items))
		for i, it := range p.items {
			made[i] = *it.row.Record
		}
		if errs, err = r.loader.Load(ctx, made); err != nil {
			return nil, nil, err
		}
		return made, errs, nil
	}
	drafts := make([]customer.Draft, len(p.items))
	for i, it := range p.items {
		drafts[i] = it.row.Draft
	}
	if r.batch != nil && len(drafts) > 1 {
		if made, errs, err = r.batch.CreateBatch(ctx, drafts); err != nil {
			return nil, nil, err
		}
		return made, errs, nil
	}
	for _, d := range drafts {
		c, err := r.store.Create(ctx, d)
		if err != nil && !isAnswer(err) {
			return made, errs, err
		}
		made, errs = append(made, c), append(errs, err)
	}
	return made, errs, nil
}

// isAnswer reports an error that is about the draft.
func isAnswer(err error) bool {
	return errors.Is(err, customer.ErrInvalid) || errors.Is(err, customer.ErrConflict) || errors.Is(err, customer.ErrKeyReused)
}

// settleMade sets the result of an item of which the store has made c.
func (it *item) settleMade(c customer.Customer) {
	res := Result{Outcome: made(it, c), ID: c.ID}
	if res.Outcome == Created {
		res.To, res.changed = c.Version, c.Filled()
	}
	it.settle(res)
}

// settleRefused sets the result of an item that the store did not take.
func (r *run) settleRefused(ctx context.Context, it *item, err error) error {
	conflict, taken := errors.AsType[*customer.ConflictError](err)
	switch {
	case taken && r.policy == Update && r.maybeOwn(it, conflict.Field):
		return r.again(ctx, it, conflict)
	case taken:
		r.settleTaken(it, conflict)
		return nil
	}
	res, err := r.refused(err)
	if err == nil {
		it.settle(res)
	}
	return err
}

// made tells a customer that was just made from one that an earlier run has made of the same row.
func made(it *item, c customer.Customer) Outcome {
	if id := it.row.Draft.ID; it.row.Record == nil && !id.IsZero() && id != c.ID {
		return Unchanged
	}
	return Created
}

// settleTaken sets the result of an item in whose way a customer is.
func (r *run) settleTaken(it *item, conflict *customer.ConflictError) {
	field := conflict.Field
	by, ok := r.findID(conflict.Holder)
	if !ok {
		by.customer.ID = conflict.Holder
	}
	if r.policy == Skip && r.match == customer.EmailKey && field == "external_id" && it.hasEmailOf(&by.customer) {
		// The store named the field that it looks at first.
		field = "email"
	}
	it.settle(r.taken(field, by).result)
}

// hasEmailOf reports whether the row, which the store has found valid, is about c by its email.
func (it *item) hasEmailOf(c *customer.Customer) bool {
	if it.built.ID.IsZero() {
		it.built, _ = it.row.Draft.Build(someID, someTime)
	}
	email := keysOf(c).email
	return email != "" && email == keysOf(&it.built).email
}

// lookUpHolders reads the customers that are in the way of rows to be skipped: of an archived one it is said, and by its email it may be the one
// that the row is about.
func (r *run) lookUpHolders(ctx context.Context, errs []error) error {
	var ids []customer.ID
	for _, err := range errs {
		if conflict, ok := errors.AsType[*customer.ConflictError](err); ok && !conflict.Holder.IsZero() {
			ids = append(ids, conflict.Holder)
		}
	}
	if r.policy != Skip || len(ids) == 0 {
		return nil
	}
	var err error
	r.known.ids, err = customer.GetMany(ctx, r.store, ids)
	return err
}

// alone writes the item behind all that wait, planned anew.
func (r *run) alone(ctx context.Context, it *item) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	err := r.again(ctx, it, nil)
	r.touched.add(it.keys)
	return err
}

// again plans and writes the item, by itself and from what is in the store now, as often as somebody else is faster. conflict is what the
// item met when it was last created.
func (r *run) again(ctx context.Context, it *item, conflict *customer.ConflictError) error {
	chunk := r.known
	defer func() { r.known = chunk }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.lookUp(ctx, []item{*it}); err != nil {
			return err
		}
		p := r.decide(it)
		switch p.action {
		case answer:
			it.settle(p.result)
			return nil
		case update:
			r.touched.add(p.have.keys())
			if ok, err := r.update(ctx, it, &p); ok || err != nil {
				return err
			}
			conflict = nil
			continue
		}
		if conflict != nil && !r.knownBy(it, conflict.Field) {
			// Whoever is in the way is not the row's customer, or the row would have been an update.
			r.settleTaken(it, conflict)
			return nil
		}
		made, errs, err := r.writeAll(ctx, pending{p.action, []*item{it}})
		if err != nil {
			return err
		}
		var taken bool
		if conflict, taken = errors.AsType[*customer.ConflictError](errs[0]); !taken {
			if errs[0] != nil {
				return r.settleRefused(ctx, it, errs[0])
			}
			it.settleMade(made[0])
			return nil
		}
	}
}

// maybeOwn reports whether it may be the item's own customer that has the field. Stores look at the id first, then at the external id: where
// a later field is taken, nobody had the ones before.
func (r *run) maybeOwn(it *item, field string) bool {
	return r.knownBy(it, field) || it.row.Record == nil && r.match == customer.EmailKey
}

// knownBy reports whether the field is what the item knows its customer by.
func (r *run) knownBy(it *item, field string) bool {
	return field == "id" || it.row.Record == nil && field == string(r.match)
}
