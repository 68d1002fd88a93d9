package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

// canary stands in every value of every call; it is lower case, so that folding does not hide it.
const canary = "canary7391"

func canaryDraft() customer.Draft {
	return customer.Draft{
		IdempotencyKey: canary + "-key", ExternalID: canary + "-external", Name: canary + " name", Email: canary + "@" + canary + ".example",
		Phone: "+49 7391 7391", Company: canary + " company", Notes: canary + " notes",
		Address: customer.Address{Line1: canary, Line2: canary, City: canary, Region: canary, PostalCode: canary, Country: canary},
		Tags:    []string{canary}, Metadata: map[string]string{canary: canary},
	}
}

// exercise calls every method of s with canaries, and returns how many calls failed and how many did not.
func exercise(ctx context.Context, s customer.Store, known customer.ID) (failed, succeeded int) {
	count := func(err error) {
		if err != nil {
			failed++
		} else {
			succeeded++
		}
	}
	other := canaryDraft()
	other.Notes = canary + " other notes"
	unkeyed := canaryDraft()
	unkeyed.IdempotencyKey = ""
	broken := canaryDraft()
	broken.Email, broken.Phone, broken.Tags = canary+"@", canary, []string{canary + ",x"}
	for _, d := range []customer.Draft{canaryDraft(), other, unkeyed, broken} {
		_, err := s.Create(ctx, d)
		count(err)
	}
	for _, id := range []customer.ID{known, {1}} {
		_, err := s.Get(ctx, id)
		count(err)
		_, err = customer.GetMany(ctx, s, []customer.ID{id})
		count(err)
		_, err = s.Update(ctx, id, customer.AnyVersion, customer.Patch{Name: new(canary + " renamed")})
		count(err)
		_, err = s.Update(ctx, id, 7391, customer.Patch{Name: new(canary)})
		count(err)
		count(s.Delete(ctx, id, 7391))
	}
	for _, f := range []customer.Filter{
		customer.Text(canary), customer.ByEmail.Is(canary), customer.ByPhone.Is(canary), customer.HasMetadata(canary, canary), customer.Has(canary),
	} {
		_, err := s.Search(ctx, customer.Query{Where: f})
		count(err)
		_, err = s.Search(ctx, customer.Query{Where: f, OrderBy: canary, After: canary})
		count(err)
		_, err = s.Count(ctx, f, 0)
		count(err)
	}
	if load, ok := s.(customer.Loader); ok {
		_, err := load.Load(ctx, []customer.Customer{{ID: customer.ID{7}, Name: canary, Email: canary}})
		count(err)
	}
	if batch, ok := s.(customer.BatchCreator); ok {
		_, _, err := batch.CreateBatch(ctx, []customer.Draft{canaryDraft(), unkeyed, broken})
		count(err)
	}
	if finder, ok := s.(customer.ReplayFinder); ok {
		_, _, err := finder.FindReplays(ctx, []customer.Draft{canaryDraft(), unkeyed, broken})
		count(err)
	}
	return failed, succeeded
}

// loud is a store whose every error quotes what it was given, as no store should.
type loud struct{ err error }

func (l loud) fail() error { return fmt.Errorf("%s: %w", canary, l.err) }

func (l loud) Create(context.Context, customer.Draft) (customer.Customer, error) {
	return customer.Customer{}, l.fail()
}

func (l loud) Get(context.Context, customer.ID) (customer.Customer, error) {
	return customer.Customer{}, l.fail()
}

func (l loud) Update(context.Context, customer.ID, customer.Version, customer.Patch) (customer.Customer, error) {
	return customer.Customer{}, l.fail()
}
func (l loud) Delete(context.Context, customer.ID, customer.Version) error { return l.fail() }
func (l loud) Search(context.Context, customer.Query) (customer.Page, error) {
	return customer.Page{}, l.fail()
}

func (l loud) Count(context.Context, customer.Filter, int) (customer.Total, error) {
	return customer.Total{}, l.fail()
}

func (l loud) GetMany(context.Context, []customer.ID) (map[customer.ID]customer.Customer, error) {
	return nil, l.fail()
}

func (l loud) Load(_ context.Context, records []customer.Customer) ([]error, error) {
	return []error{l.fail()}, nil
}

func (l loud) FindReplays(context.Context, []customer.Draft) ([]customer.Customer, []error, error) {
	return nil, nil, l.fail()
}

func (l loud) CreateBatch(context.Context, []customer.Draft) ([]customer.Customer, []error, error) {
	return nil, []error{l.fail()}, l.fail()
}

func TestNothingPersonalIsInTheMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Begin()
	m.End("POST", "/v1/customers", 201, time.Millisecond)
	view := memstore.New().Tenant(canary)
	ada, err := view.Create(t.Context(), canaryDraft())
	if err != nil {
		t.Fatal(err)
	}
	failed, succeeded := exercise(t.Context(), m.Store(view), ada.ID)
	calls := failed + succeeded
	if failed < 10 || succeeded < 10 {
		t.Fatalf("%d calls failed and %d succeeded: that is not everything", failed, succeeded)
	}
	for _, err := range []error{
		customer.ErrNotFound, customer.ErrStale, customer.ErrArchived, customer.ErrReferenced, customer.ErrKeyReused, customer.ErrUnavailable,
		&customer.ConflictError{Field: canary, Holder: ada.ID},
		&customer.ValidationError{Fields: []customer.FieldError{{Field: canary, Code: canary, Message: canary}}},
		&customer.QueryError{Param: canary, Code: canary, Message: canary},
		context.DeadlineExceeded, context.Canceled, errors.ErrUnsupported, errors.New(canary),
	} {
		failed, loaded := exercise(t.Context(), m.Store(loud{err}), ada.ID)
		calls += failed + loaded
		if loaded != 1 {
			t.Fatalf("%d calls of a store that fails succeeded, want the one that reports by record", loaded)
		}
	}
	text := scrape(t, m)
	if got := sum(samples(t, m, "customer_store_operations_total")); got != float64(calls) {
		t.Fatalf("%v calls were counted, want %d", got, calls)
	}
	for _, secret := range []string{canary, "7391 7391", ada.ID.String(), customer.ID{1}.String()} {
		if strings.Contains(strings.ToLower(text), secret) {
			t.Errorf("%q is in the scrape:\n%s", secret, text)
		}
	}
}

// The check above would pass on an empty scrape; here is what it must see.
func TestACanaryInTheMetricsIsSeen(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.End("GET", "/v1/customers/"+canary, 200, time.Millisecond)
	if !strings.Contains(scrape(t, m), canary) {
		t.Error("a path in the place of a pattern is not found")
	}
}
