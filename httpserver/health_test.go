package httpserver_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	server := httpserver.New(memstore.New(), httpserver.WithVersion("v1.2.3"))
	a := api{t, server}
	a.send("GET", "/livez", "").want(200)
	a.send("GET", "/readyz", "").want(200)
	if got := string(a.send("GET", "/version", "").want(200).body); got != `{"version":"v1.2.3"}` {
		t.Errorf("got %s", got)
	}
	server.Drain()
	a.send("GET", "/livez", "").want(200)
	a.send("GET", "/readyz", "").wantCode(503, "unavailable")
	a.send("GET", "/v1/customers", "").want(200)
}

func TestReadinessFollowsTheStore(t *testing.T) {
	t.Parallel()
	a := over(t, failing{errors.New("password=hunter2")})
	a.send("GET", "/livez", "").want(200)
	a.send("GET", "/readyz", "").wantCode(503, "unavailable")
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		over(t, stuck{memstore.New()}).do("GET", "/readyz", "").want(503)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestTheDocumentIsServedAndCached(t *testing.T) {
	t.Parallel()
	a := open(t)
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	got := a.send("GET", "/openapi.json", "").want(200)
	if diff := cmp.Diff(string(want), string(got.body)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	tag := got.header.Get("ETag")
	a.send("GET", "/openapi.json", "", "If-None-Match: "+tag).want(304)
	a.send("HEAD", "/openapi.json", "", "If-None-Match: W/"+tag).want(304)
	a.send("GET", "/openapi.json", "", `If-None-Match: "0"`).want(200)
	a.send("GET", "/openapi.json", "", `If-None-Match: junk`).want(200)
}

func TestEveryCheckIsToldWhenAskedFor(t *testing.T) {
	t.Parallel()
	type result struct{ Name, Status, Detail string }
	ask := func(t *testing.T, checks ...httpserver.Check) (plain, verbose answer, results []result) {
		a := open(t, httpserver.WithReadiness(func(context.Context) []httpserver.Check { return checks }))
		plain, verbose = a.send("GET", "/readyz", ""), a.send("GET", "/readyz?verbose", "")
		var body struct{ Checks []result }
		verbose.decode(&body)
		return plain, verbose, body.Checks
	}
	t.Run("what is degraded does not keep the server from serving", func(t *testing.T) {
		t.Parallel()
		plain, verbose, got := ask(t, httpserver.Check{Name: "database"}, httpserver.Check{Name: "keys", Err: errors.New("some wait"), Minor: true})
		plain.want(200)
		verbose.want(200)
		if diff := cmp.Diff([]result{{"server", "ok", ""}, {"database", "ok", ""}, {"keys", "degraded", "some wait"}}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if string(plain.body) != `{"status":"ok"}` {
			t.Errorf("got %s", plain.body)
		}
	})
	t.Run("what failed does", func(t *testing.T) {
		t.Parallel()
		plain, verbose, got := ask(t, httpserver.Check{Name: "database", Err: errors.New("it is read-only")})
		if detail := plain.wantCode(503, "unavailable").problem().Detail; detail != "Not ready: it is read-only." {
			t.Errorf("got %q", detail)
		}
		verbose.wantCode(503, "unavailable")
		if diff := cmp.Diff([]result{{"server", "ok", ""}, {"database", "failed", "it is read-only"}}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestManyProbesAskTheStoreOnce lets nobody keep the store busy by asking whether it is.
func TestManyProbesAskTheStoreOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, answer := make(chan struct{}, 20), make(chan struct{})
		a := open(t, httpserver.WithReadiness(func(ctx context.Context) []httpserver.Check {
			asked <- struct{}{}
			<-answer
			return []httpserver.Check{{Name: "database", Err: ctx.Err()}}
		}))
		first, leave := context.WithCancel(t.Context())
		statuses := make(chan int, 20)
		probe := func(ctx context.Context) {
			w := httptest.NewRecorder()
			a.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "http://localhost/readyz", nil))
			statuses <- w.Code
		}
		go probe(first)
		synctest.Wait()
		for range 19 {
			go probe(t.Context())
		}
		leave()
		synctest.Wait()
		close(answer)
		for range 20 {
			if got := <-statuses; got != 200 {
				t.Errorf("status %d, want 200: the first one that asks went away, the others did not", got)
			}
		}
		if got := len(asked); got != 1 {
			t.Errorf("%d checks, want 1", got)
		}
	})
}
