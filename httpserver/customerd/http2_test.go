package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// speaks returns a client of one version of HTTP, without TLS and without asking the server first, that counts its connections.
func speaks(version int, dial func(context.Context) (net.Conn, error)) (client *http.Client, dials *atomic.Int64) {
	dials = new(atomic.Int64)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(version == 1)
	protocols.SetUnencryptedHTTP2(version == 2)
	transport := &http.Transport{Protocols: protocols, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx)
	}}
	return &http.Client{Transport: transport}, dials
}

// post sends a create and returns its answer, whose body has been read.
func post(t *testing.T, client *http.Client, base string, length int64, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", base+"/v1/customers", body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// inMemory serves an empty store until end is called. It must be called in a bubble: time-outs follow the clock there, on which work takes no time.
func inMemory() (listener pipes, end func()) {
	listener = pipes{make(chan net.Conn), make(chan struct{}), new(sync.Once)}
	server := newServer(httpserver.New(memstore.New(), httpserver.WithLogger(nopLog())), nopLog())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	return listener, func() {
		_ = server.Close()
		serving.Wait()
		// So long net/http holds on to a connection whose body it has not read to the end.
		time.Sleep(time.Second)
	}
}

func TestBothVersionsOfHTTPMeanTheSame(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		t.Run(fmt.Sprintf("HTTP/%d", version), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { answersOver(t, version) })
		})
	}
}

func answersOver(t *testing.T, version int) {
	listener, end := inMemory()
	defer end()
	client, _ := speaks(version, listener.dial)
	defer client.CloseIdleConnections()
	for _, tc := range []struct {
		name   string
		body   string
		length int64
		want   int
		code   string
	}{
		{"a create", `{"name":"Ada"}`, 14, 201, `"name":"Ada"`},
		{"a create of unknown length", `{"name":"Ada"}`, -1, 201, `"name":"Ada"`},
		{"a body at the limit", `{"name":"Ada"` + strings.Repeat(" ", 256<<10-14) + "}", 256 << 10, 201, `"name":"Ada"`},
		{"a body over the limit", strings.Repeat(" ", 256<<10+1), 256<<10 + 1, 413, "body_too_large"},
		{"a body over the limit, of unknown length", strings.Repeat(" ", 256<<10+1), -1, 413, "body_too_large"},
		{"a body far over the limit", strings.Repeat(" ", 4<<20), 4 << 20, 413, "body_too_large"},
		{"a body that is no JSON", "{", 1, 400, "malformed_request"},
	} {
		begun := time.Now()
		response, text := post(t, client, "http://localhost", tc.length, io.MultiReader(strings.NewReader(tc.body)))
		if took := time.Since(begun); took >= bodyTime {
			t.Errorf("%s over HTTP/%d: the end of the answer comes after %s, when the server has given the body up", tc.name, version, took)
		}
		if response.ProtoMajor != version || response.StatusCode != tc.want || !strings.Contains(text, tc.code) {
			t.Errorf("%s over HTTP/%d: got %s %.300s over HTTP/%d, want %d with %s", tc.name, version, response.Status, text, response.ProtoMajor, tc.want, tc.code)
		}
	}
}

func TestASlowBodyEndsAfter5SecondsOnBothVersions(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		t.Run(fmt.Sprintf("HTTP/%d", version), slowBodyOver(version))
	}
}

func slowBodyOver(version int) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			listener, end := inMemory()
			client, _ := speaks(version, listener.dial)
			r, w := io.Pipe()
			var sending sync.WaitGroup
			sending.Go(func() { _, _ = io.WriteString(w, `{"name":`) })
			begun := time.Now()
			response, text := post(t, client, "http://localhost", 99, r)
			if took := time.Since(begun); response.ProtoMajor != version || response.StatusCode != 503 || !strings.Contains(text, `"timeout"`) || took.Truncate(100*time.Millisecond) != 5*time.Second {
				t.Errorf("over HTTP/%d: got %s %s after %s", version, response.Status, text, took)
			}
			_ = w.CloseWithError(errors.New("no more"))
			client.CloseIdleConnections()
			end()
			sending.Wait()
		})
	}
}

// A client that keeps to the limit opens a second connection for the next request.
func TestAConnectionHas100Streams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, opens101Streams)
}

func opens101Streams(t *testing.T) {
	listener, end := inMemory()
	defer end()
	client, dials := speaks(2, listener.dial)
	defer client.CloseIdleConnections()
	// From here on the client knows what the server allows, and has done with the first stream.
	if response, _ := post(t, client, "http://localhost", -1, strings.NewReader(`{"name":"first"}`)); response.StatusCode != 201 {
		t.Fatalf("got %s", response.Status)
	}
	synctest.Wait()
	var (
		requests sync.WaitGroup
		bodies   []*io.PipeWriter
	)
	for n := 1; n <= 101; n++ {
		r, w := io.Pipe()
		bodies = append(bodies, w)
		wrote, once := make(chan struct{}), new(sync.Once)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteHeaders: func() { once.Do(func() { close(wrote) }) }})
		requests.Go(func() {
			request, err := http.NewRequestWithContext(ctx, "POST", "http://localhost/v1/customers", r)
			if err != nil {
				t.Error(err)
				return
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 201 {
				t.Errorf("stream %d: %s, %v", n, response.Status, err)
			}
		})
		<-wrote
		if got, want := dials.Load(), int64(1+n/101); got != want {
			t.Errorf("with %d requests at once there are %d connections, want %d", n, got, want)
		}
	}
	for _, w := range bodies {
		if _, err := io.WriteString(w, `{"name":"x"}`); err != nil {
			t.Error(err)
		}
		_ = w.Close()
	}
	requests.Wait()
}
