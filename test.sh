#!/usr/bin/env bash
# Runs every test. Needs Go; PostgreSQL is taken from CUSTOMER_TEST_DSN, from the installed programs, or installed. No C compiler.
# Arguments go to `go test`, as in: ./test.sh -run Search ./memstore
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'test.sh: %s\n' "$*" >&2; }

command -v go >/dev/null || { say 'Go 1.26 or later is needed: https://go.dev/dl/'; exit 1; }

have_postgres() {
  [ -z "${CUSTOMER_TEST_DSN:-}" ] || return 0
  ! command -v initdb >/dev/null || return 0
  local initdb
  for initdb in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb \
    /usr/local/pgsql/bin/initdb /Applications/Postgres.app/Contents/Versions/*/bin/initdb; do
    [ ! -x "$initdb" ] || return 0
  done
  return 1
}

if ! have_postgres; then
  root=''
  [ "$(id -u)" = 0 ] || root='sudo -n'
  if command -v apt-get >/dev/null && $root true 2>/dev/null; then
    say 'installing PostgreSQL'
    $root apt-get update -qq
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
  elif command -v brew >/dev/null; then
    say 'installing PostgreSQL'
    brew install postgresql
  fi
  have_postgres || { say 'the tests need PostgreSQL 13 or later: install it, or name a server in CUSTOMER_TEST_DSN'; exit 1; }
fi

export CGO_ENABLED=0
if [ "$#" -gt 0 ]; then
  exec go test "$@"
fi
go vet ./...
exec go test -timeout 20m ./...
