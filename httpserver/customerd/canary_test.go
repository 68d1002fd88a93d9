package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/customer/postgres/postgrestest"
)

// canary stands in every value and every secret. It is lower case, so that folding does not hide it.
const canary = "zqcanary"

// leak returns the surroundings of the first canary in text, "" if there is none.
func leak(text string) string {
	i := strings.Index(strings.ToLower(text), canary)
	if i < 0 {
		return ""
	}
	return text[max(0, i-150):min(len(text), i+60)]
}

// withPassword returns the URL with a canary for a password, which a server that trusts its clients does not look at.
func withPassword(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), canary)
	return u.String()
}

// tenant is a client with a token of its own.
type tenant struct {
	t      *testing.T
	base   string
	token  string
	client http.Client
}

// send returns status, where the customer is, and the body. A problem must not hold a value.
func (c *tenant) send(method, target, body string, headers ...string) (status int, location, text string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("User-Agent", canary)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	response, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if found := leak(string(answer)); response.StatusCode >= 400 && found != "" {
		c.t.Errorf("%s %s is answered with %d and a value: %s", method, target, response.StatusCode, found)
	}
	return response.StatusCode, response.Header.Get("Location"), string(answer)
}

// quoting has the database quote rows in its own errors, as PostgreSQL does in details, and triggers of users do in messages.
const quoting = `
CREATE TABLE orders (tenant text NOT NULL, customer_id uuid NOT NULL, FOREIGN KEY (tenant, customer_id) REFERENCES customers (tenant, id));
CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.company = '` + canary + ` bad' THEN RAISE EXCEPTION 'refused: %', NEW USING DETAIL = NEW.name, HINT = NEW.email; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER quote BEFORE INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION quote();`

// refused makes the database refuse in every way that it has a reason to.
func refused(t *testing.T, acme *tenant, exec func(sql string, args ...any)) {
	t.Helper()
	body := func(n int, company string) string {
		return fmt.Sprintf(`{"name":"%[1]s","email":"%[1]s%[2]d@%[1]s.example","external_id":"%[1]s-%[2]d","notes":"%[1]s","tags":["%[1]s"],"company":"%[1]s%[3]s"}`, canary, n, company)
	}
	want := func(what string, want int, got int) {
		t.Helper()
		if got != want {
			t.Errorf("%s is answered with %d, want %d", what, got, want)
		}
	}
	var made [3]string
	for i := range made {
		status, location, _ := acme.send("POST", "/v1/customers", body(i, ""), "Idempotency-Key: "+canary+fmt.Sprint(i))
		want("a create", 201, status)
		made[i] = location
	}
	status := func(method, target, body string, headers ...string) int {
		t.Helper()
		got, _, _ := acme.send(method, target, body, headers...)
		return got
	}
	exec("INSERT INTO orders VALUES ('acme', $1)", strings.TrimPrefix(made[0], "/v1/customers/"))
	want("a customer with orders", 409, status("DELETE", made[0], "", "If-Match: *"))
	want("an email that is taken", 409, status("POST", "/v1/customers", `{"email":"`+canary+`0@`+canary+`.example"}`))
	want("an external id that is taken", 409, status("POST", "/v1/customers", `{"name":"x","external_id":"`+canary+`-0"}`))
	want("a change to an email that is taken", 409, status("PATCH", made[1], `{"email":"`+canary+`0@`+canary+`.example"}`))
	want("a change to an external id that is taken", 409, status("PATCH", made[1], `{"external_id":"`+canary+`-0"}`))
	want("archiving", 200, status("POST", made[2]+"/archive", ""))
	want("taking its email", 200, status("PATCH", made[1], `{"email":"`+canary+`2@`+canary+`.example"}`))
	want("restoring it", 409, status("POST", made[2]+"/restore", ""))
	want("a key used otherwise", 422, status("POST", "/v1/customers", `{"name":"`+canary+`"}`, "Idempotency-Key: "+canary+"1"))
	want("another version", 412, status("PATCH", made[1], `{"name":"`+canary+`"}`, `If-Match: "7"`))
	want("a create that a trigger refuses", 500, status("POST", "/v1/customers", body(7, " bad")))
	want("a change that a trigger refuses", 500, status("PATCH", made[1], `{"company":"`+canary+` bad"}`))
	want("a search", 400, status("GET", "/v1/customers?cursor="+canary+"&name="+canary, ""))
}

