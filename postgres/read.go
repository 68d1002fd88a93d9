package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// Get implements [customer.Store].
func (s *Store) Get(ctx context.Context, id customer.ID) (c customer.Customer, err error) {
	if err := s.begin(ctx); err != nil {
		return customer.Customer{}, err
	}
	err = s.retryRead(func() error {
		c, err = s.read(ctx, id)
		return err
	})
	return c, err
}

func (s *Store) read(ctx context.Context, id customer.ID) (customer.Customer, error) {
	return s.one(ctx, s.sql.get, [16]byte(id))
}

// one reads the customer that a constant statement finds by its second parameter.
func (s *Store) one(ctx context.Context, sql string, value any) (customer.Customer, error) {
	var r record
	err := s.db.QueryRow(ctx, sql, s.constant, s.tenant, value).Scan(r.targets()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return customer.Customer{}, customer.ErrNotFound
	}
	if err != nil {
		return customer.Customer{}, clean(ctx, err)
	}
	return r.customer()
}

// idsPerTrip keeps the answer to one statement in bounds.
const idsPerTrip = 10_000

// GetMany implements [customer.ManyGetter] with one round trip for every 10,000 IDs.
func (s *Store) GetMany(ctx context.Context, ids []customer.ID) (map[customer.ID]customer.Customer, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	found := make(map[customer.ID]customer.Customer, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), idsPerTrip)
		err := s.retryRead(func() error {
			rows, err := s.db.Query(ctx, s.sql.getMany, s.dynamic, s.tenant, rawIDs(ids[:n]))
			list, err := collect(ctx, rows, err, n)
			for _, c := range list {
				found[c.ID] = c
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return found, nil
}

func rawIDs(ids []customer.ID) [][16]byte {
	raw := make([][16]byte, len(ids))
	for i, id := range ids {
		raw[i] = id
	}
	return raw
}

// collect reads every row of a query whose columns are recordColumns.
func collect(ctx context.Context, rows pgx.Rows, err error, capacity int) ([]customer.Customer, error) {
	if err != nil {
		return nil, clean(ctx, err)
	}
	defer rows.Close()
	var (
		r    record
		to   = r.targets()
		list = make([]customer.Customer, 0, min(capacity, customer.MaxLimit+1))
	)
	for rows.Next() {
		r.c.Tags, r.c.Metadata = nil, nil
		if err := rows.Scan(to...); err != nil {
			return nil, clean(ctx, err)
		}
		c, err := r.customer()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, clean(ctx, rows.Err())
}

// Count implements [customer.Store].
func (s *Store) Count(ctx context.Context, f customer.Filter, limit int) (total customer.Total, err error) {
	if err := s.begin(ctx); err != nil {
		return customer.Total{}, err
	}
	if limit < 0 {
		return customer.Total{}, &customer.QueryError{Param: "limit", Code: customer.CodeInvalidParameter, Message: "must be 0, for no limit, or more"}
	}
	if err := (customer.Query{Where: f}).Validate(); err != nil {
		return customer.Total{}, err
	}
	sql, args, err := s.countSQL(ctx, f, limit)
	if err != nil {
		return customer.Total{}, err
	}
	var n int
	err = s.retryRead(func() error {
		return clean(ctx, s.db.QueryRow(ctx, sql, append([]any{s.dynamic}, args...)...).Scan(&n))
	})
	if limit > 0 && n > limit {
		return customer.Total{Value: limit}, err
	}
	return customer.Total{Value: n, Exact: err == nil}, err
}
