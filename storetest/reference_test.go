package storetest_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/storetest"
)

// reference is the contract of a store as plainly as it can be written: a map, a lock, and the functions of the root package.
type reference struct {
	db     *database
	tenant string
	now    func() time.Time
	newID  func() customer.ID
	rules  rules
}

type database struct {
	mu   sync.Mutex
	rows map[rowKey]*row // a row is replaced, never changed
}

type rowKey struct {
	tenant string
	id     customer.ID
}

type row struct {
	customer           customer.Customer
	keys               customer.Keys
	keyHash, draftHash string
}

// rules are what the reference store decides by. A broken store has one of them wrong.
type rules struct {
	build   func(d customer.Draft, id customer.ID, now time.Time) (customer.Customer, error)
	apply   func(p customer.Patch, c customer.Customer, now time.Time) (customer.Customer, []string, error)
	index   func(before *row, c customer.Customer) customer.Keys // before is nil for a new customer
	clashes map[string]func(made, other *row) bool
	compile func(f customer.Filter) (customer.Matcher, error)
	compare func(a, b customer.Position, o customer.Order) int
	copy    func(c customer.Customer) customer.Customer
}

func soundRules() rules {
	return rules{
		build: customer.Draft.Build,
		apply: customer.Patch.Apply,
		index: func(_ *row, c customer.Customer) customer.Keys { return customer.KeysOf(c) },
		clashes: map[string]func(made, other *row) bool{
			"id": func(made, other *row) bool { return made.customer.ID == other.customer.ID },
			"external_id": func(made, other *row) bool {
				return made.customer.ExternalID != "" && made.customer.ExternalID == other.customer.ExternalID
			},
			"email": func(made, other *row) bool {
				return bothActive(made, other) && made.keys.Email != "" && made.keys.Email == other.keys.Email
			},
		},
		compile: customer.Compile,
		compare: customer.Position.Compare,
		copy:    customer.Customer.Clone,
	}
}

func bothActive(made, other *row) bool {
	return made.customer.Status == customer.Active && other.customer.Status == customer.Active
}

// opener returns what storetest needs to open stores, each as alter makes it of the sound one.
func opener(alter func(r *reference) customer.Store) func(t testing.TB, o storetest.Options) customer.Store {
	var databases sync.Map
	return func(t testing.TB, o storetest.Options) customer.Store {
		db, _ := databases.LoadOrStore(t, &database{rows: make(map[rowKey]*row)})
		r := &reference{db: db.(*database), tenant: o.Tenant, now: o.Now, newID: o.NewID, rules: soundRules()}
		if r.now == nil {
			r.now = time.Now
		}
		if r.newID == nil {
			r.newID = customer.NewID
		}
		return alter(r)
	}
}

func sound(r *reference) customer.Store { return r }

func (r *reference) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil || r.tenant == "" {
		return err
	}
	return customer.CheckTenant(r.tenant)
}

func (r *reference) key(id customer.ID) rowKey { return rowKey{r.tenant, id} }

// conflict returns the first field of made that another of the tenant's customers has.
func (r *reference) conflict(made *row, fields ...string) error {
	for _, field := range fields {
		for key, other := range r.db.rows {
			if key.tenant == r.tenant && (field == "id" || key.id != made.customer.ID) && r.rules.clashes[field](made, other) {
				return &customer.ConflictError{Field: field, Holder: key.id}
			}
		}
	}
	return nil
}

func (r *reference) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	if err := r.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	c, err := r.rules.build(d, r.newID(), r.now())
	if err != nil {
		return customer.Customer{}, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	return r.insert(c, d.IdempotencyKey)
}

func (r *reference) insert(c customer.Customer, idempotencyKey string) (customer.Customer, error) {
	made := &row{customer: c, keys: r.rules.index(nil, c), keyHash: customer.HashKey(idempotencyKey), draftHash: customer.HashDraft(c)}
	if again, ok, err := r.replay(made.keyHash, made.draftHash); ok {
		return again, err
	}
	if err := r.conflict(made, "id", "external_id", "email"); err != nil {
		return customer.Customer{}, err
	}
	r.db.rows[r.key(c.ID)] = made
	return r.rules.copy(c), nil
}

