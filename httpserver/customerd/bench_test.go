package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

const (
	benchTenant = "acme"
	benchPool   = 16 // connections to the database, and as many clients
)

// benchDraft makes a customer that is the same for one number. Smith is the name of 2 % of them, gesky of one in a thousand.
func benchDraft(i int) customer.Draft {
	rng := rand.New(rand.NewPCG(1, uint64(i)))
	name := func() string {
		return string([]byte{"BCDFGKLM"[rng.IntN(8)], "aeiou"[rng.IntN(5)], "bdlnrst"[rng.IntN(7)], "aeiou"[rng.IntN(5)], "lnrst"[rng.IntN(5)]})
	}
	last := name()
	switch {
	case i%50 == 7:
		last = "Smith"
	case i%1000 == 9:
		last = "Gesky"
	}
	d := customer.Draft{
		Name: name() + " " + last, ExternalID: fmt.Sprintf("CRM-%07d", i), Phone: fmt.Sprintf("+1 555 %07d", rng.IntN(10_000_000)), Company: name() + " Ltd",
		Address:  customer.Address{Line1: fmt.Sprintf("%d Main Street", i%900), City: name(), PostalCode: fmt.Sprint(10_000 + i%80_000), Country: "US"},
		Tags:     []string{"b2b", "vip"}[rng.IntN(2):],
		Metadata: map[string]string{"plan": []string{"free", "gold"}[i%2], "ref": fmt.Sprintf("r%d", i)},
	}
	d.Email = strings.ToLower(fmt.Sprintf("%s.%s%d@%s.example.com", name(), last, i, name()))
	return d
}

// benchDatabase returns a server with durable writes that has n customers, as it is long after they came: analysed, and its lists merged.
func benchDatabase(b *testing.B, n int) (dsn string, ids []customer.ID) {
	b.Helper()
	ctx := context.Background()
	dsn = postgrestest.StartServer(b).DSN()
	pool, err := postgres.Open(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		b.Fatal(err)
	}
	drafts := make([]customer.Draft, n)
	for i := range drafts {
		drafts[i] = benchDraft(i)
	}
	for chunk := range slices.Chunk(drafts, 500) {
		created, each, err := postgres.New(pool).Tenant(benchTenant).CreateBatch(ctx, chunk)
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range created {
			if each[i] != nil {
				b.Fatal(each[i])
			}
			ids = append(ids, c.ID)
		}
	}
	benchExec(b, dsn, "VACUUM ANALYZE customers")
	return dsn, ids
}

