package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
	"example.com/customer/storetest"
)

func TestACountedStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	var databases sync.Map
	storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
		db, ok := databases.Load(t)
		if !ok {
			var opts []memstore.Option
			if o.Now != nil {
				opts = append(opts, memstore.WithClock(o.Now))
			}
			if o.NewID != nil {
				opts = append(opts, memstore.WithIDs(o.NewID))
			}
			db = memstore.New(opts...)
			databases.Store(t, db)
		}
		s := db.(*memstore.Store)
		if o.Tenant == "" {
			return m.Store(s)
		}
		return m.Store(s.Tenant(o.Tenant))
	})
}

// plain is a store without any optional interface, whatever the one in it has.
type plain struct{ customer.Store }

// The optional interfaces, each with answers that are nobody else's.
type (
	manyGetter   struct{}
	loader       struct{}
	batchCreator struct{}
	replayFinder struct{}
)

var errOfAll = errors.New("of all")

func (manyGetter) GetMany(_ context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	return map[customer.ID]customer.Customer{ids[0]: {Name: "many"}}, errOfAll
}

func (loader) Load(_ context.Context, records []customer.Customer) ([]error, error) {
	return []error{errors.New(records[0].Name)}, errOfAll
}

func (batchCreator) CreateBatch(_ context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	return []customer.Customer{{Name: drafts[0].Name}}, []error{errors.New("of one")}, errOfAll
}

func (replayFinder) FindReplays(_ context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	return []customer.Customer{{Name: drafts[0].Name}}, []error{errors.New("of another")}, errOfAll
}

// does asks a store for all that it may do beside a store's own methods, and returns what it answers.
func does(t *testing.T, s customer.Store) (answers []string) {
	t.Helper()
	answer := func(format string, args ...any) { answers = append(answers, fmt.Sprintf(format, args...)) }
	if many, ok := s.(customer.ManyGetter); ok {
		found, err := many.GetMany(t.Context(), []customer.ID{{7}})
		answer("GetMany: %s, %v", found[customer.ID{7}].Name, err)
	}
	if load, ok := s.(customer.Loader); ok {
		each, err := load.Load(t.Context(), []customer.Customer{{Name: "loaded"}})
		answer("Load: %v, %v", each, err)
	}
	if batch, ok := s.(customer.BatchCreator); ok {
		created, each, err := batch.CreateBatch(t.Context(), []customer.Draft{{Name: "created"}})
		answer("CreateBatch: %s, %v, %v", created[0].Name, each, err)
	}
	if finder, ok := s.(customer.ReplayFinder); ok {
		made, each, err := finder.FindReplays(t.Context(), []customer.Draft{{Name: "made"}})
		answer("FindReplays: %s, %v, %v", made[0].Name, each, err)
	}
	return answers
}

func TestACountedStoreDoesWhatItsStoreDoesAndNoMore(t *testing.T) {
	t.Parallel()
	const (
		load        = "Load: [loaded], of all"
		createBatch = "CreateBatch: created, [of one], of all"
		findReplays = "FindReplays: made, [of another], of all"
		searched    = "GetMany: , <nil>" // by customer.GetMany, of a store that cannot read many
	)
	s := memstore.New()
	for name, c := range map[string]struct {
		store customer.Store
		want  []string
	}{
		"nothing": {plain{s}, nil},
		"loading": {struct {
			customer.Store
			loader
		}{Store: s}, []string{load}},
		"creating many": {struct {
			customer.Store
			batchCreator
		}{Store: s}, []string{createBatch}},
		"loading and creating many": {struct {
			customer.Store
			loader
			batchCreator
		}{Store: s}, []string{load, createBatch}},
		"finding replays": {struct {
			customer.Store
			replayFinder
		}{Store: s}, []string{findReplays}},
		"finding replays and loading": {struct {
			customer.Store
			loader
			replayFinder
		}{Store: s}, []string{load, findReplays}},
		"finding replays and creating many": {struct {
			customer.Store
			batchCreator
			replayFinder
		}{Store: s}, []string{createBatch, findReplays}},
		"all": {struct {
			customer.Store
			loader
			batchCreator
			replayFinder
		}{Store: s}, []string{load, createBatch, findReplays}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, does(t, c.store)); diff != "" {
				t.Fatalf("the store itself does (-want +got):\n%s", diff)
			}
			m := metrics.New()
			if diff := cmp.Diff(append([]string{searched}, c.want...), does(t, m.Store(c.store))); diff != "" {
				t.Errorf("the counted store does (-want +got):\n%s", diff)
			}
			if got := sum(samples(t, m, "customer_store_operations_total")); got != float64(1+len(c.want)) {
				t.Errorf("%v calls were counted, want %d", got, 1+len(c.want))
			}
		})
	}
}

