package postgres_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

var benchSize = flag.Int("customers", 10_000, "customers in the table of the benchmarks")

func benchPool(b *testing.B, n int) *pgxpool.Pool {
	b.Helper()
	pool := postgrestest.Open(b, postgrestest.DSN(b)+"&pool_max_conns=32")
	generate(b, pool, n)
	return pool
}

// bare is what a careful programmer writes by hand for the same statements: pgx, explicit columns, one struct.
type bare struct{ pool *pgxpool.Pool }

type bareCustomer struct {
	ID                                                     [16]byte
	Version                                                int64
	Status, ExternalID, Name, Email, Phone, Company, Notes string
	Line1, Line2, City, Region, PostalCode, Country        string
	Tags                                                   []string
	Metadata                                               map[string]string
	CreatedAt, UpdatedAt, ArchivedAt                       time.Time
}

const bareColumns = `id, version, status, external_id, name, email, phone, company, notes, line1, line2, city, region, postal_code, country,
	tags, metadata, created_at, updated_at, archived_at`

func scanBare(row pgx.Row) (c bareCustomer, err error) {
	var metadata []byte
	err = row.Scan(&c.ID, &c.Version, &c.Status, &c.ExternalID, &c.Name, &c.Email, &c.Phone, &c.Company, &c.Notes, &c.Line1, &c.Line2, &c.City, &c.Region,
		&c.PostalCode, &c.Country, &c.Tags, &metadata, &c.CreatedAt, &c.UpdatedAt, &c.ArchivedAt)
	if err == nil {
		err = json.Unmarshal(metadata, &c.Metadata)
	}
	return c, err
}

func (b bare) get(id [16]byte) (bareCustomer, error) {
	return scanBare(b.pool.QueryRow(context.Background(), "SELECT "+bareColumns+" FROM customers WHERE tenant = $1 AND id = $2",
		pgx.QueryExecModeCacheStatement, bigTenant, id))
}

func (b bare) byEmail(email string) (bareCustomer, error) {
	return scanBare(b.pool.QueryRow(context.Background(), "SELECT "+bareColumns+
		" FROM customers WHERE tenant = $1 AND status = 'active' AND email_key = $2 AND email_key <> ''", pgx.QueryExecModeCacheStatement, bigTenant, email))
}

