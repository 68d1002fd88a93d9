package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// The findings of [CheckSchema], to be matched with [errors.Is].
var (
	ErrSchemaMissing = errors.New("customer: postgres: no schema yet, run Migrate")
	ErrSchemaOld     = errors.New("customer: postgres: schema older than this program, run Migrate")
	ErrSchemaNew     = errors.New("customer: postgres: schema newer than this program can use, update the program")
	ErrKeysOld       = errors.New("customer: postgres: search keys wait to be rewritten, run Migrate")
)

// Schema is what CheckSchema saw.
type Schema struct {
	Version int // of the schema; 0: there is none
	Oldest  int // the oldest program that can run on it

	// Warnings are facts that slow some searches down without making any wrong.
	Warnings []string
}

// CheckSchema reports whether this program can run on the database: a schema that is missing, older, or newer than it can use, and customers whose
// search keys wait to be rewritten, are errors. A schema that is newer but says that this program can use it is none, which keeps the old
// programs of a rolling upgrade ready.
func CheckSchema(ctx context.Context, db DB, opts ...Option) (Schema, error) {
	o := newOptions(opts)
	if err := checkSchemaName(o.schema); err != nil {
		return Schema{}, err
	}
	statements := newStatements(o.schema)
	var s Schema
	err := db.QueryRow(ctx, "SELECT version, oldest FROM "+statements.prefix+"customers_schema").Scan(&s.Version, &s.Oldest)
	if errors.Is(err, pgx.ErrNoRows) {
		return Schema{}, ErrSchemaMissing
	}
	err = clean(ctx, err)
	var e *Error
	if errors.As(err, &e) && (e.Code == codeUndefinedTable || e.Code == codeInvalidSchema) {
		return Schema{}, ErrSchemaMissing
	}
	if err != nil {
		return Schema{}, err
	}
	switch {
	case s.Version < SchemaVersion:
		return s, fmt.Errorf("%w (it is %d, not %d)", ErrSchemaOld, s.Version, SchemaVersion)
	case s.Oldest > SchemaVersion:
		return s, fmt.Errorf("%w (it is %d and takes programs from %d on; this is %d)", ErrSchemaNew, s.Version, s.Oldest, SchemaVersion)
	}
	var (
		waiting    bool
		extensions string
	)
	err = db.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE key_version < %d),"+
		" coalesce((SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'), '')",
		statements.table, customer.KeysVersion)).Scan(&waiting, &extensions)
	if err != nil {
		return s, clean(ctx, err)
	}
	var trigrams bool
	err = db.QueryRow(ctx, "SELECT coalesce(array_length("+pgx.Identifier{extensions}.Sanitize()+".show_trgm('пример'), 1), 0) > 0").Scan(&trigrams)
	if err == nil && !trigrams {
		s.Warnings = append(s.Warnings, "the database's LC_CTYPE makes no trigrams of letters beyond ASCII: searches for them walk; create it with C.UTF-8")
	}
	if waiting {
		return s, ErrKeysOld
	}
	return s, nil
}
