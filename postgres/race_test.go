package postgres_test

import (
	"context"
	"errors"
	"flag"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Run with -increments=1000 for the figures of a release.
var increments = flag.Int("increments", 5, "increments of each of 64 writers in the test for lost updates")

// TestNoUpdateIsLost has 64 writers count up one number by reading it and writing at the version they read: the sum is exact, and every write that did
// not happen was told so.
func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	const writers = 64
	ctx := context.Background()
	store := postgres.New(postgrestest.New(t))
	c := mustCreate(t, store, customer.Draft{Name: "Counter", Metadata: map[string]string{"n": "0"}})
	var (
		wg    sync.WaitGroup
		stale atomic.Int64
	)
	for range writers {
		wg.Go(func() {
			for done := 0; done < *increments; {
				have, err := store.Get(ctx, c.ID)
				if err != nil {
					t.Error(err)
					return
				}
				n, err := strconv.Atoi(have.Metadata["n"])
				if err != nil {
					t.Error(err)
					return
				}
				_, err = store.Update(ctx, c.ID, have.Version, customer.Patch{Metadata: map[string]*string{"n": new(strconv.Itoa(n + 1))}})
				switch {
				case err == nil:
					done++
				case errors.Is(err, customer.ErrStale):
					stale.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	got, err := store.Get(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := writers * *increments
	if got.Metadata["n"] != strconv.Itoa(want) || got.Version != customer.Version(want+1) {
		t.Errorf("counted to %s at version %d, want %d", got.Metadata["n"], got.Version, want)
	}
	t.Logf("%d increments, %d stale replies", want, stale.Load())
}
