package bulk_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"

	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// endless is a file that is made while it is read.
type endless struct {
	rows int
	row  func(i int) string
	next int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.next == e.rows {
			return 0, io.EOF
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
	tests := []struct {
		name string
		file *endless
	}{
		{"rows with an email", &endless{rows: 60_000, row: func(i int) string {
			if i == 0 {
				return "name,email,notes\n"
			}
			return fmt.Sprintf("Ada,ada.%d@example.com,\"%0200d\"\n", i, i)
		}}},
		{"rows with nothing but a name", &endless{rows: 60_000, row: func(i int) string { return fmt.Sprintf("name %d\n", i) }}},
		{"rows as long as may be", &endless{rows: 300, row: func(i int) string {
			if i == 0 {
				return "name\n"
			}
			return fmt.Sprintf("%0*d\n", bulk.MaxRowBytes, i)
		}}},
		{"one cell of 64 MB", &endless{rows: 64 << 4, row: func(i int) string {
			if i == 0 {
				return "name\n\""
			}
			return fmt.Sprintf("%0*d", 64<<10, i)
		}}},
	}
	for _, tt := range tests {
		r, err := bulk.NewReader(tt.file, bulk.CSV, bulk.ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		before, peak, n := heap(), uint64(0), 0
		_, err = bulk.Importer{Store: nowhere{memstore.New()}, Mode: bulk.Commit}.Run(context.Background(), r.Rows(), func(bulk.Result) error {
			if n++; n%10_000 == 0 || n == 250 {
				peak = max(peak, heap())
			}
			return nil
		})
		if fault := fileError(err); err != nil && fault != "line 2 unclosed_quote" {
			t.Errorf("%s: %v", tt.name, err)
		}
		if peak = max(peak, heap()); peak > before+most {
			t.Errorf("%s: %d MB in use, want at most %d", tt.name, (peak-before)>>20, most>>20)
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
