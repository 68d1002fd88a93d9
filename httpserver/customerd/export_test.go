package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

func TestMistakesInAnExportSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"nowhere to read":                 {nil, 2, "--server"},
		"an unknown flag":                 {[]string{nowhereServer, "--formt", "csv"}, 2, "did you mean --format?"},
		"a filter that looks like a flag": {[]string{nowhereServer, "-tag:churned"}, 2, "customerd export -- -tag:churned"},
		"a filter that cannot be":         {[]string{nowhereServer, "nmae:ada"}, 2, "at byte 0: \"nmae\" is no field; did you mean name:;"},
		"a format that is none":           {[]string{nowhereServer, "--format", "xlsx"}, 2, "ndjson or csv"},
		"a variable of import alone":      {[]string{nowhereServer, "--no-migrate"}, 2, "customerd export --help"},
		"a directory for output":          {[]string{memory(t), "-o", t.TempDir()}, 2, "is a directory"},
		"a mark that JSON has not":        {[]string{memory(t), "--bom"}, 2, "--format csv"},
		"output into no directory":        {[]string{memory(t), "-o", filepath.Join(t.TempDir(), "no", "x")}, 2, "no such file"},
		"a server that is not there":      {[]string{nowhereServer}, 2, "cannot be reached"},
		"a database without a schema":     {[]string{"--database-url", postgrestest.EmptyDSN(t)}, 2, "customerd migrate up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := runCommand(t, append([]string{"export"}, tc.args...)...)
			if status != tc.status || !strings.Contains(stderr, tc.says) || stdout != "" {
				t.Errorf("got exit status %d, %q and %q, want %d and %q", status, stdout, stderr, tc.status, tc.says)
			}
		})
	}
}

// serveStore serves a store and returns the flag that names it.
func serveStore(t *testing.T, s customer.Store) (flag string) {
	t.Helper()
	server := httptest.NewServer(httpserver.New(s, httpserver.WithLogger(nopLog())))
	t.Cleanup(server.Close)
	return "--server=" + server.URL
}

func TestExports(t *testing.T) {
	t.Parallel()
	behind := people(t)
	if _, err := behind.Create(t.Context(), customer.Draft{Name: "=1+1", Phone: "+49 711", Tags: []string{"b2b"}}); err != nil {
		t.Fatal(err)
	}
	server := serveStore(t, behind)
	for name, tc := range map[string]struct {
		args []string
		want []string // in order, at the beginnings of lines
	}{
		"everybody":                  {nil, []string{`{"id":`, `{"id":`, `{"id":`, `{"id":`, `{"end":true,"count":4}`}},
		"one state":                  {[]string{"status:archived"}, []string{`{"id":"00000000-0000-0000-0000-000000000902"`, `{"end":true,"count":1}`}},
		"words and flags":            {[]string{"name:ada", "OR", "--quiet", "tag:b2b", "--format=csv", "--", "-has:notes"}, []string{"id,", "00000000-", "", "#end,2"}},
		"nobody":                     {[]string{"name:nobody"}, []string{`{"end":true,"count":0}`}},
		"an empty filter":            {[]string{" ", "status:archived"}, []string{`{"id":`, `{"end":true,"count":1}`}},
		"standard output by name":    {[]string{"name:nobody", "-o", "-"}, []string{`{"end":true,"count":0}`}},
		"nobody for a spreadsheet":   {[]string{"name:nobody", "--format", "csv"}, []string{"id,", "#end,0"}},
		"umlauts for Excel":          {[]string{"name:nobody", "--format", "csv", "--bom"}, []string{"\uFEFFid,", "#end,0"}},
		"formulas for a spreadsheet": {[]string{"tag:b2b", "--format", "csv"}, []string{"id,", "", "#end,1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, _ := want(t, 0, append([]string{"export", server}, tc.args...)...)
			lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
			if len(lines) != len(tc.want) {
				t.Fatalf("got %d lines, want %d:\n%s", len(lines), len(tc.want), stdout)
			}
			for i, begins := range tc.want {
				if !strings.HasPrefix(lines[i], begins) {
					t.Errorf("line %d is %q, want it to begin with %q", i+1, lines[i], begins)
				}
			}
		})
	}
	guarded, _ := want(t, 0, "export", server, "tag:b2b", "--format=csv")
	raw, _ := want(t, 0, "export", server, "tag:b2b", "--format=csv", "--raw")
	if strings.Replace(guarded, "'=1+1", "=1+1", 1) != raw || raw == guarded {
		t.Errorf("got %q and raw %q", guarded, raw)
	}
}

// An answer that ends too early is no export, wherever it ends.
func TestAnExportThatIsCutOffIsNoFile(t *testing.T) {
	t.Parallel()
	whole, _ := want(t, 0, "export", serveStore(t, people(t)))
	for cut := 0; cut < len(whole)-1; cut += 37 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/export" {
				_, _ = io.WriteString(w, `{"items":[]}`)
				return
			}
			_, _ = io.WriteString(w, whole[:cut])
		}))
		out := filepath.Join(t.TempDir(), "out.ndjson")
		status, _, stderr := runCommand(t, "export", "--server", server.URL, "-o", out)
		server.Close()
		if status != 2 || !strings.Contains(stderr, "broke off") {
			t.Errorf("cut at byte %d: got exit status %d, %q", cut, status, stderr)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); err != nil || left != nil {
			t.Errorf("cut at byte %d: it leaves %v, %v", cut, left, err)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), ".*")); err != nil || left != nil {
			t.Errorf("cut at byte %d: it leaves %v, %v", cut, left, err)
		}
	}
}

