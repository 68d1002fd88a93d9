//go:build unix

package customstore_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

// limitedFile names, in a process of its own, the file to fill: how long a file may get is a limit of a process.
const limitedFile = "CUSTOMSTORE_LIMITED_FILE"

func TestAFullDiskKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(limitedFile); path != "" {
		fill(t, path)
		return
	}
	path := newPath(t)
	// Every write waits for the disk, which may be slow: the process has as long as this one.
	timeout := "-test.timeout=" + flag.Lookup("test.timeout").Value.String()
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAFullDiskKeepsWhatWasAcknowledged$", timeout)
	self.Env = append(os.Environ(), limitedFile+"="+path)
	if out, err := self.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := len(everybody(t, open(t, path))); got == 0 {
		t.Error("nobody was created before the disk was full")
	}
}

// fill creates customers until half of a file can be written and no more, and shows what is there then.
func fill(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	const limit = 16 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		t.Fatal(err)
	}
	store := open(t, path)
	for i := 0; ; i++ {
		before := everybody(t, store)
		_, err := store.Create(t.Context(), customer.Draft{Name: fmt.Sprint("Customer ", i)})
		if err == nil {
			continue
		}
		if !errors.Is(err, customer.ErrUnavailable) || !errors.Is(err, syscall.EFBIG) {
			t.Fatalf("Create on a full disk: %v, want ErrUnavailable and what the system says", err)
		}
		if diff := cmp.Diff(before, everybody(t, store)); diff != "" {
			t.Errorf("customers on a full disk (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, everybody(t, open(t, path))); diff != "" {
			t.Errorf("customers in the file on a full disk (-want +got):\n%s", diff)
		}
		onlyFile(t, path)
		if err := store.Delete(t.Context(), before[0].ID, 1); err != nil {
			t.Errorf("Delete, which makes room: %v", err)
		}
		return
	}
}
