package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// Run with -kills=20 for the figures of a release.
var kills = flag.Int("kills", 3, "how often an import is killed")

// manyRows are rows with an email, with an external id, and with neither, some of which say the same.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("name,email,customer id,city\n")
	for i := range n {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "Row %d,row%d@b.co,,Ulm\n", i, i)
		case 1:
			fmt.Fprintf(&b, "Row %d,,%d,\n", i, i)
		case 2:
			fmt.Fprintf(&b, "Row %d,,,Bonn\n", i)
		default:
			fmt.Fprintf(&b, "Same %d,,,\n", i/40)
		}
	}
	return b.String()
}

func built(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "customerd")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// An import that is killed and run again ends where one run does.
func TestAnImportThatIsKilledIsRunAgain(t *testing.T) {
	t.Parallel()
	// More are behind the last that is waited for than a reader wants to see before its first row.
	const step, behind = 1_500, 4_500
	rows := (*kills + 1) * (step + behind)
	text := manyRows(rows)
	binary, customers, pool := built(t), file(t, "many.csv", text), postgrestest.New(t)
	lines := strings.SplitAfter(text, "\n")
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	command := func(input string) *exec.Cmd {
		return exec.Command(binary, "import", input, "--database-url", pool.Config().ConnString(), "--on-conflict", "skip", "--quiet")
	}
	begun := 0
	for range *kills {
		// Some rows behind what earlier runs have brought, so that every run gets on; the file stops soon after them, so that none comes to its end.
		enough := begun + 1 + random.IntN(step)
		begun = killedWith(t, command("-"), strings.Join(lines[:enough+behind], ""), pool, enough)
	}
	out, err := command(customers).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%d rows before the last kill; the last run: %s", begun, out)
	once := memstore.New()
	sum := imported(t, bulk.Importer{Store: once, Mode: bulk.Commit}, manyRows(rows))
	if diff := cmp.Diff(contents(t, once), contents(t, postgres.New(pool))); diff != "" || len(sum) != rows {
		t.Errorf("%d rows (-one run +killed ones)\n%s", len(sum), diff)
	}
}

// killedWith has the process read the text and wait for more, kills it once there are n customers and returns how many there are then. Asking takes
// long enough not to be in the way.
func killedWith(t *testing.T, process *exec.Cmd, text string, pool *pgxpool.Pool, n int) (have int) {
	t.Helper()
	var output bytes.Buffer
	process.Stdout, process.Stderr = &output, &output
	stdin, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	written, ended := make(chan struct{}), make(chan struct{})
	go func() {
		_, _ = io.WriteString(stdin, text)
		close(written)
	}()
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	defer func() {
		_ = process.Process.Kill()
		<-ended
		<-written
	}()
	for have < n {
		select {
		case <-ended:
			t.Fatalf("the import ended by itself: %s", &output)
		default:
		}
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM customers").Scan(&have); err != nil {
			t.Fatal(err)
		}
	}
	return have
}

// stopping ends the context of the client in the middle of a batch, which the server brings in nevertheless.
type stopping struct {
	customer.Store
	batches int // before that one
	stop    func()
	done    chan struct{} // closed when it is in
}

func (s *stopping) CreateBatch(ctx context.Context, drafts []customer.Draft) ([]customer.Customer, []error, error) {
	if s.batches--; s.batches == -1 {
		s.stop()
		defer close(s.done)
	}
	return s.Store.(customer.BatchCreator).CreateBatch(ctx, drafts)
}

// Whoever stops an import is told what is in and how to go on; the command goes on.
func TestAnImportThatIsStoppedTellsHowToGoOn(t *testing.T) {
	t.Parallel()
	customers := file(t, "it's many.csv", manyRows(3500))
	behind := memstore.New()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan struct{})
	server := serveStore(t, &stopping{behind, 2, stop, done})
	var stdout, stderr bytes.Buffer
	args := []string{"import", customers, server, "--map", "city=-", "--match=email", "--token", aSecret}
	if got := run(ctx, args, nil, &stdout, &stderr); got != 2 {
		t.Fatalf("got exit status %d\n%s%s", got, &stdout, &stderr)
	}
	<-done
	told, command, _ := strings.Cut(stderr.String(), "to go on run\n")
	if !strings.Contains(told, "many.csv: stopped\n") || !strings.Contains(told, "2000 rows are done") || !strings.Contains(told, "also where somebody else has it") || !strings.HasSuffix(stdout.String(), ": 2000 rows, 2000 created\n") {
		t.Errorf("got %q, %q", &stdout, told)
	}
	want := "  customerd import --map=city=- " + server + ` --token "$CUSTOMER_TOKEN" --on-conflict=skip '` + strings.ReplaceAll(customers, "'", `'\''`) + "'\n"
	if diff := cmp.Diff(want, command); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", "PATH="+filepath.Dir(built(t))+":$PATH"+"\n"+command)
	shell.Env = append(shell.Environ(), "CUSTOMER_TOKEN="+aSecret)
	out, err := shell.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), ": 3500 rows, 500 created, 1500 unchanged, 1500 skipped\n") {
		t.Errorf("%v: %s", err, out)
	}
	if got := len(contents(t, behind)); got != 3500 {
		t.Errorf("got %d customers", got)
	}
}

