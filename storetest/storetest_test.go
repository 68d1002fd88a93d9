package storetest_test

import (
	"testing"

	"example.com/customer"
	"example.com/customer/storetest"
)

func TestTheReferenceStorePasses(t *testing.T) {
	storetest.Run(t, opener(sound))
}

func TestAStoreForOneGoroutineIsLeftOutOfConcurrentCases(t *testing.T) {
	open := opener(sound)
	storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
		if !o.Serial {
			return nil
		}
		return open(t, o)
	})
}

func BenchmarkReference(b *testing.B) { storetest.Bench(b, opener(sound)) }
