package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const aTokenLine = "ops - read,write,erase 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"

func TestMistakesInTheConfigurationSayWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, bad, good := file("empty", " \n"), file("bad", "ops acme read secret-secret-secret"), file("good", aTokenLine)
	for name, tc := range map[string]struct {
		args []string
		env  []string
		says []string
	}{
		"a tokens file that is not there":       {[]string{"--tokens-file", dir + "/none"}, nil, []string{"--tokens-file", "cannot be read", "no such file"}},
		"an empty tokens file":                  {[]string{"--tokens-file", empty}, nil, []string{"--tokens-file", "has no tokens in it"}},
		"a tokens file with the token itself":   {[]string{"--tokens-file", bad}, nil, []string{"line 1", "never the token itself", "customerd token new"}},
		"tokens in a variable that are none":    {nil, []string{"CUSTOMER_TOKENS=x"}, []string{"line 1", "customerd token new"}},
		"tokens twice":                          {[]string{"--tokens-file", good, "--tokens", aTokenLine}, nil, []string{"not both"}},
		"tokens, and nobody is asked":           {[]string{"--tokens-file", good, "--insecure-no-auth"}, nil, []string{"--insecure-no-auth", "one of them"}},
		"an origin with a path":                 {[]string{"--cors-origin", "https://a.example/"}, nil, []string{"--cors-origin", "https://app.example.com"}},
		"an origin without a scheme":            {[]string{"--cors-origin", "a.example"}, nil, []string{"--cors-origin"}},
		"every origin":                          {[]string{"--cors-origin", "*"}, nil, []string{"--cors-origin"}},
		"one wrong origin of two":               {nil, []string{"CUSTOMER_CORS_ORIGIN=https://a.example,ftp://b.example"}, []string{"ftp://b.example"}},
		"a proxy that is no address":            {[]string{"--trusted-proxy", "proxy.example"}, nil, []string{"--trusted-proxy", "10.0.0.0/8"}},
		"an origin with a star":                 {[]string{"--cors-origin", "https://*.example.com"}, nil, []string{"--cors-origin"}},
		"a proxy, and nobody is asked":          {[]string{"--trusted-proxy", "10.0.0.7"}, nil, []string{"--tokens-file", "--insecure-no-auth"}},
		"a database that is named with nothing": {[]string{"--database-url", ""}, nil, []string{"--database-url is empty"}},
		"tokens that are named with nothing":    {[]string{"--tokens-file="}, nil, []string{"--tokens-file is empty"}},
		"a log format that there is not":        {[]string{"--log-format", "xml"}, nil, []string{"text or json"}},
		"a log level that there is not":         {nil, []string{"CUSTOMER_LOG_LEVEL=loud"}, []string{"CUSTOMER_LOG_LEVEL", "--log-level"}},
		"an admin address without a port":       {[]string{"--admin-listen", "localhost"}, nil, []string{"--admin-listen"}},
		"a boolean that is none":                {nil, []string{"CUSTOMER_REQUIRE_IF_MATCH=perhaps"}, []string{"true or false"}},
		"a flag that almost exists":             {[]string{"--token-file", "x"}, nil, []string{"--tokens-file"}},
		"a tokens file that is a directory":     {[]string{"--tokens-file", dir}, nil, []string{"--tokens-file", "is a directory"}},
		"an origin with the port of its scheme": {[]string{"--cors-origin", "https://a.example:443"}, nil, []string{"write https://a.example"}},
		"operators on the network, no tokens":   {[]string{"--admin-listen", "0.0.0.0:0"}, nil, []string{"--admin-listen 0.0.0.0:0", "metrics", "--tokens-file"}},
		"an address on the network, no tokens":  {[]string{"--listen", "0.0.0.0:0"}, nil, []string{"--tokens-file", "customerd token new"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			if got := run(t.Context(), tc.args, tc.env, io.Discard, &stderr); got != 2 {
				t.Errorf("got exit status %d, want 2", got)
			}
			for _, hint := range tc.says {
				if !strings.Contains(stderr.String(), hint) {
					t.Errorf("got %q, want it to hold %q", stderr.String(), hint)
				}
			}
			if strings.Contains(stderr.String(), "secret-secret") {
				t.Error("the message repeats a secret")
			}
		})
	}
}

// Each flag has the variable of its name, and the help tells both.
func TestFlagsAndVariablesAgreeOneToOne(t *testing.T) {
	t.Parallel()
	flags := new(config).flags(new(given))
	documented := regexp.MustCompile(`--[a-z-]+`).FindAllString(help[strings.Index(help, "Flags of serve"):strings.Index(help, "Try it")], -1)
	for _, name := range names(flags) {
		if !slices.Contains(documented, "--"+name) {
			t.Errorf("the help lacks --%s", name)
		}
	}
	for _, variable := range variables(flags) {
		if !regexp.MustCompile(`\b` + variable + `\b`).MatchString(help) {
			t.Errorf("the help lacks %s", variable)
		}
	}
}

