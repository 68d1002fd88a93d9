package postgres

import (
	"context"
	"slices"

	"example.com/customer"
)

// FindReplays implements [customer.ReplayFinder] with one round trip for every 1,000 drafts that have keys.
func (s *Store) FindReplays(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, nil, err
	}
	var (
		now   = s.now()
		keyed []row
	)
	made, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	for i := range drafts {
		d := &drafts[i]
		c, err := d.Build(anyID, now)
		if errs[i] = err; err == nil && d.IdempotencyKey != "" {
			keyed = append(keyed, row{key: customer.HashKey(d.IdempotencyKey), draft: customer.HashDraft(c), at: i})
		}
	}
	for part := range slices.Chunk(keyed, partRows) {
		held, err := s.keyHolders(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		for i := range part {
			r := &part[i]
			made[r.at], _, errs[r.at] = held.replay(r)
		}
	}
	return made, errs, nil
}

// anyID is for drafts that are built to be looked at.
var anyID = customer.ID{15: 1}

// keyHolders looks up what has the keys of rows, in one round trip.
func (s *Store) keyHolders(ctx context.Context, rows []row) (held *holders, err error) {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].key
	}
	err = s.retryRead(func() error {
		held, err = s.collectHolders(ctx, nil, s.sql.replays, s.dynamic, s.tenant, keys)
		return err
	})
	return held, err
}
