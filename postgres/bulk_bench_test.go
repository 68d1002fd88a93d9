package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
	"example.com/customer/postgres"
)

// BenchmarkCreateBatch creates drafts in batches and, in turns, writes as many finished rows with a bare COPY into the same table with the same
// indexes, and reports the rows of both a second and the throughput of the first over that of the second.
func BenchmarkCreateBatch(b *testing.B) {
	for _, size := range []int{500, 1000} {
		b.Run(fmt.Sprintf("drafts=%d", size), func(b *testing.B) {
			ctx, pool := context.Background(), benchPool(b, *benchSize)
			store, g, next := postgres.New(pool).Tenant(bigTenant), newGenerator(1), 10_000_000
			fresh := func() []customer.Customer {
				list := make([]customer.Customer, size)
				for i := range list {
					_, c, err := g.customer(next)
					if err != nil {
						b.Fatal(err)
					}
					c.Status, c.ArchivedAt = customer.Active, time.Time{}
					list[i], next = c, next+1
				}
				return list
			}
			var batch, copied time.Duration
			b.ResetTimer()
			for range b.N {
				drafts := make([]customer.Draft, size)
				for i, c := range fresh() {
					drafts[i] = customer.Draft{
						ExternalID: c.ExternalID, Name: c.Name, Email: c.Email, Phone: c.Phone, Company: c.Company, Address: c.Address, Tags: c.Tags, Metadata: c.Metadata,
					}
				}
				start := time.Now()
				_, errs, err := store.CreateBatch(ctx, drafts)
				batch += time.Since(start)
				if err != nil || errs[0] != nil {
					b.Fatal(err, errs[0])
				}
				rows := make([][]any, size)
				for i, c := range fresh() {
					c.ID = customer.NewID()
					rows[i] = copyRow(bigTenant, c)
				}
				start = time.Now()
				if _, err := pool.CopyFrom(ctx, pgx.Identifier{"customers"}, copyColumns(), pgx.CopyFromRows(rows)); err != nil {
					b.Fatal(err)
				}
				copied += time.Since(start)
			}
			rows := float64(b.N * size)
			b.ReportMetric(rows/batch.Seconds(), "rows/s")
			b.ReportMetric(rows/copied.Seconds(), "COPY-rows/s")
			b.ReportMetric(copied.Seconds()/batch.Seconds(), "of-COPY")
			b.ReportMetric(0, "ns/op")
		})
	}
}
