package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
)

// backend is where customers are kept.
type backend struct {
	name    string
	store   customer.Store
	options []httpserver.Option
	close   func()
}

// openBackend opens the database if one is named. It must be there and usable at the start: a mistake in its URL shows now, not at the first request.
// Afterwards it may go away and come back.
func openBackend(ctx context.Context, c config, log *slog.Logger, counters *metrics.Metrics) (backend, error) {
	if c.databaseURL == "" {
		log.Warn("no database: customers are kept in memory and are gone when this program stops; name one with --database-url")
		store := memstore.New()
		return backend{"memory", counters.Store(store), []httpserver.Option{tenants(store.Tenant, counters)}, func() {}}, nil
	}
	pool, err := postgres.Open(ctx, c.databaseURL)
	if err != nil {
		return backend{}, &usageError{err.Error()}
	}
	schema, err := prepare(ctx, pool, !c.noMigrate)
	if err != nil {
		pool.Close()
		return backend{}, databaseError(err)
	}
	for _, warning := range schema.Warnings {
		log.Warn(warning)
	}
	probes, err := probePool(pool)
	if err != nil {
		pool.Close()
		return backend{}, databaseError(err)
	}
	ready := httpserver.WithReadiness(func(ctx context.Context) []httpserver.Check { return checks(ctx, probes) })
	name := fmt.Sprintf("postgres, schema %d", schema.Version)
	counters.Pool("postgres", func() metrics.PoolStat { return pool.Stat() })
	store := postgres.New(pool)
	return backend{name, counters.Store(store), []httpserver.Option{ready, tenants(store.Tenant, counters)}, func() {
		probes.Close()
		pool.Close()
	}}, nil
}

// probePool has a connection for probes alone: a server whose connections are all busy is slow and ready, and to take it out, as all the others, would
// leave nobody to answer.
func probePool(pool *pgxpool.Pool) (*pgxpool.Pool, error) {
	config := pool.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	return pgxpool.NewWithConfig(context.Background(), config)
}

// tenants counts what is done in the view of a tenant too. It keeps the views: there are no more of them than tokens.
func tenants[S customer.Store](view func(string) S, counters *metrics.Metrics) httpserver.Option {
	var views sync.Map
	return httpserver.WithTenants(func(tenant string) customer.Store {
		kept, ok := views.Load(tenant)
		if !ok {
			kept, _ = views.LoadOrStore(tenant, counters.Store(view(tenant)))
		}
		return kept.(customer.Store)
	})
}

// checks tells whether the database answers and takes writes, and whether its schema fits. Search keys that wait to be rewritten hide some customers
// from searches until a program starts, which is no reason to serve nobody.
func checks(ctx context.Context, pool *pgxpool.Pool) []httpserver.Check {
	database, schema, keys := httpserver.Check{Name: "database"}, httpserver.Check{Name: "schema"}, httpserver.Check{Name: "keys", Minor: true}
	var readOnly bool
	ask := func() error {
		return pool.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly)
	}
	err := ask()
	if err != nil && ctx.Err() == nil {
		// A connection that broke since the last probe tells nothing of the database now.
		err = ask()
	}
	if err != nil {
		database.Err = errors.New("the database does not answer")
		return []httpserver.Check{database}
	}
	if readOnly {
		database.Err = errors.New("the database is read-only")
	}
	if _, err := postgres.CheckSchema(ctx, pool); errors.Is(err, postgres.ErrKeysOld) {
		keys.Err = err
	} else {
		schema.Err = err
	}
	return []httpserver.Check{database, schema, keys}
}

func prepare(ctx context.Context, pool *pgxpool.Pool, migrate bool) (postgres.Schema, error) {
	if migrate {
		if err := postgres.Migrate(ctx, pool); err != nil {
			return postgres.Schema{}, err
		}
	}
	return postgres.CheckSchema(ctx, pool)
}

// databaseError says what to do.
func databaseError(err error) error {
	driver, _ := errors.AsType[*postgres.Error](err)
	state := ""
	if driver != nil {
		state = driver.SQLState()
	}
	switch {
	case state == "25006":
		return fmt.Errorf("the database is read-only, perhaps a standby: name the primary in --database-url (%w)", err)
	case state == "3D000":
		return fmt.Errorf("there is no such database on this server: create it, or name another in --database-url (%w)", err)
	case state == "42704":
		return fmt.Errorf("the database does not know something that it is told to use: check the names of the parameters behind the ? of --database-url (%w)", err)
	case strings.HasPrefix(state, "28"):
		return fmt.Errorf("the database does not let this user in: check user and password in --database-url (%w)", err)
	case errors.Is(err, customer.ErrUnavailable):
		return fmt.Errorf("the database cannot be reached: check that it runs and that --database-url names its host, port, user, password and database (%w)", err)
	case errors.Is(err, postgres.ErrSchemaMissing), errors.Is(err, postgres.ErrSchemaOld), errors.Is(err, postgres.ErrKeysOld):
		return fmt.Errorf("run customerd migrate up, or serve without --no-migrate (%w)", err)
	}
	return fmt.Errorf("the database cannot be used: %w", err)
}

// migrate is the command: up brings the database to the schema of this program, status tells where it is, sql prints what up would run.
func migrate(ctx context.Context, args, env []string, stdout io.Writer) error {
	if len(args) == 0 {
		return usage("migrate needs up, status or sql")
	}
	action := args[0]
	if action == "sql" && len(args) == 1 {
		return printMigrations(stdout)
	}
	if action != "up" && action != "status" {
		return usage("migrate knows up, status and sql, and takes nothing else but flags")
	}
	c, _, err := parseConfig(args[1:], env)
	if errors.Is(err, errHelp) {
		return say(stdout, help)
	}
	if err != nil {
		return err
	}
	if c.databaseURL == "" {
		return usage("migrate %s needs a database: --database-url postgres://user:password@host:5432/database, or DATABASE_URL", action)
	}
	pool, err := postgres.Open(ctx, c.databaseURL)
	if err != nil {
		return &usageError{err.Error()}
	}
	defer pool.Close()
	schema, err := prepare(ctx, pool, action == "up")
	if err != nil {
		return databaseError(err)
	}
	return say(stdout, fmt.Sprintf("schema %d, which takes programs from schema %d on; this program knows %d\n", schema.Version, schema.Oldest, postgres.SchemaVersion))
}

func printMigrations(stdout io.Writer) error {
	migrations, err := postgres.Migrations("public")
	if err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		if err := say(stdout, "-- "+name+"\n"+up); err != nil {
			return err
		}
	}
	return nil
}
