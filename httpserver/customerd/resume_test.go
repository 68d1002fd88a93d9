package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer/bulk"
)

func TestTheCommandToGoOn(t *testing.T) {
	t.Parallel()
	const database = "postgres://me:secret4711@db/crm"
	for name, tc := range map[string]struct {
		args, env []string
		policy    bulk.Policy
		done      int
		want      string
	}{
		"a database by flag":             {[]string{"a.csv", "--database-url", database}, nil, bulk.Refuse, 1, `customerd import --database-url "$DATABASE_URL" --on-conflict=skip a.csv`},
		"a database of the environment":  {[]string{"a.csv"}, []string{"DATABASE_URL=" + database}, bulk.Refuse, 1, `customerd import --on-conflict=skip a.csv`},
		"a token by flag":                {[]string{"a.csv", "--server=http://h", "--token", aSecret}, nil, bulk.Skip, 1, `customerd import --server=http://h --token "$CUSTOMER_TOKEN" a.csv`},
		"a file that looks like a flag":  {[]string{"--tenant=acme", "a.csv", "--", "-b.csv"}, nil, bulk.Refuse, 1, `customerd import --tenant=acme --on-conflict=skip -- a.csv -b.csv`},
		"standard input":                 {[]string{"-"}, nil, bulk.Refuse, 1, `customerd import --on-conflict=skip -`},
		"nothing done":                   {[]string{"a.csv", "--match=email", "--on-conflict=refuse"}, nil, bulk.Refuse, 0, `customerd import --match=email --on-conflict=refuse a.csv`},
		"nothing done, and no policy":    {[]string{"a.csv"}, nil, bulk.Refuse, 0, `customerd import a.csv`},
		"a match":                        {[]string{"a.csv", "--match=email"}, nil, bulk.Refuse, 1, `customerd import --on-conflict=skip a.csv`},
		"a match of the environment":     {[]string{"a.csv"}, []string{"CUSTOMER_MATCH=email"}, bulk.Refuse, 1, `CUSTOMER_MATCH= customerd import --on-conflict=skip a.csv`},
		"a match that skips":             {[]string{"a.csv", "--match=email", "--on-conflict=skip"}, nil, bulk.Skip, 1, `customerd import --match=email --on-conflict=skip a.csv`},
		"an update by the environment":   {[]string{"a.csv", "--match=email"}, []string{"CUSTOMER_ON_CONFLICT=update"}, bulk.Update, 1, `customerd import --match=email a.csv`},
		"a file that is like a database": {[]string{"a://b@c.csv"}, nil, bulk.Update, 1, `customerd import a://b@c.csv`},
		"a file with blanks and an $":    {[]string{"a $b.csv"}, nil, bulk.Update, 1, `customerd import 'a $b.csv'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum := bulk.Summary{Rows: tc.done}
			job := importJob{importer: bulk.Importer{Mode: bulk.Commit, OnConflict: tc.policy}, total: sum}
			err := job.stopped(&fileError{"a.csv", sum, context.Canceled}, 1, tc.args, tc.env)
			text, command, _ := strings.Cut(err.Error(), "; to go on run\n  ")
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a secret is told: %v", err)
			}
			if diff := cmp.Diff(tc.want, command); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			skips := tc.policy == bulk.Refuse && tc.done > 0
			if strings.Contains(text, "also where somebody else has it") != skips || tc.done == 1 != strings.Contains(text, "1 row is done") {
				t.Errorf("got %q", text)
			}
		})
	}
}

// The rows of the files before count too: run again as it was, the command would refuse them.
func TestAFileThatStopsBehindAnother(t *testing.T) {
	t.Parallel()
	first, broken := file(t, "first.csv", "email\nada@example.com\n"), file(t, "broken.csv", "email,Email\n")
	_, stderr := want(t, 2, "import", first, broken, memory(t))
	if !strings.Contains(stderr, "; correct the file and run\n") || !strings.Contains(stderr, "--on-conflict=skip") {
		t.Errorf("got %s", stderr)
	}
}

// All rejects that the run has left are named, and the next run replaces none of them.
func TestTheRejectsOfSeveralFilesStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := func(file string) string { return filepath.Join(dir, file) }
	const bad = "name,email\nAda,ada\n"
	broken := file(t, "broken.csv", "name\nCyd\n\"Dan\n")
	_, stderr := want(t, 2, "import", file(t, "a.csv", bad), file(t, "b.csv", bad), broken, memory(t), "--rejects", name("r.csv"))
	if text := "what was refused so far stays in " + name("r.csv") + ", " + name("r-2.csv") + ", and"; !strings.Contains(stderr, text) {
		t.Errorf("got %s\nwant it to hold %s", stderr, text)
	}
	if !strings.Contains(stderr, " --rejects="+name("r-3.csv")+" ") {
		t.Errorf("got %s", stderr)
	}
}
