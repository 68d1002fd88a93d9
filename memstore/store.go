package memstore

import (
	"context"
	"sync"
	"time"

	"example.com/customer"
)

// Store keeps the customers of one tenant in memory. It is a view: any number of them share one database and are safe for concurrent use.
// [New] makes the first; the zero Store is not usable.
type Store struct {
	db     *database
	tenant *tenant
	name   string
	err    error // of a name that no tenant can have
}

var (
	_ customer.Store        = (*Store)(nil)
	_ customer.ManyGetter   = (*Store)(nil)
	_ customer.BatchCreator = (*Store)(nil)
	_ customer.Loader       = (*Store)(nil)
	_ customer.ReplayFinder = (*Store)(nil)
)

type database struct {
	now   func() time.Time
	newID func() customer.ID

	mu      sync.Mutex
	tenants map[string]*tenant
}

// Option is a choice for [New].
type Option func(*database)

// WithClock sets what the time is; nil is [time.Now]. The clock must be safe for concurrent use.
func WithClock(now func() time.Time) Option {
	return func(db *database) {
		if db.now = now; now == nil {
			db.now = time.Now
		}
	}
}

// WithIDs sets where the IDs of drafts without one come from; nil is [customer.NewID]. The source must be safe for concurrent use.
func WithIDs(newID func() customer.ID) Option {
	return func(db *database) {
		if db.newID = newID; newID == nil {
			db.newID = customer.NewID
		}
	}
}

// New returns an empty store, as the view of the unnamed tenant.
func New(opts ...Option) *Store {
	db := &database{now: time.Now, newID: customer.NewID, tenants: make(map[string]*tenant)}
	for _, opt := range opts {
		opt(db)
	}
	return &Store{db: db, tenant: newTenant()}
}

// Tenant returns the view of another tenant of the same database, whose customers nobody else sees. It costs next to nothing. With a name
// that [customer.CheckTenant] refuses, the empty one too, every call on the view is [customer.ErrInvalid].
func (s *Store) Tenant(name string) *Store {
	view := &Store{db: s.db, name: name, err: customer.CheckTenant(name)}
	if view.err != nil {
		return view
	}
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	if view.tenant = s.db.tenants[name]; view.tenant == nil {
		view.tenant = newTenant()
		s.db.tenants[name] = view.tenant
	}
	return view
}

// check returns the first error of every call.
func (s *Store) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.err
}

// Create implements [customer.Store].
func (s *Store) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	id := d.ID
	if id.IsZero() {
		id = s.db.newID()
	}
	c, err := d.Build(id, s.db.now())
	if err != nil {
		return customer.Customer{}, err
	}
	var draftHash string
	if d.IdempotencyKey != "" {
		draftHash = customer.HashDraft(c)
	}
	switch replayed, err := s.tenant.create(newRecord(c), customer.HashKey(d.IdempotencyKey), draftHash); {
	case err != nil:
		return customer.Customer{}, err
	case replayed != "":
		return unpack(replayed), nil
	}
	return c, nil
}

// Get implements [customer.Store].
func (s *Store) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	body, ok := s.tenant.body(id)
	if !ok {
		return customer.Customer{}, customer.ErrNotFound
	}
	return unpack(body), nil
}

// GetMany implements [customer.ManyGetter].
func (s *Store) GetMany(ctx context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	found := make(map[customer.ID]customer.Customer, len(ids))
	for i, id := range ids {
		if i%checkEvery == checkEvery-1 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if body, ok := s.tenant.body(id); ok {
			found[id] = unpack(body)
		}
	}
	return found, nil
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
	// Patching outside the lock costs another round where the customer changed meanwhile, and keeps the others from waiting.
	for {
		before, ok := s.tenant.record(id)
		if !ok {
			return customer.Customer{}, customer.ErrNotFound
		}
		if err := v.Check(before.customer); err != nil {
			return customer.Customer{}, err
		}
		after, changed, err := p.Apply(before.customer, s.db.now())
		if err != nil || len(changed) == 0 {
			return after, err
		}
		if ok, err := s.tenant.update(before, newRecord(after)); err != nil {
			return customer.Customer{}, err
		} else if ok {
			return after, nil
		}
		if err := ctx.Err(); err != nil {
			return customer.Customer{}, err
		}
	}
}

// Delete implements [customer.Store].
func (s *Store) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return err
	}
	return s.tenant.delete(id, v)
}
