package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/memstore"
)

// rows2500 are two Adas, of whom the second is refused for the email, and enough others for more than one batch.
func rows2500() string {
	return "name,email\nAda,ada@b.co\nAda II,ada@b.co\n" + strings.Repeat("Bob,\n", 2500)
}

// barring makes a directory behind the first batch.
type barring struct {
	*memstore.Store
	dir     string
	batches int
}

func (s *barring) CreateBatch(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	if s.batches++; s.batches == 2 {
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			return nil, nil, err
		}
	}
	return s.Store.CreateBatch(ctx, drafts)
}

// The good rows are in and counted when the file of the others cannot take its name; how to get those works.
func TestRejectsThatCannotTakeTheirName(t *testing.T) {
	t.Parallel()
	dir, behind := t.TempDir(), memstore.New()
	name := filepath.Join(dir, "r.csv")
	server := serveStore(t, &barring{Store: behind, dir: name})
	customers := file(t, "many.csv", rows2500())
	stdout, stderr := want(t, 2, "import", customers, server, "--rejects", name)
	if !strings.HasSuffix(stdout, ": 2502 rows, 2501 created, 1 refused\n") || strings.Contains(stderr, "correct them there") {
		t.Errorf("got %s%s", stdout, stderr)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	dry := "import --server=" + strings.TrimPrefix(server, "--server=") + " --mode=validate --rejects=" + name + " " + customers
	if !strings.Contains(stderr, "\n  customerd "+dry+"\n") {
		t.Fatalf("got %s\nwant it to hold %s", stderr, dry)
	}
	want(t, 1, strings.Fields(dry)...)
	if text, err := os.ReadFile(name); err != nil || !strings.Contains(string(text), "\nAda II,ada@b.co,") {
		t.Errorf("got %q, %v", text, err)
	}
	if diff := cmp.Diff([]string{"r.csv"}, filesIn(t, dir)); diff != "" || !strings.Contains(stderr, "--rejects="+filepath.Join(dir, "r-2.csv")+" ") {
		t.Errorf("(-want +got)\n%s%s", diff, stderr)
	}
}

// The longest name that a file can have is one for rejects and exports too.
func TestALongNameOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := filepath.Join(dir, strings.Repeat("r", 251)+".csv")
	want(t, 1, "import", file(t, "a.csv", "email\nno\n"), memory(t), "--rejects", long)
	if text, err := os.ReadFile(long); err != nil || !strings.HasPrefix(string(text), "email,reason\nno,") {
		t.Errorf("got %q, %v", text, err)
	}
	want(t, 0, "export", memory(t), "-o", long)
	if diff := cmp.Diff([]string{filepath.Base(long)}, filesIn(t, dir)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is in the way of a file of rejects shows before any row is in, and the attempt leaves nothing.
func TestRejectsThatCannotBeMadeStopAnImportBeforeItBegins(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ rejects, says string }{
		"a name that is too long":           {strings.Repeat("r", 300), "too long"},
		"a second name that is too long":    {strings.Repeat("r", 251) + ".csv", "too long"},
		"a second name that is a directory": {"r.csv", "r-2.csv is a directory"},
		"a link that leads to itself":       {"loop.csv", "loop.csv: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, behind := t.TempDir(), memstore.New()
			if err := errors.Join(os.Mkdir(filepath.Join(dir, "r-2.csv"), 0o700), os.Symlink("loop.csv", filepath.Join(dir, "loop.csv"))); err != nil {
				t.Fatal(err)
			}
			files := []string{file(t, "a.csv", "name\nAda\n\x01\n"), file(t, "b.csv", "name\nBob\n\x01\n")}
			stdout, stderr := want(t, 2, "import", files[0], files[1], serveStore(t, behind), "--rejects", filepath.Join(dir, tc.rejects))
			if !strings.Contains(stderr, "--rejects names a file that cannot be written: ") || !strings.Contains(stderr, tc.says) || stdout != "" {
				t.Errorf("got %s%s", stdout, stderr)
			}
			if got := len(contents(t, behind)); got != 0 {
				t.Errorf("%d customers are in", got)
			}
			if diff := cmp.Diff([]string{"loop.csv", "r-2.csv"}, filesIn(t, dir)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
