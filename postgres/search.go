package postgres

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// Search implements [customer.Store]. One round trip, warm; two when a search by words turns out to match old records only. The first search by
// words in a tenant, and one every few seconds in a small one or minutes in a large one, asks for the tenant's size besides.
func (s *Store) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	if err := s.begin(ctx); err != nil {
		return customer.Page{}, err
	}
	if err := q.Validate(); err != nil {
		return customer.Page{}, err
	}
	after, more, err := q.Position(s.tenant)
	if err != nil {
		return customer.Page{}, err
	}
	where := customer.Normalize(q.Where)
	if sql, key, ok := s.uniqueLookup(where); ok && !more {
		return s.lookup(ctx, sql, key)
	}
	var list []customer.Customer
	err = s.retryRead(func() error {
		list, err = s.page(ctx, q, where, after, more)
		return err
	})
	if err != nil {
		return customer.Page{}, err
	}
	page := customer.Page{Customers: list}
	if n := q.PageSize(); len(list) > n {
		page.Customers = list[:n:n]
		page.Next = customer.NextCursor(q, s.tenant, list[n-1])
	}
	return page, nil
}

// uniqueLookup recognises the two searches that a unique index answers with one customer at most: they are the hot ones, and a constant
// statement with a cached plan serves them.
func (s *Store) uniqueLookup(where customer.Filter) (sql, key string, ok bool) {
	if m, ok := where.(customer.Match); ok && m.Field == customer.ByExternalID && m.Op == customer.Is && len(m.Values) == 1 {
		return s.sql.byExternalID, m.Keys()[0], true
	}
	all, ok := where.(customer.AllOf)
	if !ok || len(all) != 2 {
		return "", "", false
	}
	var active bool
	for _, f := range all {
		switch f := f.(type) {
		case customer.StatusIn:
			active = len(f) == 1 && f[0] == customer.Active
		case customer.Match:
			if f.Field == customer.ByEmail && f.Op == customer.Is && len(f.Values) == 1 {
				key = f.Keys()[0]
			}
		}
	}
	return s.sql.byEmail, key, active && key != ""
}

func (s *Store) lookup(ctx context.Context, sql, key string) (page customer.Page, err error) {
	err = s.retryRead(func() error {
		c, err := s.one(ctx, sql, key)
		switch {
		case errors.Is(err, customer.ErrNotFound):
			page.Customers = []customer.Customer{}
			return nil
		case err == nil:
			page.Customers = []customer.Customer{c}
		}
		return err
	})
	return page, err
}

func (s *Store) page(ctx context.Context, q customer.Query, where customer.Filter, after customer.Position, more bool) ([]customer.Customer, error) {
	p, guard, err := s.wayToWords(ctx, where)
	if err != nil {
		return nil, err
	}
	sql, args, err := s.pageSQL(q, where, after, more, p)
	if err != nil {
		return nil, err
	}
	if guard {
		list, err := s.guardedPage(ctx, sql, args, q.PageSize())
		var e *Error
		if !errors.As(err, &e) || e.Code != codeQueryCanceled {
			return list, err
		}
		if sql, args, err = s.pageSQL(q, where, after, more, planGIN); err != nil {
			return nil, err
		}
	}
	rows, err := s.db.Query(ctx, sql, append([]any{s.dynamic}, args...)...)
	return collect(ctx, rows, err, q.PageSize()+1)
}

// guardTime is how long the planner's choice may run. It guesses how far to walk as if matches lay evenly in the order; where only old records
// match, the walk reads everything, and the trigram index would have been the better way.
const guardTime = "20ms"

func (s *Store) guardedPage(ctx context.Context, sql string, args []any, size int) ([]customer.Customer, error) {
	b := &pgx.Batch{}
	b.Queue("SELECT set_config('statement_timeout', $1, true)", guardTime)
	b.Queue(sql, args...)
	results := s.db.SendBatch(ctx, b)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, clean(ctx, err)
	}
	rows, err := results.Query()
	list, err := collect(ctx, rows, err, size+1)
	if err != nil {
		return nil, err
	}
	return list, clean(ctx, results.Close())
}

