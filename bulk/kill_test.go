package bulk_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// Run with -kills=20 for the figures of a release.
var kills = flag.Int("kills", 3, "times that the import is killed in its test")

// rowsOfAllKinds writes rows that the store knows again by email, by external id, by both and by neither, some of the last equal to each other.
func rowsOfAllKinds(w io.Writer, n int) error {
	text := "name,email,external_id,tags,plan\n"
	for i := range n {
		switch i % 4 {
		case 0:
			text += fmt.Sprintf("by email,%d@example.com,,\"b,a\",gold\n", i)
		case 1:
			text += fmt.Sprintf("by external id,,%d,b,\n", i)
		case 2:
			text += fmt.Sprintf("by both,%d@example.com,%d,,free\n", i, i)
		case 3:
			text += fmt.Sprintf("by neither %d,,,a,\n", i%400)
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

// Each round imports into a new database, in runs that are killed at random instants until one gets to its end, and once more.
func TestAnImportThatIsKilledAndRunAgainEndsTheSame(t *testing.T) {
	t.Parallel()
	const rows = 6000
	for _, imp := range []bulk.Importer{{OnConflict: bulk.Skip}, {OnConflict: bulk.Update, Match: customer.ExternalIDKey}} {
		t.Run(string(imp.OnConflict), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := job{File: filepath.Join(dir, "customers.csv"), Rejects: filepath.Join(dir, "rejects.csv"), OnConflict: imp.OnConflict, Match: imp.Match}
			writeFile(t, j.File, func(w io.Writer) error { return rowsOfAllKinds(w, rows) })
			// What an import makes that nobody disturbs, and how long it takes.
			j.DSN = postgrestest.DSN(t)
			began := time.Now()
			if d := j.finish(t); d.Error != "" || d.Summary.Created != rows {
				t.Fatalf("%+v", d)
			}
			took := time.Since(began)
			want := all(t, postgres.New(postgrestest.Open(t, j.DSN)))

			seed := rand.Uint64()
			rng := rand.New(rand.NewPCG(seed, 0))
			var left []int // customers after each kill
			for len(left) < *kills {
				j.DSN = postgrestest.DSN(t)
				pool := postgrestest.Open(t, j.DSN)
				before, began := len(left), time.Now()
				for len(left) < *kills && j.isKilled(t, time.Duration(rng.Int64N(int64(took)))) {
					left = append(left, count(t, pool))
				}
				if len(left) == before {
					// Nobody disturbed that run either, and the machine may be much faster by now: the next kill comes in its time.
					took = time.Since(began)
				}
				if d := j.finish(t); d.Error != "" || d.Summary.Rows != rows {
					t.Fatalf("the last run, seed %d: %+v", seed, d)
				}
				equal(t, fmt.Sprintf("customers, seed %d", seed), all(t, postgres.New(pool)), want)
			}
			t.Logf("seed %d: killed %d times in imports of %d rows, which left %v", seed, len(left), rows, left)
		})
	}
}

func (j job) finish(tb testing.TB) done {
	tb.Helper()
	_, wait := j.start(tb, nil)
	return wait()
}

// isKilled runs the job and kills it after some time, and reports whether it had not come to its end by then.
func (j job) isKilled(tb testing.TB, after time.Duration) bool {
	tb.Helper()
	process, wait := j.start(tb, nil)
	defer time.AfterFunc(after, func() { _ = process.Kill() }).Stop()
	d := wait()
	if d.Error != "" {
		tb.Fatal(d.Error)
	}
	return d.Summary.Rows == 0
}

func count(tb testing.TB, pool *pgxpool.Pool) (n int) {
	tb.Helper()
	if err := pool.QueryRow(tb.Context(), "SELECT count(*) FROM customers").Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}
