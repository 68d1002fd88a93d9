package httpserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// crowd is a server with clients that are slow on purpose, on connections in memory: what one does not read the other cannot write.
type crowd struct {
	t        *testing.T
	listener pipes
	server   *http.Server
	clients  []net.Conn
	serving  sync.WaitGroup
}

// gather must be called in a bubble. The crowd ends with [crowd.leave].
func gather(t *testing.T, store customer.Store) *crowd {
	c := &crowd{t: t, listener: pipes{make(chan net.Conn), make(chan struct{})}}
	c.server = &http.Server{Handler: httpserver.New(store, httpserver.WithLogger(discard))}
	c.serving.Go(func() { _ = c.server.Serve(c.listener) })
	return c
}

// sends opens a connection and writes what a client sends before it stops.
func (c *crowd) sends(text string) net.Conn {
	client, conn := net.Pipe()
	c.clients = append(c.clients, client)
	c.listener.conns <- conn
	if _, err := io.WriteString(client, text); err != nil {
		c.t.Fatal(err)
	}
	return client
}

// asks sends a whole request and returns the status of the answer.
func (c *crowd) asks(text string) int {
	response, err := http.ReadResponse(bufio.NewReader(c.sends(text)), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode
}

func (c *crowd) leave() {
	for _, client := range c.clients {
		client.Close()
	}
	c.server.Close()
	c.serving.Wait()
}

const (
	slowBody    = "POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
	wholeGet    = "GET /v1/customers?name=nobody HTTP/1.1\r\nHost: x\r\n\r\n"
	wholeCreate = "POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"name\":\"x\"}"
)

func TestSlowClientsTakeNoPlaceFromOthers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"slow headers": "GET /v1/customers HTTP/1.1\r\nHost",
		"slow bodies":  slowBody,
		"slow readers": "GET /v1/customers?name=long HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := memstore.New()
				if _, err := store.Create(t.Context(), customer.Draft{Name: "long", Notes: strings.Repeat("ä", 5000)}); err != nil {
					t.Fatal(err)
				}
				c := gather(t, store)
				defer c.leave()
				for range 1000 {
					c.sends(text)
				}
				synctest.Wait()
				if got := c.asks(wholeGet); got != 200 {
					t.Errorf("beside 1,000 of them a list is answered with %d", got)
				}
				if got := c.asks(wholeCreate); got != 201 {
					t.Errorf("beside 1,000 of them a create is answered with %d", got)
				}
			})
		})
	}
}

// 2,048 wait, and 512 more keep the places of those that are worked at.
func TestWhatWaitsForItsClientIsBounded(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{2048 + 511: 200, 2048 + 512: 503, 2048 + 513: 503} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := gather(t, memstore.New())
				defer c.leave()
				for range n {
					c.sends(slowBody)
				}
				synctest.Wait()
				if got := c.asks(wholeGet); got != want {
					t.Errorf("beside %d slow bodies a list is answered with %d, want %d", n, got, want)
				}
			})
		})
	}
}

// A body that has come needs a place again, and there is none.
func TestABodyThatHasComeIsWorkedAtWithinTheLimit(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{511: 201, 512: 503} {
		synctest.Test(t, func(t *testing.T) {
			c := gather(t, stuck{memstore.New()})
			defer c.leave()
			head, rest := wholeCreate[:len(wholeCreate)-5], wholeCreate[len(wholeCreate)-5:]
			slow := c.sends(head)
			synctest.Wait()
			for range n {
				c.sends(wholeGet)
			}
			synctest.Wait()
			if _, err := io.WriteString(slow, rest); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(slow), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != want || (response.Header.Get("Retry-After") != "") != (want == 503) {
				t.Errorf("beside %d requests: got %s, Retry-After %q", n, response.Status, response.Header.Get("Retry-After"))
			}
		})
	}
}
