package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer/memstore"
)

// The refused rows never take the place of rows that are still to be read: neither under the name itself nor under those that follow from it.
func TestRejectsReplaceNoFileThatIsImported(t *testing.T) {
	t.Parallel()
	const rows = "name,email\n,no name\nAda,\n"
	for name, tc := range map[string]struct {
		files   []string
		rejects string
	}{
		"the only file":                    {[]string{"a.csv"}, "a.csv"},
		"a later file":                     {[]string{"a.csv", "b.csv"}, "b.csv"},
		"an earlier file":                  {[]string{"a.csv", "b.csv"}, "a.csv"},
		"the name of the second rejects":   {[]string{"a.csv", "r-2.csv"}, "r.csv"},
		"the name of the third rejects":    {[]string{"r-3.csv", "a.csv", "b.csv"}, "r.csv"},
		"a link to the file":               {[]string{"a.csv"}, "link.csv"},
		"a file by its link":               {[]string{"link.csv"}, "a.csv"},
		"the file by another path":         {[]string{"a.csv"}, filepath.Join("sub", "..", "a.csv")},
		"a second rejects that is a link":  {[]string{"a.csv", "b.csv"}, "linked.csv"},
		"standard input from the one file": {[]string{"-"}, "a.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range []string{"a.csv", "b.csv", "r-2.csv", "r-3.csv"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(rows), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for link, to := range map[string]string{"link.csv": "a.csv", "linked-2.csv": "b.csv"} {
				if err := os.Symlink(filepath.Join(dir, to), filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			stdin, err := os.Open(filepath.Join(dir, "a.csv"))
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			args := []string{"--mode=validate", "--rejects", dir + string(filepath.Separator) + tc.rejects}
			for _, name := range tc.files {
				if name != stdinName {
					name = filepath.Join(dir, name)
				}
				args = append(args, name)
			}
			var stdout, stderr strings.Builder
			err = importFiles(t.Context(), args, nil, stdin, &stdout, &stderr)
			if mistake, ok := errors.AsType[*usageError](err); !ok || !strings.Contains(mistake.message, "name another file") || stdout.Len() > 0 {
				t.Errorf("got %v, %s", err, &stdout)
			}
			for _, name := range []string{"a.csv", "b.csv", "r-2.csv", "r-3.csv"} {
				if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != rows {
					t.Errorf("%s has %q, %v", name, text, err)
				}
			}
		})
	}
}

// What an import refused before it was stopped is neither refused nor in the file of the rejects when it goes on: the email of the second Ada is taken.
// So that file stays.
func TestTheRejectsOfAnImportThatIsStoppedStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "r.csv")
	const first, last = "name,email\nAda,ada@b.co\nAda II,ada@b.co\n", "Cyd,cyd\n"
	customers := file(t, "many.csv", first+strings.Repeat("Bob,\n", 2500)+last)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	store := &stopping{memstore.New(), 1, stop, make(chan struct{})}
	var stdout, stderr bytes.Buffer
	if got := run(ctx, []string{"import", customers, serveStore(t, store), "--rejects", name}, nil, &stdout, &stderr); got != 2 {
		t.Fatalf("got exit status %d\n%s%s", got, &stdout, &stderr)
	}
	<-store.done
	told, command, _ := strings.Cut(stderr.String(), "to go on run\n")
	if !strings.Contains(told, "what was refused so far stays in "+name) {
		t.Errorf("got %s", told)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "PATH="+filepath.Dir(built(t))+":$PATH"+"\n"+command).CombinedOutput()
	if statusOf(t, err) != 1 || !strings.Contains(string(out), ", 2 skipped, 1 refused\n") {
		t.Errorf("%v: %s", err, out)
	}
	for name, want := range map[string]string{"r.csv": "\nAda II,ada@b.co,", "r-2.csv": "\nCyd,cyd,"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), want) {
			t.Errorf("%s has %q, %v, want it to hold %q", name, text, err, want)
		}
	}
	if diff := cmp.Diff([]string{"r-2.csv", "r.csv"}, filesIn(t, dir)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheNextNameOfRejectsIsFree(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		there []string
		files int
		taken string
		want  string
	}{
		"of one file":                         {[]string{"r.csv"}, 1, "", "r-2.csv"},
		"after other runs":                    {[]string{"r.csv", "r-2.csv", "r-3.csv"}, 1, "", "r-4.csv"},
		"of two files":                        {[]string{"r.csv", "r-2.csv"}, 2, "", "r-3.csv"},
		"whose own second name is not free":   {[]string{"r.csv", "r-2-2.csv"}, 2, "", "r-3.csv"},
		"beside the names of another":         {[]string{}, 2, "r.csv", "r-3.csv"},
		"where a link leads nowhere":          {[]string{"r.csv", "r-2.csv ->"}, 1, "", "r-3.csv"},
		"that has nothing before it, at once": {nil, 1, "", "r-2.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range tc.there {
				name, isLink := strings.CutSuffix(name, " ->")
				err := os.WriteFile(filepath.Join(dir, name), nil, 0o600)
				if isLink {
					err = errors.Join(os.Remove(filepath.Join(dir, name)), os.Symlink("nowhere", filepath.Join(dir, name)))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			r := rejects{name: filepath.Join(dir, "r.csv")}
			if tc.taken != "" {
				tc.taken = filepath.Join(dir, tc.taken)
			}
			if got := filepath.Base(r.next(tc.files, tc.taken)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	if got := (&rejects{name: os.DevNull}).next(1, ""); got != os.DevNull {
		t.Errorf("a device becomes %s", got)
	}
}
