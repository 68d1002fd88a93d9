package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// nowhere is a database and a server that are not there: for mistakes that show before anything is opened.
const (
	nowhereDatabase = "--database-url=postgres://me:secret4711@127.0.0.1:1/db"
	nowhereServer   = "--server=http://127.0.0.1:1"
)

// file writes a file of the test's own.
func file(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// runCommand runs customerd and returns all that it says.
func runCommand(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, nil, &out, &errs)
	return status, out.String(), errs.String()
}

// want runs customerd and fails unless it ends with the status.
func want(t *testing.T, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	got, stdout, stderr := runCommand(t, args...)
	if got != status {
		t.Fatalf("%v: got exit status %d, want %d\n%s%s", args, got, status, stdout, stderr)
	}
	return stdout, stderr
}

// memory serves an empty store until the test ends, and returns the flag that names it.
func memory(t *testing.T) (flag string) {
	t.Helper()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	t.Cleanup(func() { stop() })
	return "--server=http://" + address
}

func TestMistakesInAnImportSayWhatToDo(t *testing.T) {
	t.Parallel()
	good := file(t, "good.csv", "name\nAda\n")
	dir := t.TempDir()
	token := "--token=" + aSecret
	for name, tc := range map[string]struct {
		args []string
		env  []string
		says []string
	}{
		"a flag with nothing in it":                {[]string{good, "--server", ""}, []string{"DATABASE_URL=postgres://x"}, []string{"--server is empty"}},
		"a server with the path of its API":        {[]string{good, "--server=http://localhost:1/v1/"}, nil, []string{"without /v1, as in http://localhost:1\n"}},
		"a server behind a path, with another one": {[]string{good, "--server=http://localhost:1/crm/v1"}, nil, []string{"as in http://localhost:1/crm\n"}},
		"no file":                                  {[]string{nowhereServer}, nil, []string{"customerd import customers.csv"}},
		"a file that is not there":                 {[]string{filepath.Join(dir, "absent.csv"), nowhereServer}, nil, []string{"no file", "absent.csv"}},
		"a directory":                              {[]string{dir, nowhereServer}, nil, []string{"directory", "*.csv"}},
		"standard input twice":                     {[]string{"-", "-", nowhereServer}, nil, []string{"twice"}},
		"nowhere to go":                            {[]string{good}, nil, []string{"--database-url", "--server", "--mode validate"}},
		"two places to go":                         {[]string{good, nowhereServer, nowhereDatabase}, nil, []string{"not both"}},
		"two places in the environment":            {[]string{good}, []string{"DATABASE_URL=postgres://x", "CUSTOMER_SERVER=http://localhost:1"}, []string{"not both"}},
		"an unknown flag":                          {[]string{good, nowhereServer, "--matsh", "email"}, nil, []string{"did you mean --match?"}},
		"a flag far from any":                      {[]string{good, "--frobnicate"}, nil, []string{"customerd import --help"}},
		"a flag without its value":                 {[]string{good, "--map"}, nil, []string{"customerd import --help"}},
		"updating without a match":                 {[]string{good, nowhereServer, "--on-conflict", "update"}, nil, []string{"--match email", "--match external_id"}},
		"a match that is none":                     {[]string{good, nowhereServer, "--match", "name"}, nil, []string{"email or external_id"}},
		"a policy that is none":                    {[]string{good, nowhereServer, "--on-conflict", "overwrite"}, nil, []string{"refuse or skip or update"}},
		"a mode that is none":                      {[]string{good, nowhereServer, "--mode", "dry"}, nil, []string{"commit or validate"}},
		"unknown columns in a way there is not":    {[]string{good, nowhereServer, "--unknown", "drop"}, nil, []string{"metadata or refuse"}},
		"a variable with a mode that is none":      {[]string{good, nowhereServer}, []string{"CUSTOMER_MODE=dry"}, []string{"CUSTOMER_MODE", "--mode"}},
		"a map without a field":                    {[]string{good, nowhereServer, "--map", "Kundenname"}, nil, []string{"--map Kundenname=name"}},
		"a map without a column":                   {[]string{good, nowhereServer, "--map", "=name"}, nil, []string{"--map Kundenname=name"}},
		"a map of a column that is not there":      {[]string{good, "--mode=validate", "--map", "Nom=name"}, nil, []string{"good.csv:1: ", "Nom", "not there"}},
		"a map to a field that is none":            {[]string{good, "--mode=validate", "--map", "name=nimi"}, nil, []string{"good.csv:1: ", "no field"}},
		"rejects into a directory":                 {[]string{good, nowhereServer, "--rejects", dir}, nil, []string{"--rejects", "directory"}},
		"rejects into no directory":                {[]string{good, nowhereServer, "--rejects", filepath.Join(dir, "no", "r.csv")}, nil, []string{"--rejects", "not there"}},
		"a token without a server":                 {[]string{good, nowhereDatabase, token}, nil, []string{"--server"}},
		"a token twice":                            {[]string{good, nowhereServer, token, "--token-file", good}, nil, []string{"--token or --token-file"}},
		"a token that is none":                     {[]string{good, nowhereServer, "--token", aSecret + " x"}, nil, []string{"customerd token new"}},
		"a file without a token":                   {[]string{good, nowhereServer, "--token-file", filepath.Join(dir, "absent")}, nil, []string{"--token-file"}},
		"a tenant of a server":                     {[]string{good, nowhereServer, "--tenant", "acme"}, nil, []string{"--database-url"}},
		"a tenant that is none":                    {[]string{good, nowhereDatabase, "--tenant", "ACME"}, nil, []string{"--tenant is"}},
		"a server without a scheme":                {[]string{good, "--server", "localhost:8080"}, nil, []string{"http://localhost:8080"}},
		"a server with a query":                    {[]string{good, "--server", "http://localhost/?x"}, nil, []string{"http://localhost:8080"}},
		"a server with a password":                 {[]string{good, "--server", "http://me:" + aSecret + "@localhost"}, nil, []string{"--token"}},
		"a server that is not there":               {[]string{good, nowhereServer}, nil, []string{"cannot be reached", "check that customerd runs"}},
		"a database that is not there":             {[]string{good, nowhereDatabase}, nil, []string{"check that it runs"}},
		"a database by a URL that is none":         {[]string{good, "--database-url", "localhost"}, nil, []string{"postgres://"}},
		"a flag that wins over the environment":    {[]string{good, nowhereServer}, []string{"DATABASE_URL=postgres://x", "CUSTOMER_DATABASE_URL_FILE=y"}, []string{"127.0.0.1:1 cannot be reached"}},
		"a token of the environment for a flag":    {[]string{good, nowhereServer}, []string{"CUSTOMER_TOKEN=" + aSecret}, []string{"127.0.0.1:1 cannot be reached"}},
		"a token of the environment, for nobody":   {[]string{good, nowhereDatabase}, []string{"CUSTOMER_TOKEN=" + aSecret}, []string{"check that it runs"}},
		"a variable that is nearly one":            {[]string{good, nowhereServer}, []string{"CUSTOMER_TOCKEN=x"}, []string{"did you mean CUSTOMER_TOKEN?"}},
		"a variable that another command of these": {[]string{"--mode", "dry"}, []string{"CUSTOMER_LISTEN=x"}, []string{"commit or validate"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), append([]string{"import"}, tc.args...), tc.env, &stdout, &stderr); got != 2 {
				t.Errorf("got exit status %d, want 2", got)
			}
			for _, hint := range tc.says {
				if !strings.Contains(stderr.String(), hint) {
					t.Errorf("got %q, want it to hold %q", &stderr, hint)
				}
			}
			for _, never := range []string{aSecret, "secret4711", "CUSTOMER_LISTEN"} {
				if strings.Contains(stderr.String(), never) {
					t.Errorf("got %q, which holds %s", &stderr, never)
				}
			}
			if stdout.Len() > 0 {
				t.Errorf("a mistake writes to standard output: %s", &stdout)
			}
		})
	}
}

