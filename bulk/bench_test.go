package bulk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// manyRows is a CSV file of n customers as they are.
func manyRows(n int) []byte {
	var b bytes.Buffer
	b.WriteString("customer_id,first_name,last_name,email,phone,company,address,city,state,zip,country,tags,plan,seats\n")
	for i := range n {
		fmt.Fprintf(&b, "C-%d,Ada %d,Lovelace,ada.%d@example.com,+49 711 %07d,\"Analytical Engines, Ltd %d\",%d Main Street,Stuttgart,BW,70173,DE,\"b2b,vip\",gold,%d\n", i, i, i, i, i%1000, i%100, i%50)
	}
	return b.Bytes()
}

func asNDJSON(b *testing.B, file []byte) []byte {
	b.Helper()
	s := memstore.New()
	r, err := bulk.NewReader(bytes.NewReader(file), bulk.CSV, bulk.ReaderOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := (bulk.Importer{Store: s, Mode: bulk.Commit}).Run(context.Background(), r.Rows(), nil); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := bulk.Export(context.Background(), s, nil, &out, bulk.NDJSON, bulk.ExportOptions{}); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

const benchRows = 10_000

func rowsPerSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	file := manyRows(benchRows)
	for format, file := range map[bulk.Format][]byte{bulk.CSV: file, bulk.NDJSON: asNDJSON(b, file)} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := bulk.NewReader(bytes.NewReader(file), format, bulk.ReaderOptions{})
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range r.Rows() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			rowsPerSecond(b)
		})
	}
}

// nowhere answers every batch at once, so that an import into it is reading and planning alone.
type nowhere struct{ *memstore.Store }

func (nowhere) CreateBatch(_ context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	return make([]customer.Customer, len(drafts)), make([]error, len(drafts)), nil
}

func BenchmarkImport(b *testing.B) {
	file := manyRows(benchRows)
	for _, bench := range []struct {
		name string
		imp  bulk.Importer
		open func() customer.Store
	}{
		{"reading and planning alone", bulk.Importer{Mode: bulk.Commit}, func() customer.Store { return nowhere{memstore.New()} }},
		{"into memory", bulk.Importer{Mode: bulk.Commit}, func() customer.Store { return memstore.New() }},
		{"into memory, updating", bulk.Importer{Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}, func() customer.Store { return memstore.New() }},
		{"dry run", bulk.Importer{}, func() customer.Store { return memstore.New() }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				imp := bench.imp
				imp.Store = bench.open()
				r, err := bulk.NewReader(bytes.NewReader(file), bulk.CSV, bulk.ReaderOptions{})
				if err != nil {
					b.Fatal(err)
				}
				if sum, err := imp.Run(context.Background(), r.Rows(), nil); err != nil || sum.Created != benchRows {
					b.Fatal(sum, err)
				}
			}
			rowsPerSecond(b)
		})
	}
}

func BenchmarkExport(b *testing.B) {
	s := memstore.New()
	r, err := bulk.NewReader(bytes.NewReader(manyRows(benchRows)), bulk.CSV, bulk.ReaderOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := (bulk.Importer{Store: s, Mode: bulk.Commit}).Run(context.Background(), r.Rows(), nil); err != nil {
		b.Fatal(err)
	}
	for _, format := range []bulk.Format{bulk.CSV, bulk.NDJSON} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bulk.Export(context.Background(), s, nil, io.Discard, format, bulk.ExportOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			rowsPerSecond(b)
		})
	}
}
