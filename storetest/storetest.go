// Package storetest proves that a [customer.Store] means by every method what all other stores mean by it. [Run] is the proof, [Bench] the
// measurements that stores are compared by. A store's test is a few lines:
//
//	func TestStore(t *testing.T) {
//		var databases sync.Map // one for every case
//		storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
//			db, ok := databases.Load(t)
//			if !ok {
//				db = newDatabase(t, o.Now, o.NewID)
//				databases.Store(t, db)
//			}
//			return db.(*database).Tenant(o.Tenant)
//		})
//	}
//
// What a store must do is said at [customer.Store]; a case that fails prints the sentence it enforces.
package storetest

import (
	"slices"
	"testing"
	"time"

	"example.com/customer"
)

// Options say what store a case needs. The zero value asks for the unnamed tenant of a store with its own clock and IDs.
type Options struct {
	// Now is the store's clock, nil for the store's default. It may stand still, go back, be in any time zone and finer than a microsecond.
	Now func() time.Time

	// NewID is the store's source of IDs, nil for the store's default. It never repeats one, and they are in no order.
	NewID func() customer.ID

	// Tenant names the tenant whose customers the store keeps, "" the unnamed one. It may be a name that [customer.CheckTenant]
	// refuses: every call on the store is then [customer.ErrInvalid].
	Tenant string

	// Serial says that the case uses its stores from one goroutine only.
	Serial bool
}

// Run proves the stores that open returns, each case in a parallel subtest. They run when the test that called Run has returned: what they
// share is to be released with t.Cleanup, not with defer.
//
// Open is called with the t of a case and returns a store on a database that is empty and that case's alone: for another t another
// database. Within one case it may be called again, for another Tenant and with all other options the same, and must then return a view of
// the same database. It is called by one goroutine at a time within a case, and at once by cases that run in parallel. What it opens it
// releases with t.Cleanup. Both functions in Options are safe for concurrent use.
//
// An open whose stores cannot be used concurrently, as inside one transaction of a database, returns nil for a case that is not Serial. That
// case is then left out; a nil store for any other case fails it.
func Run(t *testing.T, open func(t testing.TB, o Options) customer.Store) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the contract: %s", c.contract)
				}
			})
			if on := newTrial(t, c, open); on.store != nil {
				c.run(on)
			}
		})
	}
}

// testCase is one sentence of the contract and what shows that a store keeps it.
type testCase struct {
	name       string
	contract   string
	concurrent bool // many goroutines use the store
	defaults   bool // clock and IDs are the store's own
	run        func(t *trial)
}

func cases() []testCase {
	return slices.Concat(createCases, conflictCases, updateCases, lifecycleCases, keyCases, orderCases, sharingCases, raceCases,
		readCases, queryCases, pagingCases, cursorCases, filterCases, limitCases, tenantCases, upsertCases, batchCases, loadCases, replayCases)
}

func newTrial(t *testing.T, c testCase, open func(t testing.TB, o Options) customer.Store) *trial {
	on := &trial{T: t, clock: newClock(), ids: newIDSource()}
	on.view = func(tenant string) customer.Store {
		o := Options{Tenant: tenant, Serial: !c.concurrent}
		if !c.defaults {
			o.Now, o.NewID = on.clock.now, on.ids.next
		}
		return open(t, o)
	}
	on.store = on.view("")
	if on.store == nil && !c.concurrent {
		t.Fatal("open returned no store for a case that is Serial")
	}
	return on
}
