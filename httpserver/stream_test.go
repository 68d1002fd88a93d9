package httpserver_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// goneClient takes the status and nothing else.
type goneClient struct {
	header   http.Header
	statuses []int
}

func (c *goneClient) Header() http.Header       { return c.header }
func (c *goneClient) WriteHeader(status int)    { c.statuses = append(c.statuses, status) }
func (c *goneClient) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// Whoever goes away in the middle of an answer is not answered a second time: a problem would stand among the results.
func TestAClientThatGoesAwayIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	server := httpserver.New(memstore.New(), httpserver.WithLogger(slog.New(slog.DiscardHandler)))
	for rows, want := range map[int]string{1: "one", 5000: "more than a buffer holds"} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+importTarget, strings.NewReader("name\n"+strings.Repeat("Ada\n", rows)))
		r.Header.Set("Content-Type", "text/csv")
		w := &goneClient{header: http.Header{}}
		server.ServeHTTP(w, r)
		if len(w.statuses) != 1 || w.statuses[0] != http.StatusOK {
			t.Errorf("%s: got the statuses %v", want, w.statuses)
		}
	}
}