func benchExec(b *testing.B, dsn string, statements ...string) {
	b.Helper()
	pool, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	for _, sql := range statements {
		if _, err := pool.Exec(context.Background(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

// benchServer starts what the program starts, and returns its address and a token: all rules on, tokens that have a tenant, metrics, and a log in
// JSON that nobody reads.
func benchServer(b *testing.B, dsn string) (address, token string) {
	b.Helper()
	token, line, err := httpserver.NewToken(httpserver.Principal{Name: "bench", Tenant: benchTenant, Scopes: []httpserver.Scope{httpserver.ScopeRead, httpserver.ScopeWrite}})
	if err != nil {
		b.Fatal(err)
	}
	tokens, err := httpserver.ParseTokens(strings.NewReader(line))
	if err != nil {
		b.Fatal(err)
	}
	sink, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sink.Close() })
	c := config{databaseURL: poolDSN(dsn), tokens: tokens, logFormat: logJSON}
	log, closeLog := newLogger(c, sink)
	b.Cleanup(closeLog)
	counters := metrics.New()
	backend, err := openBackend(context.Background(), c, log, counters)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(backend.close)
	handler := httpserver.New(backend.store, slices.Concat(options(c, hold(c.tokens), log, counters), backend.options)...)
	return listenForBench(b, newServer(handler, log)), token
}

func poolDSN(dsn string) string { return fmt.Sprintf("%s&pool_max_conns=%d", dsn, benchPool) }

// target is what the benchmarks ask for.
type target struct {
	name  string
	print func(b []byte, n uint64) []byte // appends the n-th request
	want  int                             // its status
	asked atomic.Uint64
}

func targets(token string, ids []customer.ID) []*target {
	read := func(path string) func([]byte, uint64) []byte {
		return func(b []byte, _ uint64) []byte { return appendRequest(b, "GET", path, token, nil) }
	}
	run := rand.Uint32()
	return []*target{
		{name: "get", print: func(b []byte, n uint64) []byte {
			return appendRequest(b, "GET", "/v1/customers/"+ids[n*7919%uint64(len(ids))].String(), token, nil)
		}, want: 200},
		{name: "list-50", print: read("/v1/customers?limit=50"), want: 200},
		{name: "search-rare", print: read("/v1/customers?q=gesky"), want: 200},
		{name: "search-2%", print: read("/v1/customers?q=smith"), want: 200},
		{name: "create", print: func(b []byte, n uint64) []byte {
			body := fmt.Appendf(nil, `{"name":"Dana Lorin","email":"dana.lorin%d@%x.example.com","phone":"+1 555 %07d","company":"Lorin Ltd",`+
				`"address":{"line1":"7 Main Street","city":"Basel","postal_code":"4051","country":"CH"},"tags":["vip"],"metadata":{"plan":"gold"}}`, n, run, n%10_000_000)
			return appendRequest(b, "POST", "/v1/customers", token, body)
		}, want: 201},
	}
}

// BenchmarkBesideTheFloor reports the throughput of the server over that of the floor, the least that can be called a handler for the same statements,
// as the median of pairs of short turns: N for -benchtime Nx, and at least 41. Where other programs disturb most turns, the ratio of the ninth deciles
// and the processors' time of the first decile tell more. Creating is last, because it makes the table larger.
func BenchmarkBesideTheFloor(b *testing.B) {
	dsn, ids := benchDatabase(b, 10_000)
	address, token := benchServer(b, dsn)
	list := targets(token, ids)
	floor := dialAll(b, startFloor(b, dsn, list))
	server := dialAll(b, address)
	for _, t := range list {
		b.Run(t.name, func(b *testing.B) {
			const turn = 100 * time.Millisecond
			floor.run(b, t, turn)
			server.run(b, t, turn)
			var (
				sides       = [2]*clients{floor, server}
				rates, work [2][]float64
				ratios      []float64
			)
			for i := range max(b.N, 41) {
				for _, side := range [2]int{i % 2, 1 - i%2} {
					rate, busy := sides[side].run(b, t, turn)
					rates[side], work[side] = append(rates[side], rate), append(work[side], float64(busy.Microseconds()))
				}
				ratios = append(ratios, rates[1][i]/rates[0][i])
			}
			for side, name := range [2]string{"floor", "server"} {
				b.ReportMetric(quantile(rates[side], 0.5), name+"-op/s")
				b.ReportMetric(quantile(work[side], 0.1), name+"-cpu-µs/op")
			}
			b.ReportMetric(quantile(ratios, 0.5), "ratio")
			b.ReportMetric(quantile(rates[1], 0.9)/quantile(rates[0], 0.9), "ratio-undisturbed")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLatency reports how long clients wait that all ask at once and at once again: at 1,000 customers, and at 10,000 beside 1,000,000 orders that
// refer to them.
func BenchmarkLatency(b *testing.B) {
	for _, size := range []struct {
		name             string
		customers, times int
	}{{"customers=1000", 1000, 0}, {"customers=10000,orders=1000000", 10_000, 100}} {
		b.Run(size.name, func(b *testing.B) {
			dsn, ids := benchDatabase(b, size.customers)
			if size.times > 0 {
				benchExec(b, dsn, `CREATE TABLE orders (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, tenant text COLLATE "C" NOT NULL, customer_id uuid NOT NULL)`,
					fmt.Sprintf("INSERT INTO orders (tenant, customer_id) SELECT tenant, id FROM customers, generate_series(1, %d)", size.times),
					"CREATE INDEX ON orders (tenant, customer_id)", "ALTER TABLE orders ADD FOREIGN KEY (tenant, customer_id) REFERENCES customers (tenant, id)",
					"VACUUM ANALYZE orders")
			}
			address, token := benchServer(b, dsn)
			server := dialAll(b, address)
			for _, t := range targets(token, ids) {
				b.Run(t.name, func(b *testing.B) {
					server.run(b, t, 200*time.Millisecond)
					server.waits = server.waits[:0]
					rate, _ := server.run(b, t, 3*time.Second)
					b.ReportMetric(quantile(server.waits, 0.5), "p50-ms")
					b.ReportMetric(quantile(server.waits, 0.95), "p95-ms")
					b.ReportMetric(quantile(server.waits, 0.99), "p99-ms")
					b.ReportMetric(rate, "op/s")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

func quantile(values []float64, q float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[int(q*float64(len(values)-1))]
}
