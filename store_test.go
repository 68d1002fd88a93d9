package customer_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

func TestAllWalksEveryPageOnce(t *testing.T) {
	t.Parallel()
	for _, o := range append(customer.Orders(), "") {
		for _, size := range []int{0, 1, 2, 22, 23, 24, 200} {
			s, q := storeOf(t, 23), customer.Query{OrderBy: o, Limit: size}
			var got []customer.Customer
			for c, err := range customer.All(t.Context(), s, q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, c)
			}
			want := slices.Clone(s.customers)
			slices.SortFunc(want, func(a, b customer.Customer) int { return customer.Compare(a, b, o) })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("order %q, pages of %d (-want +got):\n%s", o, size, diff)
			}
			if want := max(1, (23+max(size, 1)-1)/max(size, 1)); size > 0 && len(s.queries) != want {
				t.Errorf("order %q, pages of %d: %d searches, want %d", o, size, len(s.queries), want)
			}
			if size == 0 && s.queries[0].Limit != customer.MaxLimit {
				t.Errorf("asked for pages of %d, want %d", s.queries[0].Limit, customer.MaxLimit)
			}
		}
	}
}

func TestAllStopsWhereItsCallerDoes(t *testing.T) {
	t.Parallel()
	s, seen := storeOf(t, 10), 0
	for range customer.All(t.Context(), s, customer.Query{Limit: 2}) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 || len(s.queries) != 2 {
		t.Errorf("saw %d customers with %d searches", seen, len(s.queries))
	}
}

func TestAllBeginsAtItsCursorAndCanBeWalkedTwice(t *testing.T) {
	t.Parallel()
	s, q := storeOf(t, 10), customer.Query{OrderBy: customer.NameAZ, Limit: 4}
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	q.After = page.Next
	walk := customer.All(t.Context(), s, q)
	for range 2 {
		n := 0
		for c, err := range walk {
			if err != nil || slices.ContainsFunc(page.Customers, func(p customer.Customer) bool { return p.ID == c.ID }) {
				t.Fatalf("%s, %v", c.ID, err)
			}
			n++
		}
		if n != 6 {
			t.Errorf("%d customers after the first four of ten", n)
		}
	}
}

