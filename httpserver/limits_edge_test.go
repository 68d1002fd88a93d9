package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

// late is a store whose answers take their time, unless the caller gives up before.
type late struct {
	*memstore.Store
	by time.Duration
}

func (s late) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	select {
	case <-time.After(s.by):
		return s.Store.Search(ctx, q)
	case <-ctx.Done():
		return customer.Page{}, ctx.Err()
	}
}

func TestTheDeadlinesOfTheStore(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		target string
		by     time.Duration
		want   int
	}{
		"a list that takes a moment less than 5 s":  {"/v1/customers", 5*time.Second - time.Microsecond, 200},
		"a list that takes a moment more":           {"/v1/customers", 5*time.Second + time.Microsecond, 503},
		"readiness that takes a moment less than 1": {"/readyz", time.Second - time.Microsecond, 200},
		"readiness that takes a moment more":        {"/readyz", time.Second + time.Microsecond, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := over(t, late{memstore.New(), tc.by}).do("GET", tc.target, "").want(tc.want)
				if (got.header.Get("Retry-After") == "") == (tc.want == 503) {
					t.Errorf("got Retry-After %q", got.header.Get("Retry-After"))
				}
			})
		})
	}
}

// What comes in small pieces has the same time in all as what does not come.
func TestTheTimeOfABodyIsThatOfAllOfIt(t *testing.T) {
	t.Parallel()
	for last, want := range map[time.Duration]int{5*time.Second - time.Microsecond: 201, 5*time.Second + time.Microsecond: 503} {
		t.Run(last.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := gather(t, memstore.New())
				defer c.leave()
				n := len(wholeCreate) - 6
				client := c.sends(wholeCreate[:n])
				var sending sync.WaitGroup
				begin := time.Now()
				sending.Go(func() {
					for i, piece := range wholeCreate[n:] {
						at := time.Duration(i) * 900 * time.Millisecond
						if i == 5 {
							at = last
						}
						time.Sleep(time.Until(begin.Add(at)))
						if _, err := io.WriteString(client, string(piece)); err != nil {
							return
						}
					}
				})
				response, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != want || time.Since(begin) > 5*time.Second {
					t.Errorf("got %d after %s, want %d", response.StatusCode, time.Since(begin), want)
				}
				client.Close()
				sending.Wait()
			})
		})
	}
}

func TestOverloadIsToldOnEveryRouteAndSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, stuck{memstore.New()})
		var requests sync.WaitGroup
		for range 512 {
			requests.Go(func() { a.do("GET", "/v1/customers", "").want(503) })
		}
		synctest.Wait()
		for _, r := range [][2]string{
			{"GET", "/v1/customers"}, {"POST", "/v1/customers"}, {"DELETE", "/v1/customers/" + customer.NewID().String()}, {"GET", "/v1/nothing"},
		} {
			if got := a.do(r[0], r[1], "").wantCode(503, "overloaded"); got.header.Get("Retry-After") != "1" {
				t.Errorf("%v: got Retry-After %q", r, got.header.Get("Retry-After"))
			}
		}
		for _, target := range []string{"/livez", "/version", "/openapi.json", "/docs"} {
			a.do("GET", target, "").want(200)
		}
		requests.Wait()
	})
}

func TestIdempotencyKeysUpTo255Characters(t *testing.T) {
	t.Parallel()
	a := open(t)
	for n, want := range map[int]int{254: 201, 255: 201, 256: 400} {
		key := strings.Repeat("k", n)
		for i, spelling := range []string{key, `"` + key + `"`, `"` + strings.Repeat(`\"`, n) + `"`} {
			got := a.send("POST", "/v1/customers", field("name", fmt.Sprint(n, i/2)), "Idempotency-Key: "+spelling).want(want)
			if again := got.header.Get("Idempotent-Replayed") != ""; again != (i == 1 && want == 201) {
				t.Errorf("%d characters, spelling %d: replayed is %t", n, i, again)
			}
		}
	}
}

