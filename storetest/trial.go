package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

// trial is a case under way: one tenant's view of the case's database, with the clock and the IDs that its store was given. Its methods
// end the case where the store fails a call that has to succeed.
type trial struct {
	*testing.T
	store  customer.Store
	tenant string
	clock  *clock
	ids    *idSource
	view   func(tenant string) customer.Store
}

// as returns the trial as another tenant of the same database.
func (t *trial) as(tenant string) *trial {
	t.Helper()
	other := *t
	other.tenant, other.store = tenant, t.view(tenant)
	if other.store == nil {
		t.Fatalf("open returned no store for tenant %q", tenant)
	}
	return &other
}

func (t *trial) create(d customer.Draft) customer.Customer {
	t.Helper()
	c, err := t.store.Create(t.Context(), d)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	t.wellFormed(c)
	return c
}

func (t *trial) get(id customer.ID) customer.Customer {
	t.Helper()
	c, err := t.store.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	t.wellFormed(c)
	return c
}

func (t *trial) update(id customer.ID, v customer.Version, p customer.Patch) customer.Customer {
	t.Helper()
	c, err := t.store.Update(t.Context(), id, v, p)
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	t.wellFormed(c)
	return c
}

func (t *trial) archive(id customer.ID) customer.Customer {
	t.Helper()
	return t.update(id, customer.AnyVersion, customer.Patch{Status: new(customer.Archived)})
}

func (t *trial) restore(id customer.ID) customer.Customer {
	t.Helper()
	return t.update(id, customer.AnyVersion, customer.Patch{Status: new(customer.Active)})
}

func (t *trial) delete(id customer.ID) {
	t.Helper()
	if err := t.store.Delete(t.Context(), id, customer.AnyVersion); err != nil {
		t.Fatalf("Delete: %v", err)
	}
}

// search returns a page and holds it to its size.
func (t *trial) search(q customer.Query) customer.Page {
	t.Helper()
	page, err := t.store.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search for %#v: %v", q, err)
	}
	for _, c := range page.Customers {
		t.wellFormed(c)
	}
	switch n := len(page.Customers); {
	case n > q.PageSize():
		t.Fatalf("Search for %#v: a page of %d customers, want at most %d", q, n, q.PageSize())
	case n < q.PageSize() && page.Next != "":
		t.Fatalf("Search for %#v: a page of %d customers and a cursor for more, want %d", q, n, q.PageSize())
	}
	return page
}

// maxPages is beyond any walk of a case: a store whose cursors do not go on would walk for ever.
const maxPages = 1000

// walk returns every page of q. Between two pages it calls between, if that is not nil, with the query of the next.
func (t *trial) walk(q customer.Query, between func(q *customer.Query)) []customer.Customer {
	t.Helper()
	var all []customer.Customer
	for range maxPages {
		page := t.search(q)
		all = append(all, page.Customers...)
		if page.Next == "" {
			return all
		}
		q.After = page.Next
		if between != nil {
			between(&q)
		}
	}
	t.Fatalf("Search for %#v: no last page within %d", q, maxPages)
	return nil
}

// everything returns all customers of the tenant.
func (t *trial) everything() []customer.Customer {
	t.Helper()
	return t.walk(customer.Query{Limit: customer.MaxLimit}, nil)
}

// changesNothing calls f and compares the customers of the tenant before and after.
func (t *trial) changesNothing(f func()) {
	t.Helper()
	before := t.everything()
	f()
	t.same("the customers after calls that change nothing", t.everything(), before)
}

// stored compares what every way to read one customer returns with want.
func (t *trial) stored(want customer.Customer) {
	t.Helper()
	t.same("Get", t.get(want.ID), want)
	t.same("Search", t.search(customer.Query{Where: customer.HasID(want.ID)}).Customers, []customer.Customer{want})
	many, err := customer.GetMany(t.Context(), t.store, []customer.ID{want.ID})
	if err != nil {
		t.Fatalf("GetMany: %v", err)
	}
	t.same("GetMany", many, map[customer.ID]customer.Customer{want.ID: want})
	for _, c := range many {
		t.wellFormed(c)
	}
}

