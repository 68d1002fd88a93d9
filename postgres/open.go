package postgres

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open returns a pool for a [Store], set as it is best served: cache_describe as the default mode, so that batches plan for their values; at
// most four connections a core and at least 4; lifetime 30 minutes with jitter; connect time-out 3 s. What the DSN says, in pgxpool's
// parameters, wins. A write that the server committed although no synchronous standby confirmed it is reported as [customer.ErrUnavailable],
// not as success. It sets no start-up parameters and no session state, which poolers refuse and lose. Open does not connect.
//
// The error never holds the DSN.
func Open(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("customer: postgres: the database URL cannot be read; it looks like postgres://user:password@host:5432/database")
	}
	if mode := config.ConnConfig.DefaultQueryExecMode; mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		return nil, errors.New("customer: postgres: default_query_exec_mode must be cache_statement, cache_describe or describe_exec:" +
			" the others send values without knowing their types")
	}
	named := parameters(dsn)
	if !namesExecMode(dsn) {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if !named["pool_max_conns"] {
		config.MaxConns = int32(max(4, 4*runtime.NumCPU()))
	}
	if !named["pool_max_conn_lifetime"] {
		config.MaxConnLifetime = 30 * time.Minute
	}
	if !named["pool_max_conn_lifetime_jitter"] {
		config.MaxConnLifetimeJitter = 3 * time.Minute
	}
	if !named["connect_timeout"] {
		config.ConnConfig.ConnectTimeout = 3 * time.Second
	}
	config.ConnConfig.OnNotice = noteUnconfirmed
	config.ConnConfig.Tracer = standbyTracer{}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, clean(ctx, err)
	}
	return pool, nil
}

func namesExecMode(dsn string) bool { return parameters(dsn)["default_query_exec_mode"] }

// parameters returns the names that a DSN sets, in either of its forms.
func parameters(dsn string) map[string]bool {
	names := map[string]bool{}
	if u, err := url.Parse(dsn); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		for name := range u.Query() {
			names[name] = true
		}
		return names
	}
	for field := range strings.FieldsSeq(dsn) {
		if name, _, ok := strings.Cut(field, "="); ok {
			names[name] = true
		}
	}
	return names
}
