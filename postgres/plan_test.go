package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// planningDB notes the plan of every statement before it is run.
type planningDB struct {
	*pgxpool.Pool
	tb    testing.TB
	plans []string
}

func (db *planningDB) explain(ctx context.Context, sql string, args []any) {
	rows, err := db.Pool.Query(ctx, "EXPLAIN "+sql, args...)
	if err != nil {
		db.tb.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		db.tb.Fatal(err)
	}
	db.plans = append(db.plans, strings.Join(lines, "\n"))
}

func (db *planningDB) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	db.explain(ctx, sql, args)
	return db.Pool.Exec(ctx, sql, args...)
}

func (db *planningDB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	db.explain(ctx, sql, args)
	return db.Pool.Query(ctx, sql, args...)
}

func (db *planningDB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	db.explain(ctx, sql, args)
	return db.Pool.QueryRow(ctx, sql, args...)
}

// SendBatch plans the last statement, which is the search.
func (db *planningDB) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	last := b.QueuedQueries[b.Len()-1]
	db.explain(ctx, last.SQL, last.Arguments)
	return db.Pool.SendBatch(ctx, b)
}

// TestEveryStatementUsesItsIndex asks at a size where it matters: a planner that misses an index takes hundreds of times as long.
func TestEveryStatementUsesItsIndex(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	generate(t, pool, 60_000)
	db := &planningDB{Pool: pool, tb: t}
	store := postgres.New(db).Tenant(bigTenant)
	page := func(o customer.Order) func(*postgres.Store) error {
		return func(s *postgres.Store) error {
			q := customer.Query{OrderBy: o, Where: customer.HasStatus(customer.Active)}
			first, err := s.Search(ctx, q)
			if err != nil {
				return err
			}
			q.After = first.Next
			_, err = s.Search(ctx, q)
			return err
		}
	}
	find := func(where customer.Filter) func(*postgres.Store) error {
		return func(s *postgres.Store) error {
			_, err := s.Search(ctx, customer.Query{Where: customer.And(customer.HasStatus(customer.Active), where)})
			return err
		}
	}
	_, some, err := newGenerator(60_000).customer(0)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, index string
		do          func(*postgres.Store) error
	}{
		{"get", "customers_pkey", func(s *postgres.Store) error { return missing(s.Get(ctx, some.ID)) }},
		{"get many", "customers_pkey", func(s *postgres.Store) error {
			_, err := s.GetMany(ctx, []customer.ID{some.ID, {}})
			return err
		}},
		{"by email", "customers_email", func(s *postgres.Store) error { return missing(customer.FindByEmail(ctx, s, some.Email)) }},
		{"by external id", "customers_external_id", func(s *postgres.Store) error { return missing(customer.FindByExternalID(ctx, s, some.ExternalID)) }},
		{"a conflict", "customers_external_id", func(s *postgres.Store) error {
			_, _ = s.Create(ctx, customer.Draft{Name: "x", ExternalID: "CRM-0000001"})
			return nil
		}},
		{"replays", "customers_key", func(s *postgres.Store) error {
			drafts := make([]customer.Draft, 1_000)
			for i := range drafts {
				drafts[i] = customer.Draft{Name: "x", IdempotencyKey: fmt.Sprint("key-", i)}
			}
			_, _, err := s.FindReplays(ctx, drafts)
			return err
		}},
		{"newest first", "customers_created", page(customer.NewestFirst)},
		{"oldest first", "customers_created", page(customer.OldestFirst)},
		{"by name", "customers_by_name", page(customer.NameAZ)},
		{"by email, descending", "customers_by_email", page(customer.EmailZA)},
		{"by company", "customers_by_company", page(customer.CompanyAZ)},
		{"a word nobody has", "customers_words", find(customer.Text("qqzzqq"))},
		{"a word one has", "customers_words", find(customer.Text("tu0000"))},
		{"a word many have", "customers_created", find(customer.Text("gmail"))},
		{"a pasted email", "customers_by_email", find(customer.Text("nobody.at.all@example.com"))},
		{"part of a company", "customers_words", find(customer.ByCompany.Contains("qqzzqq"))},
		{"a domain nobody has", "customers_domain", find(customer.ByEmailDomain.Is("qqzzqq.com"))},
		{"a rare tag", "customers_tags", find(customer.HasAnyTag("rare"))},
		{"metadata of one", "customers_metadata", find(customer.HasMetadata("ref", "r12345"))},
		{"ids", "customers_pkey", find(customer.HasID(some.ID))},
	}
	for _, c := range cases {
		db.plans = nil
		if err := c.do(store); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all := strings.Join(db.plans, "\n---\n")
		if strings.Contains(all, "Seq Scan") || !strings.Contains(all, c.index) {
			t.Errorf("%s: want a plan with %s and no sequential scan, got:\n%s", c.name, c.index, all)
		}
	}
}

// missing lets a lookup find nothing: the plan is the matter.
func missing(_ customer.Customer, err error) error {
	if err == customer.ErrNotFound {
		return nil
	}
	return err
}

// slowDB is a database on which the planner's choice takes too long.
type slowDB struct{ *planningDB }

func (db slowDB) SendBatch(context.Context, *pgx.Batch) pgx.BatchResults {
	return failedBatch{err: &pgconn.PgError{Code: "57014"}}
}

func TestASearchThatTakesTooLongIsAnsweredByTheTrigramIndex(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), postgrestest.New(t)
	generate(t, pool, 25_000)
	for _, order := range customer.Orders() {
		q := customer.Query{Where: customer.And(customer.Text("methuselah"), customer.HasStatus(customer.Active)), OrderBy: order, Limit: 20}
		want, err := postgres.New(pool).Tenant(bigTenant).Search(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		slow := slowDB{&planningDB{Pool: pool, tb: t}}
		store := postgres.New(slow).Tenant(bigTenant)
		got, err := store.Search(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got.Customers) != 20 {
			t.Errorf("%s: page of %d (-want +got):\n%s", order, len(got.Customers), diff)
		}
		if plan := slow.plans[len(slow.plans)-1]; !strings.Contains(plan, "customers_words") {
			t.Errorf("%s: want a plan with the trigram index, got:\n%s", order, plan)
		}
	}
}