func TestReadingManyIsReadingManyOfTheStore(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	s := struct {
		customer.Store
		manyGetter
	}{Store: memstore.New()}
	if diff := cmp.Diff([]string{"GetMany: many, of all"}, does(t, m.Store(s))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// failing is a store that is out of order.
type failing struct {
	customer.Store
	err error
}

func (f failing) Get(context.Context, customer.ID) (customer.Customer, error) {
	return customer.Customer{}, f.err
}

func TestAnErrorIsCountedByItsClass(t *testing.T) {
	t.Parallel()
	for want, errs := range map[string][]error{
		"not_found":   {customer.ErrNotFound},
		"stale":       {customer.ErrStale, &customer.StaleError{}},
		"archived":    {customer.ErrArchived},
		"conflict":    {customer.ErrConflict, &customer.ConflictError{Field: "email"}},
		"referenced":  {customer.ErrReferenced},
		"key_reused":  {customer.ErrKeyReused},
		"invalid":     {customer.ErrInvalid, &customer.ValidationError{}, &customer.QueryError{}, errors.ErrUnsupported},
		"unavailable": {customer.ErrUnavailable},
		"timeout":     {context.DeadlineExceeded},
		"canceled":    {context.Canceled},
		"other":       {errors.New("disk full")},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			m := metrics.New()
			for _, err := range errs {
				for _, err := range []error{err, fmt.Errorf("get: %w", err)} {
					if _, got := m.Store(failing{err: err}).Get(t.Context(), customer.ID{}); got != err {
						t.Errorf("the error is %v, want %v itself", got, err)
					}
				}
			}
			series := fmt.Sprintf(`customer_store_operations_total{operation="get",result=%q}`, want)
			wantSamples(t, m, "customer_store_operations_total", map[string]float64{series: float64(2 * len(errs))})
		})
	}
}

// batches answers with given errors of records.
type batches struct {
	customer.Store
	each []error
	err  error
}

func (b batches) Load(context.Context, []customer.Customer) ([]error, error) { return b.each, b.err }

func (b batches) CreateBatch(context.Context, []customer.Draft) ([]customer.Customer, []error, error) {
	return make([]customer.Customer, len(b.each)), b.each, b.err
}

func (b batches) FindReplays(context.Context, []customer.Draft) ([]customer.Customer, []error, error) {
	return make([]customer.Customer, len(b.each)), b.each, b.err
}

func TestTheRecordsOfABatchAreCountedByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	taken := &customer.ConflictError{Field: "email"}
	for name, c := range map[string]struct {
		each    []error
		err     error
		call    string
		records map[string]float64
	}{
		"some are refused":          {[]error{nil, taken, nil, customer.ErrInvalid}, nil, "ok", map[string]float64{"ok": 2, "conflict": 1, "invalid": 1}},
		"there are none":            {nil, nil, "ok", nil},
		"nothing of it was written": {[]error{nil, nil}, customer.ErrUnavailable, "unavailable", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := metrics.New()
			s := m.Store(batches{each: c.each, err: c.err})
			_, loadErr := s.(customer.Loader).Load(t.Context(), nil)
			_, _, createErr := s.(customer.BatchCreator).CreateBatch(t.Context(), nil)
			_, _, replaysErr := s.(customer.ReplayFinder).FindReplays(t.Context(), nil)
			if loadErr != c.err || createErr != c.err || replaysErr != c.err {
				t.Errorf("the errors are %v, %v and %v, want %v", loadErr, createErr, replaysErr, c.err)
			}
			calls, records := map[string]float64{}, map[string]float64{}
			for _, operation := range []string{"load", "create_batch", "find_replays"} {
				calls[fmt.Sprintf("customer_store_operations_total{operation=%q,result=%q}", operation, c.call)] = 1
				for result, n := range c.records {
					records[fmt.Sprintf("customer_store_batch_records_total{operation=%q,result=%q}", operation, result)] = n
				}
			}
			wantSamples(t, m, "customer_store_operations_total", calls)
			wantSamples(t, m, "customer_store_batch_records_total", records)
		})
	}
}