func TestAtMost100FaultsOfParametersAreListed(t *testing.T) {
	t.Parallel()
	a := open(t)
	for n, want := range map[int]int{99: 99, 100: 100, 101: 100, 102: 100} {
		var unknown, wrong strings.Builder
		for i := range n {
			fmt.Fprintf(&unknown, "&zzz%d=1", i)
			fmt.Fprintf(&wrong, "&metadata.k%d=", i)
		}
		for _, got := range []answer{
			a.send("GET", "/v1/customers?"+unknown.String()[1:], "").wantCode(400, "unknown_parameter"),
			a.send("POST", "/v1/search", wrong.String()[1:]).wantCode(400, "invalid_parameter"),
			a.send("GET", "/v1/customers/"+customer.NewID().String()+"?"+unknown.String()[1:], "").wantCode(400, "unknown_parameter"),
		} {
			p := got.problem()
			if len(p.Errors) != want || (n > 100) != strings.Contains(p.Detail, "first 100 faults") {
				t.Errorf("%d faults: got %d, %q", n, len(p.Errors), p.Detail)
			}
		}
	}
}

func TestAtMost10000ParametersAreRead(t *testing.T) {
	t.Parallel()
	a := open(t)
	for n, want := range map[int]int{9_999: 200, 10_000: 200, 10_001: 400} {
		got := a.send("POST", "/v1/search", strings.TrimSuffix(strings.Repeat("tag.all=x&", n), "&")).want(want)
		if want == 400 {
			got.wantCode(400, "malformed_request")
		}
	}
}

func TestNamesOfParametersAreRepeatedUpTo64Characters(t *testing.T) {
	t.Parallel()
	a := open(t)
	for n, want := range map[int]int{63: 63, 64: 64, 65: 64} {
		got := a.send("GET", "/v1/customers?"+strings.Repeat("n", n)+"=1", "").wantCode(400, "unknown_parameter").problem()
		if len(got.Errors) != 1 || len(got.Errors[0].Parameter) != want {
			t.Errorf("a name of %d: got %+v", n, got.Errors)
		}
	}
}

func TestTheSizeOfAFilterInText(t *testing.T) {
	t.Parallel()
	a := open(t)
	numbered := func(n int, item, between string) string {
		var items []string
		for i := range n {
			items = append(items, item+strconv.Itoa(i))
		}
		return strings.Join(items, between)
	}
	for name, tc := range map[string]struct {
		limit int
		q     func(n int) string
	}{
		"conditions":       {customer.MaxNodes, func(n int) string { return numbered(n-1, "city:", " OR ") }},
		"depth":            {customer.MaxDepth, func(n int) string { return nested(n) }},
		"values":           {customer.MaxValues, func(n int) string { return "city:" + numbered(n, "", ",") }},
		"words":            {customer.MaxValues, func(n int) string { return numbered(n, "a", " ") }},
		"bytes":            {customer.MaxTextBytes, func(n int) string { return strings.Repeat("a", n) }},
		"bytes of a value": {200, func(n int) string { return "name:=" + strings.Repeat("a", n) }},
		"bytes of spaces":  {customer.MaxTextBytes, func(n int) string { return "a" + strings.Repeat(" ", n-2) + "b" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			for n, want := range map[int]int{tc.limit - 1: 200, tc.limit: 200, tc.limit + 1: 400} {
				form := "q=" + strings.ReplaceAll(strings.ReplaceAll(tc.q(n), "%", "%25"), " ", "+")
				a.send("POST", "/v1/search", form).want(want)
				a.send("GET", "/v1/customers?"+form, "").want(want)
			}
		})
	}
}

// nested returns a filter that nests n deep.
func nested(n int) string {
	text, ops := "tag:x", []string{" OR ", " "}
	for i := 1; i < n; i++ {
		text = fmt.Sprintf("(%s%scity:c%d)", text, ops[i%2], i)
	}
	return text
}