// A file that cannot be read on is told with what is in.
func TestAFileThatBreaksOff(t *testing.T) {
	t.Parallel()
	broken := file(t, "broken.csv", "name\nAda\nBob\n\"Cyd\n")
	stdout, stderr := want(t, 2, "import", broken, memory(t), "--on-conflict", "refuse")
	if !strings.HasSuffix(stdout, ": 2 rows, 2 created\n") {
		t.Errorf("got %q", stdout)
	}
	for _, says := range []string{"broken.csv:4: a quote is opened", "2 rows are done\n", "correct the file and run\n", "--on-conflict=skip"} {
		if !strings.Contains(stderr, says) {
			t.Errorf("got %q, want it to hold %q", stderr, says)
		}
	}
}

// The first hour with files: real customers come in by one command each, are found, and go elsewhere.
func TestRealCustomersByOneCommand(t *testing.T) {
	t.Parallel()
	files := []string{filepath.Join("testdata", "chinook_customers.csv"), filepath.Join("testdata", "northwind_customers.csv")}
	straight := "--database-url=" + postgrestest.EmptyDSN(t)
	server := memory(t)
	var told []string
	others := []string{"; kept as metadata: Fax, SupportRepId\n", "; kept as metadata: contact_title, fax\n"}
	for _, place := range []string{straight, server} {
		for i, rows := range []string{": 59 rows, 59 created\n", ": 91 rows, 91 created\n"} {
			foretold, _ := want(t, 0, "import", files[i], place, "--mode=validate")
			stdout, stderr := want(t, 0, "import", files[i], place)
			stderr = rateOut(stderr)
			if stdout != files[i]+rows || !strings.HasSuffix(stderr, others[i]) || strings.Count(stderr, "\n") != 1 || foretold != strings.TrimSuffix(stdout, "\n")+" (nothing was written)\n" {
				t.Errorf("%s: got %q, %q, foretold %q", place, stdout, stderr, foretold)
			}
		}
		for _, again := range [][]string{{"--on-conflict=skip"}, {"--match=external_id", "--on-conflict=update"}, {"--match=external_id"}} {
			_, stdout, stderr := runCommand(t, append([]string{"import", place}, append(again, files...)...)...)
			told = append(told, strings.ReplaceAll(stdout, place, ""), idsOut(rateOut(stderr)))
		}
	}
	if diff := cmp.Diff(told[:len(told)/2], told[len(told)/2:]); diff != "" {
		t.Errorf("(-straight +through a server)\n%s", diff)
	}
	csv := filepath.Join(t.TempDir(), "all.csv")
	want(t, 0, "export", straight, "-o", csv)
	elsewhere := memory(t)
	want(t, 0, "import", csv, elsewhere)
	var sets []map[string]int
	for _, place := range []string{straight, server, elsewhere} {
		stdout, _ := want(t, 0, "export", place)
		rows := imported(t, bulk.Importer{Store: memstore.New(), Mode: bulk.Commit}, stdout)
		set := map[string]int{"rows": len(rows)}
		to := memstore.New()
		imported(t, bulk.Importer{Store: to, Mode: bulk.Commit}, stdout)
		for _, text := range contents(t, to) {
			set[text]++
		}
		sets = append(sets, set)
	}
	for _, set := range sets[1:] {
		if diff := cmp.Diff(sets[0], set); diff != "" {
			t.Errorf("(-straight +elsewhere)\n%s", diff)
		}
	}
	if stdout, _ := want(t, 0, "export", straight, "köhler OR oreilly OR postal_code:70174"); !strings.HasSuffix(stdout, `"count":2}`+"\n") {
		t.Errorf("got %s", stdout)
	}
}

// rateOut leaves out the lines that tell how far an import is, which one that takes some seconds has.
func rateOut(text string) string { return ratePattern.ReplaceAllString(text, "") }

var ratePattern = regexp.MustCompile(`(?m)^.*: \d+ rows?, \d+ %, \d+/s\n`)

// idsOut leaves out the ids that end a reason.
func idsOut(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if before, id, ok := strings.Cut(line, ": another customer"); ok {
			line = before + ": another customer" + id[:max(0, len(id)-len("01970000-0000-7000-8000-000000000000\n"))] + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
