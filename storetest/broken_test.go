package storetest_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"example.com/customer"
)

// broken is a store with one fault, and a case of the suite that is there to catch it.
type broken struct {
	fault  string
	caught string
	alter  func(r *reference) customer.Store
}

// altered is a store with some methods replaced.
type altered struct {
	customer.Store
	create func(ctx context.Context, d customer.Draft) (customer.Customer, error)
	update func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error)
	delete func(ctx context.Context, id customer.ID, v customer.Version) error
	search func(ctx context.Context, q customer.Query) (customer.Page, error)
	count  func(ctx context.Context, f customer.Filter, limit int) (customer.Total, error)
}

func (a altered) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if a.create == nil {
		return a.Store.Create(ctx, d)
	}
	return a.create(ctx, d)
}

func (a altered) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	if a.update == nil {
		return a.Store.Update(ctx, id, v, p)
	}
	return a.update(ctx, id, v, p)
}

func (a altered) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	if a.delete == nil {
		return a.Store.Delete(ctx, id, v)
	}
	return a.delete(ctx, id, v)
}

func (a altered) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if a.search == nil {
		return a.Store.Search(ctx, q)
	}
	return a.search(ctx, q)
}

func (a altered) Count(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
	if a.count == nil {
		return a.Store.Count(ctx, f, limit)
	}
	return a.count(ctx, f, limit)
}

func brokenStores() []broken {
	return slices.Concat(brokenMemory(), brokenWrites(), brokenUniqueness(), brokenKeys(), brokenSearch(), brokenPages(), brokenTenants())
}

func brokenMemory() []broken {
	return []broken{
		{"shares memory on return", "memory/what_comes_out", func(r *reference) customer.Store {
			r.rules.copy = func(c customer.Customer) customer.Customer { return c }
			return r
		}},
		{"keeps the draft's metadata", "memory/what_goes_in", func(r *reference) customer.Store {
			r.rules.build = func(d customer.Draft, id customer.ID, now time.Time) (customer.Customer, error) {
				c, err := d.Build(id, now)
				if maps.Equal(c.Metadata, d.Metadata) && c.Metadata != nil {
					c.Metadata = d.Metadata
				}
				return c, err
			}
			return r
		}},
		{"keeps the patch's tags", "memory/what_goes_in", func(r *reference) customer.Store {
			r.rules.apply = func(p customer.Patch, c customer.Customer, now time.Time) (customer.Customer, []string, error) {
				next, changed, err := p.Apply(c, now)
				if p.Tags != nil && len(next.Tags) > 0 && slices.Equal(next.Tags, *p.Tags) {
					next.Tags = *p.Tags
				}
				return next, changed, err
			}
			return r
		}},
		{"sorts the caller's filter", "memory/queries", func(r *reference) customer.Store {
			r.rules.compile = func(f customer.Filter) (customer.Matcher, error) {
				if all, ok := f.(customer.AllOf); ok && len(all) > 1 {
					all[0], all[1] = all[1], all[0]
				}
				return customer.Compile(f)
			}
			return r
		}},
		{"returns empty sets", "create/empty_sets", func(r *reference) customer.Store {
			r.rules.copy = func(c customer.Customer) customer.Customer {
				c = c.Clone()
				c.Tags = append([]string{}, c.Tags...)
				return c
			}
			return r
		}},
		{"returns times in another zone", "create/returned_equals_reread", func(r *reference) customer.Store {
			r.rules.copy = func(c customer.Customer) customer.Customer {
				c = c.Clone()
				c.CreatedAt = c.CreatedAt.In(time.FixedZone("", 3600))
				return c
			}
			return r
		}},
		{"does not cut times to microseconds", "create/returned_equals_reread", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				c, err := r.Create(ctx, d)
				if err == nil && d.CreatedAt.IsZero() {
					c.CreatedAt = r.now().UTC()
					c.UpdatedAt = c.CreatedAt
				}
				return c, err
			}}
		}},
	}
}

