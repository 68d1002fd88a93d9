#!/usr/bin/env bash
# Runs every test. Needs Go and nothing else: no C compiler, no network once the modules are there.
# Arguments go to `go test`, as in: ./test.sh -run Search ./memstore
set -euo pipefail
cd "$(dirname "$0")"

command -v go >/dev/null || { echo 'test.sh: Go 1.26 or later is needed: https://go.dev/dl/' >&2; exit 1; }
export CGO_ENABLED=0

if [ "$#" -gt 0 ]; then
  exec go test "$@"
fi
go vet ./...
exec go test -timeout 9m ./...
