package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/memstore"
)

const devFull = "/dev/full" // writes to it find no room

// A file that could not be written to its end does not take its name, whatever is told to it afterwards.
func TestHalfAFileTakesNoName(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]string{"where nothing stands": "", "where an older one stands": "old"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out.csv")
			if old != "" {
				if err := os.WriteFile(out, []byte(old), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			half, err := createFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := half.Write([]byte("half")); err != nil {
				t.Fatal(err)
			}
			whole := half.file
			if half.file, err = os.OpenFile(devFull, os.O_WRONLY, 0); err != nil {
				t.Fatal(err)
			}
			_, failed := half.Write([]byte(" of it"))
			if err := half.file.Close(); err != nil {
				t.Fatal(err)
			}
			half.file = whole
			_, _ = half.Write([]byte(" and the rest")) // there is room again
			if err := half.commit(); err == nil || !errors.Is(err, failed) || !strings.Contains(failed.Error(), "write "+out+": no space left") {
				t.Errorf("writing fails with %v, the end with %v", failed, err)
			}
			var want []string
			if old != "" {
				want = []string{"out.csv"}
			}
			if diff := cmp.Diff(want, filesIn(t, filepath.Dir(out))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if text, err := os.ReadFile(out); string(text) != old || old == "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %q, %v", text, err)
			}
		})
	}
}

// rows2500 are two Adas, of whom the second is refused for the email, and enough others for more than one batch.
func rows2500() string {
	return "name,email\nAda,ada@b.co\nAda II,ada@b.co\n" + strings.Repeat("Bob,\n", 2500)
}

// Rejects without room stop the import behind the batch, and nobody is told that they are there.
func TestRejectsWithoutRoom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flags []string
		says  []string
	}{
		"of a commit": {nil, []string{
			"many.csv: the refused rows cannot be written: write /dev/full: no space left on device\n",
			"customerd: what came to /dev/full is not all: rows of this file that were refused are in no file; ",
			"a dry run with --rejects where there is room has them, among the rows that are in by now and so are taken:\n  customerd import --server=", " --mode=validate --rejects=/dev/full ",
			" done, and of those behind them", " --on-conflict=skip ",
		}},
		"of one that skips": {[]string{"--match=external_id", "--on-conflict=skip"}, []string{"are in no file; run again with --rejects where there is room, it refuses them again\n"}},
		"of a dry run":      {[]string{"--mode=validate"}, []string{"are in no file; run again with --rejects where there is room, it refuses them again\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, stderr := want(t, 2, append([]string{"import", file(t, "many.csv", rows2500()), memory(t), "--rejects", devFull}, tc.flags...)...)
			for _, says := range tc.says {
				if !strings.Contains(stderr, says) {
					t.Errorf("got %s\nwant it to hold %q", stderr, says)
				}
			}
			if strings.Contains(stderr, "correct them there") {
				t.Errorf("half a file is recommended: %s", stderr)
			}
		})
	}
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

func TestAnExportWithoutRoom(t *testing.T) {
	t.Parallel()
	if _, stderr := want(t, 2, "export", serveStore(t, people(t)), "-o", devFull); !strings.Contains(stderr, "write /dev/full: no space left on device") {
		t.Errorf("got %s", stderr)
	}
}
