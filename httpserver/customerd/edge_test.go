package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer/memstore"
	"example.com/customer/postgres/postgrestest"
)

func TestARefusalDoesNotWaitForTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener, end := inMemory()
		defer end()
		for request, want := range map[string]int{
			"POST /nope": 404, "PUT /v1/customers": 405, "POST /v1/customers": 415, "DELETE /v1/customers/01970000-0000-7000-8000-000000000000": 428, "GET /livez": 200,
		} {
			conn, err := listener.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			begun := time.Now()
			// One byte of fifty: an answer that waits for the rest comes when the server gives the body up.
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\nContent-Type: text/plain\r\n\r\nx", request)
			if got := readResponse(t, bufio.NewReader(conn)); got.StatusCode != want {
				t.Errorf("%s: got %d, want %d", request, got.StatusCode, want)
			}
			if took := time.Since(begun); took > 0 {
				t.Errorf("%s: the answer comes after %s", request, took)
			}
		}
	})
}

func TestTheAnswerToABodyThatIsTooLargeArrives(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	defer stop()
	for _, header := range []string{"Connection: close", "Connection: keep-alive"} {
		const size = 4 << 20
		request := fmt.Sprintf("POST /v1/customers HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			header, size, strings.Repeat(" ", size))
		if got := exchange(t, address, request); got.StatusCode != 413 {
			t.Errorf("%s: got %d, want 413", header, got.StatusCode)
		}
	}
}

// net/http reads a body that was broken off once more when the handler is done, and panicked when it ended there.
func TestABodyThatBreaksOffAfterItsRefusal(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	for range 20 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nContent-Type: text/plain\r\n\r\nx")
		if got := readResponse(t, bufio.NewReader(conn)); got.StatusCode != 415 {
			t.Errorf("got %d, want 415", got.StatusCode)
		}
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if _, log := stop(); strings.Contains(log, "panic") {
		t.Errorf("the server panicked:\n%s", log)
	}
}

func TestEveryRequestGoesTheOneWay(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	defer stop()
	for host, want := range map[string]int{
		"localhost": 404, "LOCALHOST:80": 404, "127.0.0.1:8080": 404, "[::1]": 404, "[::1]:8080": 404,
		"evil.com": 403, "[::1": 403, "[localhost]": 403, "::1": 403, "localhost:abc": 403, "localhost:": 403,
	} {
		got := exchange(t, address, "OPTIONS * HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		if got.StatusCode != want || got.Header.Get("X-Request-Id") == "" {
			t.Errorf("OPTIONS * for %s: got %d with request id %q, want %d", host, got.StatusCode, got.Header.Get("X-Request-Id"), want)
		}
	}
}

func TestOtherOriginsAreRefusedWhereverTheServerListens(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--insecure-no-auth"}, nil)
	defer stop()
	got := exchange(t, address, "POST /v1/customers HTTP/1.1\r\nHost: crm.internal\r\nSec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n"+
		"Connection: close\r\nContent-Length: 14\r\n\r\n{\"name\":\"Ada\"}")
	if got.StatusCode != 403 {
		t.Errorf("got %d, want 403", got.StatusCode)
	}
}

// It tells so for a second: in a bubble whoever asks every tenth of one cannot miss it.
func TestReadinessTellsThatTheServerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener, stop := stoppable(t, memstore.New())
		conn, err := listener.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		stopped := make(chan error, 1)
		go func() { stopped <- stop() }()
		r := bufio.NewReader(conn)
		for {
			if _, err := io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				t.Fatalf("the connection ended before /readyz told that the server stops: %v", err)
			}
			if readResponse(t, r).StatusCode == 503 {
				break
			}
			time.Sleep(drainTime / 10)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

func TestTheDatabaseURLComesFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte(postgrestest.DSN(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stop := started(t, []string{"--listen", "127.0.0.1:0"}, []string{"CUSTOMER_DATABASE_URL_FILE=" + file})
	if status, log := stop(); status != 0 || !strings.Contains(log, "postgres, schema") {
		t.Errorf("exit status %d, log:\n%s", status, log)
	}
}
