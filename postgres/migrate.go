package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	"example.com/customer"
)

//go:embed migrations/*.sql
var embedded embed.FS

// SchemaVersion is the newest migration this program knows.
const SchemaVersion = 1

// Migrations returns the SQL of every migration for a schema, in the form of goose (github.com/pressly/goose), for those who run migrations with
// their own tools. Running them in order is what [Migrate] does, but for rewriting old keys.
func Migrations(schema string) (fs.FS, error) {
	if err := checkSchemaName(schema); err != nil {
		return nil, err
	}
	dir, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	return schemaFS{dir, schema + "."}, nil
}

func checkSchemaName(name string) error {
	if name == "" || len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || name[0] >= '0' && name[0] <= '9' ||
		strings.HasPrefix(name, "pg_") {
		return &customer.ValidationError{Fields: []customer.FieldError{{
			Field: "schema", Code: customer.CodeInvalidKey, Message: "must be 1 to 63 of a-z, 0-9 and _, no digit and no pg_ first",
		}}}
	}
	return nil
}

// schemaFS is the migrations with another schema than public.
type schemaFS struct {
	fs.FS
	prefix string
}

// Open implements [fs.FS].
func (f schemaFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	defer file.Close()
	data, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &schemaFile{bytes.NewReader(bytes.ReplaceAll(data, []byte("public."), []byte(f.prefix))), info}, nil
}

type schemaFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *schemaFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *schemaFile) Close() error               { return nil }

// Migrate brings the database to the schema of this program and rewrites the search keys of customers that an older program wrote. Any number
// of processes may call it at once: one works, the others wait. It is a no-op where there is nothing to do, and run again it finishes what a
// process that died began. It opens connections of its own, so that a pool of one is enough.
func Migrate(ctx context.Context, pool *pgxpool.Pool, opts ...Option) error {
	o := newOptions(opts)
	migrations, err := Migrations(o.schema)
	if err != nil {
		return err
	}
	db := openLike(pool.Config())
	defer db.Close()
	if err := prepareSchema(ctx, db, o.schema); err != nil {
		return migrationError(ctx, err)
	}
	locker, err := lock.NewPostgresTableLocker(lock.WithTableName(o.schema+".customers_migration_lock"), lock.WithTableLockTimeout(250*time.Millisecond, 1200))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations,
		goose.WithTableName(versionTable(o.schema)), goose.WithLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return migrationError(ctx, err)
	}
	return rewriteKeys(ctx, db, newStatements(o.schema))
}

// openLike opens connections as the pool does, hooks included, but not out of it.
func openLike(config *pgxpool.Config) *sql.DB {
	var opts []stdlib.OptionOpenDB
	if config.BeforeConnect != nil {
		opts = append(opts, stdlib.OptionBeforeConnect(config.BeforeConnect))
	}
	if config.AfterConnect != nil {
		opts = append(opts, stdlib.OptionAfterConnect(config.AfterConnect))
	}
	conn := config.ConnConfig.Copy()
	conn.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	if conn.DescriptionCacheCapacity == 0 {
		conn.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	}
	return stdlib.OpenDB(*conn, opts...)
}

// prepareSchema makes what is not there: asking for it alone takes a privilege on the database. The extension belongs to the whole database, so
// that migrations of other schemas, which have locks of their own, may make it at the same time.
func prepareSchema(ctx context.Context, db *sql.DB, schema string) error {
	for _, thing := range []struct{ exists, make string }{
		{"SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '" + schema + "')", "CREATE SCHEMA IF NOT EXISTS " + pgx.Identifier{schema}.Sanitize()},
		{"SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')", "CREATE EXTENSION IF NOT EXISTS pg_trgm"},
	} {
		var there bool
		if err := db.QueryRowContext(ctx, thing.exists).Scan(&there); err != nil {
			return err
		}
		if there {
			continue
		}
		_, err := db.ExecContext(ctx, thing.make)
		var pg *pgconn.PgError
		madeMeanwhile := errors.As(err, &pg) && slices.Contains([]string{codeUniqueViolation, codeDuplicateSchema, codeDuplicateObject}, pg.Code)
		if err != nil && !madeMeanwhile {
			return err
		}
	}
	return adopt(ctx, db, schema)
}

// adopt takes over a schema that another tool made from [Migrations]: what it ran need not be run again.
func adopt(ctx context.Context, db *sql.DB, schema string) error {
	var made, known bool
	err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL, to_regclass($2) IS NOT NULL", schema+".customers_schema", versionTable(schema)).Scan(&made, &known)
	if err != nil || !made || known {
		return err
	}
	var version int64
	if err := db.QueryRowContext(ctx, "SELECT version FROM "+schema+".customers_schema").Scan(&version); err != nil {
		return err
	}
	store, err := database.NewStore(database.DialectPostgres, versionTable(schema))
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	err = store.CreateVersionTable(ctx, tx)
	for v := int64(0); err == nil && v <= version; v++ {
		err = store.Insert(ctx, tx, database.InsertRequest{Version: v})
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func versionTable(schema string) string { return schema + ".customers_migrations" }

// migrationError names the migration that failed; a statement of a migration holds no customer's data, its error might.
func migrationError(ctx context.Context, err error) error {
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil && partial.Failed.Source != nil {
		return fmt.Errorf("migration %d: %w", partial.Failed.Source.Version, clean(ctx, partial.Err))
	}
	return fmt.Errorf("migrate: %w", clean(ctx, err))
}

const keysPerTrip = 500

// rewriteKeys gives customers with keys of an older version those of this one, a few at a time; nobody waits for it long.
func rewriteKeys(ctx context.Context, db *sql.DB, statements *statements) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("rewrite keys: %w", clean(ctx, err))
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		pgxConn := driver.(*stdlib.Conn).Conn()
		for {
			n, err := rewriteSome(ctx, pgxConn, statements)
			if err != nil {
				return fmt.Errorf("rewrite keys: %w", clean(ctx, err))
			}
			if n == 0 {
				return nil
			}
		}
	})
}

func rewriteSome(ctx context.Context, conn *pgx.Conn, statements *statements) (n int, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// The version is a literal, as it is in the condition of the index that finds these rows.
		rows, err := tx.Query(ctx, fmt.Sprintf("SELECT tenant, %s FROM %s WHERE key_version < %d ORDER BY tenant, id LIMIT %d FOR NO KEY UPDATE",
			recordColumns, statements.table, customer.KeysVersion, keysPerTrip))
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		for rows.Next() {
			var (
				tenant string
				r      record
			)
			if err := rows.Scan(append([]any{&tenant}, r.targets()...)...); err != nil {
				return err
			}
			keys := customer.KeysOf(r.c)
			args := keyArgs([]any{tenant, [16]byte(r.c.ID)}, &keys)
			batch.Queue("UPDATE "+statements.table+" SET ("+keyColumns+") = ("+placeholders(3, 11)+") WHERE tenant = $1 AND id = $2", args...)
		}
		if rows.Err() != nil || batch.Len() == 0 {
			return rows.Err()
		}
		n = batch.Len()
		return tx.SendBatch(ctx, batch).Close()
	})
	return n, err
}
