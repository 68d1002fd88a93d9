package bulk_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

var window = flag.Duration("window", time.Second, "how long a measurement beside an import, or without it, lasts before the other one's turn")

// operations are what clients do, with their shares in a hundred.
var operations = []struct {
	name  string
	share int
}{{"get", 50}, {"search", 25}, {"create", 10}, {"update", 15}}

// latencies are those of one client, by operation, without the import and beside it.
type latencies map[string]*[2][]time.Duration

// BenchmarkLoadBesideImport measures 16 clients that read and write, in turns alone and beside an import into their tenant: as fast as the
// machine is, and at a rate that leaves it idle most of the time. It reports the 95th percentiles, and the second over the first.
func BenchmarkLoadBesideImport(b *testing.B) {
	for _, rate := range []int{0, 20} {
		b.Run(fmt.Sprintf("each client %d a second", rate), func(b *testing.B) {
			for range b.N {
				benchmarkLoad(b, rate)
			}
		})
	}
}

func benchmarkLoad(b *testing.B, rate int) {
	const clients, stock = 16, 30_000
	dsn := openServer(b)
	pool := postgrestest.Open(b, fmt.Sprint(dsn, "&pool_max_conns=", clients))
	others := newCrowd(0)
	ready := finishedRows(b, others, stock)
	if _, err := pool.CopyFrom(b.Context(), pgx.Identifier{"customers"}, copiedColumns, pgx.CopyFromRows(ready)); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), "VACUUM ANALYZE customers"); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	j := job{DSN: dsn, File: filepath.Join(dir, "customers.csv"), Rejects: filepath.Join(dir, "rejects.csv"), Turn: 1000}
	writeFile(b, j.File, func(w io.Writer) error { return newCrowd(stock).writeTo(w, *fileRows) })

	var (
		store     = postgres.New(pool)
		importing atomic.Int32
		stop      = make(chan struct{})
		wg        sync.WaitGroup
		each      = make([]latencies, clients)
	)
	for i := range each {
		each[i] = latencies{}
		wg.Go(func() { each[i].work(b, store, ready, i, rate, &importing, stop) })
	}
	var imported time.Duration
	pause := func() {
		importing.Store(0)
		<-time.After(*window)
		importing.Store(1)
	}
	pause()
	began := time.Now()
	_, wait := j.start(b, func() {
		if took := time.Since(began); took > *window {
			imported += took
			pause()
			began = time.Now()
		}
	})
	d := wait()
	imported += time.Since(began)
	close(stop)
	wg.Wait()
	wantImported(b, d, stock, *fileRows)
	b.ReportMetric(float64(*fileRows)/imported.Seconds(), "rows/s")
	for _, op := range operations {
		var p95 [2]time.Duration
		for i := range p95 {
			var all []time.Duration
			for _, l := range each {
				all = append(all, l[op.name][i]...)
			}
			slices.Sort(all)
			p95[i] = all[len(all)*95/100]
			if i == 0 {
				b.ReportMetric(float64(len(all)), op.name+"-n")
			}
		}
		b.ReportMetric(p95[0].Seconds()*1e3, op.name+"-ms")
		b.ReportMetric(p95[1].Seconds()*1e3, op.name+"-ms-beside")
		b.ReportMetric(float64(p95[1])/float64(p95[0]), op.name+"-x")
	}
	b.ReportMetric(0, "ns/op")
}

// work does one operation after the other until it is stopped, at most rate a second.
func (l latencies) work(b *testing.B, s customer.Store, stock [][]any, client, rate int, importing *atomic.Int32, stop <-chan struct{}) {
	ctx, rng := context.Background(), rand.New(rand.NewPCG(crowdSeed, uint64(client)))
	for _, op := range operations {
		l[op.name] = new([2][]time.Duration)
	}
	var tick <-chan time.Time
	if rate > 0 {
		ticker := time.NewTicker(time.Second / time.Duration(rate))
		defer ticker.Stop()
		tick = ticker.C
	}
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		if tick != nil {
			select {
			case <-stop:
				return
			case <-tick:
			}
		}
		name, some := drawOperation(rng), stock[rng.IntN(len(stock))]
		id := customer.ID(some[0].([16]byte))
		before, began := importing.Load(), time.Now()
		var err error
		switch name {
		case "get":
			_, err = s.Get(ctx, id)
		case "search":
			_, err = s.Search(ctx, customer.Query{Where: customer.And(customer.HasStatus(customer.Active), customer.Text(some[4].(string)))})
		case "create":
			_, err = s.Create(ctx, customer.Draft{Name: word(rng.Uint64N(20_000)), Email: fmt.Sprintf("client%d.%d@example.org", client, n), Phone: fmt.Sprintf("+1 555 %07d", rng.IntN(10_000_000))})
		case "update":
			_, err = s.Update(ctx, id, customer.AnyVersion, customer.Patch{Notes: new(fmt.Sprint(n))})
		}
		took := time.Since(began)
		if err != nil && !errors.Is(err, customer.ErrConflict) {
			b.Error(err)
			return
		}
		if importing.Load() == before {
			l[name][before] = append(l[name][before], took)
		}
	}
}

func drawOperation(rng *rand.Rand) string {
	n := rng.IntN(100)
	for _, op := range operations {
		if n -= op.share; n < 0 {
			return op.name
		}
	}
	return operations[0].name
}
