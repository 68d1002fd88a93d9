package bulk_test

import (
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/postgres/postgrestest"
)

// BenchmarkSync imports a file of customers that are all there and of which one in a hundred has changed, and reports the rows a second and how
// many of them the database says that it wrote.
func BenchmarkSync(b *testing.B) {
	for _, match := range []customer.Key{customer.ExternalIDKey, customer.EmailKey} {
		b.Run(string(match), func(b *testing.B) {
			n := *fileRows
			for range b.N {
				dsn, dir := openServer(b), b.TempDir()
				pool := postgrestest.Open(b, dsn+"&pool_max_conns=1")
				j := job{DSN: dsn, File: filepath.Join(dir, "customers.csv"), Rejects: filepath.Join(dir, "rejects.csv"), OnConflict: bulk.Update, Match: match}
				c := newCrowd(0)
				c.clean = true
				writeFile(b, j.File, func(w io.Writer) error { return c.writeTo(w, n) })
				if d := j.finish(b); d.Error != "" || d.Summary.Created != n {
					b.Fatalf("%+v", d)
				}
				if _, err := pool.Exec(b.Context(), "VACUUM ANALYZE customers"); err != nil {
					b.Fatal(err)
				}
				c = newCrowd(0)
				c.clean, c.changed = true, 100
				writeFile(b, j.File, func(w io.Writer) error { return c.writeTo(w, n) })

				before, began := writesOf(b, pool), time.Now()
				d := j.finish(b)
				took, after := time.Since(began), writesOf(b, pool)
				if want := (bulk.Summary{Rows: n, Updated: n / 100, Unchanged: n - n/100}); d.Error != "" || d.Summary != want {
					b.Fatalf("%+v, want %+v", d, want)
				}
				inserted, updated := after.inserted-before.inserted, after.updated-before.updated
				if inserted != 0 || updated != n/100 {
					b.Errorf("the database inserted %d rows and updated %d, want 0 and %d", inserted, updated, n/100)
				}
				b.ReportMetric(took.Seconds(), "s")
				b.ReportMetric(float64(n)/took.Seconds(), "rows/s")
				b.ReportMetric(float64(updated), "updated")
				b.ReportMetric(float64(d.cpu.Microseconds())/float64(n), "client-µs/row")
				b.ReportMetric(float64(d.Peak)/1024, "peak-MiB")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// writes is what the database counts.
type writes struct{ inserted, updated int }

func writesOf(tb testing.TB, pool *pgxpool.Pool) (w writes) {
	tb.Helper()
	// A server process hands in its counts when it ends, which it does a moment after its client.
	for others := 1; others > 0; {
		err := pool.QueryRow(tb.Context(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()").Scan(&others)
		if err != nil {
			tb.Fatal(err)
		}
	}
	err := pool.QueryRow(tb.Context(), "SELECT n_tup_ins, n_tup_upd FROM pg_stat_user_tables WHERE relname = 'customers'").Scan(&w.inserted, &w.updated)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}
