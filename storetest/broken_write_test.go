package storetest_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"time"

	"example.com/customer"
)

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
