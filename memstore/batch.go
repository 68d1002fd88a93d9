package memstore

import (
	"context"

	"example.com/customer"
)

// newcomer is a customer on its way in, with the hashes of the idempotency key and of the draft if it has a key, or why it stays out.
type newcomer struct {
	record             *record
	keyHash, draftHash string
	err                error
}

// CreateBatch implements [customer.BatchCreator]. Others see all of a batch or nothing, and wait while it is written.
func (s *Store) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	if err := s.check(ctx); err != nil {
		return nil, nil, err
	}
	now := s.db.now()
	batch, err := prepare(ctx, drafts, func(d *customer.Draft) newcomer {
		id := d.ID
		if id.IsZero() {
			id = s.db.newID()
		}
		c, err := d.Build(id, now)
		if err != nil {
			return newcomer{err: err}
		}
		n := newcomer{record: newRecord(c), keyHash: customer.HashKey(d.IdempotencyKey)}
		if n.keyHash != "" {
			n.draftHash = customer.HashDraft(c)
		}
		return n
	})
	if err != nil {
		return nil, nil, err
	}
	created, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	for i, body := range s.tenant.createAll(batch) {
		switch errs[i] = batch[i].err; {
		case errs[i] != nil:
		case body != "":
			created[i] = unpack(body)
		default:
			created[i] = batch[i].record.customer
		}
	}
	return created, errs, nil
}

// Load implements [customer.Loader]. Others see all of a call or nothing, and wait while it is written.
func (s *Store) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	batch, err := prepare(ctx, records, func(c *customer.Customer) newcomer {
		if err := c.Validate(); err != nil {
			return newcomer{err: err}
		}
		return newcomer{record: newRecord(*c)}
	})
	if err != nil {
		return nil, err
	}
	s.tenant.createAll(batch)
	errs := make([]error, len(records))
	for i := range batch {
		errs[i] = batch[i].err
	}
	return errs, nil
}

// FindReplays implements [customer.ReplayFinder]. It sees the keys of one moment.
func (s *Store) FindReplays(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error) {
	if err := s.check(ctx); err != nil {
		return nil, nil, err
	}
	now := s.db.now()
	batch, err := prepare(ctx, drafts, func(d *customer.Draft) newcomer {
		c, err := d.Build(anyID, now)
		if err != nil || d.IdempotencyKey == "" {
			return newcomer{err: err}
		}
		return newcomer{keyHash: customer.HashKey(d.IdempotencyKey), draftHash: customer.HashDraft(c)}
	})
	if err != nil {
		return nil, nil, err
	}
	made, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	for i, body := range s.tenant.replays(batch) {
		if errs[i] = batch[i].err; body != "" {
			made[i] = unpack(body)
		}
	}
	return made, errs, nil
}

// anyID is for drafts that are built to be looked at.
var anyID = customer.ID{15: 1}

// prepare does what takes time before anybody has to wait for it.
func prepare[T any](ctx context.Context, from []T, f func(*T) newcomer) ([]newcomer, error) {
	batch := make([]newcomer, len(from))
	for i := range from {
		if i%checkEvery == checkEvery-1 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		batch[i] = f(&from[i])
	}
	return batch, nil
}