func (b bare) list(where string, args ...any) (int, error) {
	rows, err := b.pool.Query(context.Background(), "SELECT "+bareColumns+" FROM customers WHERE tenant = $1 AND status = 'active' AND "+where+
		" ORDER BY created_at DESC, id DESC LIMIT 51", append([]any{pgx.QueryExecModeCacheDescribe, bigTenant}, args...)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var list []bareCustomer
	for rows.Next() {
		c, err := scanBare(rows)
		if err != nil {
			return 0, err
		}
		list = append(list, c)
	}
	return len(list), rows.Err()
}

// write inserts a whole customer whose keys are there already.
func (b bare) write(sql string, tenant string, c customer.Customer, k customer.Keys, more ...any) error {
	metadata, err := json.Marshal(c.Metadata)
	if err != nil {
		return err
	}
	tags := c.Tags
	if tags == nil {
		tags = []string{}
	}
	args := append([]any{
		pgx.QueryExecModeCacheStatement, tenant, [16]byte(c.ID), int64(c.Version), string(c.Status), c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes,
		c.Address.Line1, c.Address.Line2, c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country, tags, metadata,
		c.CreatedAt, c.UpdatedAt, c.ArchivedAt, k.Name, k.Email, k.Domain, k.Company, k.Phone, k.City, k.Region, k.PostalCode, k.Country, k.Words, 1,
	}, more...)
	_, err = b.pool.Exec(context.Background(), sql, args...)
	return err
}

const (
	bareInsert = `INSERT INTO customers (tenant, ` + bareColumns + `, name_key, email_key, domain_key, company_key, phone_key, city_key, region_key,
		postal_key, country_key, words, key_version, key_hash, draft_hash)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,'','')
		ON CONFLICT DO NOTHING`
	bareUpdate = `UPDATE customers SET version = $3, status = $4, external_id = $5, name = $6, email = $7, phone = $8, company = $9, notes = $10,
		line1 = $11, line2 = $12, city = $13, region = $14, postal_code = $15, country = $16, tags = $17, metadata = $18, created_at = $19,
		updated_at = $20, archived_at = $21, name_key = $22, email_key = $23, domain_key = $24, company_key = $25, phone_key = $26, city_key = $27,
		region_key = $28, postal_key = $29, country_key = $30, words = $31, key_version = $32 WHERE tenant = $1 AND id = $2 AND version = $33`
)

// beside runs two ways of one thing in turns, so that both see the same machine, and reports the throughput of the second over that of the first.
func beside(b *testing.B, goroutines int, first, second func(i int64) error) {
	b.Helper()
	const turn = 64
	var spent [2]time.Duration
	var next atomic.Int64
	run := func(f func(i int64) error, n int) time.Duration {
		var wg sync.WaitGroup
		var left atomic.Int64
		left.Store(int64(n))
		start := time.Now()
		for range goroutines {
			wg.Go(func() {
				for left.Add(-1) >= 0 {
					if err := f(next.Add(1)); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		return time.Since(start)
	}
	run(first, turn)
	run(second, turn)
	b.ResetTimer()
	for n := 0; n < b.N; n += turn {
		spent[0] += run(first, turn)
		spent[1] += run(second, turn)
	}
	done := float64((b.N + turn - 1) / turn * turn)
	b.ReportMetric(float64(spent[0].Nanoseconds())/done, "pgx-ns/op")
	b.ReportMetric(float64(spent[1].Nanoseconds())/done, "store-ns/op")
	b.ReportMetric(spent[0].Seconds()/spent[1].Seconds(), "of-pgx")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBesidePgx compares the store with hand-written pgx that does the same SQL and scan.
func BenchmarkBesidePgx(b *testing.B) {
	ctx, pool := context.Background(), benchPool(b, *benchSize)
	raw, store := bare{pool}, postgres.New(pool).Tenant(bigTenant)
	var sample []customer.Customer
	for c, err := range customer.All(ctx, store, customer.Query{Where: customer.HasStatus(customer.Active)}) {
		if err != nil {
			b.Fatal(err)
		}
		if sample = append(sample, c); len(sample) == 5000 {
			break
		}
	}
	pick := func(i int64) customer.Customer { return sample[i*7919%int64(len(sample))] }
	made := atomic.Int64{}
	fresh := func() customer.Draft {
		_, c, _ := newGenerator(1).customer(int(10_000_000 + made.Add(1)))
		return customer.Draft{Name: c.Name, Email: c.Email, Phone: c.Phone, Company: c.Company, ExternalID: c.ExternalID, Address: c.Address, Tags: c.Tags, Metadata: c.Metadata}
	}
	search := func(text string) (func(int64) error, func(int64) error) {
		q := customer.Query{Where: customer.And(customer.HasStatus(customer.Active), customer.Text(text))}
		return func(int64) error { _, err := raw.list("words LIKE $2", "% "+text+"%"); return err },
			func(int64) error { _, err := store.Search(ctx, q); return err }
	}
	gmailBare, gmailStore := search("gmail")
	rareBare, rareStore := search("gesky")
	absentBare, absentStore := search("qqzzqq")
	ops := []struct {
		name        string
		bare, store func(i int64) error
	}{
		{"get", func(i int64) error { _, err := raw.get(pick(i).ID); return err }, func(i int64) error { _, err := store.Get(ctx, pick(i).ID); return err }},
		{
			"email", func(i int64) error { _, err := raw.byEmail(customer.KeysOf(pick(i)).Email); return err },
			func(i int64) error { _, err := customer.FindByEmail(ctx, store, pick(i).Email); return err },
		},
		{
			"page", func(i int64) error {
				_, err := raw.list("(created_at, id) < ($2, $3)", pick(i).CreatedAt, [16]byte(pick(i).ID))
				return err
			},
			func(i int64) error {
				q := customer.Query{Where: customer.HasStatus(customer.Active)}
				q.After = customer.NextCursor(q, bigTenant, pick(i))
				_, err := store.Search(ctx, q)
				return err
			},
		},
		{"search-common", gmailBare, gmailStore},
		{"search-rare", rareBare, rareStore},
		{"search-absent", absentBare, absentStore},
		{
			"create", func(int64) error {
				c, err := fresh().Build(customer.NewID(), time.Now())
				if err != nil {
					return err
				}
				return raw.write(bareInsert, bigTenant, c, customer.KeysOf(c))
			},
			func(int64) error { _, err := store.Create(ctx, fresh()); return err },
		},
		{
			"update", func(i int64) error {
				have, err := raw.get(pick(i).ID)
				if err != nil {
					return err
				}
				c := pick(i)
				c.Notes, c.Version = fmt.Sprint(rand.Int()), customer.Version(have.Version+1)
				return raw.write(bareUpdate, bigTenant, c, customer.KeysOf(c), have.Version)
			},
			func(i int64) error {
				_, err := store.Update(ctx, pick(i).ID, customer.AnyVersion, customer.Patch{Notes: new(fmt.Sprint(rand.Int()))})
				return err
			},
		},
	}
	for _, op := range ops {
		for _, goroutines := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/goroutines=%d", op.name, goroutines), func(b *testing.B) { beside(b, goroutines, op.bare, op.store) })
		}
	}
}

// BenchmarkShapes reports what each shape of a query costs in G: gets by id, written by hand, in the same run.
func BenchmarkShapes(b *testing.B) {
	ctx, pool := context.Background(), benchPool(b, *benchSize)
	raw, store := bare{pool}, postgres.New(pool)
	big, small := store.Tenant(bigTenant), store.Tenant("small7")
	active := customer.HasStatus(customer.Active)
	middle := func(o customer.Order) customer.Query {
		_, c, err := newGenerator(*benchSize).customer(*benchSize/2 + 1)
		if err != nil {
			b.Fatal(err)
		}
		q := customer.Query{Where: active, OrderBy: o}
		q.After = customer.NextCursor(q, bigTenant, c)
		return q
	}
	list := func(o customer.Order) customer.Query { return customer.Query{Where: active, OrderBy: o} }
	find := func(f customer.Filter) customer.Query { return customer.Query{Where: customer.And(active, f)} }
	page, err := big.Search(ctx, customer.Query{Where: active, Limit: 100})
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]customer.ID, len(page.Customers))
	for i, c := range page.Customers {
		ids[i] = c.ID
	}
	one := page.Customers[50]
	search := func(s *postgres.Store, q customer.Query) func() error {
		return func() error { _, err := s.Search(ctx, q); return err }
	}
	shapes := []struct {
		name string
		do   func() error
	}{
		{"get", func() error { _, err := big.Get(ctx, one.ID); return err }},
		{"by-email", func() error { _, err := customer.FindByEmail(ctx, big, one.Email); return err }},
		{"get-many-100", func() error { _, err := big.GetMany(ctx, ids); return err }},
		{"page-newest", search(big, list(customer.NewestFirst))},
		{"page-newest-deep", search(big, middle(customer.NewestFirst))},
		{"page-name", search(big, list(customer.NameAZ))},
		{"page-name-deep", search(big, middle(customer.NameAZ))},
		{"page-email-deep", search(big, middle(customer.EmailZA))},
		{"page-company", search(big, list(customer.CompanyZA))},
		{"search-none", search(big, find(customer.Text("qqzzqq")))},
		{"search-one-row", search(big, find(customer.Text(one.Email)))},
		{"search-0.13%", search(big, find(customer.Text("gesky")))},
		{"search-0.25%", search(big, find(customer.Text("kowalski")))},
		{"search-2%", search(big, find(customer.Text("smith")))},
		{"search-35%", search(big, find(customer.Text("gmail")))},
		{"search-2%-oldest", search(big, find(customer.Text("methuselah")))},
		{"search-letter", search(big, find(customer.Text("b")))},
		{"search-two-letters", search(big, find(customer.Text("qx")))},
		{"search-two-words", search(big, find(customer.Text("smith gmail")))},
		{"search-phone-end", search(big, find(customer.Text(one.Phone[len(one.Phone)-4:])))},
		{"search-by-name", search(big, customer.Query{Where: customer.And(active, customer.Text("smith")), OrderBy: customer.NameAZ})},
		{"domain-35%", search(big, find(customer.ByEmailDomain.Is("gmail.com")))},
		{"tag-20%", search(big, find(customer.HasAnyTag("vip")))},
		{"tag-0.05%", search(big, find(customer.HasAnyTag("rare")))},
		{"metadata-one", search(big, find(customer.HasMetadata("ref", one.Metadata["ref"])))},
		{"company-contains-2%", search(big, find(customer.ByCompany.Contains("ltd")))},
		{"count-capped-1001", func() error { _, err := big.Count(ctx, active, 1001); return err }},
		{"count-capped-smith", func() error { _, err := big.Count(ctx, customer.And(active, customer.Text("smith")), 1001); return err }},
		{"small-page", search(small, list(customer.NewestFirst))},
		{"small-search-none", search(small, find(customer.Text("qqzzqq")))},
		{"small-search-2%", search(small, find(customer.Text("smith")))},
		{"small-search-35%", search(small, find(customer.Text("gmail")))},
	}
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			var unit, cost []time.Duration
			for i := 0; i < b.N+5; i++ {
				start := time.Now()
				if _, err := raw.get(one.ID); err != nil {
					b.Fatal(err)
				}
				mid := time.Now()
				if err := shape.do(); err != nil {
					b.Fatal(err)
				}
				if i >= 5 {
					unit, cost = append(unit, mid.Sub(start)), append(cost, time.Since(mid))
				}
			}
			b.ReportMetric(float64(quantile(cost, 0.5).Microseconds()), "p50-µs")
			b.ReportMetric(float64(quantile(cost, 0.95).Microseconds()), "p95-µs")
			b.ReportMetric(quantile(cost, 0.5).Seconds()/quantile(unit, 0.5).Seconds(), "G")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[int(q*float64(len(d)-1))]
}

// BenchmarkTwentiethRun reports the twentieth run of a search on one connection over its second: a generic plan would show from the sixth on.
func BenchmarkTwentiethRun(b *testing.B) {
	ctx, dsn := context.Background(), postgrestest.DSN(b)
	generate(b, postgrestest.Open(b, dsn), *benchSize)
	for _, word := range []string{"gesky", "kowalski", "smith", "gmail", "qqzzqq"} {
		b.Run(word, func(b *testing.B) {
			var second, twentieth []time.Duration
			for range max(b.N, 15) {
				pool := postgrestest.Open(b, dsn+"&pool_max_conns=1")
				store := postgres.New(pool).Tenant(bigTenant)
				for run := 1; run <= 20; run++ {
					start := time.Now()
					if _, err := store.Search(ctx, customer.Query{Where: customer.And(customer.HasStatus(customer.Active), customer.Text(word))}); err != nil {
						b.Fatal(err)
					}
					switch run {
					case 2:
						second = append(second, time.Since(start))
					case 20:
						twentieth = append(twentieth, time.Since(start))
					}
				}
				pool.Close()
			}
			b.ReportMetric(quantile(twentieth, 0.5).Seconds()/quantile(second, 0.5).Seconds(), "20th/2nd")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkBesideOrders reports latencies at 10,000 customers beside 1,000,000 orders that refer to them.
func BenchmarkBesideOrders(b *testing.B) {
	ctx, pool := context.Background(), benchPool(b, 10_000)
	for _, sql := range []string{
		ordersTable,
		"INSERT INTO orders (tenant, customer_id) SELECT c.tenant, c.id FROM (SELECT tenant, id FROM customers WHERE external_id <> 'x' ORDER BY id OFFSET 100) c, generate_series(1, 102)",
		"VACUUM ANALYZE orders",
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			b.Fatal(err)
		}
	}
	store := postgres.New(pool).Tenant(bigTenant)
	var last customer.Customer
	ops := []struct {
		name string
		do   func(i int) error
	}{
		{"create", func(i int) (err error) {
			last, err = store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: fmt.Sprintf("ada%d.%d@example.com", i, rand.Int())})
			return err
		}},
		{"get", func(int) error { _, err := store.Get(ctx, last.ID); return err }},
		{"search", func(int) error {
			_, err := store.Search(ctx, customer.Query{Where: customer.And(customer.HasStatus(customer.Active), customer.Text("smith"))})
			return err
		}},
		{"delete", func(i int) error {
			c, err := store.Create(ctx, customer.Draft{Name: "Bob"})
			if err != nil {
				return err
			}
			return store.Delete(ctx, c.ID, c.Version)
		}},
	}
	for _, op := range ops {
		b.Run(op.name, func(b *testing.B) {
			var cost []time.Duration
			for i := range b.N {
				start := time.Now()
				if err := op.do(i); err != nil {
					b.Fatal(err)
				}
				cost = append(cost, time.Since(start))
			}
			b.ReportMetric(float64(quantile(cost, 0.5).Microseconds()), "p50-µs")
			b.ReportMetric(float64(quantile(cost, 0.95).Microseconds()), "p95-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}
