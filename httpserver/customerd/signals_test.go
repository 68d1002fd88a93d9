package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// oneBad are rows in more than one batch, of which the second one is refused.
func oneBad() string { return "name,email\nAda,ada@b.co\nCyd,cyd\n" + strings.Repeat("Bob,\n", 2500) }

// filesIn are the names in a directory, hidden ones too.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// unread is a pipe that nobody reads.
func unread(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

// statusOf is the exit status of a program that has ended, -1 if by a signal.
func statusOf(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatal(err)
	}
	return ended.ExitCode()
}

// signalled runs a program, sends it a signal when it has reached a point, closes sent, and returns all that the program says.
func signalled(t *testing.T, program *exec.Cmd, sig os.Signal, reached <-chan struct{}, sent chan<- struct{}) (said string, err error) {
	t.Helper()
	var out bytes.Buffer
	program.Stdout, program.Stderr = &out, &out
	// Whoever runs the tests may ignore the end of a terminal, as under nohup(1), and a program inherits that. What is caught it does not.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	select {
	case <-reached:
	case err := <-ended:
		close(sent)
		t.Fatalf("the program ended by itself: %v, %s", err, &out)
	}
	if err := program.Process.Signal(sig); err != nil {
		t.Error(err)
	}
	close(sent)
	err = <-ended
	return out.String(), err
}

// serveLeaving is serveStore, and closes left when a client leaves before its answer.
func serveLeaving(t *testing.T, s customer.Store, left chan<- struct{}) (flag string) {
	t.Helper()
	handler := httpserver.New(s, httpserver.WithLogger(nopLog()))
	once := new(sync.Once)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered := context.AfterFunc(r.Context(), func() { once.Do(func() { close(left) }) })
		defer answered()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return "--server=" + server.URL
}

// A terminal that is closed stops an import as Ctrl-C does: what was refused is in its file, and nothing hidden is left. Under nohup it goes on.
func TestAnImportWhoseTerminalIsClosed(t *testing.T) {
	t.Parallel()
	binary := built(t)
	for name, tc := range map[string]struct {
		before string // the program is run
		signal os.Signal
		status int
		says   string
	}{
		"SIGHUP":             {"", syscall.SIGHUP, 2, "to go on run"},
		"SIGTERM":            {"", syscall.SIGTERM, 2, "to go on run"},
		"Ctrl-C":             {"", os.Interrupt, 2, "to go on run"},
		"SIGHUP under nohup": {"trap '' HUP; ", syscall.SIGHUP, 1, "2502 rows, 2501 created, 1 refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, behind := t.TempDir(), memstore.New()
			shell := exec.CommandContext(t.Context(), "sh", "-c", tc.before+`exec "$@"`, "sh", binary, "import", file(t, "many.csv", oneBad()))
			reached, sent := make(chan struct{}), make(chan struct{})
			left, ended := make(chan struct{}), make(chan struct{})
			store := &stopping{behind, 1, func() {
				close(reached)
				<-sent
				if tc.status == 2 {
					// A program that has its answer may be done before it knows of the signal.
					select {
					case <-left:
					case <-ended:
					}
				}
			}, make(chan struct{})}
			shell.Args = append(shell.Args, serveLeaving(t, store, left), "--rejects", filepath.Join(dir, "r.csv"))
			said, err := signalled(t, shell, tc.signal, reached, sent)
			close(ended)
			if got := statusOf(t, err); got != tc.status || !strings.Contains(said, tc.says) {
				t.Errorf("got exit status %d, %s", got, said)
			}
			if diff := cmp.Diff([]string{"r.csv"}, filesIn(t, dir)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if text, err := os.ReadFile(filepath.Join(dir, "r.csv")); err != nil || !strings.HasPrefix(string(text), "name,email,reason\nCyd,cyd,\"invalid_email") {
				t.Errorf("got %q, %v", text, err)
			}
			<-store.done
		})
	}
}

