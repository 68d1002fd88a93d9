// Package customstore shows how a [customer.Store] of one's own is written, on the simplest storage there is: a map, saved whole to a JSON file with
// every write. What is here is what any store has to do by itself: keep records, find who has an ID, an external id, an email or an idempotency
// key, make a write happen wholly or not at all, and part tenants. What things mean comes from package customer; storetest proves the rest.
//
// A write costs as much as the file is long and waits for the disk, a search walks over everybody: good for some thousands of customers that
// seldom change.
package customstore

import (
	"context"
	"slices"
	"time"

	"example.com/customer"
)

// Store keeps the customers of one tenant. It is a view: any number of them share one file and are safe for concurrent use. [Open] makes the
// first; the zero Store is not usable.
//
// It has the six methods and none of the optional interfaces: functions such as [customer.GetMany] do without them.
type Store struct {
	db     *database
	tenant string
	err    error // of a name that no tenant can have
}

var _ customer.Store = (*Store)(nil)

// Option is a choice for [Open].
type Option func(*database)

// WithClock sets what the time is, in place of [time.Now]. The clock must be safe for concurrent use.
func WithClock(now func() time.Time) Option { return func(db *database) { db.now = now } }

// WithIDs sets where the IDs of drafts without one come from, in place of [customer.NewID]. The source must be safe for concurrent use.
func WithIDs(newID func() customer.ID) Option { return func(db *database) { db.newID = newID } }

// Tenant returns the view of another tenant of the same file. With a name that [customer.CheckTenant] refuses, every call on it is
// [customer.ErrInvalid].
func (s *Store) Tenant(name string) *Store {
	return &Store{db: s.db, tenant: name, err: customer.CheckTenant(name)}
}

// check returns the first error of every call. The order of errors is part of the contract, and the context's comes first.
func (s *Store) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.err
}

// find returns the tenant's customer at version v. Not found comes before stale, and both before all that a record can be refused for.
func (s *Store) find(id customer.ID, v customer.Version) (row, error) {
	r, ok := s.db.rows()[key{s.tenant, id}]
	if !ok {
		return row{}, customer.ErrNotFound
	}
	return r, v.Check(r.Customer)
}

// Create implements [customer.Store].
func (s *Store) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	c, err := d.Build(s.db.newID(), s.db.now())
	if err != nil {
		return customer.Customer{}, err
	}
	r := row{Tenant: s.tenant, Customer: c, keys: customer.KeysOf(c)}
	if d.IdempotencyKey != "" {
		r.KeyHash, r.DraftHash = customer.HashKey(d.IdempotencyKey), customer.HashDraft(c)
	}
	// From here to the end nobody else writes. Without that, two could find one email free.
	s.db.writing.Lock()
	defer s.db.writing.Unlock()
	all := s.db.rows()
	switch made, ok := all.madeBy(r); {
	case ok && made.DraftHash != r.DraftHash:
		return customer.Customer{}, customer.ErrKeyReused
	case ok:
		return made.Customer.Clone(), nil
	}
	if _, taken := all[r.key()]; taken {
		return customer.Customer{}, &customer.ConflictError{Field: "id", Holder: c.ID}
	}
	if err := all.conflict(r); err != nil {
		return customer.Customer{}, err
	}
	if err := s.db.put(r); err != nil {
		return customer.Customer{}, err
	}
	return c.Clone(), nil
}

// Get implements [customer.Store].
func (s *Store) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	r, err := s.find(id, customer.AnyVersion)
	return r.Customer.Clone(), err
}

// Update implements [customer.Store].
func (s *Store) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	if err := v.Validate(); err != nil {
		return customer.Customer{}, err
	}
	if err := p.Validate(); err != nil {
		return customer.Customer{}, err
	}
	s.db.writing.Lock()
	defer s.db.writing.Unlock()
	r, err := s.find(id, v)
	if err != nil {
		return customer.Customer{}, err
	}
	next, changed, err := p.Apply(r.Customer, s.db.now())
	if err != nil || len(changed) == 0 {
		return next, err
	}
	// The hashes of the idempotency key stay as they are: they tell of the draft, not of the customer as it is now.
	r.Customer, r.keys = next, customer.KeysOf(next)
	if err := s.db.rows().conflict(r); err != nil {
		return customer.Customer{}, err
	}
	if err := s.db.put(r); err != nil {
		return customer.Customer{}, err
	}
	return next.Clone(), nil
}

// Delete implements [customer.Store]. Nothing can refer to a customer here, so there is no [customer.ErrReferenced].
func (s *Store) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return err
	}
	s.db.writing.Lock()
	defer s.db.writing.Unlock()
	r, err := s.find(id, v)
	if err != nil {
		return err
	}
	return s.db.remove(r)
}

// Search implements [customer.Store].
func (s *Store) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if err := s.check(ctx); err != nil {
		return customer.Page{}, err
	}
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	after, continues, err := q.Position(s.tenant)
	if err != nil {
		return customer.Page{}, err
	}
	found, err := s.matches(q.Where)
	if err != nil {
		return customer.Page{}, err
	}
	if continues {
		found = slices.DeleteFunc(found, func(c customer.Customer) bool {
			return customer.PositionOf(q.OrderBy, c).Compare(after, q.OrderBy) <= 0
		})
	}
	slices.SortFunc(found, func(a, b customer.Customer) int { return customer.Compare(a, b, q.OrderBy) })
	page := customer.Page{Customers: found}
	if n := q.PageSize(); len(found) > n {
		page.Customers = found[:n:n]
		page.Next = customer.NextCursor(q, s.tenant, found[n-1])
	}
	for i, c := range page.Customers {
		page.Customers[i] = c.Clone()
	}
	return page, nil
}

// Count implements [customer.Store].
func (s *Store) Count(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
	if err := s.check(ctx); err != nil {
		return customer.Total{}, err
	}
	found, err := s.matches(f)
	if err != nil {
		return customer.Total{}, err
	}
	switch n := len(found); {
	case limit < 0:
		return customer.Total{}, &customer.QueryError{Param: "count", Code: customer.CodeInvalidParameter, Message: "must not be negative"}
	case limit > 0 && n > limit:
		return customer.Total{Value: limit}, nil
	default:
		return customer.Total{Value: n, Exact: true}, nil
	}
}

// matches returns the tenant's customers that match f, in no order. They still share their memory with the store.
func (s *Store) matches(f customer.Filter) ([]customer.Customer, error) {
	match, err := customer.Compile(f)
	if err != nil {
		return nil, err
	}
	var found []customer.Customer
	for _, r := range s.db.rows() {
		if r.Tenant == s.tenant && match(&r.Customer, &r.keys) {
			found = append(found, r.Customer)
		}
	}
	return found, nil
}
