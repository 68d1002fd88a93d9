package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"example.com/customer"
	"example.com/customer/bulk"
)

// remote is a server as a [customer.Store]: what package bulk needs of one, so that an import is planned here and a dry run of any length is exact.
// Searches know the filters by email, external id and id, with a status; Count is not supported. It is safe for concurrent use.
//
// A request whose connection breaks, and one that the server has no time for, is sent again some times. It is made so that this does no harm.
type remote struct {
	base   *url.URL
	token  string
	client *http.Client
}

var (
	_ customer.Store        = (*remote)(nil)
	_ customer.BatchCreator = (*remote)(nil)
	_ customer.Loader       = (*remote)(nil)
	_ customer.ReplayFinder = (*remote)(nil)
)

func newRemote(base *url.URL, token string) *remote {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &remote{base, token, &http.Client{
		Transport: transport,
		// The token is for this server and no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (r *remote) close() { r.client.CloseIdleConnections() }

const (
	attempts       = 6
	firstWait      = 500 * time.Millisecond
	longestWait    = 30 * time.Second
	attemptTimeout = 2 * time.Minute
	maxAnswer      = 64 << 20
)

// request is what is asked of the server.
type request struct {
	method, path string
	header       map[string]string
	body         []byte
}

// reply is what the server says to it.
type reply struct {
	status int
	header http.Header
	body   []byte
	again  bool // it was asked more than once
}

// errBroken is an answer that did not come, or not whole.
var errBroken = errors.New("the connection to the server broke")

// ask sends the request until there is an answer that is not about the moment. check, if there is one, says whether the answer is whole.
func (r *remote) ask(ctx context.Context, q request, check func(reply) error) (reply, error) {
	for attempt := 1; ; attempt++ {
		a, err := r.once(ctx, q)
		if err == nil && check != nil && a.status == http.StatusOK {
			err = check(a)
		}
		a.again = attempt > 1
		busy := err == nil && isBusy(a.status)
		switch {
		case ctx.Err() != nil:
			return a, ctx.Err()
		case !busy && !errors.Is(err, errBroken):
			return a, err
		case attempt == attempts && busy:
			return a, nil
		case attempt == attempts:
			return a, fmt.Errorf("%w: %w", customer.ErrUnavailable, err)
		}
		wait := time.NewTimer(pause(a.header, attempt))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return a, ctx.Err()
		}
	}
}

// isBusy reports what a server, or a proxy before it, answers for the moment.
func isBusy(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout || status == http.StatusTooManyRequests
}

// pause is as long as the server says, or twice as long each time.
func pause(header http.Header, attempt int) time.Duration {
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil && seconds >= 0 {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	return firstWait << (attempt - 1)
}

// once sends the request and reads the answer to its end.
func (r *remote) once(ctx context.Context, q request) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	response, err := r.send(ctx, q)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	a := reply{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return a, errBroken
	}
	return a, nil
}

func (r *remote) send(ctx context.Context, q request) (*http.Response, error) {
	sent, err := http.NewRequestWithContext(ctx, q.method, r.base.String()+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	sent.Header.Set("User-Agent", "customerd/"+version())
	if r.token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range q.header {
		sent.Header.Set(name, value)
	}
	response, err := r.client.Do(sent)
	if failure, ok := errors.AsType[*url.Error](err); ok {
		// Without the URL, which holds the filter of an export.
		return nil, fmt.Errorf("%w (%w)", errBroken, failure.Err)
	}
	return response, err
}

// probe finds out whether the server is there and lets us in.
func (r *remote) probe(ctx context.Context) error {
	a, err := r.once(ctx, request{method: "GET", path: "/v1/customers?limit=1", header: map[string]string{"Accept": jsonType}})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s cannot be reached: check that customerd runs there and that --server names it (%w)", r.base.Host, err)
	case a.status == http.StatusNotFound, a.status != http.StatusOK && !a.isKnown():
		return r.noServer(a.status)
	case a.status != http.StatusOK:
		return a.failure()
	}
	var page struct {
		Items *[]json.RawMessage `json:"items"`
	}
	if json.Unmarshal(a.body, &page) != nil || page.Items == nil {
		return r.noServer(a.status)
	}
	return nil
}

// probeImport finds out whether the token lets rows in, by a dry run of none.
func (r *remote) probeImport(ctx context.Context) error {
	a, err := r.once(ctx, request{
		method: "POST", path: "/v1/import?mode=" + string(bulk.Validate), body: []byte(`{"end":true,"count":0}`),
		header: map[string]string{"Content-Type": ndjsonType, "Accept": ndjsonType},
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil, a.status == http.StatusOK, isBusy(a.status):
		// What is about the moment is for the rows to wait for.
		return nil
	}
	return a.failure()
}

// isKnown reports an answer that customerd, or a proxy before it, gives.
func (a reply) isKnown() bool {
	return a.isProblem() || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status >= 300 && a.status < 400 || isBusy(a.status)
}

func (r *remote) noServer(status int) error {
	return fmt.Errorf("no customerd answers at %s (%d %s): check that --server names one, with the path before /v1 if there is one",
		printable(r.base.String()), status, http.StatusText(status))
}

const (
	jsonType   = "application/json"
	ndjsonType = "application/x-ndjson"
	formType   = "application/x-www-form-urlencoded"
	patchType  = "application/merge-patch+json"
)
