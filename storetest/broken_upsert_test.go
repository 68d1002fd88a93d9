package storetest_test

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"example.com/customer"
)

// comparing returns the store with its search for whole values of a field replaced.
func comparing(r *reference, field customer.TextField, match func(value string, c *customer.Customer) bool) customer.Store {
	r.rules.compile = func(f customer.Filter) (customer.Matcher, error) {
		sound, err := customer.Compile(f)
		leaves, ok := f.(customer.AllOf)
		if !ok {
			leaves = customer.AllOf{f}
		}
		for _, leaf := range leaves {
			if leaf, ok := leaf.(customer.Match); ok && leaf.Field == field && leaf.Op == customer.Is {
				return func(c *customer.Customer, _ *customer.Keys) bool { return match(leaf.Values[0], c) }, err
			}
		}
		return sound, err
	}
	return r
}

// seeing returns the store with something done to each customer that is found by its email.
func seeing(r *reference, see func(ctx context.Context, c customer.Customer)) customer.Store {
	return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
		page, err := r.Search(ctx, q)
		if leaves, ok := q.Where.(customer.AllOf); ok && len(leaves) == 2 && len(page.Customers) == 1 && q.Limit == 1 {
			see(ctx, page.Customers[0])
		}
		return page, err
	}}
}

func brokenUpserts() []broken {
	return []broken{
		{"finds emails by their case", "upsert/by_email", func(r *reference) customer.Store {
			return comparing(r, customer.ByEmail, func(value string, c *customer.Customer) bool {
				return c.Status == customer.Active && c.Email == strings.TrimSpace(value)
			})
		}},
		{"finds external ids without regard to case", "upsert/by_external_id", func(r *reference) customer.Store {
			return comparing(r, customer.ByExternalID, func(value string, c *customer.Customer) bool { return strings.EqualFold(c.ExternalID, value) })
		}},
		{"hides the archived from who looks for an external id", "upsert/archived", func(r *reference) customer.Store {
			return comparing(r, customer.ByExternalID, func(value string, c *customer.Customer) bool {
				return c.Status == customer.Active && c.ExternalID == value
			})
		}},
		{"finds the archived by their email", "upsert/archived", func(r *reference) customer.Store {
			return comparing(r, customer.ByEmail, func(value string, c *customer.Customer) bool { return strings.EqualFold(c.Email, value) })
		}},
		{"lets an update take what another has", "upsert/a_third_record", func(r *reference) customer.Store {
			for field, clash := range r.rules.clashes {
				r.rules.clashes[field] = func(made, other *row) bool { return clash(made, other) && made.customer.Version == 1 }
			}
			return r
		}},
		{"notes who was looked for", "upsert/find_or_create", func(r *reference) customer.Store {
			return seeing(r, func(ctx context.Context, c customer.Customer) {
				_, _ = r.Update(ctx, c.ID, customer.AnyVersion, customer.Patch{AddTags: []string{"seen"}})
			})
		}},
		{"loses updates at one version", "upsert/races", func(r *reference) customer.Store {
			return altered{Store: r, update: func(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
				c, err := r.Get(ctx, id)
				if err == nil {
					err = v.Check(c)
				}
				if err != nil {
					return customer.Customer{}, err
				}
				next, changed, err := p.Apply(c, r.now())
				if err != nil || len(changed) == 0 {
					return next, err
				}
				runtime.Gosched()
				r.db.mu.Lock()
				defer r.db.mu.Unlock()
				r.db.rows[r.key(id)] = &row{customer: next, keys: r.rules.index(nil, next)}
				return next.Clone(), nil
			}}
		}},
		{"looks for what is unique before it inserts", "upsert/races_to_find_or_create", func(r *reference) customer.Store {
			return altered{Store: r, create: func(ctx context.Context, d customer.Draft) (customer.Customer, error) {
				if slices.ContainsFunc([]func() (customer.Customer, error){
					func() (customer.Customer, error) { return customer.FindByEmail(ctx, r, d.Email) },
					func() (customer.Customer, error) { return customer.FindByExternalID(ctx, r, d.ExternalID) },
				}, func(find func() (customer.Customer, error)) bool { _, err := find(); return err == nil }) {
					return r.Create(ctx, d)
				}
				runtime.Gosched()
				return r.unchecked("email").unchecked("external_id").Create(ctx, d)
			}}
		}},
	}
}
