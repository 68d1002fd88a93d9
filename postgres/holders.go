package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// holder is a row of the table that has a unique value of another.
type holder struct {
	c                 customer.Customer
	email, key, draft string
	at                int // where in the batch it came from; 0 if it was there before
}

// before reports whether the holder was there when it was the turn of r.
func (h *holder) before(r *row) bool { return h != nil && h.at <= r.at }

// holders are the rows that have unique values of others, by what they have.
type holders struct {
	byID                         map[customer.ID]*holder
	byExternalID, byEmail, byKey map[string]*holder
}

// holders looks up what is in the way of rows, in one round trip. Written are the IDs of rows of the same batch, and where those stood in it.
func (s *Store) holders(ctx context.Context, rows []*row, written map[customer.ID]int) (*holders, error) {
	ids, externalIDs, emails, keys := make([][16]byte, len(rows)), make([]string, len(rows)), make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		ids[i], externalIDs[i], emails[i], keys[i] = r.c.ID, r.c.ExternalID, r.keys.Email, r.key
	}
	return s.collectHolders(ctx, written, s.sql.holders, s.constant, s.tenant, ids, externalIDs, emails, keys)
}

func (s *Store) collectHolders(ctx context.Context, written map[customer.ID]int, sql string, args ...any) (*holders, error) {
	found, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, clean(ctx, err)
	}
	held := &holders{
		byID: make(map[customer.ID]*holder), byExternalID: make(map[string]*holder), byEmail: make(map[string]*holder), byKey: make(map[string]*holder),
	}
	list, err := pgx.CollectRows(found, scanHolder)
	for _, h := range list {
		h.at = written[h.c.ID]
		held.byID[h.c.ID], held.byExternalID[h.c.ExternalID], held.byKey[h.key] = h, h, h
		if h.c.Status == customer.Active {
			held.byEmail[h.email] = h
		}
	}
	return held, clean(ctx, err)
}

func scanHolder(found pgx.CollectableRow) (*holder, error) {
	var (
		r record
		h holder
	)
	if err := found.Scan(append(r.targets(), &h.email, &h.key, &h.draft)...); err != nil {
		return nil, err
	}
	var err error
	h.c, err = r.customer()
	return &h, err
}

// replay returns the customer that the idempotency key of r made before, if there is one.
func (held *holders) replay(r *row) (made customer.Customer, ok bool, err error) {
	h := held.byKey[r.key]
	switch {
	case r.key == "" || !h.before(r):
		return customer.Customer{}, false, nil
	case h.draft != r.draft:
		return customer.Customer{}, true, customer.ErrKeyReused
	}
	return h.c.Clone(), true, nil
}

// conflict returns the first conflict in the order of the contract: id, external id, email.
func (held *holders) conflict(r *row, isNew bool) error {
	if h := held.byID[r.c.ID]; isNew && h.before(r) {
		return &customer.ConflictError{Field: "id", Holder: h.c.ID}
	}
	if h := held.byExternalID[r.c.ExternalID]; r.c.ExternalID != "" && h.before(r) && h.c.ID != r.c.ID {
		return &customer.ConflictError{Field: "external_id", Holder: h.c.ID}
	}
	if h := held.byEmail[r.keys.Email]; r.keys.Email != "" && r.c.Status == customer.Active && h.before(r) && h.c.ID != r.c.ID {
		return &customer.ConflictError{Field: "email", Holder: h.c.ID}
	}
	return nil
}