// Whoever has seen enough of the messages, as head(1) has, does not stop the import.
func TestAnImportWhoseMessagesNobodyReads(t *testing.T) {
	t.Parallel()
	binary := built(t)
	for name, tc := range map[string]struct {
		stdout, stderr bool // are read
		files          int
	}{
		"neither":         {false, false, 1},
		"messages":        {true, false, 1},
		"the summary":     {false, true, 1},
		"two of them":     {false, true, 2},
		"two, in silence": {false, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, behind := t.TempDir(), memstore.New()
			program := exec.CommandContext(t.Context(), binary, "import", serveStore(t, behind), "--rejects", filepath.Join(dir, "r.csv"))
			wantFiles := []string{"r.csv"}
			for range tc.files {
				program.Args = append(program.Args, file(t, "many.csv", "name\n"+strings.Repeat("\x01\n", 30)+"Ada\n"))
			}
			if tc.files == 2 {
				wantFiles = []string{"r-2.csv", "r.csv"}
			}
			var said bytes.Buffer
			program.Stdout, program.Stderr = &said, &said
			if !tc.stdout {
				program.Stdout = unread(t)
			}
			if !tc.stderr {
				program.Stderr = unread(t)
			}
			if got := statusOf(t, program.Run()); got != 1 {
				t.Errorf("got exit status %d, want 1 for refused rows: %s", got, &said)
			}
			if diff := cmp.Diff(wantFiles, filesIn(t, dir)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(contents(t, behind)) == 0 {
				t.Error("the good rows are not in")
			}
		})
	}
}

// An export into a file leaves nothing when it is stopped, and goes on when nobody reads its messages.
func TestAnExportIntoAFileAndItsTerminal(t *testing.T) {
	t.Parallel()
	binary := built(t)
	t.Run("is closed", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		var once sync.Once
		reached := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/export" {
				_, _ = io.WriteString(w, `{"items":[]}`)
				return
			}
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			once.Do(func() { close(reached) })
			<-r.Context().Done()
		}))
		defer server.Close()
		program := exec.CommandContext(t.Context(), binary, "export", "--server", server.URL, "-o", filepath.Join(dir, "all.csv"))
		said, err := signalled(t, program, syscall.SIGHUP, reached, make(chan struct{}))
		if got := statusOf(t, err); got != 2 || !strings.Contains(said, "stopped after 0 customers: there is no "+dir) {
			t.Errorf("got exit status %d, %s", got, said)
		}
		if got := filesIn(t, dir); got != nil {
			t.Errorf("it leaves %v", got)
		}
	})
	t.Run("has nobody before it", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		program := exec.CommandContext(t.Context(), binary, "export", serveStore(t, people(t)), "-o", filepath.Join(dir, "all.csv"))
		program.Env = append(program.Environ(), "CUSTOMER_FROMAT=csv")
		program.Stderr = unread(t)
		if got := statusOf(t, program.Run()); got != 0 {
			t.Errorf("got exit status %d", got)
		}
		if diff := cmp.Diff([]string{"all.csv"}, filesIn(t, dir)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// A database that breaks a connection is no reader that has gone: that is told.
func TestAConnectionThatBreaksIsTold(t *testing.T) {
	t.Parallel()
	lost := &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	if got := failed(fmt.Errorf("the export broke off: %w", lost)); !strings.Contains(got.Error(), "broken pipe") {
		t.Errorf("got %q", got)
	}
}

// diskFull is standard output without room.
type diskFull struct{}

func (diskFull) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "summary.txt", Err: syscall.ENOSPC}
}

func TestASummaryThatCannotBeWrittenStopsNoImport(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	var stderr bytes.Buffer
	args := []string{"import", serveStore(t, behind), file(t, "a.csv", "name\nAda\n"), file(t, "b.csv", "name\nBob\n")}
	status := run(t.Context(), args, nil, diskFull{}, &stderr)
	if status != 2 || !strings.Contains(stderr.String(), "2 rows, 2 created; the import is done, but its summary could not be written") {
		t.Errorf("got exit status %d, %q", status, &stderr)
	}
	if got := len(contents(t, behind)); got != 2 {
		t.Errorf("got %d customers", got)
	}
}
