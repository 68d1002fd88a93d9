package customer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/customer"
)

// slowStore is a store of the plainest kind: a slice, searched with the functions of the package. It counts what it is asked and fails on
// demand, and has none of the optional interfaces.
type slowStore struct {
	customers []customer.Customer
	queries   []customer.Query
	failAfter int // so many pages, then errLost; 0: never
	between   func(*slowStore)
}

var errLost = errors.New("connection lost")

func (s *slowStore) Create(_ context.Context, d customer.Draft) (customer.Customer, error) {
	c, err := d.Build(customer.NewID(), noon)
	if err == nil {
		s.customers = append(s.customers, c)
	}
	return c, err
}

func (s *slowStore) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	for _, c := range s.customers {
		if c.ID == id {
			return c, ctx.Err()
		}
	}
	return customer.Customer{}, customer.ErrNotFound
}

func (s *slowStore) Update(_ context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	for i, c := range s.customers {
		if c.ID != id {
			continue
		}
		if err := v.Check(c); err != nil {
			return customer.Customer{}, err
		}
		next, _, err := p.Apply(c, noon.Add(time.Hour))
		if err == nil {
			s.customers[i] = next
		}
		return next, err
	}
	return customer.Customer{}, customer.ErrNotFound
}

func (s *slowStore) Delete(_ context.Context, id customer.ID, _ customer.Version) error {
	s.customers = slices.DeleteFunc(s.customers, func(c customer.Customer) bool { return c.ID == id })
	return nil
}

func (s *slowStore) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	s.queries = append(s.queries, q)
	if err := ctx.Err(); err != nil {
		return customer.Page{}, err
	}
	if s.failAfter > 0 && len(s.queries) > s.failAfter {
		return customer.Page{}, errLost
	}
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	after, resumed, err := q.Position("")
	if err != nil {
		return customer.Page{}, err
	}
	var found []customer.Customer
	for _, c := range s.customers {
		if ok, err := customer.Matches(q.Where, c); err != nil {
			return customer.Page{}, err
		} else if ok && (!resumed || customer.PositionOf(q.OrderBy, c).Compare(after, q.OrderBy) > 0) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b customer.Customer) int { return customer.Compare(a, b, q.OrderBy) })
	page := customer.Page{Customers: found}
	if size := q.PageSize(); len(found) > size {
		page.Customers = found[:size]
		page.Next = customer.NextCursor(q, "", found[size-1])
	}
	if s.between != nil {
		s.between(s)
	}
	return page, nil
}

func (s *slowStore) Count(_ context.Context, f customer.Filter, _ int) (customer.Total, error) {
	n := 0
	for _, c := range s.customers {
		if ok, err := customer.Matches(f, c); err != nil {
			return customer.Total{}, err
		} else if ok {
			n++
		}
	}
	return customer.Total{Value: n, Exact: true}, nil
}

// storeOf returns a store of n customers of five names and one instant, so that every order has ties.
func storeOf(t *testing.T, n int) *slowStore {
	t.Helper()
	s := &slowStore{}
	for i := range n {
		c, err := customer.Draft{Name: string(rune('a' + i%5)), ExternalID: fmt.Sprint("CRM-", i)}.Build(customer.ID{15: byte(i + 1)}, noon)
		if err != nil {
			t.Fatal(err)
		}
		s.customers = append(s.customers, c)
	}
	return s
}
