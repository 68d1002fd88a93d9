package metrics

import (
	"context"
	"time"

	"example.com/customer"
)

// Store returns s with every call of it counted and timed. The result means what s means: calls and errors pass as they are. It is
// a [customer.Loader], a [customer.BatchCreator] or a [customer.ReplayFinder] exactly where s is, and always a [customer.ManyGetter], which means
// what [customer.GetMany] means with s. Nothing else that s can do is passed on, so that a view of a tenant is wrapped, not its parent:
// m.Store(s.Tenant(name)). That is cheap, and all that m wraps is counted together.
func (m *Metrics) Store(s customer.Store) customer.Store {
	var (
		base              = counted{s, m.store}
		load, isLoader    = s.(customer.Loader)
		batch, isBatch    = s.(customer.BatchCreator)
		replays, isFinder = s.(customer.ReplayFinder)
		countedLoad       = countedLoader{load, m.store}
		countedBatch      = countedBatchCreator{batch, m.store}
		countedReplays    = countedReplayFinder{replays, m.store}
	)
	switch [...]bool{isLoader, isBatch, isFinder} {
	case [...]bool{true, false, false}:
		return struct {
			counted
			countedLoader
		}{base, countedLoad}
	case [...]bool{false, true, false}:
		return struct {
			counted
			countedBatchCreator
		}{base, countedBatch}
	case [...]bool{false, false, true}:
		return struct {
			counted
			countedReplayFinder
		}{base, countedReplays}
	case [...]bool{true, true, false}:
		return struct {
			counted
			countedLoader
			countedBatchCreator
		}{base, countedLoad, countedBatch}
	case [...]bool{true, false, true}:
		return struct {
			counted
			countedLoader
			countedReplayFinder
		}{base, countedLoad, countedReplays}
	case [...]bool{false, true, true}:
		return struct {
			counted
			countedBatchCreator
			countedReplayFinder
		}{base, countedBatch, countedReplays}
	case [...]bool{true, true, true}:
		return struct {
			counted
			countedLoader
			countedBatchCreator
			countedReplayFinder
		}{base, countedLoad, countedBatch, countedReplays}
	}
	return base
}

// counted is what every wrapped store has.
type counted struct {
	store      customer.Store
	operations *operations
}

// Create implements [customer.Store].
func (s counted) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	began := time.Now()
	c, err := s.store.Create(ctx, d)
	s.operations.create.ended(began, err)
	return c, err
}

// Get implements [customer.Store].
func (s counted) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	began := time.Now()
	c, err := s.store.Get(ctx, id)
	s.operations.get.ended(began, err)
	return c, err
}

// Update implements [customer.Store].
func (s counted) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	began := time.Now()
	c, err := s.store.Update(ctx, id, v, p)
	s.operations.update.ended(began, err)
	return c, err
}

// Delete implements [customer.Store].
func (s counted) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	began := time.Now()
	err := s.store.Delete(ctx, id, v)
	s.operations.erase.ended(began, err)
	return err
}

// Search implements [customer.Store].
func (s counted) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	began := time.Now()
	page, err := s.store.Search(ctx, q)
	s.operations.search.ended(began, err)
	return page, err
}

// Count implements [customer.Store].
func (s counted) Count(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
	began := time.Now()
	total, err := s.store.Count(ctx, f, limit)
	s.operations.count.ended(began, err)
	return total, err
}

// GetMany implements [customer.ManyGetter].
func (s counted) GetMany(ctx context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	began := time.Now()
	found, err := customer.GetMany(ctx, s.store, ids)
	s.operations.getMany.ended(began, err)
	return found, err
}

type countedLoader struct {
	store      customer.Loader
	operations *operations
}

// Load implements [customer.Loader].
func (s countedLoader) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	began := time.Now()
	each, err := s.store.Load(ctx, records)
	s.operations.load.ended(began, each, err)
	return each, err
}

type countedBatchCreator struct {
	store      customer.BatchCreator
	operations *operations
}

// CreateBatch implements [customer.BatchCreator].
func (s countedBatchCreator) CreateBatch(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	began := time.Now()
	created, each, err := s.store.CreateBatch(ctx, drafts)
	s.operations.createBatch.ended(began, each, err)
	return created, each, err
}

type countedReplayFinder struct {
	store      customer.ReplayFinder
	operations *operations
}

// FindReplays implements [customer.ReplayFinder].
func (s countedReplayFinder) FindReplays(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	began := time.Now()
	made, each, err := s.store.FindReplays(ctx, drafts)
	s.operations.findReplays.ended(began, each, err)
	return made, each, err
}
