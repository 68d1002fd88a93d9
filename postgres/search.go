package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// Search implements [customer.Store]. One round trip, warm; two when a search by words turns out to match old records only. The first search by
// words in a tenant, and one in every five minutes, asks for the tenant's size besides.
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
	err = s.retry(func() error {
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
	err = s.retry(func() error {
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
	plan := planIndexed
	byWords := namesWords(where)
	if byWords {
		small, err := s.small(ctx)
		if err != nil {
			return nil, err
		}
		if small {
			plan = planWalk
		}
	}
	sql, args, err := s.pageSQL(q, where, after, more, plan)
	if err != nil {
		return nil, err
	}
	if byWords && plan == planIndexed && s.guarded {
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
	sel, err := s.selection(recordColumns, where, p)
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
		sel = sel.Where(squirrel.Expr("("+column.name+", id) "+compare+" (?, ?)", key, [16]byte(after.ID)))
	}
	order := column.name
	if p == planGIN {
		// An expression that no index has keeps the planner from walking in order.
		order = column.hidden
	}
	return sel.OrderBy(order+direction, "id"+direction).Suffix("LIMIT ?", q.PageSize()+1).ToSql()
}

func (s *Store) countSQL(ctx context.Context, f customer.Filter, limit int) (string, []any, error) {
	where, p := customer.Normalize(f), planIndexed
	if namesWords(where) {
		small, err := s.small(ctx)
		if err != nil {
			return "", nil, err
		}
		if small {
			p = planWalk
		}
	}
	if limit == 0 {
		sel, err := s.selection("count(*)", where, p)
		if err != nil {
			return "", nil, err
		}
		return sel.ToSql()
	}
	sel, err := s.selection("1", where, p)
	if err != nil {
		return "", nil, err
	}
	return squirrel.Select("count(*)").FromSelect(sel.Suffix("LIMIT ?", limit+1), "s").PlaceholderFormat(squirrel.Dollar).ToSql()
}

// Below smallTenant customers a walk over the tenant beats any use of the trigram index, which knows no tenants.
const (
	smallTenant  = 1000
	sizeLifetime = 5 * time.Minute
	maxSizes     = 10_000
)

// sizes remembers which tenants are small.
type sizes struct {
	mu    sync.Mutex
	known map[string]size
}

type size struct {
	small bool
	until time.Time
}

func (s *Store) small(ctx context.Context) (bool, error) {
	s.sizes.mu.Lock()
	known, ok := s.sizes.known[s.tenant]
	s.sizes.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.small, nil
	}
	var n int
	if err := s.db.QueryRow(ctx, s.sql.size, s.constant, s.tenant, smallTenant).Scan(&n); err != nil {
		return false, clean(ctx, err)
	}
	s.sizes.mu.Lock()
	defer s.sizes.mu.Unlock()
	if s.sizes.known == nil || len(s.sizes.known) >= maxSizes {
		s.sizes.known = map[string]size{}
	}
	s.sizes.known[s.tenant] = size{n < smallTenant, time.Now().Add(sizeLifetime)}
	return n < smallTenant, nil
}
