package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/customer/postgres/postgrestest"
)

// Run with -creates=10000 for the figures of a release.
var creates = flag.Int("creates", 0, "creates in the tests of retries; 0: 1,000 in memory and 500 on PostgreSQL")

// courier sends creates over one connection until it is cut, and then over the next.
type courier struct {
	address string
	random  *rand.Rand
	conn    net.Conn
	r       *bufio.Reader
	cut     *atomic.Int64
	again   *atomic.Int64
}

// The three places where three of ten requests are cut off, one each.
const (
	cutBefore = iota // in the middle of the request
	cutDuring        // before the answer
	cutAfter         // when the answer comes
)

// deliver repeats a request until it is answered.
func (c *courier) deliver(request string) error {
	for range 100 {
		if c.attempt(request) {
			return nil
		}
		c.hangUp()
	}
	return fmt.Errorf("100 attempts failed of\n%s", request)
}

// attempt reports whether the request was answered with success and the answer read.
func (c *courier) attempt(request string) bool {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			return false
		}
		c.conn, c.r = conn, bufio.NewReader(conn)
	}
	where := c.random.IntN(10)
	if where <= cutAfter {
		c.cut.Add(1)
	}
	sent := request
	if where == cutBefore {
		sent = request[:1+c.random.IntN(len(request)-1)]
	}
	if _, err := io.WriteString(c.conn, sent); err != nil || where == cutBefore || where == cutDuring {
		return false
	}
	if where == cutAfter {
		_, _ = c.r.ReadByte()
		return false
	}
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusCreated {
		return false
	}
	if response.Header.Get("Idempotent-Replayed") != "" {
		c.again.Add(1)
	}
	return true
}

// hangUp resets the connection, so that nothing that is still under way arrives.
func (c *courier) hangUp() {
	if c.conn == nil {
		return
	}
	if conn, ok := c.conn.(*net.TCPConn); ok {
		_ = conn.SetLinger(0)
	}
	_ = c.conn.Close()
	c.conn = nil
}

// createAll creates n customers from 16 clients and returns how many there are then.
func createAll(t *testing.T, address string, n int, keys bool) (rows int) {
	t.Helper()
	var (
		seed            = uint64(time.Now().UnixNano())
		next            atomic.Int64
		cut, again      atomic.Int64
		clients         sync.WaitGroup
		began           = time.Now()
		newLine, failed = "\r\n", make(chan error, 16)
	)
	for i := range cap(failed) {
		clients.Go(func() {
			c := &courier{address: address, random: rand.New(rand.NewPCG(seed, uint64(i))), cut: &cut, again: &again}
			defer c.hangUp()
			for k := next.Add(1); k <= int64(n); k = next.Add(1) {
				body := fmt.Sprintf(`{"name":"Customer %d"}`, k)
				key := ""
				if keys {
					key = fmt.Sprintf("Idempotency-Key: %d-%d", seed, k) + newLine
				}
				if err := c.deliver(fmt.Sprintf("POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
					key, len(body), body)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	clients.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	rows = total(t, address)
	t.Logf("%d creates, seed %d: %d connections cut, %d answers were replays, %d rows, %s", n, seed, cut.Load(), again.Load(), rows, time.Since(began).Round(time.Millisecond))
	return rows
}

// total returns how many customers there are when no request is under way any more, which a connection that was cut leaves for a moment.
func total(t *testing.T, address string) int {
	t.Helper()
	for last := -1; ; {
		_, body := ask(t, "GET", "http://"+address+"/v1/customers?limit=1&count=exact", "")
		var page struct{ Total struct{ Value int } }
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		if page.Total.Value == last {
			return last
		}
		last = page.Total.Value
	}
}

func TestARetryNeverMakesASecondCustomer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		creates int
		env     func(t *testing.T) []string
	}{
		"in memory":     {1000, func(*testing.T) []string { return nil }},
		"on PostgreSQL": {500, func(t *testing.T) []string { return []string{"DATABASE_URL=" + postgrestest.DSN(t)} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, tc.env(t))
			n := cmp.Or(*creates, tc.creates)
			if rows := createAll(t, address, n, true); rows != n {
				t.Errorf("%d customers of %d keys", rows, n)
			}
			stop()
		})
	}
}

// Without keys the same retries make some customers twice: the test would see it.
func TestTheRetriesWouldMakeASecondCustomer(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, nil)
	if rows := createAll(t, address, 500, false); rows <= 500 {
		t.Errorf("%d customers of 500 creates without keys", rows)
	}
	stop()
}
