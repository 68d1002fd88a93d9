package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Run with -slow=1000 -rounds=9 for the figures of a release: it prints how much slower others are beside slow clients of each kind.
var (
	slow   = flag.Int("slow", 50, "clients with slow headers, as many with slow bodies and as many slow readers, at once")
	rounds = flag.Int("rounds", 1, "measurements of healthy requests with and without them")
)

const (
	healthyClients  = 8
	healthyRequests = 250 // of each
)

// slowKinds are what slow clients send before they stop, and take nothing of the answer.
var slowKinds = map[string]string{
	"headers": "GET /v1/customers HTTP/1.1\r\nHost: localhost\r\nX-Slow: a",
	"bodies":  "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"name\":",
	"readers": "GET /v1/customers?limit=10 HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

// slowDown opens n connections of each kind and returns them.
func slowDown(t *testing.T, address string, n int) (conns []net.Conn) {
	t.Helper()
	for range n {
		for kind, text := range slowKinds {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if tcp, ok := conn.(*net.TCPConn); ok && kind == "readers" {
				// What the kernel holds for a client is out of the server's way.
				_ = tcp.SetReadBuffer(4 << 10)
			}
			if _, err := io.WriteString(conn, text); err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
		}
	}
	return conns
}

// waiting counts the connections of which the server still waits for something, or which wait to take its answer.
func waiting(conns []net.Conn) (n int) {
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		buf := make([]byte, 12)
		_, err := io.ReadFull(conn, buf)
		if errors.Is(err, os.ErrDeadlineExceeded) || string(buf) == "HTTP/1.1 200" {
			n++
		}
	}
	return n
}

// healthy sends requests as clients do that are in no way slow, and returns how long 99 of 100 took at most.
func healthy(t *testing.T, address, id string) (p99 time.Duration) {
	t.Helper()
	requests := []string{
		"GET /v1/customers/" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /v1/customers?name=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\nq=nobody",
	}
	var (
		mu      sync.Mutex
		took    []time.Duration
		clients sync.WaitGroup
	)
	for range healthyClients {
		clients.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			own := make([]time.Duration, 0, healthyRequests)
			for i := range healthyRequests {
				begun := time.Now()
				if _, err := io.WriteString(conn, requests[i%len(requests)]); err != nil {
					t.Error(err)
					return
				}
				response, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
					t.Errorf("a healthy request is answered with %d, %v", response.StatusCode, err)
					return
				}
				own = append(own, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	clients.Wait()
	slices.Sort(took)
	if len(took) == 0 {
		return 0
	}
	return took[len(took)*99/100]
}

// That slow clients take no place from others, a test of the handler shows; this one measures what they cost.
func TestRequestsBesideSlowClientsAreAllAnswered(t *testing.T) {
	p := startProgram(t)
	address := strings.TrimPrefix(p.base, "http://")
	for range 50 {
		p.create(map[string]any{"name": "Large", "notes": strings.Repeat("ä", 5000)})
	}
	var page struct{ Items []struct{ ID string } }
	p.read("/v1/customers?limit=1", &page)
	id := page.Items[0].ID
	healthy(t, address, id)
	var alone, beside, ratios []float64
	for range *rounds {
		without := healthy(t, address, id)
		conns := slowDown(t, address, *slow)
		healthy(t, address, id) // while what the slow ones have sent so far is worked at
		with := healthy(t, address, id)
		held := waiting(conns)
		for _, conn := range conns {
			_ = conn.Close()
		}
		t.Logf("%d of %d slow clients there to the end; p99 of %d healthy requests: %s without them, %s beside them", held, len(conns),
			healthyClients*healthyRequests, without, with)
		if held == 0 {
			t.Error("no slow client was there to the end: nothing was measured")
		}
		alone, beside, ratios = append(alone, ms(without)), append(beside, ms(with)), append(ratios, ms(with)/max(ms(without), 0.001))
	}
	t.Logf("medians of %d rounds: p99 %.2f ms without, %.2f ms beside, ratio %.2f", *rounds, median(alone), median(beside), median(ratios))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func (p *program) read(target string, into any) {
	p.t.Helper()
	response, err := p.client.Get(p.base + target)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != 200 {
		p.t.Fatalf("%s: %d %v", target, response.StatusCode, err)
	}
}

// largest is a body of 256 KiB: every field at its limit, of the characters that take most room, and white space.
func largest(n int) string {
	text := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) }
	var tags, metadata []string
	for i := range 50 {
		tags = append(tags, fmt.Sprintf(`"%s%02d"`, text(62), i))
	}
	for i := range 4 {
		metadata = append(metadata, fmt.Sprintf(`"k%d":"%s"`, i, text(1000)))
	}
	body := `{"name":"` + text(200) + `","company":"` + text(200) + `","notes":"` + text(5000) + fmt.Sprintf(`","external_id":"%s%04d`, text(196), n) +
		`","address":{"line1":"` + text(200) + `","line2":"` + text(200) + `","city":"` + text(100) + `","region":"` + text(100) +
		`","postal_code":"` + text(20) + `","country":"` + text(100) + `"},"tags":[` + strings.Join(tags, ",") + `],"metadata":{` + strings.Join(metadata, ",") + `}`
	return body + strings.Repeat(" ", 256<<10-len(body)-1) + "}"
}

// sendLargest has n of the largest bodies under way at once, all but their last bytes, and then lets them arrive together. It reports whether the time
// that a body has was enough for that: a busy machine needs longer.
func sendLargest(t *testing.T, address string, n int) (inTime bool) {
	t.Helper()
	conns := make([]net.Conn, n)
	var missed atomic.Bool
	failed := func(begun time.Time, format string, args ...any) {
		if time.Since(begun) >= bodyTime {
			missed.Store(true)
			return
		}
		t.Errorf(format, args...)
	}
	begun := time.Now()
	for i := range conns {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		body := largest(i)
		head := fmt.Sprintf("POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
		if _, err := io.WriteString(conn, head+body[:len(body)-1]); err != nil {
			failed(begun, "body %d is cut off: %v", i, err)
			return false
		}
		conns[i] = conn
	}
	var clients sync.WaitGroup
	for _, conn := range conns {
		clients.Go(func() {
			if _, err := io.WriteString(conn, "}"); err != nil {
				failed(begun, "a body is cut off at its last byte: %v", err)
				return
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				failed(begun, "a body is not answered: %v", err)
				return
			}
			if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 201 {
				failed(begun, "got %d %.300s %v", response.StatusCode, body, err)
			}
		})
	}
	clients.Wait()
	return !missed.Load()
}

// bodyTime is what the server gives a request for its body and the store.
const bodyTime = 5 * time.Second