// pageSQL selects one row more than the page holds, which tells whether there is another page.
func (s *Store) pageSQL(q customer.Query, where customer.Filter, after customer.Position, more bool, p plan) (string, []any, error) {
	conditions, err := s.conditions(where, p)
	if err != nil {
		return "", nil, err
	}
	name, descending := q.OrderBy.Key()
	column, direction, compare := orderColumns[name], "", ">"
	if descending {
		direction, compare = " DESC", "<"
	}
	if more {
		var key any = after.Key
		if column.isTime {
			key = after.Time
		}
		conditions = append(conditions, squirrel.Expr("("+column.name+", id) "+compare+" (?, ?)", key, [16]byte(after.ID)))
	}
	order := column.name
	if p == planGIN {
		// An expression that no index has keeps the planner from walking in order.
		order = column.hidden
	}
	return s.statement("SELECT "+recordColumns, conditions, " ORDER BY "+order+direction+", id"+direction+" LIMIT ?", q.PageSize()+1)
}

func (s *Store) countSQL(ctx context.Context, f customer.Filter, limit int) (string, []any, error) {
	where := customer.Normalize(f)
	p, _, err := s.wayToWords(ctx, where)
	if err != nil {
		return "", nil, err
	}
	conditions, err := s.conditions(where, p)
	if err != nil {
		return "", nil, err
	}
	if limit == 0 || limit == math.MaxInt {
		return s.statement("SELECT count(*)", conditions, "")
	}
	return s.statement("SELECT count(*) FROM (SELECT 1", conditions, " LIMIT ?) s", limit+1)
}

// conditions are what WHERE asks for. squirrel joins them; its builder of whole statements would cost more than the driver does.
func (s *Store) conditions(where customer.Filter, p plan) (squirrel.And, error) {
	parts := customer.AllOf{where}
	if all, ok := where.(customer.AllOf); ok {
		parts = all
	}
	conditions, err := p.each(parts)
	return append(squirrel.And{squirrel.Expr("tenant = ?", s.tenant)}, conditions...), err
}

func (s *Store) statement(head string, conditions squirrel.And, tail string, tailArgs ...any) (string, []any, error) {
	where, args, err := conditions.ToSql()
	if err != nil {
		return "", nil, err
	}
	// The head has no placeholders, and what is not read again costs nothing.
	rest, err := squirrel.Dollar.ReplacePlaceholders(where + tail)
	return head + " FROM " + s.sql.table + " WHERE " + rest, append(args, tailArgs...), err
}

// Below smallTenant customers a walk over the tenant beats any use of the trigram index, which knows no tenants; below guardedTenant the longest
// walk takes no longer than the guard would wait.
const (
	smallTenant   = 1000
	guardedTenant = 20_000

	sizeLifetime = 5 * time.Minute
	growing      = 5 * time.Second // while a tenant is small an import may change that soon
	maxSizes     = 10_000
)

// wayToWords returns how a search goes about words, and whether that needs the guard.
func (s *Store) wayToWords(ctx context.Context, where customer.Filter) (p plan, guard bool, err error) {
	if !namesWords(where) {
		return planIndexed, false, nil
	}
	n, err := s.size(ctx)
	if n < smallTenant {
		p = planWalk
	}
	return p, s.guarded && n >= guardedTenant, err
}

// sizes remembers how large tenants are, up to guardedTenant.
type sizes struct {
	mu    sync.Mutex
	known map[string]size
}

type size struct {
	customers int
	until     time.Time
}

func (s *Store) size(ctx context.Context) (int, error) {
	s.sizes.mu.Lock()
	known, ok := s.sizes.known[s.tenant]
	s.sizes.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.customers, nil
	}
	var n int
	if err := s.db.QueryRow(ctx, s.sql.size, s.constant, s.tenant, guardedTenant).Scan(&n); err != nil {
		return 0, clean(ctx, err)
	}
	s.sizes.mu.Lock()
	defer s.sizes.mu.Unlock()
	if s.sizes.known == nil || len(s.sizes.known) >= maxSizes {
		s.sizes.known = map[string]size{}
	}
	lifetime := sizeLifetime
	if n < guardedTenant {
		lifetime = growing
	}
	s.sizes.known[s.tenant] = size{n, time.Now().Add(lifetime)}
	return n, nil
}
