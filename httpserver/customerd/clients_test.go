package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// clients are connections that are kept alive, each with one request at a time. They do next to nothing of their own, so that what is measured
// is who answers.
type clients struct {
	list  []*client
	waits []float64 // of every answer, in milliseconds
}

type client struct {
	conn  net.Conn
	r     *bufio.Reader
	out   []byte
	waits []float64
}

func listenForBench(b *testing.B, server *http.Server) (address string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	b.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return listener.Addr().String()
}

func dialAll(b *testing.B, address string) *clients {
	b.Helper()
	all := &clients{}
	for range benchPool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		all.list = append(all.list, &client{conn: conn, r: bufio.NewReaderSize(conn, 64<<10)})
	}
	return all
}

// run asks for as long as told. It returns the answers a second, and what one takes of this process's processors, clients included: other programs on
// the machine change that less.
func (all *clients) run(b *testing.B, t *target, turn time.Duration) (rate float64, busy time.Duration) {
	b.Helper()
	var wg sync.WaitGroup
	began, busyBefore := time.Now(), processorTime(b)
	for _, c := range all.list {
		wg.Go(func() {
			c.waits = c.waits[:0]
			for at := began; at.Sub(began) < turn; {
				c.out = t.print(c.out[:0], t.asked.Add(1))
				if status, err := c.ask(); err != nil || status != t.want {
					b.Errorf("%s: got status %d, error %v, want %d", t.name, status, err, t.want)
					return
				}
				now := time.Now()
				c.waits = append(c.waits, now.Sub(at).Seconds()*1000)
				at = now
			}
		})
	}
	wg.Wait()
	took, count := time.Since(began), 0
	for _, c := range all.list {
		count += len(c.waits)
		all.waits = append(all.waits, c.waits...)
	}
	if b.Failed() {
		b.FailNow()
	}
	return float64(count) / took.Seconds(), (processorTime(b) - busyBefore) / time.Duration(max(count, 1))
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func appendRequest(b []byte, method, path, token string, body []byte) []byte {
	b = fmt.Appendf(b, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n", method, path, token)
	if body != nil {
		b = fmt.Appendf(b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return append(append(b, "\r\n"...), body...)
}

// ask sends what is in out and reads the answer, which tells its length.
func (c *client) ask() (status int, err error) {
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, err
	}
	line, err := c.r.ReadSlice('\n')
	if err != nil || len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("no status line: %w", err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := -1
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) == len("\r\n") {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	_, err = c.r.Discard(length)
	return status, err
}