func TestNoValueLeavesTheProgram(t *testing.T) {
	t.Parallel()
	server := postgrestest.StartServer(t)
	tokens := ""
	for _, name := range []string{"acme", "globex"} {
		tokens += fmt.Sprintf("%s %s read,write,erase %x;", name, name, sha256.Sum256([]byte(canary+name)))
	}
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--log-level", "debug"}, []string{
		"DATABASE_URL=" + withPassword(t, server.DSN()), "CUSTOMER_TOKENS=" + tokens, "CUSTOMER_" + strings.ToUpper("passwrd") + "=" + canary,
	})
	transport := &http.Transport{DisableKeepAlives: true}
	acme := &tenant{t, "http://" + address, canary + "acme", http.Client{Transport: transport}}
	globex := &tenant{t, "http://" + address, canary + "globex", http.Client{Transport: transport}}
	pool := postgrestest.Open(t, server.DSN())
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(quoting)
	refused(t, acme, exec)
	if _, _, text := globex.send("GET", "/v1/customers?count=exact", ""); leak(text) != "" || !strings.Contains(text, `"total":{"value":0`) {
		t.Errorf("another tenant is told %s", text)
	}
	exec("ALTER TABLE customers RENAME TO customers_" + canary)
	if status, _, _ := acme.send("GET", "/v1/customers?q="+canary, ""); status != 500 {
		t.Errorf("without its table a list is answered with %d", status)
	}
	exec("ALTER TABLE customers_" + canary + " RENAME TO customers")
	pool.Close()
	server.Crash()
	deadline := time.Now().Add(settling)
	for _, r := range [][2]string{{"POST", "/v1/customers"}, {"GET", "/v1/customers?name=" + canary}, {"GET", "/readyz?verbose"}} {
		for {
			body := ""
			if r[0] == "POST" {
				body = `{"name":"` + canary + `"}`
			}
			status, _, text := acme.send(r[0], r[1], body)
			if status == 503 && strings.Contains(text, `"code":"unavailable"`) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("without a database %v is answered with %d %s", r, status, text)
			}
		}
	}
	_, _, scrape := acme.send("GET", "/metrics", "")
	status, log := stop()
	if status != 0 || !strings.Contains(log, "SQLSTATE") || !strings.Contains(log, "msg=audit") || !strings.Contains(log, "CUSTOMER_PASSWRD") {
		t.Errorf("exit status %d; the log lacks what happened:\n%s", status, log)
	}
	if !strings.Contains(scrape, `customer_store_operations_total{operation="create",result="unavailable"}`) {
		t.Errorf("the scrape lacks what happened:\n%s", scrape)
	}
	for place, text := range map[string]string{"the log": log, "the scrape": scrape} {
		if found := leak(text); found != "" {
			t.Errorf("%s holds a value: %s", place, found)
		}
	}
}

// The name of a token is what is logged of it: the same search finds it.
func TestALeakOfTheProgramIsFound(t *testing.T) {
	t.Parallel()
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, []string{fmt.Sprintf("CUSTOMER_TOKENS=%s - read %x", canary, sha256.Sum256([]byte("t")))})
	acme := &tenant{t, "http://" + address, "t", http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	acme.send("GET", "/v1/customers", "")
	if _, log := stop(); leak(log) == "" {
		t.Errorf("nothing was found in\n%s", log)
	}
}

func TestNoSecretIsInWhatTheCommandLineIsToldOf(t *testing.T) {
	t.Parallel()
	secret := "postgres://me:" + canary + "@127.0.0.1:1/db"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("postgres://me:"+canary+"@:x:/"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		args, env []string
	}{
		"a database that is not there":          {[]string{"--database-url", secret}, nil},
		"the same from the environment":         {nil, []string{"DATABASE_URL=" + secret}},
		"a port that is none":                   {[]string{"--database-url", "postgres://me:" + canary + "@127.0.0.1:x/db"}, nil},
		"a mode that is none":                   {[]string{"--database-url", secret + "?sslmode=" + canary}, nil},
		"a percent sign that is none":           {[]string{"--database-url", "postgres://me:" + canary + "%zz@127.0.0.1/db"}, nil},
		"words instead of a URL":                {[]string{"--database-url", "host=127.0.0.1 port=1 password=" + canary}, nil},
		"words that are wrong":                  {[]string{"--database-url", "host=127.0.0.1 port=x password=" + canary}, nil},
		"a file that holds no URL":              {[]string{"--database-url-file", file}, nil},
		"a URL in the place of a file":          {[]string{"--database-url-file", secret}, nil},
		"a URL in the place of a command":       {[]string{secret}, nil},
		"a URL behind a command":                {[]string{"serve", secret}, nil},
		"words behind a command":                {[]string{"serve", "host=127.0.0.1 password=" + canary}, nil},
		"words with spaces in between":          {[]string{"serve", "host=127.0.0.1 PASSWORD = " + canary}, nil},
		"words in quotes":                       {[]string{"import", "host=127.0.0.1 password='a \\' " + canary + "' user=me"}, nil},
		"a URL in the place of an action":       {[]string{"migrate", secret}, nil},
		"a URL behind an action":                {[]string{"migrate", "up", secret}, nil},
		"a URL in the place of an address":      {[]string{"--listen", secret}, nil},
		"a URL in the place of an origin":       {[]string{"--cors-origin", secret}, nil},
		"a URL in the place of a proxy":         {[]string{"--trusted-proxy", secret}, nil},
		"a URL in the place of a format":        {[]string{"--log-format", secret}, nil},
		"a URL in the place of a level":         {[]string{"--log-level", secret}, nil},
		"a URL in the place of true":            {[]string{"--no-migrate=" + secret}, nil},
		"a URL with a flag that is unknown":     {[]string{"--databse-url=" + secret}, nil},
		"a variable that is no boolean":         {nil, []string{"CUSTOMER_NO_MIGRATE=" + canary}},
		"a token in the place of its hash":      {[]string{"--tokens", "a - read " + canary}, nil},
		"a token in the place of its line":      {nil, []string{"CUSTOMER_TOKENS=" + canary}},
		"a token in the place of its file":      {[]string{"--tokens-file", canary}, nil},
		"migrating a database that is not here": {[]string{"migrate", "up", "--database-url", secret}, nil},
		"asking one that is not here":           {[]string{"migrate", "status", "--database-url", secret}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tc.args, tc.env, &stdout, &stderr); got == 0 || stderr.Len() == 0 {
				t.Errorf("got exit status %d, %q", got, &stderr)
			}
			if found := leak(stdout.String() + stderr.String()); found != "" {
				t.Errorf("the message repeats the secret: %s", found)
			}
		})
	}
}
