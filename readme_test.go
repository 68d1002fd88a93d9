package customer_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// readmeBlocks returns the fenced blocks of the README in a language.
func readmeBlocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("the README has no block of %s", language)
	}
	return blocks
}

func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 250 {
		t.Errorf("the README has %d lines, want at most 250", lines)
	}
}

func TestReadmeGoRuns(t *testing.T) {
	t.Parallel()
	for _, block := range readmeBlocks(t, "go") {
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "go", "run", file).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "email is taken") || !strings.Contains(string(out), "1 <nil>") {
			t.Errorf("go run: %v\n%s", err, out)
		}
	}
}

// program stands for go run ./httpserver/customerd: serving is started, on a port that is free, and stopped again; all else is run as it is.
const program = `customerd() {
  case "${1-}" in
  [a-z]*) "$CUSTOMERD" "$@" ;;
  *)
    : >serving.log
    "$CUSTOMERD" "$@" --listen 127.0.0.1:0 2>>serving.log &
    until grep -q '"serving"' serving.log; do
      kill -0 $! || { cat serving.log; return 1; }
    done
    kill $! && wait $!
    ;;
  esac
}
`

// TestReadmeShellRuns runs every shell block, one after the other: curl talks to a server of the test's, and the tests are not run once more.
func TestReadmeShellRuns(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(httpserver.New(memstore.New(), httpserver.WithLogger(slog.New(slog.DiscardHandler))))
	defer server.Close()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/mine\n", ".curlrc": "fail-with-body\nshow-error\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script, err := filepath.Abs("test.sh")
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "customerd")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./httpserver/customerd").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, block := range readmeBlocks(t, "sh") {
		block = strings.NewReplacer("localhost:8080", strings.TrimPrefix(server.URL, "http://"),
			"go run ./httpserver/customerd", "customerd", "./test.sh", "test -x \"$TEST_SH\"").Replace(block)
		shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail")
		shell.Dir, shell.Stdin = dir, strings.NewReader(program+block)
		shell.Env = append(os.Environ(), "CURL_HOME="+dir, "CUSTOMERD="+binary, "TEST_SH="+script)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v in:\n%s\nprinted:\n%s", err, block, out)
		}
	}
}

// TestReadmeFilterTableHolds asks the server for every spelling of the cheat sheet.
func TestReadmeFilterTableHolds(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(httpserver.New(memstore.New(), httpserver.WithLogger(slog.New(slog.DiscardHandler))))
	defer server.Close()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| meaning | parameters | text |")
	if !found {
		t.Fatal("the README has no table of filters")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	asked := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "-") {
			continue
		}
		for i, cell := range cells[2:4] {
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
				query := strings.ReplaceAll(m[1], " ", "%20")
				if m[1] == "q" {
					continue
				}
				if i == 1 {
					query = "q=" + strings.NewReplacer(" ", "%20", "=", "%3D", "+", "%2B").Replace(m[1])
				}
				asked++
				request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/v1/customers?"+query, nil)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s: %s %s", m[1], answer.Status, body)
				}
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d spellings found in the table", asked)
	}
}