func TestFlagsWinOverVariables(t *testing.T) {
	t.Parallel()
	env := []string{
		"CUSTOMER_LISTEN=127.0.0.1:1", "CUSTOMER_CORS_ORIGIN=https://a.example, https://b.example", "CUSTOMER_TOKENS=" + aTokenLine + ";# x",
		"CUSTOMER_TRUSTED_PROXY=10.0.0.7,10.1.2.3/8", "CUSTOMER_REQUIRE_IF_MATCH=true", "CUSTOMER_LOG_LEVEL=debug",
	}
	c, unknown, err := parseConfig(nil, env)
	if err != nil || unknown != nil {
		t.Fatal(err, unknown)
	}
	got := fmt.Sprintln(c.listen, c.origins.values, c.proxies, c.requireMatch, c.logLevel, c.tokens.Tenants())
	if diff := cmp.Diff("127.0.0.1:1 [https://a.example https://b.example] [10.0.0.7/32 10.0.0.0/8] true DEBUG []\n", got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c, _, err = parseConfig([]string{"--listen", "127.0.0.1:2", "--cors-origin", "https://c.example", "--cors-origin", "https://d.example", "--require-if-match=false"}, env)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("127.0.0.1:2 [https://c.example https://d.example] false\n", fmt.Sprintln(c.listen, c.origins.values, c.requireMatch)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestATokenOpensTheServer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tokens")
	var secrets []string
	for _, args := range [][]string{{"--scopes", "read,write"}, {"--scopes", "read", "--tenant", "acme"}, {"--scopes", "read,write"}} {
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), append([]string{"token", "new", "--name", "ops"}, args...), nil, &stdout, &stderr); got != 0 {
			t.Fatalf("token new: %d, %s", got, &stderr)
		}
		secret, line, ok := strings.Cut(strings.TrimSuffix(stdout.String(), "\n"), "\n")
		if !ok || !strings.HasSuffix(line, fmt.Sprintf(" %x", sha256.Sum256([]byte(secret)))) || strings.Contains(line, "\n") {
			t.Fatalf("got %q", &stdout)
		}
		secrets = append(secrets, secret)
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(f, line)
		f.Close()
	}
	address, stop := started(t, []string{"--listen", "0.0.0.0:0", "--tokens-file", file}, nil)
	defer stop()
	_, port, _ := strings.Cut(address, "0.0.0.0:")
	base := "http://127.0.0.1:" + port
	send := func(method, path, secret, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.Close = "customers.example.com", true
		r.Header.Set("Content-Type", "application/json")
		if secret != "" {
			r.Header.Set("Authorization", "Bearer "+secret)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	got := []int{
		send("GET", "/v1/customers", "", ""), send("POST", "/v1/customers", secrets[0], `{"name":"Ada"}`), send("GET", "/v1/customers", secrets[2], ""),
		send("POST", "/v1/customers", secrets[1], `{"name":"Ada"}`), send("GET", "/v1/customers", secrets[1]+"x", ""), send("GET", "/readyz", "", ""),
	}
	if diff := cmp.Diff([]int{401, 201, 200, 403, 401, 200}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMistakesInMakingATokenSayWhatToDo(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"token knows new":           {},
		"token knows new ":          {"old"},
		"needs --name":              {"new", "--scopes", "read"},
		"needs --scopes":            {"new", "--name", "x"},
		"read, write and erase":     {"new", "--name", "x", "--scopes", "admin"},
		"--tenant is":               {"new", "--name", "x", "--scopes", "read", "--tenant", "ACME"},
		"did you mean --scopes?":    {"new", "--scope", "read"},
		"takes flags only":          {"new", "x"},
		"a name is 1 to 64 of A-Z,": {"new", "--name", "a b", "--scopes", "read"},
	} {
		var stdout, stderr bytes.Buffer
		got := run(t.Context(), append([]string{"token"}, args...), nil, &stdout, &stderr)
		if got != 2 || !strings.Contains(stderr.String(), strings.TrimSpace(want)) || stdout.Len() > 0 {
			t.Errorf("%v: got %d, %q, %q", args, got, &stdout, &stderr)
		}
	}
}

func TestOperatorsHaveAListenerOfTheirOwn(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "text"}, nil, io.Discard, w)
		w.Close()
	}()
	lines := newLineReader(r)
	public, admin := lines.until(t, "address=http://"), lines.until(t, "address=http://")
	defer func() {
		stop()
		lines.rest()
		<-status
	}()
	get := func(address, path, host string) int {
		return exchange(t, address, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n").StatusCode
	}
	got := map[string]int{}
	for _, path := range []string{"/metrics", "/livez", "/readyz", "/version", "/v1/customers", "/docs"} {
		got["public "+path], got["admin "+path] = get(public, path, "localhost"), get(admin, path, "10.0.0.1")
	}
	want := map[string]int{
		"public /metrics": 404, "public /livez": 200, "public /readyz": 200, "public /version": 200, "public /v1/customers": 200, "public /docs": 200,
		"admin /metrics": 200, "admin /livez": 200, "admin /readyz": 200, "admin /version": 200, "admin /v1/customers": 404, "admin /docs": 404,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
