package bulk_test

import (
	"context"
	"encoding/csv"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// Run with -rows=1000000 -benchtime=1x for the figures of a release.
var fileRows = flag.Int("rows", 20_000, "rows of the files of the benchmarks on PostgreSQL")

// openServer starts a server whose writes are durable, with the current schema, and returns its URL.
func openServer(tb testing.TB) (dsn string) {
	tb.Helper()
	dsn = postgrestest.StartServer(tb, "shared_buffers=1GB", "max_wal_size=4GB", "random_page_cost=1.1").DSN()
	pool, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Migrate(context.Background(), pool); err != nil {
		tb.Fatal(err)
	}
	return dsn
}

func writeFile(tb testing.TB, path string, write func(w io.Writer) error) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkImportIntoPostgres imports a file in a process of its own and, in turns with it, writes as many finished rows with a bare COPY into
// the same table with the same indexes.
func BenchmarkImportIntoPostgres(b *testing.B) {
	n, turn := *fileRows, max(1000, *fileRows/50)
	for range b.N {
		dsn, dir := openServer(b), b.TempDir()
		pool := postgrestest.Open(b, dsn)
		j := job{DSN: dsn, File: filepath.Join(dir, "customers.csv"), Rejects: filepath.Join(dir, "rejects.csv"), Turn: turn}
		writeFile(b, j.File, func(w io.Writer) error { return newCrowd(0).writeTo(w, n) })
		var (
			others           = newCrowd(n)
			imported, copied time.Duration
			rows             int
			began            = time.Now()
		)
		_, wait := j.start(b, func() {
			imported += time.Since(began)
			ready := finishedRows(b, others, turn)
			began = time.Now()
			if _, err := pool.CopyFrom(context.Background(), pgx.Identifier{"customers"}, copiedColumns, pgx.CopyFromRows(ready)); err != nil {
				b.Error(err)
			}
			copied += time.Since(began)
			rows += len(ready)
			began = time.Now()
		})
		d := wait()
		imported += time.Since(began)
		wantImported(b, d, 0, n)
		wantRejects(b, j.Rejects, n)
		importRate, copyRate := float64(n)/imported.Seconds(), float64(rows)/copied.Seconds()
		b.ReportMetric(importRate, "rows/s")
		b.ReportMetric(copyRate, "COPY-rows/s")
		b.ReportMetric(importRate/copyRate, "of-COPY")
		b.ReportMetric(float64(d.cpu.Microseconds())/float64(n), "client-µs/row")
		b.ReportMetric(float64(d.Peak)/1024, "peak-MiB")
		b.ReportMetric(0, "ns/op")
		if d.Peak > 100<<10 {
			b.Errorf("the import held %d MiB, want at most 100", d.Peak>>10)
		}
	}
}

// wantImported reports what an import of n rows of the crowd, from the first on, does not say of itself.
func wantImported(tb testing.TB, d done, first, n int) {
	tb.Helper()
	want := bulk.Summary{Rows: n}
	for i := range n {
		if isBad(first + i) {
			want.Refused++
		} else {
			want.Created++
		}
	}
	if d.Error != "" || d.Summary != want {
		tb.Fatalf("imported %+v, %s, want %+v", d.Summary, d.Error, want)
	}
}

// wantRejects reports what is in the file of the rejected rows and not among the bad ones, or the other way round.
func wantRejects(tb testing.TB, path string, n int) {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		if !isBad(i) {
			continue
		}
		cells, err := r.Read()
		if err != nil || cells[0] != crowdID(i) || cells[len(cells)-1] == "" {
			tb.Fatalf("row %d among the rejected: %v, %v", i, cells, err)
		}
	}
	if cells, err := r.Read(); err != io.EOF {
		tb.Fatalf("a rejected row that is not bad: %v, %v", cells, err)
	}
}

var copiedColumns = strings.Split("id, version, status, external_id, name, email, phone, company, notes, line1, line2, city, region, postal_code, country, "+
	"tags, metadata, created_at, updated_at, archived_at, name_key, email_key, domain_key, company_key, phone_key, city_key, region_key, postal_key, "+
	"country_key, words, key_version, key_hash, draft_hash", ", ")

// finishedRows returns what an import makes of the next n rows, with the keys, leaving bad rows out.
func finishedRows(tb testing.TB, c *crowd, n int) [][]any {
	tb.Helper()
	var text strings.Builder
	if err := c.writeTo(&text, n); err != nil {
		tb.Fatal(err)
	}
	r, err := bulk.NewReader(strings.NewReader(text.String()), bulk.CSV, bulk.ReaderOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	ready, now := make([][]any, 0, n), time.Now()
	for row, err := range r.Rows() {
		if err != nil {
			tb.Fatal(err)
		}
		c, err := row.Draft.Build(customer.NewID(), now)
		if row.Err != nil || err != nil || len(ready) > 0 && ready[len(ready)-1][5] == c.Email {
			continue
		}
		k, tags := customer.KeysOf(c), c.Tags
		if tags == nil {
			tags = []string{}
		}
		ready = append(ready, []any{
			[16]byte(c.ID), int64(c.Version), string(c.Status), c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes,
			c.Address.Line1, c.Address.Line2, c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country,
			tags, c.Metadata, c.CreatedAt, c.UpdatedAt, c.ArchivedAt,
			k.Name, k.Email, k.Domain, k.Company, k.Phone, k.City, k.Region, k.PostalCode, k.Country, k.Words, int16(customer.KeysVersion), "", "",
		})
	}
	return ready
}