const aSecret = "secret-secret-secret"

// What is wrong with a file is told by its line. No message repeats a value, each of which is "zqcanary" here.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text   string
		status int
		says   string
	}{
		"nothing":                     {"", 2, ":1: the file is empty"},
		"a header alone":              {"name,email\n", 0, ""},
		"a byte order mark and CRLF":  {"\ufeffname,email\r\nzqcanary,\r\n", 0, ""},
		"one column twice":            {"name,Name\nzqcanary,\n", 2, ":1: columns 1 and 2 have the same name"},
		"a quote that is not closed":  {"name\nAda\n\"zqcanary\n", 2, ":3: a quote is opened"},
		"a row too short":             {"name,email\nzqcanary\n", 1, ":2: the row has 1 cell"},
		"a row too long":              {"name,email\nzqcanary,,\n", 1, ":2: the row has more cells"},
		"an email that is none":       {"name,email\n\nzqcanary,zqcanary\n", 1, ":3: email must be one address"},
		"two faults":                  {"email,phone\nzqcanary,zqcanary\n", 1, ":2: email must be one address such as ada@example.com: at most 254 bytes, 64 before the @, no quotes, no comments; phone must have"},
		"an email twice":              {"email\nzqcanary@b.co\nZQCANARY@b.co\n", 1, ":3: another active customer has this email"},
		"nothing to know somebody by": {"name,notes\n,zqcanary\n", 1, ":2: an active customer needs"},
		"Latin-1":                     {"name\nzqcanary\xe9\n", 1, ":2: the row is not UTF-8"},
		"UTF-16":                      {"\xff\xfen\x00a\x00", 2, ":1: the file is in UTF-16"},
		"a cell of 2 MB":              {"name\nzqcanary" + strings.Repeat("x", 2<<20) + "\nAda\n", 1, ":2: the row is longer than"},
		"a JSON array":                {`[{"name":"zqcanary"}]`, 2, ":1: the file is a JSON array"},
		"a member that is none":       {`{"name":"zqcanary","nmae":"zqcanary"}`, 1, ":1: nmae is unknown; did you mean name?"},
		"JSON that ends too early":    {"{\"name\":\"Ada\"}\n{\"name\":\"zqcanary", 1, ":2: the row is JSON that ends too early"},
		"an end that does not fit":    {`{"name":"zqcanary"}` + "\n" + `{"end":true,"count":2}`, 2, ":2: the last line says that there are 2 rows, and there are 1"},
		"a control character":         {"name\nzqcanary\x00\n", 1, ":2: name must be valid UTF-8 without control characters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hostile := file(t, "hostile.csv", tc.text)
			status, stdout, stderr := runCommand(t, "import", hostile, "--mode", "validate")
			if status != tc.status || !strings.Contains(stderr, tc.says) || tc.says != "" && !strings.Contains(stderr, "hostile.csv:") {
				t.Errorf("got exit status %d and %q, want %d and %q", status, stderr, tc.status, tc.says)
			}
			if found := leak(stdout + stderr); found != "" {
				t.Errorf("a value is repeated: %s", found)
			}
		})
	}
}

