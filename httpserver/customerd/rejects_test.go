package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
