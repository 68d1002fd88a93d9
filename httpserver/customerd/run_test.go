package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMistakesInTheCommandLineSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		env  []string
		want int
		says []string
	}{
		"an unknown command":            {[]string{"sevre"}, nil, 2, []string{"customerd serve"}},
		"a command far from any":        {[]string{"frobnicate"}, nil, 2, []string{"serve", "version", "help"}},
		"an unknown flag":               {[]string{"--lisen", "x"}, nil, 2, []string{"--listen"}},
		"a flag far from any":           {[]string{"serve", "--frobnicate"}, nil, 2, []string{"customerd --help"}},
		"a flag without its value":      {[]string{"serve", "--listen"}, nil, 2, []string{"listen", "customerd --help"}},
		"an argument too many":          {[]string{"serve", "now"}, nil, 2, []string{"customerd --help"}},
		"an argument for version":       {[]string{"version", "now"}, nil, 2, []string{"no arguments"}},
		"an address without a port":     {[]string{"--listen", "localhost"}, nil, 2, []string{"127.0.0.1:8080"}},
		"a port without an address":     {[]string{"--listen", "8080"}, nil, 2, []string{"127.0.0.1:8080"}},
		"every address":                 {[]string{"--listen", ":0"}, nil, 2, []string{"127.0.0.1", "--insecure-no-auth"}},
		"every address, in figures":     {[]string{"--listen", "0.0.0.0:0"}, nil, 2, []string{"--insecure-no-auth"}},
		"every address of version 6":    {[]string{"--listen", "[::]:0"}, nil, 2, []string{"--insecure-no-auth"}},
		"an address on the network":     {[]string{"--listen", "192.0.2.1:0"}, nil, 2, []string{"--insecure-no-auth"}},
		"a name that may be anywhere":   {[]string{"--listen", "example.com:0"}, nil, 2, []string{"--insecure-no-auth"}},
		"the same in the environment":   {nil, []string{"CUSTOMER_LISTEN=0.0.0.0:0"}, 2, []string{"--insecure-no-auth"}},
		"a variable that is no boolean": {nil, []string{"CUSTOMER_INSECURE_NO_AUTH=perhaps"}, 2, []string{"CUSTOMER_INSECURE_NO_AUTH", "true or false"}},
		"a port that does not exist":    {[]string{"--listen", "127.0.0.1:99999"}, nil, 2, []string{"127.0.0.1:99999", "65535"}},
		"an address of another machine": {[]string{"--listen", "192.0.2.1:0", "--insecure-no-auth"}, nil, 1, []string{"no address of this machine"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tc.args, tc.env, &stdout, &stderr); got != tc.want {
				t.Errorf("got exit status %d, want %d", got, tc.want)
			}
			for _, hint := range tc.says {
				if !strings.Contains(stderr.String(), hint) {
					t.Errorf("got %q, want it to hold %q", stderr.String(), hint)
				}
			}
			if stdout.Len() > 0 {
				t.Errorf("a mistake writes to standard output: %s", &stdout)
			}
		})
	}
}

func TestHelpAndVersionGoToStandardOutput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"serve", "--help"}, {"version"}, {"--version"}, {"help", "serve"}, {"help", "import"}} {
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), args, nil, &stdout, &stderr); got != 0 || stderr.Len() > 0 || !strings.HasPrefix(stdout.String(), "customerd ") {
			t.Errorf("%v: got %d, %q, %q", args, got, &stdout, &stderr)
		}
	}
	for _, flag := range []string{"--listen", "CUSTOMER_LISTEN", "--insecure-no-auth", "CUSTOMER_INSECURE_NO_AUTH"} {
		if !strings.Contains(help, flag) {
			t.Errorf("the help lacks %s", flag)
		}
	}
}

// started runs serve until the test ends. It returns the address and, after stop, everything that was logged.
func started(t *testing.T, args, env []string) (address string, stop func() (status int, log string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, args, append(slices.Clone(env), "CUSTOMER_LOG_FORMAT=text"), io.Discard, w)
		w.Close()
	}()
	lines := newLineReader(r)
	address = lines.until(t, "address=http://")
	// What is read late when the program ends is lost: it waits for its log no longer than a second.
	log := make(chan string, 1)
	go func() { log <- lines.rest() }()
	return address, func() (int, string) {
		cancel()
		return <-status, <-log
	}
}

func TestServingStartsAndStops(t *testing.T) {
	t.Parallel()
	address, stop := started(t, nil, []string{"CUSTOMER_LISTEN=127.0.0.1:0", "CUSTOMER_LISTN=x", "PATH=/bin", "CUSTOMER_LISTEN_TOO="})
	response, err := http.Get("http://" + address + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	status, log := stop()
	if response.StatusCode != 200 || status != 0 {
		t.Errorf("got %d, exit status %d", response.StatusCode, status)
	}
	lines := strings.Split(log, "\n")
	if !strings.Contains(lines[0], "memory") || !strings.Contains(lines[0], "gone") {
		t.Errorf("the first line does not say that nothing is kept: %s", lines[0])
	}
	for _, want := range []string{"did you mean CUSTOMER_LISTEN?", "version=", "address=http://127.0.0.1:", "store=memory", "stopping", "stopped"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "PATH") || strings.Contains(log, "LISTEN_TOO") {
		t.Errorf("the log warns of a variable that is set to nothing or not ours:\n%s", log)
	}
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var stderr bytes.Buffer
	got := run(t.Context(), []string{"--listen", listener.Addr().String()}, nil, io.Discard, &stderr)
	if got != 1 || !strings.Contains(stderr.String(), "in use") || !strings.Contains(stderr.String(), "--listen") {
		t.Errorf("got exit status %d, %q", got, &stderr)
	}
}

func TestOnlyTheOwnNamesAreAnsweredUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{403: nil, 200: {"--insecure-no-auth"}} {
		address, stop := started(t, append(args, "--listen", "127.0.0.1:0"), nil)
		got := exchange(t, address, "GET /v1/customers HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
		if got.StatusCode != want {
			t.Errorf("%v: got %d, want %d", args, got.StatusCode, want)
		}
		stop()
	}
}

// What net/http itself refuses is refused in its own words: these tests show where.
func TestHeadersUpTo16KiB(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	defer stop()
	for size, want := range map[int]int{15 << 10: 200, 16 << 10: 200, 24 << 10: 431} {
		const rest = "GET /v1/customers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Pad: \r\n\r\n"
		pad := strings.Repeat("x", size-len(rest))
		got := exchange(t, address, strings.Replace(rest, "X-Pad: ", "X-Pad: "+pad, 1))
		if got.StatusCode != want {
			t.Errorf("%d bytes: got %d, want %d", size, got.StatusCode, want)
		}
	}
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	got := newServer(httpserver.New(memstore.New()), nopLog())
	want := &http.Server{
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	limits := func(s *http.Server) []any {
		return []any{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes}
	}
	if diff := cmp.Diff(limits(want), limits(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
