package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/customer"
)

// slowServer sends one line of an export after another, with a pause before each; before the first the headers are there or not.
type slowServer struct {
	lines      []string
	pause      time.Duration
	headerless bool
}

func (s slowServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.headerless {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	body, w := io.Pipe()
	go func() {
		for _, line := range s.lines {
			select {
			case <-time.After(s.pause):
			case <-r.Context().Done():
				w.CloseWithError(r.Context().Err())
				return
			}
			if _, err := io.WriteString(w, line+"\n"); err != nil {
				return
			}
		}
		w.Close()
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}, nil
}

func TestAnExportWaitsForASilentServerSoLong(t *testing.T) {
	t.Parallel()
	const end = `{"end":true,"count":1}`
	ada := `{"id":"01970000-0000-7000-8000-000000000001","version":1,"status":"active","name":"Ada",` +
		`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`
	for name, tc := range map[string]struct {
		server slowServer
		stop   time.Duration // 0 for never
		takes  time.Duration
		want   error
	}{
		"a slow server":                    {slowServer{lines: []string{ada, end}, pause: longestSilence - time.Second}, 0, 2 * (longestSilence - time.Second), nil},
		"a server silent after its header": {slowServer{lines: []string{ada, end}, pause: 24 * time.Hour}, 0, longestSilence, errSilent},
		"a server that sends no header":    {slowServer{headerless: true}, 0, longestSilence, errSilent},
		"an export that is stopped":        {slowServer{lines: []string{ada, end}, pause: 24 * time.Hour}, time.Second, time.Second, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				if tc.stop > 0 {
					time.AfterFunc(tc.stop, stop)
				}
				began := time.Now()
				n, err := exportAll(ctx, remoteOf(tc.server))
				if took := time.Since(began); took != tc.takes {
					t.Errorf("it takes %s, want %s", took, tc.takes)
				}
				if !errors.Is(err, tc.want) || tc.want == nil && n != 1 {
					t.Errorf("got %d customers and %v, want %v", n, err, tc.want)
				}
			})
		})
	}
	if !strings.HasSuffix(errSilent.Error(), "for 60 s") {
		t.Errorf("got %v", errSilent)
	}
}

func exportAll(ctx context.Context, server *remote) (int, error) {
	stream, err := server.export(ctx, "")
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	page, err := stream.Search(ctx, customer.Query{Limit: 10})
	return len(page.Customers), err
}
