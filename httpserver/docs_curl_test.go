package httpserver_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.com/customer/httpserver"
)

// TestTheExamplesOfThePageRun pastes every example into a shell, with a token where the server knows one and without where it does not.
func TestTheExamplesOfThePageRun(t *testing.T) {
	t.Parallel()
	metrics := httpserver.WithMetrics(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tokens := theTokens(t)
	for name, tc := range map[string]struct {
		a     api
		token string
	}{
		"without tokens":        {open(t, metrics), ""},
		"with tokens":           {open(t, metrics, httpserver.WithAuthenticator(tokens.Authenticate)), tokens.secrets["unnamed"]},
		"with If-Match":         {open(t, metrics, httpserver.RequireIfMatch()), ""},
		"on this machine alone": {open(t, metrics, httpserver.LoopbackOnly()), ""},
	} {
		server := httptest.NewServer(tc.a.handler)
		t.Cleanup(server.Close)
		page := docsOf(t, tc.a, "Host: "+strings.TrimPrefix(server.URL, "http://"))
		for path, item := range theContract(t).doc.Paths.Map() {
			for method, operation := range item.Operations() {
				t.Run(operation.OperationID+" "+name, func(t *testing.T) {
					t.Parallel()
					status := pasted(t, exampleIn(t, page.byID[operation.OperationID]), tc.token)
					if response := operation.Responses.Value(status); response == nil || status[0] != '2' {
						t.Errorf("the example of %s %s is answered with %s", method, path, status)
					}
				})
			}
		}
	}
}

func exampleIn(t *testing.T, section *html.Node) string {
	t.Helper()
	for node := range section.Descendants() {
		if node.Data == "pre" && attribute(node, "class") == "curl" {
			return textOf(node)
		}
	}
	t.Fatal("there is no example")
	return ""
}

// pasted runs an example and returns the status that it shows.
func pasted(t *testing.T, example, token string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Stdin, shell.Env = strings.NewReader(example), append(os.Environ(), "TOKEN="+token)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v in:\n%s\nprinted:\n%s", err, example, out)
	}
	status := regexp.MustCompile(`HTTP/1\.1 (\d{3})`).FindSubmatch(out)
	if status == nil {
		t.Fatalf("no status in what was printed:\n%s", out)
	}
	return string(status[1])
}
