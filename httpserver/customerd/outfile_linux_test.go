package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

func TestAnExportWithoutRoom(t *testing.T) {
	t.Parallel()
	if _, stderr := want(t, 2, "export", serveStore(t, people(t)), "-o", devFull); !strings.Contains(stderr, "write /dev/full: no space left on device") {
		t.Errorf("got %s", stderr)
	}
}

// Nobody makes files in this directory, not even root. That shows before any row is in.
func TestRejectsIntoADirectoryThatTakesNone(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	_, stderr := want(t, 2, "import", file(t, "a.csv", "name,email\nAda,\nBob,no\n"), serveStore(t, behind), "--rejects", "/proc/r.csv")
	if !strings.Contains(stderr, "--rejects names a file that cannot be written: open /proc/r.csv: ") {
		t.Errorf("got %s", stderr)
	}
	if got := len(contents(t, behind)); got != 0 {
		t.Errorf("%d customers are in", got)
	}
}
