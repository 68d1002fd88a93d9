package storetest_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/storetest"
)

func TestTheReferenceStorePasses(t *testing.T) {
	t.Parallel()
	storetest.Run(t, opener(sound))
}

func TestAStoreForOneGoroutineIsLeftOutOfConcurrentCases(t *testing.T) {
	t.Parallel()
	open := opener(sound)
	storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store {
		if !o.Serial {
			return nil
		}
		return open(t, o)
	})
}

// faultVariable names, in a process of its own, the broken store to run the suite on: a suite that fails fails its process.
const faultVariable = "STORETEST_FAULT"

func TestEveryBrokenStoreIsCaught(t *testing.T) {
	t.Parallel()
	stores := append(brokenStores(), broken{"is not there", "create/returned_equals_reread", func(*reference) customer.Store { return nil }})
	if fault := os.Getenv(faultVariable); fault != "" {
		i := slices.IndexFunc(stores, func(b broken) bool { return b.fault == fault })
		storetest.Run(t, opener(stores[i].alter))
		return
	}
	for _, b := range stores {
		t.Run(b.fault, func(t *testing.T) {
			t.Parallel()
			output, err := runOnBroken(t, b)
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				t.Fatalf("the suite on a store that %s ends with %v, want exit code 1\n%s", b.fault, err, output)
			}
			if !strings.Contains(output, "--- FAIL: TestEveryBrokenStoreIsCaught/"+b.caught+" ") {
				t.Errorf("the suite on a store that %s does not fail in %s\n%s", b.fault, b.caught, output)
			}
			if !strings.Contains(output, "the contract: ") {
				t.Errorf("the suite on a store that %s names no sentence of the contract\n%s", b.fault, output)
			}
		})
	}
}

// runOnBroken runs the part of the suite that is there to catch b.
func runOnBroken(t *testing.T, b broken) (output string, err error) {
	t.Helper()
	area, _, _ := strings.Cut(b.caught, "/")
	suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEveryBrokenStoreIsCaught$/^"+area+"$", "-test.timeout="+flag.Lookup("test.timeout").Value.String())
	suite.Env = append(os.Environ(), faultVariable+"="+b.fault)
	out, err := suite.CombinedOutput()
	return string(out), err
}

func BenchmarkReference(b *testing.B) { storetest.Bench(b, opener(sound)) }