// replay answers by the idempotency key alone, if it was used.
func (r *reference) replay(keyHash, draftHash string) (again customer.Customer, ok bool, err error) {
	for key, other := range r.db.rows {
		if key.tenant == r.tenant && keyHash != "" && other.keyHash == keyHash {
			if other.draftHash != draftHash {
				return customer.Customer{}, true, customer.ErrKeyReused
			}
			return r.rules.copy(other.customer), true, nil
		}
	}
	return customer.Customer{}, false, nil
}

func (r *reference) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	if err := r.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	found, ok := r.db.rows[r.key(id)]
	if !ok {
		return customer.Customer{}, customer.ErrNotFound
	}
	return r.rules.copy(found.customer), nil
}

func (r *reference) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	if err := r.check(ctx); err != nil {
		return customer.Customer{}, err
	}
	if err := v.Validate(); err != nil {
		return customer.Customer{}, err
	}
	if err := p.Validate(); err != nil {
		return customer.Customer{}, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	found, ok := r.db.rows[r.key(id)]
	if !ok {
		return customer.Customer{}, customer.ErrNotFound
	}
	if err := v.Check(found.customer); err != nil {
		return customer.Customer{}, err
	}
	next, changed, err := r.rules.apply(p, found.customer, r.now())
	if err != nil {
		return customer.Customer{}, err
	}
	if len(changed) > 0 {
		made := *found
		made.customer, made.keys = next, r.rules.index(found, next)
		if err := r.conflict(&made, "external_id", "email"); err != nil {
			return customer.Customer{}, err
		}
		r.db.rows[r.key(id)] = &made
	}
	return r.rules.copy(next), nil
}

func (r *reference) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	if err := r.check(ctx); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	found, ok := r.db.rows[r.key(id)]
	if !ok {
		return customer.ErrNotFound
	}
	if err := v.Check(found.customer); err != nil {
		return err
	}
	delete(r.db.rows, r.key(id))
	return nil
}

func (r *reference) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if err := r.check(ctx); err != nil {
		return customer.Page{}, err
	}
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	after, continues, err := q.Position(r.tenant)
	if err != nil {
		return customer.Page{}, err
	}
	matches, err := r.matches(q.Where)
	if err != nil {
		return customer.Page{}, err
	}
	type place struct {
		customer.Position
		*row
	}
	var places []place
	for _, row := range matches {
		if pos := customer.PositionOf(q.OrderBy, row.customer); !continues || r.rules.compare(pos, after, q.OrderBy) > 0 {
			places = append(places, place{pos, row})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return r.rules.compare(a.Position, b.Position, q.OrderBy) })
	var page customer.Page
	for i, p := range places {
		if i == q.PageSize() {
			page.Next = customer.NextCursor(q, r.tenant, places[i-1].customer)
			break
		}
		page.Customers = append(page.Customers, r.rules.copy(p.customer))
	}
	return page, nil
}

func (r *reference) Count(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
	if err := r.check(ctx); err != nil {
		return customer.Total{}, err
	}
	if limit < 0 {
		return customer.Total{}, customer.ErrInvalid
	}
	matches, err := r.matches(f)
	if err != nil {
		return customer.Total{}, err
	}
	if n := len(matches); limit == 0 || n <= limit {
		return customer.Total{Value: n, Exact: true}, nil
	}
	return customer.Total{Value: limit}, nil
}

// matches returns the rows of the tenant that match f, in no order.
func (r *reference) matches(f customer.Filter) ([]*row, error) {
	match, err := r.rules.compile(f)
	if err != nil {
		return nil, err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	var found []*row
	for key, row := range r.db.rows {
		if key.tenant == r.tenant && match(&row.customer, &row.keys) {
			found = append(found, row)
		}
	}
	return found, nil
}
