// Command customerd serves customer records as JSON over HTTP. See customerd --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"example.com/customer"
)

const help = `customerd serves customer records as JSON over HTTP.

Usage:
  customerd [serve] [flags]   serve until SIGINT or SIGTERM
  customerd token new --name NAME --scopes read,write,erase [--tenant TENANT]
                              make a token: prints it, and the line for the tokens file
  customerd migrate up        bring the database to the schema of this program
  customerd migrate status    tell which schema the database has
  customerd migrate sql       print the SQL of every migration
  customerd version           print the version
  customerd help              print this

Flags of serve, each with its environment variable:
  --listen ADDRESS       where to listen, CUSTOMER_LISTEN (default 127.0.0.1:8080)
  --tokens-file FILE     the tokens that clients must send, a line each as token new
                         prints it, CUSTOMER_TOKENS_FILE; without tokens customerd
                         listens on this machine only
  --tokens LINES         the same, with semicolons between the lines, CUSTOMER_TOKENS
  --insecure-no-auth     listen on any address and answer to any Host, although nobody
                         is asked who they are, CUSTOMER_INSECURE_NO_AUTH
  --database-url URL     PostgreSQL, as in postgres://user:password@host:5432/database,
                         DATABASE_URL; without one customers are kept in memory and are
                         gone when customerd stops
  --database-url-file FILE
                         the same from a file, CUSTOMER_DATABASE_URL_FILE
  --no-migrate           leave the schema of the database as it is, CUSTOMER_NO_MIGRATE
  --require-if-match     refuse changes without If-Match, CUSTOMER_REQUIRE_IF_MATCH
  --cors-origin ORIGIN   let pages of this origin in, as in https://app.example.com; many
                         are repeated or joined by commas, CUSTOMER_CORS_ORIGIN
  --trusted-proxy NET    believe X-Forwarded-For, -Host and -Proto from this address or
                         network; many as above, CUSTOMER_TRUSTED_PROXY
  --admin-listen ADDRESS
                         serve /metrics, /livez, /readyz and /version there, and /metrics
                         only there, CUSTOMER_ADMIN_LISTEN
  --log-format FORMAT    text, json, or auto: text on a terminal, CUSTOMER_LOG_FORMAT
  --log-level LEVEL      debug, info, warn or error, CUSTOMER_LOG_LEVEL (default info)

Try it:
  curl -s localhost:8080/v1/customers -H 'Content-Type: application/json' \
    -d '{"name":"Ada Lovelace","email":"ada@example.com"}'
  curl -sG localhost:8080/v1/customers --data-urlencode 'q=ada'
  curl -s localhost:8080/openapi.json
  open http://localhost:8080/docs in a browser
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once, but for one that comes with the first: timeout(1) sends two.
	context.AfterFunc(ctx, func() { time.AfterFunc(500*time.Millisecond, stop) })
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// usageError is a mistake in the command line or the environment.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// usage leaves out passwords: what stands in the wrong place may be the URL of a database.
func usage(format string, args ...any) error {
	for i, arg := range args {
		args[i] = secretIn.ReplaceAllString(fmt.Sprint(arg), "$1$3…$2")
	}
	return &usageError{fmt.Sprintf(format, args...)}
}

// secretIn finds the password in either form of a DSN.
var secretIn = regexp.MustCompile(`(://)\S*(@)|(password=)\S*`)

// run is the program: it returns when the command is done or ctx is, with the exit status 0, 1 for a failure or 2 for wrong usage.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	err := command(ctx, args, env, stdout, stderr)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "customerd: "+err.Error())
	if _, ok := errors.AsType[*usageError](err); ok {
		return 2
	}
	return 1
}

func command(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	name := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	switch name {
	case "serve":
		return serve(ctx, args, env, stdout, stderr)
	case "token":
		return token(args, stdout, stderr)
	case "migrate":
		return migrate(ctx, args, env, stdout)
	case "version", "help":
		if len(args) > 0 {
			return usage("%s takes no arguments", name)
		}
		if name == "help" {
			return say(stdout, help)
		}
		return say(stdout, fmt.Sprintf("customerd %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
	}
	if near := customer.Suggest(name, []string{"serve", "token", "migrate", "version", "help"}); near != "" {
		return usage("unknown command %q; did you mean customerd %s?", name, near)
	}
	return usage("unknown command %q; there are serve, token, migrate, version and help", name)
}

func say(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// version is what the build recorded: a tag, or the commit.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
