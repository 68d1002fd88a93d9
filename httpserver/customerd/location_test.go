package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// Both commands say where they have looked and found no customerd.
func TestAServerThatIsNoCustomerd(t *testing.T) {
	t.Parallel()
	customers := file(t, "customers.csv", "name\nAda\n")
	ours := httptest.NewServer(httpserver.New(memstore.New(), httpserver.WithLogger(nopLog())))
	t.Cleanup(ours.Close)
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		path    string
		says    string
	}{
		"customerd by another path":    {ours.Config.Handler.ServeHTTP, "/crm", "/crm (404 Not Found): check that --server names one"},
		"files":                        {http.NotFound, "", " (404 Not Found): check that --server names one"},
		"one that knows no such way":   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusNotImplemented) }, "", " (501 Not Implemented): check"},
		"one that answers to all":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "", " (200 OK): check"},
		"one that has other items":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":[]}`)) }, "", " (200 OK): check"},
		"one that knows somebody else": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusUnauthorized) }, "", "--token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tc.handler)
			defer server.Close()
			for _, command := range [][]string{{"import", customers}, {"export"}} {
				stdout, stderr := want(t, 2, append(command, "--server", server.URL+tc.path)...)
				if !strings.Contains(stderr, tc.says) || tc.says[0] != '-' && !strings.Contains(stderr, "no customerd answers at "+server.URL+tc.path+" (") || stdout != "" {
					t.Errorf("%s: got %s%s", command[0], stdout, stderr)
				}
			}
		})
	}
}

// What a token may not is said before the first row, and by the name of the scope.
func TestTheScopesOfTheCommands(t *testing.T) {
	t.Parallel()
	customers := file(t, "customers.csv", "name\nAda\n")
	for name, tc := range map[string]struct {
		scopes []httpserver.Scope
		status map[string]int
		says   string
	}{
		"reading":             {[]httpserver.Scope{httpserver.ScopeRead}, map[string]int{"import": 2, "validate": 2, "export": 0}, "import needs a token with the scopes read and write"},
		"writing":             {[]httpserver.Scope{httpserver.ScopeWrite}, map[string]int{"import": 2, "validate": 2, "export": 2}, "This needs the scope read"},
		"reading and writing": {[]httpserver.Scope{httpserver.ScopeRead, httpserver.ScopeWrite}, map[string]int{"import": 0, "validate": 0, "export": 0}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behind := memstore.New()
			requests := 0
			handler := httpserver.New(behind, httpserver.WithLogger(nopLog()), httpserver.WithAuthenticator(func(*http.Request) (httpserver.Principal, error) {
				return httpserver.Principal{Name: "test", Scopes: tc.scopes}, nil
			}))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				handler.ServeHTTP(w, r)
			}))
			defer server.Close()
			for command, args := range map[string][]string{
				"import": {"import", customers}, "validate": {"import", customers, "--mode=validate"}, "export": {"export"},
			} {
				requests = 0
				stdout, stderr := want(t, tc.status[command], append(args, "--server", server.URL)...)
				if tc.status[command] == 2 && (!strings.Contains(stderr, tc.says) || stdout != "" || requests > 2) {
					t.Errorf("%s: got %d requests and %s%s", command, requests, stdout, stderr)
				}
			}
		})
	}
}
