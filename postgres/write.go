package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// Create implements [customer.Store].
func (s *Store) Create(ctx context.Context, d customer.Draft) (created customer.Customer, err error) {
	if err := s.begin(ctx); err != nil {
		return customer.Customer{}, err
	}
	c, err := d.Build(s.newID(), s.now())
	if err != nil {
		return customer.Customer{}, err
	}
	keys, key, draft := customer.KeysOf(c), customer.HashKey(d.IdempotencyKey), ""
	if key != "" {
		draft = customer.HashDraft(c)
	}
	args, err := recordArgs(append(make([]any, 0, 36), s.constant, s.tenant), &c)
	if err != nil {
		return customer.Customer{}, err
	}
	args = append(keyArgs(args, &keys), key, draft)
	err = s.retry(func() error {
		created, err = s.insert(ctx, &c, &keys, args, key, draft)
		return err
	})
	return created, err
}

// insert never looks before it inserts: the unique indexes decide. What is in the way is looked up afterwards, in a statement of its own
// that sees what was committed meanwhile, and if that is gone by then the insert has another try.
func (s *Store) insert(ctx context.Context, c *customer.Customer, k *customer.Keys, args []any, key, draft string) (customer.Customer, error) {
	for range maxStalled {
		affected, err := exec(ctx, s.db, s.sql.insert, args...)
		if err != nil {
			return customer.Customer{}, err
		}
		if affected == 1 {
			return *c, nil
		}
		held, err := s.holders(ctx, c, k, key)
		if err != nil {
			return customer.Customer{}, err
		}
		if i := slices.IndexFunc(held, func(h holder) bool { return key != "" && h.key == key }); i >= 0 {
			if held[i].draft != draft {
				return customer.Customer{}, customer.ErrKeyReused
			}
			return held[i].c, nil
		}
		if err := conflict(held, c, k, true); err != nil {
			return customer.Customer{}, err
		}
	}
	return customer.Customer{}, errStalled
}

// maxStalled bounds how often a write is tried that nothing of ours stands in the way of and that still does not happen.
const maxStalled = 10

var errStalled = &Error{text: "the write is held back by something that is not part of this schema: a trigger, or another unique index"}

// holder is a row that has one of the unique values of another.
type holder struct {
	c                 customer.Customer
	email, key, draft string
}

func (s *Store) holders(ctx context.Context, c *customer.Customer, k *customer.Keys, key string) ([]holder, error) {
	rows, err := s.db.Query(ctx, s.sql.holders, s.constant, s.tenant, [16]byte(c.ID), c.ExternalID, k.Email, key)
	if err != nil {
		return nil, clean(ctx, err)
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (holder, error) {
		var (
			r record
			h holder
		)
		if err := row.Scan(append(r.targets(), &h.email, &h.key, &h.draft)...); err != nil {
			return holder{}, err
		}
		var err error
		h.c, err = r.customer()
		return h, err
	})
	return held, clean(ctx, err)
}

// conflict returns the first conflict in the order of the contract: id, external id, email.
func conflict(held []holder, c *customer.Customer, k *customer.Keys, isNew bool) error {
	for _, h := range held {
		if isNew && h.c.ID == c.ID {
			return &customer.ConflictError{Field: "id", Holder: h.c.ID}
		}
	}
	for _, h := range held {
		if c.ExternalID != "" && h.c.ExternalID == c.ExternalID && h.c.ID != c.ID {
			return &customer.ConflictError{Field: "external_id", Holder: h.c.ID}
		}
	}
	for _, h := range held {
		if k.Email != "" && h.email == k.Email && h.c.Status == customer.Active && c.Status == customer.Active && h.c.ID != c.ID {
			return &customer.ConflictError{Field: "email", Holder: h.c.ID}
		}
	}
	return nil
}

// Update implements [customer.Store]. With AnyVersion it applies the patch again for as long as others are faster.
func (s *Store) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (updated customer.Customer, err error) {
	if err := s.begin(ctx); err != nil {
		return customer.Customer{}, err
	}
	if err := v.Validate(); err != nil {
		return customer.Customer{}, err
	}
	if err := p.Validate(); err != nil {
		return customer.Customer{}, err
	}
	err = s.retry(func() error {
		updated, err = s.change(ctx, id, v, p)
		return err
	})
	return updated, err
}

