package httpserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

func TestImportsUpTo16MiB(t *testing.T) {
	t.Parallel()
	const limit = 16 << 20
	for size, want := range map[int]int{limit - 1: 200, limit: 200, limit + 1: 413} {
		synctest.Test(t, func(t *testing.T) {
			row := `{"name":"x"}`
			got := open(t).do("POST", "/v1/import?mode=validate", row+strings.Repeat(" ", size-len(row)), "Content-Type: application/x-ndjson").want(want)
			if want == 413 && !strings.Contains(got.wantCode(413, "body_too_large").problem().Detail, "in parts") {
				t.Errorf("the answer does not say what to do: %s", got.body)
			}
		})
	}
}

func TestAnImportThatComesToAHaltIsToldTheTimeItHad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, memstore.New())
		defer c.leave()
		client := c.sends(slowImport)
		defer client.Close()
		begin := time.Now()
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(io.LimitReader(response.Body, response.ContentLength))
		if took := time.Since(begin); response.StatusCode != 503 || took != 30*time.Second || !strings.Contains(string(body), "30s") {
			t.Errorf("got %d after %s: %s", response.StatusCode, took, body)
		}
	})
}

func TestImportsUpTo10000Rows(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]int{9_999: 200, 10_000: 200, 10_001: 413} {
		for contentType, file := range map[string]string{
			"text/csv": "name\n" + strings.Repeat("x\n", rows), "application/x-ndjson": strings.Repeat(`{"name":"x"}`+"\n", rows),
		} {
			t.Run(fmt.Sprint(rows, " rows of ", contentType), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := open(t)
					got := a.do("POST", "/v1/import?mode=commit", file, "Content-Type: "+contentType).want(want)
					kept := rows
					if want == 413 {
						got.wantCode(413, "body_too_large")
						kept = 0
					}
					if total := a.do("GET", "/v1/customers?count=exact", "").page().Total.Value; total != kept {
						t.Errorf("%d customers are there, want %d", total, kept)
					}
				})
			})
		}
	}
}

const (
	wholeImport = "POST /v1/import?mode=validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 7\r\n\r\nname\nx\n"
	slowImport  = "POST /v1/import?mode=validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 99\r\n\r\nname"
	export      = "GET /v1/export HTTP/1.1\r\nHost: x\r\n\r\n"
)

// What takes long keeps nothing from what does not, and is bounded for itself.
func TestImportsAndExportsHavePlacesOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		slow, another string
		limit         int
	}{
		"imports whose files come slowly":    {slowImport, wholeImport, 8},
		"exports that are taken only slowly": {export, export, 16},
	} {
		for before, want := range map[int]int{tc.limit - 2: 200, tc.limit - 1: 200, tc.limit: 503, tc.limit + 1: 503} {
			t.Run(fmt.Sprint("one more than ", before, " ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					store := memstore.New()
					for range 5 {
						if _, err := store.Create(t.Context(), customer.Draft{Name: "long", Notes: strings.Repeat("ä", 5000)}); err != nil {
							t.Fatal(err)
						}
					}
					c := gather(t, store)
					defer c.leave()
					for range before {
						c.sends(tc.slow)
					}
					synctest.Wait()
					if got := c.asks(tc.another); got != want {
						t.Errorf("got %d, want %d", got, want)
					}
					if got := c.asks(wholeGet); got != 200 {
						t.Errorf("a list beside them is answered with %d", got)
					}
				})
			})
		}
	}
}