func TestAFileIsThereWhenItIsComplete(t *testing.T) {
	t.Parallel()
	server := serveStore(t, people(t))
	old := file(t, "customers.csv", "old")
	if err := os.Chmod(old, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.csv")
	if err := os.Symlink(old, link); err != nil {
		t.Fatal(err)
	}
	want(t, 0, "export", server, "-o", link)
	text, err := os.ReadFile(old)
	info, serr := os.Stat(old)
	if err != nil || serr != nil || !strings.HasPrefix(string(text), "id,") || !strings.HasSuffix(string(text), "\n#end,3\n") || info.Mode() != 0o640 {
		t.Errorf("%v %v %v: got %q", err, serr, info.Mode(), text)
	}
	want(t, 0, "export", server, "--output", os.DevNull)
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("a device was replaced: %v %v", info.Mode(), err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.ndjson")
	want(t, 0, "export", server, "-o", fresh)
	if info, err := os.Stat(fresh); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}

// closedPipe is standard output whose reader has gone.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
}

func TestAReaderThatHasEnoughIsNoNews(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	if got := run(t.Context(), []string{"export", serveStore(t, people(t))}, nil, closedPipe{}, &stderr); got != 2 || stderr.Len() > 0 {
		t.Errorf("got exit status %d, %q", got, &stderr)
	}
}

// The help says so: what a write to standard output does when nobody reads it is not up to run.
func TestTheProgramEndsWithItsReader(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), built(t), "export", serveStore(t, people(t)))
	program.Stdout = w
	err = program.Run()
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("got %v, want it to be ended by SIGPIPE", err)
	}
	if status, ok := ended.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGPIPE {
		t.Errorf("got %v, want it to be ended by SIGPIPE", err)
	}
}

// What is exported from a database and imported through a server into another one is the same, byte by byte.
func TestExportsAreImportedElsewhere(t *testing.T) {
	t.Parallel()
	from, to := postgrestest.New(t), postgrestest.New(t)
	source := postgres.New(from).Tenant("acme")
	if _, _, err := source.CreateBatch(t.Context(), []customer.Draft{{Name: "Eve", Email: "eve@b.co"}, {Name: "=Fay", Notes: "a\nb"}}); err != nil {
		t.Fatal(err)
	}
	var records []customer.Customer
	for c, err := range customer.All(t.Context(), people(t), customer.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, c)
	}
	if errs, err := source.Load(t.Context(), records); err != nil || errors.Join(errs...) != nil {
		t.Fatal(err, errs)
	}
	dsn := "--database-url=" + from.Config().ConnString()
	exported := filepath.Join(t.TempDir(), "all.ndjson")
	want(t, 0, "export", dsn, "--tenant=acme", "-o", exported)
	stdout, _ := want(t, 0, "import", exported, serveStore(t, postgres.New(to)))
	if !strings.HasSuffix(stdout, ": 5 rows, 5 created\n") {
		t.Errorf("got %q", stdout)
	}
	again, _ := want(t, 0, "export", "--database-url="+to.Config().ConnString())
	if text, err := os.ReadFile(exported); err != nil || string(text) != again {
		t.Errorf("%v (-exported +imported and exported)\n%s", err, cmp.Diff(string(text), again))
	}
	if stdout, _ = want(t, 0, "export", dsn); stdout != `{"end":true,"count":0}`+"\n" {
		t.Errorf("another tenant has %s", stdout)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	if got := run(ctx, []string{"export", dsn}, nil, io.Discard, &stderr); got != 2 {
		t.Errorf("stopped: got exit status %d, %q", got, &stderr)
	}
}

func TestAnExportForExcelIsImported(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "all.csv")
	want(t, 0, "export", serveStore(t, people(t)), "status:active", "--bom", "-o", file)
	stdout, _ := want(t, 0, "import", file, memory(t))
	if !strings.HasSuffix(stdout, ": 2 rows, 2 created\n") {
		t.Errorf("got %q", stdout)
	}
}

// Whoever stops an export is told what there is of it.
func TestAnExportThatIsStoppedTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	absent, older := filepath.Join(dir, "absent.csv"), file(t, "older.csv", "old")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for name, tc := range map[string]struct{ output, want string }{
		"standard output":             {"", "stopped after 2 customers: what was written is not all"},
		"standard output by its name": {"-", "stopped after 2 customers: what was written is not all"},
		"a device":                    {os.DevNull, "stopped after 2 customers: what came to " + os.DevNull + " is not all"},
		"a new file":                  {absent, "stopped after 2 customers: there is no " + absent},
		"a file that was there":       {older, "stopped after 2 customers: " + older + " is as it was before"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := exportConfig{output: tc.output}
			if got := c.stopped(ctx, 2, errors.New("broken")).Error(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if got := c.stopped(t.Context(), 2, errors.New("broken")).Error(); got != "broken" {
				t.Errorf("without a stop: got %q", got)
			}
		})
	}
}
