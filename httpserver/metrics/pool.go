package metrics

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// PoolStat is what a pool of connections knows of itself at one moment. *pgxpool.Stat is one.
type PoolStat interface {
	AcquiredConns() int32     // in use
	IdleConns() int32         // ready for use
	ConstructingConns() int32 // being made
	TotalConns() int32        // all of these
	MaxConns() int32          // the limit

	AcquireCount() int64            // acquires that succeeded
	EmptyAcquireCount() int64       // of these, after waiting because no connection was idle
	CanceledAcquireCount() int64    // acquires given up by their context
	AcquireDuration() time.Duration // of all acquires that succeeded
}

// Pool adds a pool of connections under a name, which is a label and so not a secret: never an address or a user. Stat is called at every
// scrape and by several at once; nil, or a nil PoolStat from it, leaves the pool out. A name given again replaces what it had.
func (m *Metrics) Pool(name string, stat func() PoolStat) {
	m.pools.mu.Lock()
	defer m.pools.mu.Unlock()
	if name = label(name); stat == nil {
		delete(m.pools.stats, name)
	} else {
		m.pools.stats[name] = stat
	}
}

// pools reads all pools when it is asked to, so that the figures of one pool belong together.
type pools struct {
	figures []poolFigure

	mu    sync.Mutex
	stats map[string]func() PoolStat
}

type poolFigure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(PoolStat) float64
}

func newPools() *pools {
	gauge := func(name, help string, of func(PoolStat) int32) poolFigure {
		return poolFigure{poolDesc(name, help), prometheus.GaugeValue, func(s PoolStat) float64 { return float64(of(s)) }}
	}
	counter := func(name, help string, of func(PoolStat) int64) poolFigure {
		return poolFigure{poolDesc(name, help), prometheus.CounterValue, func(s PoolStat) float64 { return float64(of(s)) }}
	}
	return &pools{stats: make(map[string]func() PoolStat), figures: []poolFigure{
		gauge("connections", "Connections of the pool, in every state.", PoolStat.TotalConns),
		gauge("acquired_connections", "Connections in use.", PoolStat.AcquiredConns),
		gauge("idle_connections", "Connections ready for use.", PoolStat.IdleConns),
		gauge("constructing_connections", "Connections being made.", PoolStat.ConstructingConns),
		gauge("max_connections", "The limit of connections.", PoolStat.MaxConns),
		counter("acquires_total", "Connections handed out.", PoolStat.AcquireCount),
		counter("empty_acquires_total", "Connections handed out after waiting because none was idle.", PoolStat.EmptyAcquireCount),
		counter("canceled_acquires_total", "Waits for a connection that were given up.", PoolStat.CanceledAcquireCount),
		{
			poolDesc("acquire_seconds_total", "Time taken to hand connections out."), prometheus.CounterValue,
			func(s PoolStat) float64 { return s.AcquireDuration().Seconds() },
		},
	}}
}

func poolDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("customer_pool_"+name, help, []string{"pool"}, nil)
}

// Describe implements [prometheus.Collector].
func (p *pools) Describe(to chan<- *prometheus.Desc) {
	for _, f := range p.figures {
		to <- f.desc
	}
}

// Collect implements [prometheus.Collector].
func (p *pools) Collect(to chan<- prometheus.Metric) {
	// A stat that is slow keeps nobody from adding a pool.
	p.mu.Lock()
	stats := maps.Clone(p.stats)
	p.mu.Unlock()
	for name, stat := range stats {
		s := stat()
		if s == nil {
			continue
		}
		for _, f := range p.figures {
			to <- prometheus.MustNewConstMetric(f.desc, f.kind, f.of(s), name)
		}
	}
}
