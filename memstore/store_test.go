package memstore_test

import (
	"sync"
	"testing"

	"example.com/customer"
	"example.com/customer/memstore"
	"example.com/customer/storetest"
)

// opener opens one database for every test that asks.
func opener() func(t testing.TB, o storetest.Options) customer.Store {
	var databases sync.Map
	return func(t testing.TB, o storetest.Options) customer.Store {
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
			return s
		}
		return s.Tenant(o.Tenant)
	}
}

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, opener())
}

func BenchmarkStore(b *testing.B) { storetest.Bench(b, opener()) }
