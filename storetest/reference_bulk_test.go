package storetest_test

import (
	"context"

	"example.com/customer"
)

func (r *reference) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	if err := r.check(ctx); err != nil {
		return nil, nil, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	created, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	for i, d := range drafts {
		if created[i], errs[i] = r.rules.build(d, r.newID(), r.now()); errs[i] == nil {
			created[i], errs[i] = r.insert(created[i], d.IdempotencyKey)
		}
	}
	return created, errs, nil
}

func (r *reference) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	errs := make([]error, len(records))
	for i, c := range records {
		if errs[i] = c.Validate(); errs[i] == nil {
			c = r.rules.copy(c)
			c.CreatedAt, c.UpdatedAt, c.ArchivedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC(), c.ArchivedAt.UTC()
			_, errs[i] = r.insert(c, "")
		}
	}
	return errs, nil
}

func (r *reference) FindReplays(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error) {
	if err := r.check(ctx); err != nil {
		return nil, nil, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	made, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	for i, d := range drafts {
		var c customer.Customer
		if c, errs[i] = r.rules.build(d, r.newID(), r.now()); errs[i] == nil {
			made[i], _, errs[i] = r.replay(customer.HashKey(d.IdempotencyKey), customer.HashDraft(c))
		}
	}
	return made, errs, nil
}

// bulk is a store with its ways of handling many customers replaced.
type bulk struct {
	*reference
	findReplays func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error)
	createBatch func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error)
	load        func(ctx context.Context, records []customer.Customer) ([]error, error)
}

func (b bulk) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	if b.createBatch == nil {
		return b.reference.CreateBatch(ctx, drafts)
	}
	return b.createBatch(ctx, drafts)
}

func (b bulk) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	if b.load == nil {
		return b.reference.Load(ctx, records)
	}
	return b.load(ctx, records)
}

func (b bulk) FindReplays(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error) {
	if b.findReplays == nil {
		return b.reference.FindReplays(ctx, drafts)
	}
	return b.findReplays(ctx, drafts)
}

// unchecked returns the store without the rule that a field is unique.
func (r *reference) unchecked(field string) *reference {
	other := *r
	other.rules.clashes = make(map[string]func(made, other *row) bool)
	for name, clash := range r.rules.clashes {
		other.rules.clashes[name] = clash
	}
	other.rules.clashes[field] = func(_, _ *row) bool { return false }
	return &other
}
