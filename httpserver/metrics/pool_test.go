package metrics_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer/httpserver/metrics"
)

// figures is a pool's state, written down.
type figures struct {
	acquired, idle, constructing, total, most int32
	acquires, empty, canceled                 int64
	waited                                    time.Duration
}

func (f figures) AcquiredConns() int32           { return f.acquired }
func (f figures) IdleConns() int32               { return f.idle }
func (f figures) ConstructingConns() int32       { return f.constructing }
func (f figures) TotalConns() int32              { return f.total }
func (f figures) MaxConns() int32                { return f.most }
func (f figures) AcquireCount() int64            { return f.acquires }
func (f figures) EmptyAcquireCount() int64       { return f.empty }
func (f figures) CanceledAcquireCount() int64    { return f.canceled }
func (f figures) AcquireDuration() time.Duration { return f.waited }

var busy = figures{acquired: 5, idle: 2, constructing: 1, total: 8, most: 16, acquires: 1000, empty: 30, canceled: 4, waited: 1500 * time.Millisecond}

func TestAPoolIsReadWhenItIsScraped(t *testing.T) {
	t.Parallel()
	now := busy
	m := metrics.New()
	m.Pool("primary", func() metrics.PoolStat { return now })
	wantSamples(t, m, "customer_pool", map[string]float64{
		`customer_pool_connections{pool="primary"}`:              8,
		`customer_pool_acquired_connections{pool="primary"}`:     5,
		`customer_pool_idle_connections{pool="primary"}`:         2,
		`customer_pool_constructing_connections{pool="primary"}`: 1,
		`customer_pool_max_connections{pool="primary"}`:          16,
		`customer_pool_acquires_total{pool="primary"}`:           1000,
		`customer_pool_empty_acquires_total{pool="primary"}`:     30,
		`customer_pool_canceled_acquires_total{pool="primary"}`:  4,
		`customer_pool_acquire_seconds_total{pool="primary"}`:    1.5,
	})
	now = figures{acquires: 1001}
	wantSamples(t, m, "customer_pool", map[string]float64{`customer_pool_acquires_total{pool="primary"}`: 1001})
}

func TestPoolsAreToldApartByName(t *testing.T) {
	t.Parallel()
	with := func(most int32) func() metrics.PoolStat {
		return func() metrics.PoolStat { return figures{most: most} }
	}
	for name, c := range map[string]struct {
		add  func(*metrics.Metrics)
		want map[string]float64
	}{
		"two pools are two series": {
			func(m *metrics.Metrics) { m.Pool("primary", with(1)); m.Pool("replica", with(2)) },
			map[string]float64{`customer_pool_max_connections{pool="primary"}`: 1, `customer_pool_max_connections{pool="replica"}`: 2},
		},
		"a name given again replaces the pool": {
			func(m *metrics.Metrics) { m.Pool("primary", with(1)); m.Pool("primary", with(2)) },
			map[string]float64{`customer_pool_max_connections{pool="primary"}`: 2},
		},
		"names that differ only in what is not UTF-8 are one": {
			func(m *metrics.Metrics) { m.Pool("p\xff", with(1)); m.Pool("p\xfe", with(2)) },
			map[string]float64{"customer_pool_max_connections{pool=\"p\uFFFD\"}": 2},
		},
		"no function forgets the pool": {
			func(m *metrics.Metrics) { m.Pool("primary", with(1)); m.Pool("primary", nil) },
			map[string]float64{},
		},
		"a pool that answers nothing is left out": {
			func(m *metrics.Metrics) { m.Pool("primary", func() metrics.PoolStat { return nil }) },
			map[string]float64{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := metrics.New()
			c.add(m)
			wantSamples(t, m, "customer_pool", c.want)
		})
	}
}

func TestThePoolOfTheDriverIsOne(t *testing.T) {
	t.Parallel()
	// Nothing listens there, and nothing is asked: a pool without connections knows its limit all the same.
	pool, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/none?pool_max_conns=7")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	m := metrics.New()
	m.Pool("primary", func() metrics.PoolStat { return pool.Stat() })
	wantSamples(t, m, "customer_pool", map[string]float64{`customer_pool_max_connections{pool="primary"}`: 7})
}

func TestPoolsMayComeAndGoDuringAScrape(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("pool %d", i)
			for range 50 {
				m.Pool(name, func() metrics.PoolStat { return busy })
				m.Pool(name, nil)
			}
			m.Pool(name, func() metrics.PoolStat { return busy })
		})
	}
	for range 10 {
		scrape(t, m)
	}
	all.Wait()
	if got := len(samples(t, m, "customer_pool_max_connections")); got != 8 {
		t.Errorf("there are %d pools, want 8", got)
	}
}
