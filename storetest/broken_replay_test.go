package storetest_test

import (
	"context"
	"errors"
	"slices"

	"example.com/customer"
)

// replaysFunc is FindReplays of a store.
type replaysFunc func(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error)

// brokenReplay is a broken store whose answers by idempotency keys are what alter makes of the sound one.
func brokenReplay(fault, caught string, alter func(r *reference) replaysFunc) broken {
	return broken{fault, caught, func(r *reference) customer.Store { return bulk{reference: r, findReplays: alter(r)} }}
}

// amended returns FindReplays of r with each answer amended.
func amended(r *reference, amend func(d customer.Draft, c *customer.Customer, err *error)) replaysFunc {
	return func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
		made, errs, err := r.FindReplays(ctx, drafts)
		for i := range made {
			amend(drafts[i], &made[i], &errs[i])
		}
		return made, errs, err
	}
}

func brokenReplays() []broken {
	return []broken{
		brokenReplay("finds for a key the customer as it was made", "replay/same_draft", func(r *reference) replaysFunc {
			return amended(r, func(d customer.Draft, c *customer.Customer, _ *error) {
				if !c.ID.IsZero() {
					*c, _ = r.rules.build(d, c.ID, c.CreatedAt)
				}
			})
		}),
		brokenReplay("finds no archived customer by its key", "replay/same_draft", func(r *reference) replaysFunc {
			return amended(r, func(_ customer.Draft, c *customer.Customer, _ *error) {
				if c.Status == customer.Archived {
					*c = customer.Customer{}
				}
			})
		}),
		brokenReplay("looks for conflicts where only a key is asked about", "replay/free_keys", func(r *reference) replaysFunc {
			return amended(r, func(d customer.Draft, c *customer.Customer, err *error) {
				if holder, missing := customer.FindByEmail(context.Background(), r, d.Email); d.Email != "" && missing == nil && c.ID.IsZero() && *err == nil {
					*err = &customer.ConflictError{Field: "email", Holder: holder.ID}
				}
			})
		}),
		brokenReplay("takes any draft for the one that a key was used for", "replay/other_draft", func(r *reference) replaysFunc {
			return amended(r, func(_ customer.Draft, _ *customer.Customer, err *error) {
				if errors.Is(*err, customer.ErrKeyReused) {
					*err = nil
				}
			})
		}),
		brokenReplay("remembers the keys of those who are gone", "replay/free_keys", func(r *reference) replaysFunc {
			return amended(r, func(d customer.Draft, c *customer.Customer, err *error) {
				if d.IdempotencyKey == "used" && c.ID.IsZero() && *err == nil {
					*err = customer.ErrKeyReused
				}
			})
		}),
		brokenReplay("answers by keys once only", "replay/in_order", func(r *reference) replaysFunc {
			return func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
				made, errs, err := r.FindReplays(ctx, drafts)
				seen := make(map[string]bool)
				for i, d := range drafts {
					if seen[d.IdempotencyKey] {
						made[i], errs[i] = customer.Customer{}, nil
					}
					seen[d.IdempotencyKey] = true
				}
				return made, errs, err
			}
		}),
		brokenReplay("leaves out those who have no key", "replay/in_order", func(r *reference) replaysFunc {
			return func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
				keyed := slices.DeleteFunc(slices.Clone(drafts), func(d customer.Draft) bool { return d.IdempotencyKey == "" })
				made, errs, err := r.FindReplays(ctx, keyed)
				rest := len(drafts) - len(keyed)
				return append(made, make([]customer.Customer, rest)...), append(errs, make([]error, rest)...), err
			}
		}),
		brokenReplay("looks keys up for drafts that are not valid", "replay/invalid_drafts", func(r *reference) replaysFunc {
			return amended(r, func(_ customer.Draft, _ *customer.Customer, err *error) {
				if errors.Is(*err, customer.ErrInvalid) {
					*err = customer.ErrKeyReused
				}
			})
		}),
		brokenReplay("answers for a thousand keys at most", "replay/any_size", func(r *reference) replaysFunc {
			return func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
				made, errs, err := r.FindReplays(ctx, drafts[:min(len(drafts), 1000)])
				rest := len(drafts) - len(made)
				return append(made, make([]customer.Customer, rest)...), append(errs, make([]error, rest)...), err
			}
		}),
		brokenReplay("creates what it is asked about", "replay/writes_nothing", func(r *reference) replaysFunc { return r.CreateBatch }),
		brokenReplay("answers by keys in a context that has ended", "replay/ended_context", func(r *reference) replaysFunc {
			return func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
				return r.FindReplays(context.WithoutCancel(ctx), drafts)
			}
		}),
		brokenReplay("shares the memory of those it finds by their keys", "replay/memory", func(r *reference) replaysFunc {
			sharing := *r
			sharing.rules.copy = func(c customer.Customer) customer.Customer { return c }
			return sharing.FindReplays
		}),
		brokenReplay("finds every tenant's keys", "replay/tenants", func(r *reference) replaysFunc {
			unnamed := *r
			unnamed.tenant = ""
			return unnamed.FindReplays
		}),
	}
}
