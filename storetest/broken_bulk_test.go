package storetest_test

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"example.com/customer"
)

// brokenBatch is a broken store whose batches are the sound one's but for what alter does.
func brokenBatch(fault, caught string, alter func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error)) broken {
	return broken{fault, caught, func(r *reference) customer.Store {
		return bulk{reference: r, createBatch: func(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			return alter(r, ctx, drafts)
		}}
	}}
}

func brokenBatches() []broken {
	return []broken{
		brokenBatch("lets the last of a batch win", "batch/like_a_loop", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			drafts = slices.Clone(drafts)
			slices.Reverse(drafts)
			created, errs, err := r.CreateBatch(ctx, drafts)
			slices.Reverse(created)
			slices.Reverse(errs)
			return created, errs, err
		}),
		brokenBatch("keeps for a refused draft what it asked for", "batch/like_a_loop", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			created, errs, err := r.CreateBatch(ctx, drafts)
			asked := make(map[string]bool)
			for i, c := range created {
				d := drafts[i]
				if errs[i] == nil && asked[d.ExternalID] {
					created[i], errs[i] = customer.Customer{}, &customer.ConflictError{Field: "external_id"}
					_ = r.Delete(ctx, c.ID, customer.AnyVersion)
				}
				asked[d.ExternalID] = d.ExternalID != ""
			}
			return created, errs, err
		}),
		brokenBatch("takes a key of a batch once only", "batch/any_drafts", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			seen := make(map[string]bool)
			drafts = slices.Clone(drafts)
			for i := range drafts {
				key := &drafts[i].IdempotencyKey
				if seen[*key] {
					*key = ""
				}
				seen[*key] = true
			}
			return r.CreateBatch(ctx, drafts)
		}),
		brokenBatch("writes a thousand at most", "batch/any_size", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			created, errs, err := r.CreateBatch(ctx, drafts[:min(len(drafts), 1000)])
			return append(created, make([]customer.Customer, len(drafts)-len(created))...), append(errs, make([]error, len(drafts)-len(errs))...), err
		}),
		brokenBatch("writes a batch whose context has ended", "batch/all_or_nothing", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			created, errs, err := r.CreateBatch(context.WithoutCancel(ctx), drafts)
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			return created, errs, err
		}),
		brokenBatch("shares the memory of a batch", "batch/memory", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			sharing := *r
			sharing.rules.copy = func(c customer.Customer) customer.Customer { return c }
			return sharing.CreateBatch(ctx, drafts)
		}),
		brokenBatch("writes every batch for the unnamed tenant", "batch/tenants", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			unnamed := *r
			unnamed.tenant = ""
			return unnamed.CreateBatch(ctx, drafts)
		}),
		brokenBatch("shows half of a batch", "batch/seen_whole", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			created, errs := make([]customer.Customer, len(drafts)), make([]error, len(drafts))
			for i, d := range drafts {
				created[i], errs[i] = r.Create(ctx, d)
				runtime.Gosched()
			}
			return created, errs, nil
		}),
		brokenBatch("looks before a batch for what its drafts are to have", "batch/races", func(r *reference, ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
			created, errs := make([]customer.Customer, len(drafts)), make([]error, len(drafts))
			for i, d := range drafts {
				if holder, err := customer.FindByEmail(ctx, r, d.Email); err == nil {
					errs[i] = &customer.ConflictError{Field: "email", Holder: holder.ID}
					continue
				}
				runtime.Gosched()
				created[i], errs[i] = r.unchecked("email").Create(ctx, d)
			}
			return created, errs, nil
		}),
	}
}

func brokenLoad(fault, caught string, alter func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error)) broken {
	return broken{fault, caught, func(r *reference) customer.Store {
		return bulk{reference: r, load: func(ctx context.Context, records []customer.Customer) ([]error, error) { return alter(r, ctx, records) }}
	}}
}

func brokenLoads() []broken {
	return []broken{
		brokenLoad("counts the versions of loaded records from 1", "load/as_they_are", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			records = slices.Clone(records)
			for i := range records {
				records[i].Version = min(records[i].Version, 1)
			}
			return r.Load(ctx, records)
		}),
		brokenLoad("loads records without what search compares", "load/everything", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			blind := *r
			blind.rules.index = func(_ *row, c customer.Customer) customer.Keys { return customer.Keys{Email: customer.KeysOf(c).Email} }
			return blind.Load(ctx, records)
		}),
		brokenLoad("loads over the customers that are there", "load/conflicts", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			return r.unchecked("id").Load(ctx, records)
		}),
		brokenLoad("stops at the first record that is invalid", "load/invalid_records", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			for i, c := range records {
				if err := c.Validate(); err != nil {
					errs, _ := r.Load(ctx, records[:i])
					return append(append(errs, err), make([]error, len(records)-i-1)...), nil
				}
			}
			return r.Load(ctx, records)
		}),
		brokenLoad("tidies records up", "load/invalid_records", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			records = slices.Clone(records)
			for i := range records {
				records[i].Name = strings.TrimSpace(records[i].Name)
			}
			return r.Load(ctx, records)
		}),
		brokenLoad("loads in a context that has ended", "load/all_or_nothing", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			errs, err := r.Load(context.WithoutCancel(ctx), records)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return errs, err
		}),
		brokenLoad("keeps the memory of loaded records", "load/memory", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			sharing := *r
			sharing.rules.copy = func(c customer.Customer) customer.Customer { return c }
			return sharing.Load(ctx, records)
		}),
		brokenLoad("loads for the unnamed tenant", "load/tenants", func(r *reference, ctx context.Context, records []customer.Customer) ([]error, error) {
			unnamed := *r
			unnamed.tenant = ""
			return unnamed.Load(ctx, records)
		}),
	}
}
