package customstore_test

import (
	"sync"
	"testing"

	"example.com/customer"
	"example.com/customer/examples/customstore"
	"example.com/customer/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	var files sync.Map // one for every case: the unnamed tenant's store
	storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
		opened, ok := files.Load(t)
		if !ok {
			opened = open(t, newPath(t), options(o)...)
			files.Store(t, opened)
		}
		store := opened.(*customstore.Store)
		if o.Tenant == "" {
			return store
		}
		return store.Tenant(o.Tenant)
	})
}

func options(o storetest.Options) []customstore.Option {
	var opts []customstore.Option
	if o.Now != nil {
		opts = append(opts, customstore.WithClock(o.Now))
	}
	if o.NewID != nil {
		opts = append(opts, customstore.WithIDs(o.NewID))
	}
	return opts
}
