package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// gated is a store whose creates wait until the gate opens, and longer than their callers if they are stubborn.
type gated struct {
	*memstore.Store
	gate     chan struct{}
	stubborn bool
}

func (s gated) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	done := ctx.Done()
	if s.stubborn {
		done = nil
	}
	select {
	case <-s.gate:
	case <-done:
		return customer.Customer{}, ctx.Err()
	}
	return s.Store.Create(ctx, d)
}

// inFlight is a create on a connection of its own, whose body is not all sent.
type inFlight struct {
	net.Conn
	r    *bufio.Reader
	rest string
}

// begin sends n creates, of every second one all and of the others half of the body. The server has asked for all bodies when it returns: each
// request has begun.
func begin(t *testing.T, address string, n int) []*inFlight {
	t.Helper()
	requests := make([]*inFlight, n)
	for i := range requests {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		requests[i] = beginOn(t, conn, i)
	}
	return requests
}

func beginOn(t *testing.T, conn net.Conn, i int) *inFlight {
	t.Helper()
	body := fmt.Sprintf(`{"name":"Customer %d"}`, i)
	if _, err := fmt.Fprintf(conn, "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body)); err != nil {
		t.Fatal(err)
	}
	f := &inFlight{conn, bufio.NewReader(conn), body[len(body)/2:]}
	line, err := f.r.ReadString('\n')
	if err != nil || !strings.Contains(line, "100") {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := f.r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	sent := body[:len(body)/2]
	if i%2 == 0 {
		sent, f.rest = body, ""
	}
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	return f
}

// ready returns what /readyz says on a new connection; ok is false if there is none to be had.
func ready(address string) (says string, ok bool) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return "", false
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return "", true
	}
	// The listener may close on a connection that it has not accepted yet.
	text, _ := io.ReadAll(conn)
	return string(text), true
}

// stopUnderLoad stops a program while 200 creates are in flight, which release lets go on when no connection is accepted any more.
func stopUnderLoad(t *testing.T, address string, stop func() (int, string), release func()) {
	t.Helper()
	requests := begin(t, address, 200)
	type end struct {
		status int
		log    string
	}
	ended := make(chan end, 1)
	go func() {
		status, log := stop()
		ended <- end{status, log}
	}()
	stopping := false
	for {
		says, ok := ready(address)
		if !ok {
			break
		}
		told := strings.HasPrefix(says, "HTTP/1.1 503") && strings.Contains(says, "The server is stopping")
		if stopping && says != "" && !told {
			t.Errorf("the server is ready again: %s", says)
		}
		stopping = stopping || told
	}
	if !stopping {
		t.Error("until the listener closed /readyz never told that the server stops")
	}
	release()
	for i, f := range requests {
		if _, err := io.WriteString(f, f.rest); err != nil {
			t.Errorf("request %d is cut off: %v", i, err)
		}
	}
	for i, f := range requests {
		response, err := http.ReadResponse(f.r, nil)
		if err != nil {
			t.Errorf("request %d is not answered: %v", i, err)
			continue
		}
		if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 201 || !strings.Contains(string(body), fmt.Sprintf(`"Customer %d"`, i)) {
			t.Errorf("request %d is answered with %d %s %v", i, response.StatusCode, body, err)
		}
	}
	if got := <-ended; got.status != 0 || !strings.Contains(got.log, "stopped") {
		t.Errorf("exit status %d, log:\n%s", got.status, got.log)
	}
}

func TestStoppingFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	store := gated{memstore.New(), make(chan struct{}), false}
	handler := httpserver.New(store, httpserver.WithLogger(nopLog()))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serveUntil(ctx, newServer(handler, nopLog()), handler, listener, nopLog()) }()
	stopUnderLoad(t, listener.Addr().String(), func() (int, string) {
		cancel()
		if err := <-served; err != nil {
			return 1, err.Error()
		}
		return 0, "stopped"
	}, func() { close(store.gate) })
	if total, err := store.Count(t.Context(), nil, 0); err != nil || total.Value != 200 {
		t.Errorf("%d customers are there, %v", total.Value, err)
	}
}

func TestStoppingFinishesWhatIsInFlightOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.DSN(t)
	pool := postgrestest.Open(t, dsn)
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--database-url", dsn}, nil)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// It lets readers in and keeps writers waiting.
	if _, err := tx.Exec(t.Context(), "LOCK TABLE customers IN EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	stopUnderLoad(t, address, stop, func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if total, err := postgres.New(pool).Count(t.Context(), nil, 0); err != nil || total.Value != 200 {
		t.Errorf("%d customers are there, %v", total.Value, err)
	}
}

// pipes is a listener whose connections are in memory, so that their deadlines follow the clock of the bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   *sync.Once
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l pipes) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l pipes) Addr() net.Addr { return &net.IPAddr{} }

func TestARequestThatNeverEndsIsCutOffAfter15Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := gated{memstore.New(), make(chan struct{}), true}
		handler := httpserver.New(store, httpserver.WithLogger(nopLog()))
		listener := pipes{make(chan net.Conn), make(chan struct{}), new(sync.Once)}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- serveUntil(ctx, newServer(handler, nopLog()), handler, listener, nopLog()) }()
		client, conn := net.Pipe()
		listener.conns <- conn
		f := beginOn(t, client, 0)
		synctest.Wait()
		begun := time.Now()
		cancel()
		if _, err := f.r.ReadByte(); err == nil {
			t.Error("a request that never ends is answered")
		}
		err := <-served
		if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "15s") || took != drainTime+stopTimeout {
			t.Errorf("after %s: %v", took, err)
		}
		close(store.gate)
		synctest.Wait()
	})
}