// step is one call of a store with one customer in it, Ada, and how it is counted.
type step struct {
	counted string
	call    func(context.Context, customer.Store, customer.Customer) error
}

var steps = []step{
	{`operation="create",result="invalid"`, func(ctx context.Context, s customer.Store, _ customer.Customer) error {
		_, err := s.Create(ctx, customer.Draft{})
		return err
	}},
	{`operation="create",result="conflict"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		_, err := s.Create(ctx, customer.Draft{Email: ada.Email})
		return err
	}},
	{`operation="get",result="ok"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		_, err := s.Get(ctx, ada.ID)
		return err
	}},
	{`operation="get",result="not_found"`, func(ctx context.Context, s customer.Store, _ customer.Customer) error {
		_, err := s.Get(ctx, customer.ID{1})
		return err
	}},
	{`operation="update",result="ok"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		_, err := customer.Restore(ctx, s, ada.ID, customer.AnyVersion)
		return err
	}},
	{`operation="update",result="stale"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		_, err := s.Update(ctx, ada.ID, 1_000_000, customer.Patch{})
		return err
	}},
	{`operation="delete",result="stale"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		return s.Delete(ctx, ada.ID, 1_000_000)
	}},
	{`operation="search",result="ok"`, func(ctx context.Context, s customer.Store, _ customer.Customer) error {
		_, err := s.Search(ctx, customer.Query{})
		return err
	}},
	{`operation="count",result="ok"`, func(ctx context.Context, s customer.Store, _ customer.Customer) error {
		_, err := s.Count(ctx, nil, 0)
		return err
	}},
	{`operation="get_many",result="ok"`, func(ctx context.Context, s customer.Store, ada customer.Customer) error {
		_, err := customer.GetMany(ctx, s, []customer.ID{ada.ID})
		return err
	}},
	{`operation="search",result="canceled"`, func(ctx context.Context, s customer.Store, _ customer.Customer) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, err := s.Search(ctx, customer.Query{})
		return err
	}},
}

// Whatever is called and in whatever order, every call is counted once, by the counter and by the histogram, under its own name.
func TestEveryCallIsCountedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		bare, m := memstore.New(), metrics.New()
		ada, err := bare.Create(t.Context(), customer.Draft{Email: "ada@example.com"})
		if err != nil {
			r.Fatal(err)
		}
		s, want := m.Store(bare), map[string]float64{}
		drawn := rapid.SliceOfN(rapid.SampledFrom(steps), 0, 30).Draw(r, "steps")
		for _, step := range drawn {
			got, without := step.call(t.Context(), s, ada), step.call(t.Context(), bare, ada)
			if fmt.Sprint(got) != fmt.Sprint(without) {
				r.Fatalf("%s is %v, and %v without the metrics", step.counted, got, without)
			}
			want["customer_store_operations_total{"+step.counted+"}"]++
		}
		if diff := cmp.Diff(want, samples(t, m, "customer_store_operations_total")); diff != "" {
			r.Fatalf("the calls counted (-want +got):\n%s", diff)
		}
		if got := sum(samples(t, m, "customer_store_operation_duration_seconds_count")); got != float64(len(drawn)) {
			r.Fatalf("timed %v calls, want %d", got, len(drawn))
		}
	})
}

func TestStoresAreCountedTogether(t *testing.T) {
	t.Parallel()
	m, db := metrics.New(), memstore.New()
	for _, tenant := range []string{"acme", "initech"} {
		if _, err := m.Store(db.Tenant(tenant)).Create(t.Context(), customer.Draft{Name: "Ada"}); err != nil {
			t.Fatal(err)
		}
	}
	wantSamples(t, m, "customer_store_operations_total", map[string]float64{`customer_store_operations_total{operation="create",result="ok"}`: 2})
}

// Not parallel: allocations are counted for the whole process.
func TestACountedCallAllocatesNoMoreThanABareOne(t *testing.T) {
	bare := memstore.New()
	ada, err := bare.Create(t.Context(), customer.Draft{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	counted := metrics.New().Store(bare)
	for name, id := range map[string]customer.ID{"a customer who is there": ada.ID, "a customer who is not": {1}} {
		allocs := func(s customer.Store) float64 {
			return testing.AllocsPerRun(100, func() { _, _ = s.Get(t.Context(), id) })
		}
		if got, want := allocs(counted), allocs(bare); got != want {
			t.Errorf("%s: %v allocations, want %v", name, got, want)
		}
	}
}
