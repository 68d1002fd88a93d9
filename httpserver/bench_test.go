package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// BenchmarkGet reads one customer over a connection that is kept alive, in turn from the server and from a handler that has the same answer
// ready. The ratio is what all rules together leave of the speed of net/http: both requests a second, the server's by the handler's.
func BenchmarkGet(b *testing.B) {
	store := memstore.New()
	var last customer.Customer
	for i := range 1000 {
		var err error
		last, err = store.Create(context.Background(), customer.Draft{
			Name: fmt.Sprintf("Name %d", i), Email: fmt.Sprintf("n%d@example.com", i), Company: "Acme", Tags: []string{"vip"}, Metadata: map[string]string{"plan": "gold"},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	target := "/v1/customers/" + last.ID.String()
	body := last.AppendJSON(nil)
	prepared := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
	ours, theirs := dial(b, httpserver.New(store, httpserver.LoopbackOnly()), target), dial(b, prepared, target)
	var took, floor time.Duration
	for b.Loop() {
		took += ours.get(b)
		floor += theirs.get(b)
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/get")
	b.ReportMetric(float64(floor.Nanoseconds())/float64(b.N), "ns/prepared")
	b.ReportMetric(float64(floor)/float64(took), "ratio")
}

// BenchmarkHandler leaves the network out: what the handler itself costs.
func BenchmarkHandler(b *testing.B) {
	store := memstore.New()
	c, err := store.Create(context.Background(), customer.Draft{Name: "Ada", Email: "ada@example.com"})
	if err != nil {
		b.Fatal(err)
	}
	server := httpserver.New(store)
	for name, r := range map[string]*http.Request{
		"get":    request("GET", "/v1/customers/"+c.ID.String(), ""),
		"list":   request("GET", "/v1/customers?name.contains=ada&limit=5", ""),
		"search": request("GET", "/v1/customers?q=ada+-tag:x", ""),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				server.ServeHTTP(sink{http.Header{}}, r)
			}
		})
	}
}

type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) Write(b []byte) (int, error) { return len(b), nil }
func (s sink) WriteHeader(int)             {}

// connection is a client that does next to nothing of its own, so that what is measured is the server.
type connection struct {
	net.Conn
	r       *bufio.Reader
	request string
}

func dial(b *testing.B, handler http.Handler, target string) *connection {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		server.Close()
		<-done
	})
	return &connection{conn, bufio.NewReader(conn), "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"}
}

func (c *connection) get(b *testing.B) time.Duration {
	begin := time.Now()
	if _, err := io.WriteString(c, c.request); err != nil {
		b.Fatal(err)
	}
	response, err := http.ReadResponse(c.r, nil)
	if err != nil || response.StatusCode != 200 {
		b.Fatal(response, err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}
