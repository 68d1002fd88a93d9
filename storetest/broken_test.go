package storetest_test

import (
	"context"
	"slices"

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
	return slices.Concat(brokenMemory(), brokenWrites(), brokenUniqueness(), brokenKeys(), brokenSearch(), brokenPages(), brokenTenants(),
		brokenUpserts(), brokenBatches(), brokenLoads(), brokenReplays())
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
