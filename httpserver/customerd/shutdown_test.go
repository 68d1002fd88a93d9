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
	r     *bufio.Reader
	rest  string
	begun time.Time
}

// late reports whether the time was up that a request has, which a busy machine may need for others.
func (f *inFlight) late() bool { return time.Since(f.begun) >= bodyTime }

// dialer opens a connection to a server, if it still listens.
type dialer func(context.Context) (net.Conn, error)

// begin sends n creates, of every second one all and of the others half of the body. The server has asked for all bodies when it returns: each
// request has begun.
func begin(t *testing.T, dial dialer, n int) []*inFlight {
	t.Helper()
	requests := make([]*inFlight, n)
	for i := range requests {
		conn, err := dial(t.Context())
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
	body, begun := fmt.Sprintf(`{"name":"Customer %d"}`, i), time.Now()
	if _, err := fmt.Fprintf(conn, "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body)); err != nil {
		t.Fatal(err)
	}
	f := &inFlight{conn, bufio.NewReader(conn), body[len(body)/2:], begun}
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
func ready(ctx context.Context, dial dialer) (says string, ok bool) {
	conn, err := dial(ctx)
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

// stopUnderLoad stops a program while 200 creates are in flight, which release lets go on when no connection is accepted any more. It returns what
// the machine was too busy for: /readyz was not asked while it told, or a request had no more time.
func stopUnderLoad(t *testing.T, dial dialer, pause func(), stop func() error, release func()) (missed []string) {
	t.Helper()
	requests := begin(t, dial, 200)
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	stopping := false
	for ; ; pause() {
		says, ok := ready(t.Context(), dial)
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
		missed = append(missed, "until the listener closed /readyz never told that the server stops")
	}
	release()
	for i, f := range requests {
		if err := f.finish(fmt.Sprintf(`"Customer %d"`, i)); err != nil && f.late() {
			missed = append(missed, fmt.Sprintf("request %d has no more time: %v", i, err))
		} else if err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if err := <-ended; err != nil && missed == nil {
		t.Error(err)
	}
	return missed
}

// finish sends the rest of the request, which must be answered with the customer.
func (f *inFlight) finish(customer string) error {
	if f.rest != "" {
		if _, err := io.WriteString(f, f.rest); err != nil {
			return fmt.Errorf("it is cut off: %w", err)
		}
	}
	response, err := http.ReadResponse(f.r, nil)
	if err != nil {
		return fmt.Errorf("it is not answered: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 201 || !strings.Contains(string(body), customer) {
		return fmt.Errorf("it is answered with %d %s %v", response.StatusCode, body, err)
	}
	return nil
}

// stoppable serves the store on connections in memory until stop is called, or the test ends.
func stoppable(t *testing.T, store customer.Store) (listener pipes, stop func() error) {
	t.Helper()
	handler := httpserver.New(store, httpserver.WithLogger(nopLog()))
	listener = pipes{make(chan net.Conn), make(chan struct{}), new(sync.Once)}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serveUntil(ctx, newServer(handler, nopLog()), handler, listener, nopLog()) }()
	return listener, func() error {
		cancel()
		return <-served
	}
}

func TestStoppingFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := gated{memstore.New(), make(chan struct{}), false}
		listener, stop := stoppable(t, store)
		for _, missed := range stopUnderLoad(t, listener.dial, func() { time.Sleep(drainTime / 10) }, stop, func() { close(store.gate) }) {
			t.Error(missed)
		}
		if total, err := store.Count(t.Context(), nil, 0); err != nil || total.Value != 200 {
			t.Errorf("%d customers are there, %v", total.Value, err)
		}
	})
}

// What a busy machine has no time for proves nothing: then another program is stopped.
func TestStoppingFinishesWhatIsInFlightOnPostgres(t *testing.T) {
	t.Parallel()
	var missed []string
	for range 5 {
		if missed = stopOnPostgres(t); missed == nil {
			return
		}
	}
	t.Errorf("five times in a row: %s", strings.Join(missed, "\n"))
}

func stopOnPostgres(t *testing.T) (missed []string) {
	t.Helper()
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
	missed = stopUnderLoad(t, func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }, func() {}, func() error {
		if status, log := stop(); status != 0 || !strings.Contains(log, "stopped") {
			return fmt.Errorf("exit status %d, log:\n%s", status, log)
		}
		return nil
	}, func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if total, err := postgres.New(pool).Count(t.Context(), nil, 0); missed == nil && (err != nil || total.Value != 200) {
		t.Errorf("%d customers are there, %v", total.Value, err)
	}
	return missed
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

func (l pipes) dial(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
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
		listener, stop := stoppable(t, store)
		client, err := listener.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f := beginOn(t, client, 0)
		synctest.Wait()
		begun, stopped := time.Now(), make(chan error, 1)
		go func() { stopped <- stop() }()
		if _, err := f.r.ReadByte(); err == nil {
			t.Error("a request that never ends is answered")
		}
		err = <-stopped
		if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "15s") || took != drainTime+stopTimeout {
			t.Errorf("after %s: %v", took, err)
		}
		close(store.gate)
		synctest.Wait()
	})
}