func brokenWrites() []broken {
	return []broken{
		{"ignores the context", "errors/context", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				return r.Search(context.WithoutCancel(ctx), q)
			}}
		}},
		{"looks at the arguments before the context", "errors/in_order", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				if err := v.Validate(); err != nil {
					return customer.Customer{}, err
				}
				return r.Update(ctx, id, v, p)
			}}
		}},
		{"ignores the version", "update/stale", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				if v > 0 {
					v = customer.AnyVersion
				}
				return r.Update(ctx, id, v, p)
			}}
		}},
		{"takes version 0 for any version", "errors/in_order", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				if v == 0 {
					v = customer.AnyVersion
				}
				return r.Update(ctx, id, v, p)
			}}
		}},
		{"keeps the version on a change", "update/versions", func(r *reference) customer.Store {
			r.rules.apply = func(p customer.Patch, c customer.Customer, now time.Time) (customer.Customer, []string, error) {
				next, changed, err := p.Apply(c, now)
				next.Version = c.Version
				return next, changed, err
			}
			return r
		}},
		{"takes a version for no change", "update/no_change", func(r *reference) customer.Store {
			r.rules.apply = func(p customer.Patch, c customer.Customer, now time.Time) (customer.Customer, []string, error) {
				next, changed, err := p.Apply(c, now)
				if err == nil && len(changed) == 0 {
					next.Version++
					changed = []string{"version"}
				}
				return next, changed, err
			}
			return r
		}},
		{"lets UpdatedAt go back", "update/a_clock_that_goes_back", func(r *reference) customer.Store {
			r.rules.apply = func(p customer.Patch, c customer.Customer, now time.Time) (customer.Customer, []string, error) {
				next, changed, err := p.Apply(c, now)
				if at := now.UTC().Truncate(time.Microsecond); len(changed) > 0 && !at.Before(c.CreatedAt) {
					next.UpdatedAt = at
				}
				return next, changed, err
			}
			return r
		}},
		{"validates before it looks at the version", "errors/in_order", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				if c, err := r.Get(ctx, id); err == nil {
					if _, _, err = p.Apply(c, r.now()); err != nil {
						return customer.Customer{}, err
					}
				}
				return r.Update(ctx, id, v, p)
			}}
		}},
		{"applies half of a change that fails", "conflict/on_update", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				c, err := r.Update(ctx, id, v, p)
				if errors.Is(err, customer.ErrConflict) {
					_, _ = r.Update(ctx, id, v, customer.Patch{Name: p.Name, AddTags: p.AddTags})
				}
				return c, err
			}}
		}},
		{"loses updates at AnyVersion", "races/any_version", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				c, err := r.Get(ctx, id)
				if v != customer.AnyVersion || err != nil || p.Status != nil {
					return r.Update(ctx, id, v, p)
				}
				next, changed, err := p.Apply(c, r.now())
				if err != nil || len(changed) == 0 || p.Email != nil || p.ExternalID != nil {
					return r.Update(ctx, id, v, p)
				}
				runtime.Gosched()
				r.db.mu.Lock()
				defer r.db.mu.Unlock()
				r.db.rows[r.key(id)] = &row{customer: next, keys: r.rules.index(nil, next)}
				return next.Clone(), nil
			}}
		}},
		{"archives in place of deleting", "lifecycle/delete", func(r *reference) customer.Store {
			return altered{Store: r, delete: func(ctx context.Context, id customer.ID, v customer.Version) error {
				_, err := customer.Archive(ctx, r, id, v)
				return err
			}}
		}},
	}
}

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

func brokenTenants() []broken {
	return []broken{
		{"shows every tenant's customers", "tenant/apart", func(r *reference) customer.Store {
			r.tenant = ""
			return r
		}},
		{"finds every tenant's customers", "tenant/apart", func(r *reference) customer.Store {
			return altered{Store: r, count: func(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
				unnamed := *r
				unnamed.tenant = ""
				return unnamed.Count(ctx, f, limit)
			}}
		}},
		{"takes any name for a tenant's", "tenant/names", func(r *reference) customer.Store {
			if r.tenant != "" && customer.CheckTenant(r.tenant) != nil {
				r.tenant = "x"
			}
			return r
		}},
		{"gives every tenant a database of its own twice", "tenant/one_database", func(r *reference) customer.Store {
			if r.tenant != "" {
				r.db = &database{rows: make(map[rowKey]*row)}
			}
			return r
		}},
	}
}
