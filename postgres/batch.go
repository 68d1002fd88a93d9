package postgres

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"example.com/customer"
)

// partRows is how many rows go into one statement. More gain nothing.
const partRows = 1000

// batch is the rows of one call and what came of each of its items.
type batch struct {
	rows    []row // of those items that can be written
	created []customer.Customer
	errs    []error
}

func newBatch(n int) *batch {
	return &batch{rows: make([]row, 0, n), created: make([]customer.Customer, n), errs: make([]error, n)}
}

// answer says what came of a row. It is called again if the whole call is tried again.
func (b *batch) answer(r *row, c customer.Customer, err error) {
	b.created[r.at], b.errs[r.at] = c, err
}

// CreateBatch implements [customer.BatchCreator]: three round trips, one more for every 1,000 drafts beyond the first and for each such part in
// which a draft is refused. It is one transaction, or a savepoint of the caller's. What refuses a row but is not of this schema, such as a
// CHECK of the caller's, refuses the batch.
func (s *Store) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, nil, err
	}
	b, now := newBatch(len(drafts)), s.now()
	for i := range drafts {
		d := &drafts[i]
		id := d.ID
		if id.IsZero() {
			id = s.newID()
		}
		c, err := d.Build(id, now)
		if b.errs[i] = err; err == nil {
			r := newRow(c, d.IdempotencyKey)
			r.at = i
			b.rows = append(b.rows, r)
		}
	}
	if err := s.write(ctx, b); err != nil {
		return nil, nil, err
	}
	return b.created, b.errs, nil
}

// Load implements [customer.Loader], in the way of [Store.CreateBatch].
func (s *Store) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	b := newBatch(len(records))
	for i := range records {
		if b.errs[i] = records[i].Validate(); b.errs[i] == nil {
			r := newRow(records[i], "")
			r.at = i
			b.rows = append(b.rows, r)
		}
	}
	if err := s.write(ctx, b); err != nil {
		return nil, err
	}
	return b.errs, nil
}

func (s *Store) write(ctx context.Context, b *batch) error {
	if len(b.rows) == 0 {
		return nil
	}
	rows := settle(b.rows)
	return s.atomically(ctx, func(s *Store) error {
		for part := range parts(rows) {
			if err := s.writePart(ctx, b, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle puts rows into an order that does not depend on the caller's, so that batches that race for the same customers come to them one
// behind the other and not in a deadlock. Rows that have something unique in common stay as they are: there the first has to win.
func settle(rows []row) []*row {
	sorted := make([]*row, len(rows))
	type value struct {
		field byte
		text  string
	}
	seen := make(map[value]bool, 4*len(rows))
	for i := range rows {
		sorted[i] = &rows[i]
	}
	for _, r := range sorted {
		for _, v := range [...]value{{'i', string(r.c.ID[:])}, {'x', r.c.ExternalID}, {'e', r.keys.Email}, {'k', r.key}} {
			if v.text != "" && seen[v] {
				return sorted
			}
			seen[v] = true
		}
	}
	slices.SortFunc(sorted, func(a, b *row) int {
		return cmp.Or(strings.Compare(a.keys.Email, b.keys.Email), strings.Compare(a.c.ExternalID, b.c.ExternalID), strings.Compare(a.key, b.key), a.at-b.at)
	})
	return sorted
}

// parts cuts rows into statements. No part has an ID twice, because the IDs that come back tell which rows were written.
func parts(rows []*row) iter.Seq[[]*row] {
	return func(yield func([]*row) bool) {
		part, ids := make([]*row, 0, min(len(rows), partRows)), make(map[customer.ID]bool, min(len(rows), partRows))
		for _, r := range rows {
			if len(part) == partRows || ids[r.c.ID] {
				if !yield(part) {
					return
				}
				part = part[:0]
				clear(ids)
			}
			part = append(part, r)
			ids[r.c.ID] = true
		}
		yield(part)
	}
}

// writePart is [Store.insert] for many: what is not written is looked up afterwards, and what is in nobody's way by then has another try.
func (s *Store) writePart(ctx context.Context, b *batch, rows []*row) error {
	for range maxStalled {
		written, err := s.insertMany(ctx, rows)
		if err != nil {
			return err
		}
		rest := slices.DeleteFunc(rows, func(r *row) bool {
			_, done := written[r.c.ID]
			if done {
				b.answer(r, r.c, nil)
			}
			return done
		})
		if len(rest) == 0 {
			return nil
		}
		held, err := s.holders(ctx, rest, written)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rest, func(r *row) bool {
			made, refused, err := held.replay(r)
			if !refused {
				err = held.conflict(r, true)
				refused = err != nil
			}
			b.answer(r, made, err)
			return refused
		})
		if len(rows) == 0 {
			return nil
		}
	}
	for _, r := range rows {
		b.answer(r, customer.Customer{}, errStalled)
	}
	return nil
}

// insertMany returns the IDs of the rows that it wrote, and where in the batch they stand.
func (s *Store) insertMany(ctx context.Context, rows []*row) (map[customer.ID]int, error) {
	args, err := columnArgs(append(make([]any, 0, 36), s.constant, s.tenant), rows)
	if err != nil {
		return nil, err
	}
	written, err := s.db.Query(ctx, s.sql.insertMany, args...)
	if err != nil {
		return nil, clean(ctx, err)
	}
	defer written.Close()
	at := make(map[customer.ID]int, len(rows))
	var id [16]byte
	for written.Next() {
		if err := written.Scan(&id); err != nil {
			return nil, clean(ctx, err)
		}
		at[id] = 0
	}
	for _, r := range rows {
		if _, done := at[r.c.ID]; done {
			at[r.c.ID] = r.at
		}
	}
	return at, clean(ctx, written.Err())
}

// columnArgs are the values of rowColumns, an array for each.
func columnArgs(args []any, rows []*row) ([]any, error) {
	var (
		values []any // row by row
		err    error
	)
	for i, r := range rows {
		begun := len(values)
		if values, err = r.args(values); err != nil {
			return nil, err
		}
		if i == 0 {
			values = slices.Grow(values, len(values)*(len(rows)-1))
		}
		for j, value := range values[begun:] {
			if tags, ok := value.([]string); ok {
				values[begun+j] = arrayText(tags)
			}
		}
	}
	width := len(values) / len(rows)
	for at := range width {
		args = append(args, columnOf{values, at, width})
	}
	return args, nil
}

// columnOf is one of the columns of rows that stand behind each other. pgx takes it for an array without another copy.
type columnOf struct {
	values    []any
	at, width int
}

var _ pgtype.ArrayGetter = columnOf{}

func (c columnOf) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(c.values) / c.width), LowerBound: 1}}
}

func (c columnOf) Index(i int) any { return c.values[i*c.width+c.at] }

func (c columnOf) IndexType() any { return c.values[c.at] }

// arrayText writes an array as PostgreSQL reads it.
func arrayText(list []string) string {
	if len(list) == 0 {
		return "{}"
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = `"` + quote.Replace(s) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}
