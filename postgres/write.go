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
	r := newRow(c, d.IdempotencyKey)
	args, err := r.args(append(make([]any, 0, 36), s.constant, s.tenant))
	if err != nil {
		return customer.Customer{}, err
	}
	err = s.retry(func() error {
		created, err = s.insert(ctx, &r, args)
		return err
	})
	return created, err
}

// insert never looks before it inserts: the unique indexes decide. What is in the way is looked up afterwards, in a statement of its own
// that sees what was committed meanwhile, and if that is gone by then the insert has another try.
func (s *Store) insert(ctx context.Context, r *row, args []any) (customer.Customer, error) {
	for range maxStalled {
		affected, err := exec(ctx, s.db, s.sql.insert, args...)
		if err != nil {
			return customer.Customer{}, err
		}
		if affected == 1 {
			return r.c, nil
		}
		held, err := s.holders(ctx, []*row{r}, nil)
		if err != nil {
			return customer.Customer{}, err
		}
		if made, ok, err := held.replay(r); ok {
			return made, err
		}
		if err := held.conflict(r, true); err != nil {
			return customer.Customer{}, err
		}
	}
	return customer.Customer{}, errStalled
}

// maxStalled bounds how often a write is tried that nothing of ours stands in the way of and that still does not happen.
const maxStalled = 10

var errStalled = &Error{text: "the write is held back by something that is not part of this schema: a trigger, or another unique index"}

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
	r := newRow(*next, "")
	args, err := recordArgs(append(make([]any, 0, 35), s.constant, s.tenant), next)
	if err != nil {
		return false, err
	}
	args = append(keyArgs(args, &r.keys), int64(have))
	unique := slices.ContainsFunc(changed, func(field string) bool { return field == "email" || field == "external_id" || field == "status" })
	var affected int64
	err = s.savepoint(ctx, unique, func(db DB) (err error) {
		affected, err = exec(ctx, db, s.sql.update, args...)
		return err
	})
	var e *Error
	if errors.As(err, &e) && e.Code == codeUniqueViolation {
		if _, ours := conflictField(e.Constraint); ours {
			held, err := s.holders(ctx, []*row{&r}, nil)
			if err == nil {
				err = cmp.Or(held.conflict(&r, false), errBlocked)
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

// atomically runs statements that happen together or not at all: in a transaction of their own, or in a savepoint of the caller's.
func (s *Store) atomically(ctx context.Context, f func(s *Store) error) error {
	if s.inTx {
		return s.savepoint(ctx, true, func(db DB) error {
			view := *s
			view.db = db
			return f(&view)
		})
	}
	return s.retry(func() error {
		tx, err := s.db.Begin(ctx)
		if err != nil {
			return clean(ctx, err)
		}
		if err := f(s.With(tx)); err != nil {
			rollback(ctx, tx)
			return err
		}
		return confirmed(ctx, func(ctx context.Context) error { return clean(ctx, tx.Commit(ctx)) })
	})
}

// rollback ends a transaction also when the call is cancelled. A connection that is gone says so at the next call.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = tx.Rollback(ctx)
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
	// The caller's transaction must come out of this as it went in, also when the call is cancelled now.
	if err := f(nested); err != nil {
		rollback(ctx, nested)
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	return clean(ctx, nested.Commit(ctx))
}

const rollbackTimeout = 3 * time.Second