// absent reads a customer that shall not be there, in every way.
func (t *trial) absent(id customer.ID) {
	t.Helper()
	_, err := t.store.Get(t.Context(), id)
	t.fails("Get", err, customer.ErrNotFound)
	if page := t.search(customer.Query{Where: customer.HasID(id)}); len(page.Customers) > 0 {
		t.Errorf("Search by an ID that is gone: %d customers, want none", len(page.Customers))
	}
	many, err := customer.GetMany(t.Context(), t.store, []customer.ID{id})
	if err != nil || len(many) > 0 {
		t.Errorf("GetMany of an ID that is gone: %d customers, error %v, want none and no error", len(many), err)
	}
}

// found checks that a search for all matches of f has exactly the customers in want, in any order.
func (t *trial) found(what string, f customer.Filter, want ...customer.Customer) {
	t.Helper()
	t.same(what, idsOf(t.walk(customer.Query{Where: f, OrderBy: customer.NameAZ}, nil)), idsOf(want))
}

// wellFormed holds a customer to what is true of every record.
func (t *trial) wellFormed(c customer.Customer) {
	t.Helper()
	for _, at := range []time.Time{c.CreatedAt, c.UpdatedAt, c.ArchivedAt} {
		if at.Location() != time.UTC || !at.Equal(at.Truncate(time.Microsecond)) {
			t.Fatalf("customer %s has the time %v, want UTC in whole microseconds", c.ID, at)
		}
	}
	switch {
	case c.ID.IsZero() || c.Version < 1:
		t.Fatalf("customer %q has ID %s and version %d, want neither to be zero", c.Name, c.ID, c.Version)
	case c.UpdatedAt.Before(c.CreatedAt):
		t.Fatalf("customer %s was updated at %v, before %v, when it was created", c.ID, c.UpdatedAt, c.CreatedAt)
	case (c.Status == customer.Archived) == c.ArchivedAt.IsZero():
		t.Fatalf("customer %s is %s and was archived at %v", c.ID, c.Status, c.ArchivedAt)
	case c.Tags != nil && len(c.Tags) == 0, c.Metadata != nil && len(c.Metadata) == 0:
		t.Fatalf("customer %s has an empty set that is not nil", c.ID)
	}
}

func (t *trial) same(what string, got, want any) {
	t.Helper()
	// Nearly always so, and ten times faster than to look for a difference.
	if reflect.DeepEqual(got, want) {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// fails checks the class of an error; a nil want is success.
func (t *trial) fails(what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// conflicts checks for a conflict over the field, held by holder.
func (t *trial) conflicts(what string, err error, field string, holder customer.ID) {
	t.Helper()
	t.fails(what, err, customer.ErrConflict)
	if conflict, ok := errors.AsType[*customer.ConflictError](err); !ok {
		t.Errorf("%s: error %v, want a *ConflictError", what, err)
	} else if want := (customer.ConflictError{Field: field, Holder: holder}); *conflict != want {
		t.Errorf("%s: error %+v, want %+v", what, *conflict, want)
	}
}

// faults checks for the faults of a record that the root package finds in it.
func (t *trial) faults(what string, err, want error) {
	t.Helper()
	t.fails(what, err, customer.ErrInvalid)
	got, ok := errors.AsType[*customer.ValidationError](err)
	expected, _ := errors.AsType[*customer.ValidationError](want)
	if !ok || expected == nil {
		t.Errorf("%s: error %v, want %v", what, err, want)
		return
	}
	t.same(what, got.Fields, expected.Fields)
}

// sameError compares all that a caller can tell of an error.
func (t *trial) sameError(what string, got, want error) {
	t.Helper()
	if conflict, ok := errors.AsType[*customer.ConflictError](want); ok {
		t.conflicts(what, got, conflict.Field, conflict.Holder)
		return
	}
	if _, ok := errors.AsType[*customer.ValidationError](want); ok {
		t.faults(what, got, want)
		return
	}
	t.fails(what, got, want)
}

// queryFault checks for a fault of a query.
func (t *trial) queryFault(what string, err error, code customer.Code) {
	t.Helper()
	t.fails(what, err, customer.ErrInvalid)
	if fault, ok := errors.AsType[*customer.QueryError](err); !ok || fault.Code != code {
		t.Errorf("%s: error %v, want a *QueryError with code %s", what, err, code)
	}
}

func idsOf(customers []customer.Customer) []customer.ID {
	ids := make([]customer.ID, len(customers))
	for i, c := range customers {
		ids[i] = c.ID
	}
	slices.SortFunc(ids, func(a, b customer.ID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// cancelled returns a context that ended before the call.
func (t *trial) cancelled() context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
