// Package postgrestest gives each test a migrated database of its own, for tests of programs that use package postgres.
//
// It uses the server that CUSTOMER_TEST_DSN names, whose user must be allowed to create databases and roles. Without one it starts a private
// server from the PostgreSQL programs that are installed: on a free port of the loopback interface, under an unprivileged user when run as
// root, shared by all test processes that run at once, and removed seconds after the last of them has ended, however it ended. Where there are no
// programs either, the test fails and says what to install; it does not skip.
package postgrestest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // pgtestdb connects through database/sql
	"github.com/peterldowns/pgtestdb"

	"example.com/customer/postgres"
)

// EnvDSN names the environment variable of a server to use instead of a private one.
const EnvDSN = "CUSTOMER_TEST_DSN"

// New returns a pool on a new database with the current schema. Both are gone when the test ends; the database of a test that failed stays for a
// look at it.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return Open(t, DSN(t))
}

// Open returns a pool on dsn, made by [postgres.Open], that is closed when the test ends.
func Open(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// DSN returns the URL of a new database with the current schema.
func DSN(t testing.TB) string {
	t.Helper()
	return database(t, migrator{})
}

// EmptyDSN returns the URL of a new database with nothing in it.
func EmptyDSN(t testing.TB) string {
	t.Helper()
	return database(t, pgtestdb.NoopMigrator{})
}

func database(t testing.TB, m pgtestdb.Migrator) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	password, _ := server.User.Password()
	return pgtestdb.Custom(quiet{t}, pgtestdb.Config{
		DriverName: "pgx", Host: server.Hostname(), Port: server.Port(), User: server.User.Username(), Password: password,
		Database: strings.TrimPrefix(server.Path, "/"), Options: server.RawQuery, ForceTerminateConnections: true,
	}, m).URL()
}

func serverURL() (*url.URL, error) {
	dsn := os.Getenv(EnvDSN)
	if dsn == "" {
		var err error
		if dsn, err = privateServer(); err != nil {
			return nil, err
		}
	}
	server, err := url.Parse(dsn)
	if err != nil || server.Host == "" || server.User == nil {
		return nil, fmt.Errorf("%s must be a URL such as postgres://user:password@host:5432/postgres", EnvDSN)
	}
	return server, nil
}

// quiet keeps pgtestdb from logging the URL of every database.
type quiet struct{ testing.TB }

func (quiet) Logf(string, ...any) {}

// migrator makes the template that pgtestdb copies for every test.
type migrator struct{}

// Hash changes with the text of any migration.
func (migrator) Hash() (string, error) {
	migrations, err := postgres.Migrations("public")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	err = fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(migrations, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// Migrate runs what programs run.
func (migrator) Migrate(ctx context.Context, _ *sql.DB, config pgtestdb.Config) error {
	pool, err := postgres.Open(ctx, config.URL())
	if err != nil {
		return err
	}
	defer pool.Close()
	return postgres.Migrate(ctx, pool)
}
