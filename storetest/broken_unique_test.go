package storetest_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"sync"

	"example.com/customer"
)

func brokenUniqueness() []broken {
	return []broken{
		{"looks for the email before it inserts", "races/one_email", func(r *reference) customer.Store {
			unchecked := *r
			unchecked.rules.clashes = maps.Clone(r.rules.clashes)
			unchecked.rules.clashes["email"] = func(_, _ *row) bool { return false }
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				if d.Email == "" || d.IdempotencyKey != "" || d.ExternalID != "" || d.ID != (customer.ID{}) {
					return r.Create(ctx, d)
				}
				if holder, err := customer.FindByEmail(ctx, r, d.Email); err == nil {
					return customer.Customer{}, &customer.ConflictError{Field: "email", Holder: holder.ID}
				}
				runtime.Gosched()
				return unchecked.Create(ctx, d)
			}}
		}},
		{"keeps the email of the archived", "lifecycle/archive_frees_the_email", func(r *reference) customer.Store {
			r.rules.clashes["email"] = func(made, other *row) bool { return made.keys.Email != "" && made.keys.Email == other.keys.Email }
			return r
		}},
		{"frees the external id of the archived", "conflict/external_id", func(r *reference) customer.Store {
			taken := r.rules.clashes["external_id"]
			r.rules.clashes["external_id"] = func(made, other *row) bool { return bothActive(made, other) && taken(made, other) }
			return r
		}},
		{"compares emails by case", "conflict/email", func(r *reference) customer.Store {
			r.rules.clashes["email"] = func(made, other *row) bool {
				return bothActive(made, other) && made.customer.Email != "" && made.customer.Email == other.customer.Email
			}
			return r
		}},
		{"compares emails by folded text", "conflict/email", func(r *reference) customer.Store {
			r.rules.clashes["email"] = func(made, other *row) bool {
				folded := customer.Fold(made.customer.Email)
				return bothActive(made, other) && folded != "" && folded == customer.Fold(other.customer.Email)
			}
			return r
		}},
		{"overwrites under an ID that is taken", "conflict/order_and_holder", func(r *reference) customer.Store {
			r.rules.clashes["id"] = func(_, _ *row) bool { return false }
			return r
		}},
		{"restores without looking for conflicts", "lifecycle/archive_frees_the_email", func(r *reference) customer.Store {
			taken := r.rules.clashes["email"]
			r.rules.clashes["email"] = func(made, other *row) bool { return taken(made, other) && made.customer.Version < 3 }
			return r
		}},
		{"names no holder", "conflict/order_and_holder", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				c, err := r.Create(ctx, d)
				if conflict, ok := errors.AsType[*customer.ConflictError](err); ok {
					conflict.Holder = customer.ID{}
				}
				return c, err
			}}
		}},
	}
}

func brokenKeys() []broken {
	return []broken{
		{"forgets the draft of a key", "idempotency/other_draft", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				c, err := r.Create(ctx, d)
				if errors.Is(err, customer.ErrKeyReused) {
					return r.byKey(d.IdempotencyKey), nil
				}
				return c, err
			}}
		}},
		{"compares a key's draft with the record of now", "idempotency/same_draft", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				built, err := d.Build(customer.ID{1}, r.now())
				made := r.byKey(d.IdempotencyKey)
				if err == nil && ctx.Err() == nil && made.Version > 0 && customer.HashDraft(made) != customer.HashDraft(built) {
					return customer.Customer{}, customer.ErrKeyReused
				}
				return r.Create(ctx, d)
			}}
		}},
		{"keeps the key of the deleted", "lifecycle/delete", func(r *reference) customer.Store {
			var kept sync.Map
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				if made, ok := kept.Load(d.IdempotencyKey); ok && d.IdempotencyKey != "" && r.byKey(d.IdempotencyKey).Version == 0 {
					return made.(customer.Customer), nil
				}
				c, err := r.Create(ctx, d)
				if err == nil {
					kept.Store(d.IdempotencyKey, c.Clone())
				}
				return c, err
			}}
		}},
		{"looks for conflicts before the key", "idempotency/same_draft", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				if holder, err := customer.FindByEmail(ctx, r, d.Email); err == nil {
					return customer.Customer{}, &customer.ConflictError{Field: "email", Holder: holder.ID}
				}
				return r.Create(ctx, d)
			}}
		}},
	}
}

// byKey returns the customer made under the key, or the zero one.
func (r *reference) byKey(key string) customer.Customer {
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	for at, row := range r.db.rows {
		if at.tenant == r.tenant && key != "" && row.keyHash == customer.HashKey(key) {
			return row.customer.Clone()
		}
	}
	return customer.Customer{}
}
