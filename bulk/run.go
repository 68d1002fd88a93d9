package bulk

import (
	"cmp"
	"context"
	"errors"

	"example.com/customer"
)

// run is one import.
type run struct {
	store  customer.Store
	batch  customer.BatchCreator // nil if the store is none
	loader customer.Loader       // nil if the store is none
	finder customer.ReplayFinder // nil if the store is none, or in a commit: there the store answers by the keys itself
	policy Policy
	match  customer.Key
	looks  bool    // plans need what is in the store
	dry    *dryRun // nil for a commit

	identifies bool // rows without a key get one: somebody will look at it

	equal   tally // of the goroutine that reads
	known   known
	pending pending
	touched touched
}

func newRun(imp Importer) *run {
	r := &run{store: imp.Store, policy: cmp.Or(imp.OnConflict, Refuse), match: imp.Match}
	r.batch, _ = imp.Store.(customer.BatchCreator)
	r.loader, _ = imp.Store.(customer.Loader)
	if imp.Mode != Commit {
		r.dry = newDryRun(r.policy == Update)
		r.finder, _ = imp.Store.(customer.ReplayFinder)
	}
	r.identifies = r.dry == nil || r.finder != nil
	r.looks = r.dry != nil || r.policy == Update
	return r
}

// chunk sets the results of the items. After an error some may be without.
func (r *run) chunk(ctx context.Context, items []item) error {
	if r.looks {
		if err := r.lookUp(ctx, items); err != nil {
			return err
		}
	}
	if r.dry != nil {
		if err := r.lookUpReplays(ctx, items); err != nil {
			return err
		}
		for i := range items {
			r.foretell(&items[i])
		}
		return nil
	}
	r.pending, r.touched = pending{}, touched{}
	for i := range items {
		if err := r.write(ctx, &items[i]); err != nil {
			return err
		}
	}
	return r.flush(ctx)
}

// foretell sets the result that committing the item would have.
func (r *run) foretell(it *item) {
	switch p := r.decide(it); p.action {
	case create, load:
		r.dry.add(it)
		it.settle(Result{Outcome: Created, ID: it.keys.id})
	case update:
		r.dry.change(&p)
		it.settle(Result{Outcome: Updated, ID: p.have.publicID()})
	default:
		it.settle(p.result)
	}
}

func (it *item) settle(res Result) { it.result, it.done = res, true }

// pending are items that wait to be written together: either creates or loads.
type pending struct {
	action action
	items  []*item
}

// touched are the keys that rows of this chunk have written or will have: what was looked up by them before is out of date.
type touched map[string]struct{}

func (t touched) has(k keys) bool {
	for _, name := range k.names() {
		if _, ok := t[name]; ok {
			return true
		}
	}
	return false
}

func (t touched) add(k keys) {
	for _, name := range k.names() {
		t[name] = struct{}{}
	}
}

func (k keys) names() []string {
	names := make([]string, 0, 3)
	if !k.id.IsZero() {
		names = append(names, "i"+string(k.id[:]))
	}
	if k.externalID != "" {
		names = append(names, "x"+k.externalID)
	}
	if k.email != "" {
		names = append(names, "e"+k.email)
	}
	return names
}

// write brings the item into the store, or puts it among those that wait. Rows that share a key keep their order; others may change places
// within a chunk, which nobody can tell.
func (r *run) write(ctx context.Context, it *item) error {
	if !r.looks {
		return r.queue(ctx, it, r.decide(it))
	}
	if r.touched.has(it.keys) {
		return r.alone(ctx, it)
	}
	p := r.decide(it)
	if p.action == update {
		old := p.have.keys()
		if r.touched.has(old) {
			return r.alone(ctx, it)
		}
		r.touched.add(old)
	}
	r.touched.add(it.keys)
	return r.queue(ctx, it, p)
}

func (r *run) queue(ctx context.Context, it *item, p plan) error {
	switch p.action {
	case answer:
		it.settle(p.result)
		return nil
	case update:
		ok, err := r.update(ctx, it, &p)
		if err != nil || ok {
			return err
		}
		return r.alone(ctx, it)
	}
	if r.pending.action != p.action {
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.pending.action = p.action
	}
	r.pending.items = append(r.pending.items, it)
	return nil
}

// update writes the change and reports whether that settled the item: not if somebody else was faster.
func (r *run) update(ctx context.Context, it *item, p *plan) (ok bool, err error) {
	have := &p.have.customer
	c, err := r.store.Update(ctx, have.ID, have.Version, p.patch)
	conflict, taken := errors.AsType[*customer.ConflictError](err)
	switch {
	case err == nil:
		it.settle(Result{Outcome: Updated, ID: c.ID, From: have.Version, To: c.Version, changed: p.changed})
	case errors.Is(err, customer.ErrStale), errors.Is(err, customer.ErrNotFound):
		return false, nil
	case errors.Is(err, customer.ErrArchived):
		it.settle(archived(have.ID))
	case taken:
		it.settle(takenResult(Refused, conflict.Field, conflict.Holder))
	default:
		res, err := r.refused(err)
		if err != nil {
			return false, err
		}
		res.ID = have.ID
		it.settle(res)
	}
	return true, nil
}
