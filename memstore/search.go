package memstore

import (
	"context"

	"example.com/customer"
)

// checkEvery is after how many customers a long call looks whether its context has ended.
const checkEvery = 4096

// Search implements [customer.Store].
func (s *Store) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if err := s.check(ctx); err != nil {
		return customer.Page{}, err
	}
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	pos, more, err := q.Position(s.name)
	if err != nil {
		return customer.Page{}, err
	}
	n := q.PageSize()
	w := want{limit: n + 1}
	w.key, w.descending = sortKeyOf(q.OrderBy)
	if more {
		w.after = placeOf(pos, w.key)
	}
	found, err := s.tenant.search(ctx, customer.Normalize(q.Where), w)
	if err != nil {
		return customer.Page{}, err
	}
	page := customer.Page{Customers: found}
	if len(found) > n {
		page.Customers = found[:n:n]
		page.Next = customer.NextCursor(q, s.name, found[n-1])
	}
	return page, nil
}

// Count implements [customer.Store].
func (s *Store) Count(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
	if err := s.check(ctx); err != nil {
		return customer.Total{}, err
	}
	if err := (customer.Query{Where: f}).Validate(); err != nil {
		return customer.Total{}, err
	}
	if limit < 0 {
		return customer.Total{}, &customer.QueryError{Param: "count", Code: customer.CodeInvalidParameter, Message: "must not be negative"}
	}
	n, err := s.tenant.count(ctx, customer.Normalize(f), limit)
	if err != nil {
		return customer.Total{}, err
	}
	if limit > 0 && n > limit {
		return customer.Total{Value: limit}, nil
	}
	return customer.Total{Value: n, Exact: true}, nil
}

// want is which of the matches a search is for: the first in an order, behind a place.
type want struct {
	key        sortKey
	descending bool
	after      *place // nil: from the beginning
	limit      int
}

// search answers a filter that is valid and normalised.
func (t *tenant) search(ctx context.Context, f customer.Filter, w want) ([]customer.Customer, error) {
	found, rest, err := t.searchLocked(f, w)
	if rest == nil || err != nil {
		return found, err
	}
	slots, err := rest.first(ctx, w)
	if err != nil {
		return nil, err
	}
	return rest.rows.customers(slots), nil
}

// searchLocked does what is short. What is not it returns as a scan, which needs no lock.
func (t *tenant) searchLocked(f customer.Filter, w want) ([]customer.Customer, *scan, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	p, err := t.planFor(f)
	if err != nil {
		return nil, nil, err
	}
	if slots, ok := t.walk(&p, w); ok {
		return t.table.customers(slots), nil, nil
	}
	return nil, t.scan(&p), nil
}

// count counts the matches, one above the limit at least if there are so many; 0 is no limit.
func (t *tenant) count(ctx context.Context, f customer.Filter, limit int) (int, error) {
	n, rest, err := t.countLocked(f)
	if rest == nil || err != nil {
		return n, err
	}
	return rest.count(ctx, limit)
}

func (t *tenant) countLocked(f customer.Filter) (int, *scan, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	p, err := t.planFor(f)
	if err != nil {
		return 0, nil, err
	}
	if p.match == nil && len(p.spans) == 0 {
		return t.size(&p), nil, nil
	}
	return 0, t.scan(&p), nil
}

// size returns how many customers the plan leaves to look at.
func (t *tenant) size(p *plan) int {
	if p.set == nil {
		return len(t.ids)
	}
	return int(p.set.GetCardinality())
}
