package memstore_test

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"example.com/customer"
)

// model is a tenant as plainly as it can be written: a map, and the functions of the root package.
type model struct {
	customers map[customer.ID]customer.Customer
	keys      map[customer.ID]customer.Keys
	hashes    map[customer.ID][2]string // of idempotency key and draft
}

func newModel() *model {
	return &model{make(map[customer.ID]customer.Customer), make(map[customer.ID]customer.Keys), make(map[customer.ID][2]string)}
}

func (m *model) put(c customer.Customer) {
	m.customers[c.ID], m.keys[c.ID] = c, customer.KeysOf(c)
}

func (m *model) create(d customer.Draft, id customer.ID, now time.Time) (customer.Customer, error) {
	c, err := d.Build(id, now)
	if err != nil {
		return customer.Customer{}, err
	}
	hashes := [2]string{customer.HashKey(d.IdempotencyKey), customer.HashDraft(c)}
	if d.IdempotencyKey != "" {
		for id, have := range m.hashes {
			if have == hashes {
				return m.customers[id], nil
			} else if have[0] == hashes[0] {
				return customer.Customer{}, customer.ErrKeyReused
			}
		}
	}
	if _, taken := m.customers[c.ID]; taken {
		return customer.Customer{}, &customer.ConflictError{Field: "id", Holder: c.ID}
	}
	if err := m.conflict(c); err != nil {
		return customer.Customer{}, err
	}
	m.put(c)
	if d.IdempotencyKey != "" {
		m.hashes[c.ID] = hashes
	}
	return c, nil
}

func (m *model) conflict(c customer.Customer) error {
	email := customer.KeysOf(c).Email
	holder := func(taken func(other customer.Customer) bool) (customer.ID, bool) {
		for id, other := range m.customers {
			if id != c.ID && taken(other) {
				return id, true
			}
		}
		return customer.ID{}, false
	}
	if id, ok := holder(func(o customer.Customer) bool { return c.ExternalID != "" && o.ExternalID == c.ExternalID }); ok {
		return &customer.ConflictError{Field: "external_id", Holder: id}
	}
	bothActive := func(o customer.Customer) bool { return c.Status == customer.Active && o.Status == customer.Active }
	if id, ok := holder(func(o customer.Customer) bool { return email != "" && bothActive(o) && m.keys[o.ID].Email == email }); ok {
		return &customer.ConflictError{Field: "email", Holder: id}
	}
	return nil
}

func (m *model) update(id customer.ID, v customer.Version, p customer.Patch, now time.Time) (customer.Customer, error) {
	if err := cmp.Or(v.Validate(), p.Validate()); err != nil {
		return customer.Customer{}, err
	}
	c, ok := m.customers[id]
	if !ok {
		return customer.Customer{}, customer.ErrNotFound
	}
	if err := v.Check(c); err != nil {
		return customer.Customer{}, err
	}
	next, changed, err := p.Apply(c, now)
	if err != nil || len(changed) == 0 {
		return next, err
	}
	if err := m.conflict(next); err != nil {
		return customer.Customer{}, err
	}
	m.put(next)
	return next, nil
}

func (m *model) delete(id customer.ID, v customer.Version) error {
	if err := v.Validate(); err != nil {
		return err
	}
	c, ok := m.customers[id]
	if !ok {
		return customer.ErrNotFound
	}
	if err := v.Check(c); err != nil {
		return err
	}
	delete(m.customers, id)
	delete(m.keys, id)
	delete(m.hashes, id)
	return nil
}

func (m *model) matches(f customer.Filter) ([]customer.Customer, error) {
	match, err := customer.Compile(f)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Collect(maps.Values(m.customers)), func(c customer.Customer) bool {
		k := m.keys[c.ID]
		return !match(&c, &k)
	}), nil
}

func (m *model) search(q customer.Query, tenant string) (customer.Page, error) {
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	after, more, err := q.Position(tenant)
	if err != nil {
		return customer.Page{}, err
	}
	all, err := m.matches(q.Where)
	if err != nil {
		return customer.Page{}, err
	}
	slices.SortFunc(all, func(a, b customer.Customer) int { return customer.Compare(a, b, q.OrderBy) })
	if more {
		all = slices.DeleteFunc(all, func(c customer.Customer) bool {
			return customer.PositionOf(q.OrderBy, c).Compare(after, q.OrderBy) <= 0
		})
	}
	page := customer.Page{Customers: all}
	if n := q.PageSize(); len(all) > n {
		page.Customers = all[:n]
		page.Next = customer.NextCursor(q, tenant, all[n-1])
	}
	return page, nil
}