func TestAllYieldsTheErrorAndEnds(t *testing.T) {
	t.Parallel()
	s := storeOf(t, 10)
	s.failAfter = 2
	var errs []error
	n := 0
	for c, err := range customer.All(t.Context(), s, customer.Query{Limit: 3}) {
		if err != nil {
			errs = append(errs, err)
			if !c.ID.IsZero() {
				t.Errorf("a customer beside the error: %s", c.ID)
			}
			continue
		}
		n++
	}
	if n != 6 || len(errs) != 1 || !errors.Is(errs[0], errLost) {
		t.Errorf("%d customers and %v", n, errs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range customer.All(ctx, storeOf(t, 3), customer.Query{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled walk yields %v", err)
		}
	}
}

func TestAllSkipsNothingWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s := storeOf(t, 20)
	before := slices.Clone(s.customers)
	s.between = func(s *slowStore) {
		first := s.customers[0]
		s.customers = slices.DeleteFunc(s.customers, func(c customer.Customer) bool { return c.ID == first.ID })
		if _, err := s.Create(t.Context(), customer.Draft{Name: "aa"}); err != nil {
			t.Error(err)
		}
	}
	seen := map[customer.ID]int{}
	for c, err := range customer.All(t.Context(), s, customer.Query{OrderBy: customer.NameAZ, Limit: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[c.ID]++
	}
	for _, c := range s.customers {
		stayed := slices.ContainsFunc(before, func(b customer.Customer) bool { return b.ID == c.ID })
		if stayed && seen[c.ID] != 1 || seen[c.ID] > 1 {
			t.Errorf("%s, there all the time: %t, came %d times", c.ID, stayed, seen[c.ID])
		}
	}
}

func TestGetManyFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := storeOf(t, 200)
	ids := []customer.ID{{}, {0: 0xff}}
	for _, c := range s.customers {
		ids = append(ids, c.ID, c.ID)
	}
	got, err := customer.GetMany(t.Context(), s, ids)
	if err != nil {
		t.Fatal(err)
	}
	want := map[customer.ID]customer.Customer{}
	for _, c := range s.customers {
		want[c.ID] = c
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(s.queries) != 5 {
		t.Errorf("%d searches for 402 ids, want 5", len(s.queries))
	}
	if got, err := customer.GetMany(t.Context(), s, nil); err != nil || got == nil || len(got) != 0 {
		t.Errorf("no ids: %v, %v", got, err)
	}
	s.failAfter = 1
	if got, err := customer.GetMany(t.Context(), s, ids); !errors.Is(err, errLost) || got != nil {
		t.Errorf("a failing store: %d customers, %v", len(got), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ids := range [][]customer.ID{nil, ids} {
		if _, err := customer.GetMany(ctx, s, ids); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled with %d ids: %v", len(ids), err)
		}
	}
}

// quickStore reads many customers at once.
type quickStore struct {
	slowStore
	asked []customer.ID
}

func (s *quickStore) GetMany(_ context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	s.asked = ids
	return map[customer.ID]customer.Customer{someID: {ID: someID}}, nil
}

func TestGetManyUsesWhatTheStoreHas(t *testing.T) {
	t.Parallel()
	s := &quickStore{}
	got, err := customer.GetMany(t.Context(), s, []customer.ID{someID})
	if err != nil || got[someID].ID != someID || len(s.asked) != 1 || len(s.queries) != 0 {
		t.Errorf("got %v, %v, asked for %v", got, err, s.asked)
	}
}

func TestArchiveAndRestoreAreUpdatesOfStatus(t *testing.T) {
	t.Parallel()
	s := storeOf(t, 1)
	id := s.customers[0].ID
	c, err := customer.Archive(t.Context(), s, id, 1)
	if err != nil || c.Status != customer.Archived || c.Version != 2 || c.ArchivedAt.IsZero() {
		t.Fatalf("Archive: %+v, %v", c, err)
	}
	if _, err := customer.Archive(t.Context(), s, id, 1); !errors.Is(err, customer.ErrStale) {
		t.Errorf("Archive at an old version: %v", err)
	}
	if again, err := customer.Archive(t.Context(), s, id, customer.AnyVersion); err != nil || again.Version != 2 {
		t.Errorf("Archive once more: %+v, %v", again, err)
	}
	if c, err = customer.Restore(t.Context(), s, id, 2); err != nil || c.Status != customer.Active || c.Version != 3 || !c.ArchivedAt.IsZero() {
		t.Errorf("Restore: %+v, %v", c, err)
	}
	if _, err := customer.Restore(t.Context(), s, customer.ID{}, customer.AnyVersion); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Restore of nobody: %v", err)
	}
}

func TestFindByEmailSeesActiveCustomersOnly(t *testing.T) {
	t.Parallel()
	s := &slowStore{}
	c, err := s.Create(t.Context(), customer.Draft{Email: "Ada@Example.com", ExternalID: "CRM-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := customer.FindByEmail(t.Context(), s, " ada@EXAMPLE.com "); err != nil || got.ID != c.ID {
		t.Errorf("FindByEmail: %s, %v", got.ID, err)
	}
	if _, err := customer.Archive(t.Context(), s, c.ID, customer.AnyVersion); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"ada@example.com", "ada", "x@y.zz"} {
		if got, err := customer.FindByEmail(t.Context(), s, email); !errors.Is(err, customer.ErrNotFound) || !got.ID.IsZero() {
			t.Errorf("FindByEmail(%s): %s, %v", email, got.ID, err)
		}
	}
	if got, err := customer.FindByExternalID(t.Context(), s, "CRM-1"); err != nil || got.ID != c.ID {
		t.Errorf("FindByExternalID: %s, %v", got.ID, err)
	}
	if _, err := customer.FindByExternalID(t.Context(), s, "crm-1"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("FindByExternalID in other capitals: %v", err)
	}
	for _, find := range []func(context.Context, customer.Searcher, string) (customer.Customer, error){customer.FindByEmail, customer.FindByExternalID} {
		if _, err := find(t.Context(), s, ""); !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("finding by nothing: %v", err)
		}
	}
	s.failAfter = 1
	if _, err := customer.FindByEmail(t.Context(), s, "ada@example.com"); !errors.Is(err, errLost) {
		t.Errorf("a failing store: %v", err)
	}
}