func (s *Store) change(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	var (
		last    customer.Version
		blocked bool
	)
	for stalled := 0; stalled < maxStalled; {
		have, err := s.read(ctx, id)
		if err != nil {
			return customer.Customer{}, err
		}
		if have.Version == last {
			stalled++
		}
		last = have.Version
		if err := v.Check(have); err != nil {
			return customer.Customer{}, err
		}
		next, changed, err := p.Apply(have, s.now())
		if err != nil || len(changed) == 0 {
			return next, err
		}
		done, err := s.replace(ctx, have.Version, &next, changed)
		if blocked = errors.Is(err, errBlocked); blocked && s.inTx && stalled > 0 {
			break
		}
		if err != nil && !blocked {
			return customer.Customer{}, err
		}
		if done {
			return next, nil
		}
	}
	if blocked && s.inTx {
		// The snapshot of a stricter transaction will never show who holds the value.
		return customer.Customer{}, &Error{Code: codeSerialization}
	}
	return customer.Customer{}, errStalled
}

// errBlocked says that a unique value is taken by a row that cannot be seen: it has gone, or came after the transaction's snapshot.
var errBlocked = errors.New("customer: postgres: blocked")

// replace writes next over the row at version have. Neither done nor an error: the row changed meanwhile.
func (s *Store) replace(ctx context.Context, have customer.Version, next *customer.Customer, changed []string) (done bool, err error) {
	keys := customer.KeysOf(*next)
	args, err := recordArgs(append(make([]any, 0, 35), s.constant, s.tenant), next)
	if err != nil {
		return false, err
	}
	args = append(keyArgs(args, &keys), int64(have))
	unique := slices.ContainsFunc(changed, func(field string) bool { return field == "email" || field == "external_id" || field == "status" })
	var affected int64
	err = s.savepoint(ctx, unique, func(db DB) (err error) {
		affected, err = exec(ctx, db, s.sql.update, args...)
		return err
	})
	var e *Error
	if errors.As(err, &e) && e.Code == codeUniqueViolation {
		if _, ours := conflictField(e.Constraint); ours {
			held, err := s.holders(ctx, next, &keys, "")
			if err == nil {
				err = cmp.Or(conflict(held, next, &keys, false), errBlocked)
			}
			return false, err
		}
	}
	if err != nil {
		return false, err
	}
	return affected == 1, nil
}

// Delete implements [customer.Store].
func (s *Store) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return err
	}
	return s.retry(func() error { return s.erase(ctx, id, v) })
}

func (s *Store) erase(ctx context.Context, id customer.ID, v customer.Version) error {
	for range maxStalled {
		var affected int64
		err := s.savepoint(ctx, true, func(db DB) (err error) {
			affected, err = exec(ctx, db, s.sql.delete, s.constant, s.tenant, [16]byte(id), int64(v))
			return err
		})
		var e *Error
		if errors.As(err, &e) && (e.Code == codeForeignKeyViolation || e.Code == codeRestrictViolation) {
			return customer.ErrReferenced
		}
		if err != nil || affected == 1 {
			return err
		}
		have, err := s.read(ctx, id)
		if err != nil {
			return err
		}
		if err := v.Check(have); err != nil {
			return err
		}
	}
	return errStalled
}

// exec runs a statement that writes and returns how many rows it wrote.
func exec(ctx context.Context, db DB, sql string, args ...any) (affected int64, err error) {
	err = confirmed(ctx, func(ctx context.Context) error {
		tag, err := db.Exec(ctx, sql, args...)
		affected = tag.RowsAffected()
		return clean(ctx, err)
	})
	return affected, err
}

// savepoint runs a statement that may fail so that its failure does not abort the caller's transaction.
func (s *Store) savepoint(ctx context.Context, mayFail bool, f func(db DB) error) error {
	if !s.inTx || !mayFail {
		return f(s.db)
	}
	nested, err := s.db.Begin(ctx)
	if err != nil {
		return clean(ctx, err)
	}
	err = f(nested)
	// The caller's transaction must come out of this as it went in, also when the call is cancelled now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), savepointTimeout)
	defer cancel()
	if err != nil {
		// The error of the statement is the one to tell; a connection that is gone says so at the next call.
		_ = nested.Rollback(ctx)
		return err
	}
	return clean(ctx, nested.Commit(ctx))
}

const savepointTimeout = 3 * time.Second
