package bulk_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// endless is a file that is made while it is read.
type endless struct {
	rows int
	row  func(i int) string
	next int
	rest string
	half func() // called when half of the rows are read: a row that is the whole file has no result before its end
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.next == e.rows {
			return 0, io.EOF
		}
		if e.next == e.rows/2 {
			e.half()
		}
		e.rest = e.row(e.next)
		e.next++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// It does not run beside others, whose memory it would count.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const most = 24 << 20
	bare := func(i int) string {
		if i == 0 {
			return "name,email,notes\n"
		}
		return fmt.Sprintf("name %d,,\"%01000d\"\n", i, i)
	}
	commit, dry := bulk.Importer{Mode: bulk.Commit}, bulk.Importer{OnConflict: bulk.Update, Match: customer.EmailKey}
	tests := []struct {
		name string
		imp  bulk.Importer
		file *endless
	}{
		{"rows with an email", commit, &endless{rows: 60_000, row: func(i int) string {
			if i == 0 {
				return "name,email,notes\n"
			}
			return fmt.Sprintf("Ada,ada.%d@example.com,\"%0200d\"\n", i, i)
		}}},
		{"rows with nothing but a name", commit, &endless{rows: 60_000, row: func(i int) string {
			if i == 0 {
				return "name\n"
			}
			return fmt.Sprintf("name %d\n", i)
		}}},
		{"a dry run of rows that have nothing to be known by", dry, &endless{rows: 60_000, row: bare}},
		{"a dry run of rows that have a key and nothing else to be known by", dry, &endless{rows: 60_000, row: func(i int) string {
			return fmt.Sprintf("{\"idempotency_key\":\"key-%d\",\"name\":\"Ada\",\"email\":null,\"notes\":\"%01000d\"}\n", i, i)
		}}},
		{"rows as long as may be", commit, &endless{rows: 300, row: func(i int) string {
			if i == 0 {
				return "name\n"
			}
			return fmt.Sprintf("%0*d\n", bulk.MaxRowBytes, i)
		}}},
		{"one cell of 64 MB", commit, &endless{rows: 64 << 4, row: func(i int) string {
			if i == 0 {
				return "name\n\""
			}
			return fmt.Sprintf("%0*d", 64<<10, i)
		}}},
	}
	for _, tt := range tests {
		var half uint64
		tt.file.half = func() { half = heap() }
		r, err := bulk.NewReader(tt.file, bulk.Detect, bulk.ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		before, peak, n := heap(), uint64(0), 0
		tt.imp.Store = nowhere{memstore.New()}
		_, err = tt.imp.Run(context.Background(), r.Rows(), func(bulk.Result) error {
			if n++; n%10_000 == 0 || n == 250 {
				peak = max(peak, heap())
			}
			return nil
		})
		if fault := fileError(err); err != nil && fault != "line 2 unclosed_quote" {
			t.Errorf("%s: %v", tt.name, err)
		}
		if peak = max(peak, half, heap()); half == 0 || peak > before+most {
			t.Errorf("%s: %d MB in use and %d at half, want at most %d", tt.name, (int64(peak)-int64(before))>>20, half>>20, most>>20)
		}
	}
}

// heap returns the memory in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkImportIntoMemory imports a file of -rows into the store in memory and reports what it keeps for each customer.
func BenchmarkImportIntoMemory(b *testing.B) {
	path := filepath.Join(b.TempDir(), "customers.csv")
	writeFile(b, path, func(w io.Writer) error { return newCrowd(0).writeTo(w, *fileRows) })
	for range b.N {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		r, err := bulk.NewReader(f, bulk.CSV, bulk.ReaderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		s, before, began := memstore.New(), heap(), time.Now()
		sum, err := bulk.Importer{Store: s, Mode: bulk.Commit}.Run(b.Context(), r.Rows(), nil)
		took := time.Since(began)
		wantImported(b, done{Summary: sum, Error: errorText(err)}, 0, *fileRows)
		b.ReportMetric(float64(*fileRows)/took.Seconds(), "rows/s")
		b.ReportMetric(float64(heap()-before)/float64(sum.Created), "bytes/customer")
		b.ReportMetric(0, "ns/op")
		runtime.KeepAlive(s)
	}
}
