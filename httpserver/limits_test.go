package httpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

const maxBody = 256 << 10

func TestBodiesUpTo256KiB(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	for size, want := range map[int]int{maxBody - 1: 200, maxBody: 200, maxBody + 1: 413, 2 * maxBody: 413} {
		form := "q=" + strings.Repeat("a", size-2) // too long for q, which only a body that is read can tell
		patch := `{"name":"x"` + strings.Repeat(" ", size-12) + "}"
		for _, r := range []*http.Request{request("POST", "/v1/search", form), request("PATCH", target, patch)} {
			for _, length := range []int64{int64(size), -1} {
				r := r.Clone(t.Context())
				body := form
				if r.Method == "PATCH" {
					body = patch
				}
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), length
				w := httptest.NewRecorder()
				a.handler.ServeHTTP(w, r)
				got := answer{t, w.Code, w.Result().Header, w.Body.Bytes()}
				switch {
				case want == 413:
					got.wantCode(413, "body_too_large")
				case r.Method == "PATCH":
					got.want(200)
				default:
					got.wantCode(400, "invalid_query")
				}
			}
		}
	}
	a.send("POST", "/v1/search", strings.Repeat("&", maxBody+1)).wantCode(413, "body_too_large")

	// Of unknown length, of a wrong type and too large: the type is told first.
	r := request("POST", "/v1/customers", "x", "Content-Type: text/plain")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", maxBody+1))), -1
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	answer{t, w.Code, w.Result().Header, w.Body.Bytes()}.wantCode(415, "unsupported_media_type")
}

// Every field at its limit, of the characters that take most room, escaped: as large as a body of a legal customer gets.
func TestTheLargestLegalCustomerFits(t *testing.T) {
	t.Parallel()
	a := open(t)
	text := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) }
	var tags, metadata []string
	for i := range 50 {
		tags = append(tags, `"`+text(62)+string(rune('a'+i/26))+string(rune('a'+i%26))+`"`)
	}
	for i := range 4 {
		metadata = append(metadata, `"`+string(rune('a'+i))+`":"`+text(1000)+`"`)
	}
	body := `{"name":"` + text(200) + `","company":"` + text(200) + `","notes":"` + text(5000) + `","external_id":"` + text(200) +
		`","address":{"line1":"` + text(200) + `","line2":"` + text(200) + `","city":"` + text(100) + `","region":"` + text(100) +
		`","postal_code":"` + text(20) + `","country":"` + text(100) + `"},"tags":[` + strings.Join(tags, ",") + `],"metadata":{` + strings.Join(metadata, ",") + `}}`
	if len(body) > maxBody {
		t.Fatalf("the body has %d bytes", len(body))
	}
	target := "/v1/customers/" + a.create(body).ID.String()
	whole := a.send("GET", target, "").want(200).body
	a.send("PATCH", target, string(whole)).want(200)
}

func TestJSONNestsAtMost32Deep(t *testing.T) {
	t.Parallel()
	a := open(t)
	for depth, want := range map[int]int{31: 422, 32: 422, 33: 400} {
		arrays := `{"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
		objects := strings.Repeat(`{"x":`, depth) + "1" + strings.Repeat("}", depth)
		for _, body := range []string{arrays, objects, `{"version":` + arrays[5:len(arrays)-1] + `}`} {
			a.send("POST", "/v1/customers", body).want(want)
		}
	}
}

func TestAtMost100FaultsAreListed(t *testing.T) {
	t.Parallel()
	a := open(t)
	for n, want := range map[int]int{99: 99, 100: 100, 101: 100, 5000: 100} {
		wrong := "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]"
		invalid := "[" + strings.TrimSuffix(strings.Repeat(`"a,b",`, n), ",") + "]"
		for _, body := range []string{`{"name":"x","tags":` + wrong + `}`, `{"name":"x","tags":` + invalid + `}`} {
			got := a.send("POST", "/v1/customers", body).wantCode(422, "validation_failed").problem()
			if len(got.Errors) != want || (n > 100) != strings.Contains(got.Detail, "first 100 faults") {
				t.Errorf("%d faults: got %d, %q", n, len(got.Errors), got.Detail)
			}
		}
	}
	var query bytes.Buffer
	for i := range 2000 {
		query.WriteString("&x" + strings.Repeat("y", i%100) + string(rune('a'+i%26)) + "=1")
	}
	if got := a.send("POST", "/v1/search", query.String()[1:]).wantCode(400, "unknown_parameter").problem(); len(got.Errors) != 100 {
		t.Errorf("got %d faults", len(got.Errors))
	}
}

func TestLongNamesAreNotRepeatedWhole(t *testing.T) {
	t.Parallel()
	a := open(t)
	long := strings.Repeat("n", 5000)
	for _, got := range []answer{a.send("POST", "/v1/customers", `{"name":"x","`+long+`":1}`), a.send("POST", "/v1/search", long+"=1")} {
		if len(got.body) > 2000 {
			t.Errorf("got %d bytes for a name of 5000", len(got.body))
		}
	}
}

// stuck is a store whose searches take until the caller gives up.
type stuck struct{ *memstore.Store }

func (s stuck) Search(ctx context.Context, _ customer.Query) (customer.Page, error) {
	<-ctx.Done()
	return customer.Page{}, ctx.Err()
}

func TestARequestEndsAfter5Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		got := over(t, stuck{memstore.New()}).do("GET", "/v1/customers", "").wantCode(503, "timeout")
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("it took %s", took)
		}
		if got.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

// pipes is a listener whose connections are in memory, so that their deadlines follow the clock of the bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l pipes) Close() error   { close(l.closed); return nil }
func (l pipes) Addr() net.Addr { return &net.IPAddr{} }

func TestASlowBodyEndsAfter5Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: httpserver.New(memstore.New())}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(listener) })
		client, conn := net.Pipe()
		listener.conns <- conn
		begin := time.Now()
		if _, err := io.WriteString(client, "POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); response.StatusCode != 503 || took != 5*time.Second {
			t.Errorf("got %d after %s", response.StatusCode, took)
		}
		client.Close()
		server.Close()
		serving.Wait()
	})
}

func TestAtMost512RequestsAreInFlight(t *testing.T) {
	t.Parallel()
	for n, refused := range map[int]int{511: 0, 512: 0, 513: 1} {
		synctest.Test(t, func(t *testing.T) {
			a := over(t, stuck{memstore.New()})
			codes := make(chan string, n)
			var requests sync.WaitGroup
			for range n {
				requests.Go(func() { codes <- a.do("GET", "/v1/customers", "").problem().Code })
			}
			synctest.Wait()
			if a.do("GET", "/livez", "").status != 200 {
				t.Error("/livez fails under load")
			}
			requests.Wait()
			close(codes)
			got := map[string]int{}
			for code := range codes {
				got[code]++
			}
			if got["overloaded"] != refused || got["timeout"] != n-refused {
				t.Errorf("%d requests: got %v", n, got)
			}
			if a.do("GET", "/v1/customers/"+customer.NewID().String(), "").status != 404 {
				t.Error("the places are not free again")
			}
		})
	}
}

func TestAPanicIsA500AndFreesItsPlace(t *testing.T) {
	t.Parallel()
	a := over(t, panics{})
	for range 600 {
		a.do("GET", "/v1/customers", "").wantCode(500, "internal")
	}
	a.send("GET", "/v1/customers", "").wantCode(500, "internal")
}

// panics is a store with a bug.
type panics struct{ customer.Store }
