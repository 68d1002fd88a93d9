package customer_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestTheLibraryLinksNoDriverRouterOrMetrics(t *testing.T) {
	t.Parallel()
	foreign := []string{"github.com/jackc/", "github.com/julienschmidt/httprouter", "github.com/Masterminds/squirrel", "prometheus", "pressly/goose", "net/http", "testing"}
	for _, pkg := range []string{".", "./memstore"} {
		deps := dependencies(t, pkg)
		if len(deps) < 20 {
			t.Fatalf("%s depends on %d packages: the list is wrong", pkg, len(deps))
		}
		for _, dep := range deps {
			for _, f := range foreign {
				if dep == f || strings.Contains(dep, f) && f != "testing" && f != "net/http" {
					t.Errorf("%s links %s", pkg, dep)
				}
			}
		}
	}
}

// The check above would pass on an empty list; here is what it must see.
func TestDependenciesAreSeen(t *testing.T) {
	t.Parallel()
	deps := strings.Join(dependencies(t, "./postgres"), "\n")
	for _, want := range []string{"github.com/jackc/pgx/v5", "github.com/Masterminds/squirrel"} {
		if !strings.Contains(deps, want) {
			t.Errorf("the Postgres store does not link %s", want)
		}
	}
}

func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}
