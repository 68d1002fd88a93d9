package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// Run with -kills=20 -acks=10000 for the figures of a release.
var (
	kills = flag.Int("kills", 2, "crashes of the database in the crash test")
	acks  = flag.Int("acks", 400, "acknowledged writes in the crash test")
)

// ledger is what a client knows of its writes.
type ledger struct {
	mu    sync.Mutex
	acked map[int]customer.Version // by number of the customer: the version the database acknowledged last
	count atomic.Int64
}

func (l *ledger) ack(n int, v customer.Version) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked[n] = max(l.acked[n], v)
	l.count.Add(1)
}

// crash writes from several clients while the server is killed at random instants, and returns what is wrong afterwards.
func crash(t *testing.T, settings ...string) (l *ledger, lost, twice, half int) {
	t.Helper()
	server := postgrestest.StartServer(t, settings...)
	ctx := context.Background()
	pool := postgrestest.Open(t, server.DSN())
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	// What is not the matter here is safe in any case.
	if _, err := pool.Exec(ctx, "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	store := postgres.New(pool)
	l = &ledger{acked: map[int]customer.Version{}}
	var (
		next    atomic.Int64
		stop    = make(chan struct{})
		clients sync.WaitGroup
	)
	for range 8 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					write(ctx, store, l, int(next.Add(1)))
				}
			}
		})
	}
	for range *kills {
		target := l.count.Load() + int64(*acks / *kills)
		for l.count.Load() < target {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		server.Crash()
		server.Start()
	}
	close(stop)
	clients.Wait()

	seen := map[int]int{}
	for c, err := range customer.All(ctx, store, customer.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if _, err := fmt.Sscanf(c.Name, "Customer %d", &n); err != nil || c.Phone != fmt.Sprintf("%07d", n) || (c.Notes != "") != (c.Version > 1) {
			half++
			continue
		}
		if seen[n]++; seen[n] > 1 {
			twice++
		}
		if c.Version < l.acked[n] {
			lost++
		}
	}
	for n := range l.acked {
		if seen[n] == 0 {
			lost++
		}
	}
	return l, lost, twice, half
}

// write creates a customer and changes it, each until it is acknowledged: the key keeps a retry from making a second one.
func write(ctx context.Context, store *postgres.Store, l *ledger, n int) {
	d := customer.Draft{Name: fmt.Sprintf("Customer %d", n), Phone: fmt.Sprintf("%07d", n), IdempotencyKey: fmt.Sprintf("key-%d", n)}
	var c customer.Customer
	until(func() (err error) {
		c, err = store.Create(ctx, d)
		return err
	})
	l.ack(n, 1)
	until(func() error {
		next, err := store.Update(ctx, c.ID, customer.AnyVersion, customer.Patch{Notes: new("changed")})
		if errors.Is(err, customer.ErrNotFound) {
			return nil // lost, as the ledger will tell
		}
		c = next
		return err
	})
	l.ack(n, c.Version)
}

// until repeats what fails for as long as the database is away.
func until(f func() error) {
	for f() != nil {
		time.Sleep(5 * time.Millisecond)
	}
}

// TestNoAcknowledgedWriteIsLostInACrash is promise one. What one machine cannot show is the loss of its power: the kernel outlives the database here.
func TestNoAcknowledgedWriteIsLostInACrash(t *testing.T) {
	l, lost, twice, half := crash(t)
	t.Logf("%d acknowledged writes, %d crashes: %d lost, %d twice, %d half", l.count.Load(), *kills, lost, twice, half)
	if lost != 0 || twice != 0 || half != 0 {
		t.Errorf("%d lost, %d twice, %d half", lost, twice, half)
	}
}

// TestTheCrashTestFindsALoss runs it against a database that acknowledges before it writes.
func TestTheCrashTestFindsALoss(t *testing.T) {
	l, lost, _, _ := crash(t, "synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB", "wal_buffers=64MB")
	t.Logf("%d acknowledged writes, %d crashes: %d lost", l.count.Load(), *kills, lost)
	if lost == 0 {
		t.Error("a database that loses writes went unnoticed")
	}
}
