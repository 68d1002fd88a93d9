// Package postgres keeps customers in PostgreSQL, 13 or later, through pgx.
//
//	pool, err := postgres.Open(ctx, dsn)
//	err = postgres.Migrate(ctx, pool)
//	store := postgres.New(pool)
//	c, err := store.Create(ctx, customer.Draft{Name: "Ada"})
//
// [Store.Tenant] and [Store.With] are cheap views: store.Tenant("acme").With(tx).Create(…) commits or rolls back with the caller's own
// rows, and a conflict does not abort that transaction at READ COMMITTED.
//
// A table that refers to customers needs a composite key, and an index on it, or deleting a customer scans it:
//
//	CREATE TABLE orders (
//		id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
//		tenant      text COLLATE "C" NOT NULL DEFAULT '',
//		customer_id uuid NOT NULL,
//		FOREIGN KEY (tenant, customer_id) REFERENCES customers (tenant, id)
//	);
//	CREATE INDEX ON orders (tenant, customer_id);
//
// To lock a customer against other writers use SELECT … FOR NO KEY UPDATE: FOR UPDATE would also block every insert into orders. A
// foreign key that is DEFERRABLE fails at the caller's COMMIT only, and one with CASCADE or SET NULL is obeyed.
package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
)

// DB is what a [pgxpool.Pool], a [pgx.Conn] and a [pgx.Tx] have in common.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Store is a [customer.Store] on PostgreSQL. It is as safe for concurrent use as its DB: a pool is, a connection and a transaction are not.
// Outside a transaction and uncontended, create, get, search and delete take one round trip and update takes two.
//
// The errors of the driver are returned as [*Error] or as one of customer's: no error holds a value of a row. Outside a transaction of the caller's,
// what surely did not happen is tried again, and a read whose connection was lost is read again, three times at most.
type Store struct {
	db     DB
	tenant string
	wrong  wrong // what every call returns
	now    func() time.Time
	newID  func() customer.ID
	sql    *statements
	sizes  *sizes

	constant pgx.QueryExecMode // of constant statements
	dynamic  pgx.QueryExecMode // of those that need a plan for their values
	guarded  bool              // batches take a plan for their values, so a search may be one
	inTx     bool
}

var (
	_ customer.Store        = (*Store)(nil)
	_ customer.ManyGetter   = (*Store)(nil)
	_ customer.BatchCreator = (*Store)(nil)
	_ customer.Loader       = (*Store)(nil)
	_ customer.ReplayFinder = (*Store)(nil)
)

// Option is a setting of [New], [Migrate], [CheckSchema] and [Open].
type Option func(*options)

type options struct {
	schema string
	now    func() time.Time
	newID  func() customer.ID
}

func newOptions(opts []Option) options {
	o := options{schema: "public", now: time.Now, newID: customer.NewID}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithSchema puts everything into another schema than public. Its name is a plain identifier,
// [a-z_][a-z0-9_]{0,62}, and no reserved word of SQL.
func WithSchema(name string) Option { return func(o *options) { o.schema = name } }

// WithClock takes the time from now instead of [time.Now].
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithIDs takes new IDs from newID instead of [customer.NewID].
func WithIDs(newID func() customer.ID) Option { return func(o *options) { o.newID = newID } }

// New returns the store of the unnamed tenant on db, whose schema [Migrate] made. Constant statements ask for pgx's cache_statement and
// those with a plan for their values for cache_describe, unless the DSN of db names a default_query_exec_mode, which then governs all:
// behind a pooler in transaction mode name cache_describe.
func New(db DB, opts ...Option) *Store {
	o := newOptions(opts)
	s := &Store{
		now: o.now, newID: o.newID, sql: newStatements(o.schema), sizes: &sizes{}, wrong: wrong{schema: checkSchemaName(o.schema)},
		constant: pgx.QueryExecModeCacheStatement, dynamic: pgx.QueryExecModeCacheDescribe,
	}
	if config := configOf(db); config != nil {
		s.setModes(config)
	}
	return s.on(db)
}

// setModes follows what the configuration says of modes and caches. The modes that do not ask the server for the types of parameters cannot send
// all of ours; instead of them the caches that are there are used.
func (s *Store) setModes(config *pgx.ConnConfig) {
	if mode := config.DefaultQueryExecMode; namesExecMode(config.ConnString()) && mode != pgx.QueryExecModeExec && mode != pgx.QueryExecModeSimpleProtocol {
		s.constant, s.dynamic = mode, mode
	}
	if s.constant == pgx.QueryExecModeCacheStatement && config.StatementCacheCapacity == 0 {
		s.constant = pgx.QueryExecModeCacheDescribe
	}
	for _, mode := range []*pgx.QueryExecMode{&s.constant, &s.dynamic} {
		if *mode == pgx.QueryExecModeCacheDescribe && config.DescriptionCacheCapacity == 0 {
			*mode = pgx.QueryExecModeDescribeExec
		}
	}
}

// wrong is why no call can work.
type wrong struct{ schema, tenant error }

// Tenant returns a view of the store for one tenant ([customer.CheckTenant]); tenants never see each other. Every call on a view with any
// other name is ErrInvalid.
func (s *Store) Tenant(name string) *Store {
	view := *s
	view.tenant, view.wrong.tenant = name, customer.CheckTenant(name)
	return &view
}

// With returns a view of the store that works in the caller's transaction. It is used by one goroutine at a time, as is tx. A transaction that was
// begun with a statement, or is hidden in a DB of the caller's own, is not recognised: hand it over here.
func (s *Store) With(tx pgx.Tx) *Store { return s.on(tx) }

func (s *Store) on(db DB) *Store {
	view := *s
	view.db, view.guarded = db, false
	if _, view.inTx = db.(pgx.Tx); !view.inTx {
		config := configOf(db)
		view.guarded = config != nil && config.DefaultQueryExecMode == pgx.QueryExecModeCacheDescribe && view.dynamic == pgx.QueryExecModeCacheDescribe
	}
	return &view
}

// configOf returns the configuration of what db runs on, or nil if it does not tell.
func configOf(db DB) *pgx.ConnConfig {
	switch db := db.(type) {
	case interface{ Config() *pgxpool.Config }:
		return db.Config().ConnConfig
	case interface{ Config() *pgx.ConnConfig }:
		return db.Config()
	case interface{ Conn() *pgx.Conn }:
		return db.Conn().Config()
	}
	return nil
}

// begin checks what every call checks first.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return cmp.Or(s.wrong.schema, s.wrong.tenant)
}
