package main

import (
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/customer/httpserver"
)

// newTokens returns secrets for names, and writes their lines to the file.
func newTokens(t *testing.T, file string, names ...string) (secrets []string) {
	t.Helper()
	var lines []string
	for _, name := range names {
		secret, line, err := httpserver.NewToken(httpserver.Principal{Name: name, Scopes: []httpserver.Scope{httpserver.ScopeRead}})
		if err != nil {
			t.Fatal(err)
		}
		secrets, lines = append(secrets, secret), append(lines, line)
	}
	writeFile(t, file, strings.Join(lines, "\n"))
	return secrets
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hangUp sends SIGHUP and waits for the line of the log that answers it.
func (p *program) hangUp(answer string) {
	p.t.Helper()
	if err := p.process.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
	p.log.until(p.t, answer)
}

func (p *program) lets(secret string) bool {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), "GET", p.base+"/v1/customers", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func TestAHangupReadsTheTokensAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tokens")
	stolen := newTokens(t, file, "old")[0]
	p := startProgram(t, "--tokens-file", file)
	if !p.lets(stolen) {
		t.Fatal("a token of the file is not let in")
	}
	fresh := newTokens(t, file, "new")[0]
	p.hangUp("the tokens are read again")
	if p.lets(stolen) || !p.lets(fresh) {
		t.Error("the tokens are not those of the file now")
	}
	for _, text := range []string{"junk", "", "# nobody\n"} {
		writeFile(t, file, text)
		p.hangUp("the tokens stay as they are")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.hangUp("the tokens stay as they are")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	p.hangUp("no regular file")
	if !p.lets(fresh) {
		t.Error("a file that cannot be read has changed the tokens")
	}
}

func TestAHangupWithoutAFileOfTokensStopsCleanly(t *testing.T) {
	t.Parallel()
	// What this process ignores, its programs ignore; what it catches, they do not.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	p := startProgram(t)
	p.hangUp("stopped")
	if err := p.process.Wait(); err != nil {
		t.Errorf("the program ends with %v", err)
	}
}

func TestAHangupThatIsIgnoredIsNoMatter(t *testing.T) {
	t.Parallel()
	p := startedBy(t, exec.Command("sh", "-c", `trap "" HUP; exec "$0" --listen 127.0.0.1:0 --log-format text`, built(t)))
	if err := p.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	// A server that stops says so at once, for a second, and then is gone.
	for range 500 {
		response, err := p.client.Get(p.base + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("/readyz is %s behind a signal that is ignored", response.Status)
		}
	}
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Wait(); err != nil {
		t.Errorf("the program ends with %v", err)
	}
}