func TestFlagsOfAnImportStandAnywhere(t *testing.T) {
	t.Parallel()
	a, b := file(t, "a.csv", "Kunde=neu,Plan,Tel\nAda,gold,12345\n"), file(t, "b.csv", "Kunde=neu,Plan,Tel\nBob,,\n")
	words, err := parseMixed(new(importConfig).flags(), []string{"a", "--map", "b=name", "c", "--raw", "--", "--raw", "-d"})
	if diff := cmp.Diff([]string{"a", "c", "--raw", "-d"}, words); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	server := memory(t)
	stdout, _ := want(t, 0, "import", "--map", "Kunde=neu=name", a, server, "--map=Plan=-", "--unknown=refuse", "--", b)
	if diff := cmp.Diff(a+": 1 row, 1 created\n"+b+": 1 row, 1 created\n2 files: 2 rows, 2 created\n", stdout); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	stdout, _ = want(t, 0, "export", "has:phone", server, "name:ada OR has:metadata", "--quiet")
	if !strings.Contains(stdout, `"phone":"12345"`) || !strings.HasSuffix(stdout, `{"end":true,"count":1}`+"\n") {
		t.Errorf("got %s", stdout)
	}
}

func TestStandardInputIsAFile(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"by its name": {"-"}, "because no other is named": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if _, err := out.WriteString("name\nAda\nBob\n"); err != nil {
				t.Fatal(err)
			}
			out.Close()
			var stdout, stderr bytes.Buffer
			if err := importFiles(t.Context(), append(args, "--mode=validate"), nil, in, &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("standard input: 2 rows, 2 created (nothing was written)\n", stdout.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The refused rows are corrected where they were written, and imported from there.
func TestRejectsAreCorrectedAndImported(t *testing.T) {
	t.Parallel()
	server := memory(t)
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	customers := file(t, "customers.csv", "name,email\nAda,ada@b.co\nBob,bob\nCyd,cyd\nDan,\n")
	stdout, stderr := want(t, 1, "import", customers, server, "--rejects", rejects)
	if !strings.HasSuffix(stdout, ": 4 rows, 2 created, 2 refused\n") || !strings.Contains(stderr, rejects) {
		t.Errorf("got %q, %q", stdout, stderr)
	}
	correct := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(rejects)
		if err != nil || !strings.Contains(string(text), from) {
			t.Fatalf("%v in %s", err, text)
		}
		if err := os.WriteFile(rejects, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	correct("Bob,bob,", "Bob,bob@b.co,")
	first := rejects
	rejects = filepath.Join(filepath.Dir(first), "again.csv")
	want(t, 1, "import", first, server, "--rejects", rejects)
	correct("Cyd,cyd,", "Cyd,cyd@b.co,")
	before, err := os.ReadFile(first)
	if text, rerr := os.ReadFile(rejects); err != nil || rerr != nil || strings.Contains(string(text), "Bob") {
		t.Fatalf("%v %v in %s", err, rerr, text)
	}
	want(t, 0, "import", rejects, server, "--rejects", first)
	if after, err := os.ReadFile(first); err != nil || !bytes.Equal(before, after) {
		t.Errorf("without refused rows the file is another: %v, %s", err, after)
	}
	if stdout, _ = want(t, 0, "export", server); !strings.HasSuffix(stdout, `"count":4}`+"\n") {
		t.Errorf("got %s", stdout)
	}
}

func TestEveryFileHasRejectsOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for _, text := range []string{"email\nno\n", "name\nAda\n", "{\"email\":\"no\"}\n"} {
		files = append(files, file(t, "f", text))
	}
	_, stderr := want(t, 1, append([]string{"import", "--mode=validate", "--rejects", filepath.Join(dir, "r.csv")}, files...)...)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"r-2.csv", "r.csv"}, names); diff != "" || !strings.Contains(stderr, "r-2.csv") {
		t.Errorf("(-want +got)\n%s%s", diff, stderr)
	}
}

func TestTheFirstRefusedRowsAreTold(t *testing.T) {
	t.Parallel()
	many := file(t, "many.csv", "email\n"+strings.Repeat("no\n", 45))
	_, stderr := want(t, 1, "import", many, many, "--mode", "validate")
	if got := strings.Count(stderr, ": email must be"); got != 20 {
		t.Errorf("%d rows are told, want 20", got)
	}
	if _, one := want(t, 1, "import", file(t, "one.csv", "email\n"+strings.Repeat("no\n", 21)), "--mode", "validate"); !strings.Contains(one, ": 1 more row was refused;") {
		t.Errorf("got %q", one)
	}
	for _, rest := range []string{": 25 more rows were refused; --rejects FILE", ": 45 more rows were refused; --rejects FILE"} {
		if !strings.Contains(stderr, rest) {
			t.Errorf("got %q, want it to hold %q", stderr, rest)
		}
	}
}

// Each flag has the variable of its name, and the help tells both.
func TestTheHelpTellsEveryFlag(t *testing.T) {
	t.Parallel()
	for command, flags := range map[string][]string{
		importHelp: slices.Concat(names(new(importConfig).flags()), variables(new(importConfig).flags())),
		exportHelp: slices.Concat(names(new(exportConfig).flags()), variables(new(exportConfig).flags())),
	} {
		for _, name := range flags {
			if !strings.Contains(command, name) {
				t.Errorf("the help lacks %s", name)
			}
		}
		for line := range strings.Lines(help + command) {
			if len(line) > 91 {
				t.Errorf("a line of the help is longer than a screen is wide: %s", line)
			}
		}
	}
	for command, told := range map[string]string{"import": importHelp, "export": exportHelp} {
		if stdout, _ := want(t, 0, command, "--help"); stdout != told {
			t.Errorf("%s --help says %s", command, stdout)
		}
	}
}

// A token goes to nobody else, and is not sent in the open unseen.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"http://192.0.2.1:1": true, "https://192.0.2.1:1": false, "http://localhost:1": false, "http://127.0.0.2:1": false, "http://[::1]:1": false} {
		base, err := parseServer(name)
		if err != nil {
			t.Fatal(err)
		}
		place := location{server: name, token: aSecret, base: base}
		var stderr bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := place.open(ctx, false, &stderr); err == nil {
			t.Errorf("%s is there", name)
		}
		if got := strings.Contains(stderr.String(), "without encryption"); got != want {
			t.Errorf("%s: got %q", name, &stderr)
		}
	}
}
