package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// ask sends a request and returns the answer with its body read.
func ask(t *testing.T, method, url, body string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestCustomersOutliveTheProgram(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + postgrestest.EmptyDSN(t)}
	address, stop := started(t, []string{"--listen", "127.0.0.1:0"}, env)
	created, body := ask(t, "POST", "http://"+address+"/v1/customers", `{"name":"Ada Lovelace"}`)
	if status, log := stop(); created.StatusCode != 201 || status != 0 || !strings.Contains(log, `store="postgres, schema `) || strings.Contains(log, "memory") {
		t.Fatalf("got %s, exit status %d, log:\n%s", created.Status, status, log)
	}
	var c customer.Customer
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	address, stop = started(t, []string{"--listen", "127.0.0.1:0", "--no-migrate"}, env)
	defer stop()
	if got, again := ask(t, "GET", "http://"+address+"/v1/customers/"+c.ID.String(), ""); got.StatusCode != 200 || again != body {
		t.Errorf("after a restart: %s %s, want %s", got.Status, again, body)
	}
}

// settling is how long a program may take until it knows of its database what is so: a moment, or as long as a busy machine makes of it.
const settling = 2 * time.Minute

func TestTheDatabaseMayGoAwayAndComeBack(t *testing.T) {
	t.Parallel()
	server := postgrestest.StartServer(t)
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--database-url", server.DSN()}, nil)
	defer stop()
	base := "http://" + address
	for _, there := range []bool{true, false, true} {
		switch {
		case !there:
			server.Crash()
		default:
			if got, _ := ask(t, "GET", base+"/livez", ""); got.StatusCode != 200 {
				t.Errorf("livez: %s", got.Status)
			}
		}
		want := 200
		if !there {
			want = 503
		}
		// A pool may learn of the crash from its next call only, and a busy machine may take a request's whole time; what counts is where it settles.
		for deadline := time.Now().Add(settling); ; {
			ready, _ := ask(t, "GET", base+"/readyz", "")
			list, body := ask(t, "GET", base+"/v1/customers", "")
			if ready.StatusCode == want && list.StatusCode == want && (there || list.Header.Get("Retry-After") != "" && strings.Contains(body, `"code":"unavailable"`)) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("database there: %v; readyz %s, list %s, Retry-After %q, %s", there, ready.Status, list.Status, list.Header.Get("Retry-After"), body)
			}
		}
		if !there {
			server.Start()
		}
	}
}

func TestReadinessTellsOfTheSchema(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.DSN(t)
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--database-url", dsn}, nil)
	defer stop()
	pool := postgrestest.Open(t, dsn)
	if _, err := pool.Exec(t.Context(), "UPDATE customers_schema SET version = 99, oldest = 98"); err != nil {
		t.Fatal(err)
	}
	for {
		got, body := ask(t, "GET", "http://"+address+"/readyz", "")
		if got.StatusCode == 503 && strings.Contains(body, "schema newer than this program") {
			break
		}
		// A database that has not answered within a second has said nothing of its schema.
		if got.StatusCode != 503 || !strings.Contains(body, "the database does not answer") {
			t.Fatalf("readyz: %s %s", got.Status, body)
		}
	}
}

// All servers of a service are busy at the same time: none may be taken out for it. Imports keep the connections, which wait longer than creates do.
func TestAServerWhoseConnectionsAreAllBusyIsReady(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.DSN(t)
	address, stop := started(t, []string{"--listen", "127.0.0.1:0", "--database-url", dsn + "&pool_max_conns=2"}, nil)
	defer stop()
	tx, err := postgrestest.Open(t, dsn).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE customers IN EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 4)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := range cap(answered) {
		go func() {
			response, err := client.Post("http://"+address+"/v1/import?mode=commit", "text/csv", strings.NewReader(fmt.Sprintf("name\nx%d\n", i)))
			if err != nil {
				answered <- err.Error()
				return
			}
			defer response.Body.Close()
			text, _ := io.ReadAll(response.Body)
			answered <- response.Status + " " + string(text)
		}()
	}
	var waiting int
	for waiting < 2 {
		if len(answered) > 0 {
			t.Fatalf("an import is answered with %s before it can be", <-answered)
		}
		if err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'customers'::regclass").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	// The database may take more than the second that it has for an answer, and not as long as they are busy.
	for ready := false; !ready; {
		got, body := ask(t, "GET", "http://"+address+"/readyz", "")
		if ready = got.StatusCode == 200; len(answered) > 0 {
			t.Fatalf("readyz: %s %s, until an import was answered with %s", got.Status, body, <-answered)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range cap(answered) {
		if answer := <-answered; !strings.Contains(answer, `"created":1`) {
			t.Errorf("an import that waited: %s", answer)
		}
	}
}

func TestMigrateFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.EmptyDSN(t)
	cases := []struct {
		name   string
		args   []string
		status int
		want   string // in what is printed
	}{
		{"no schema yet", []string{"migrate", "status", "--database-url", dsn}, 1, "run customerd migrate up"},
		{"serving without one", []string{"--no-migrate", "--listen", "127.0.0.1:0", "--database-url", dsn}, 1, "run customerd migrate up"},
		{"up", []string{"migrate", "up", "--database-url", dsn}, 0, "schema 1,"},
		{"up again", []string{"migrate", "up", "--database-url", dsn}, 0, "schema 1,"},
		{"status", []string{"migrate", "status", "--database-url", dsn}, 0, "schema 1,"},
		{"sql", []string{"migrate", "sql"}, 0, "CREATE TABLE public.customers"},
		{"nothing said", []string{"migrate"}, 2, "up, status or sql"},
		{"another word", []string{"migrate", "down"}, 2, "up, status and sql"},
		{"no database named", []string{"migrate", "up"}, 2, "--database-url"},
		{"a URL that is none", []string{"migrate", "up", "--database-url", "localhost"}, 2, "postgres://"},
		{"a database that is not there", []string{"--database-url", "postgres://me:secret4711@127.0.0.1:1/db"}, 1, "check that it runs"},
	}
	for _, c := range cases {
		var stdout, stderr bytes.Buffer
		got := run(t.Context(), c.args, nil, &stdout, &stderr)
		printed := stdout.String() + stderr.String()
		if got != c.status || !strings.Contains(printed, c.want) || strings.Contains(printed, "secret4711") {
			t.Errorf("%s: exit status %d, want %d with %q, printed:\n%s", c.name, got, c.status, c.want, printed)
		}
	}
	if postgres.SchemaVersion != 1 {
		t.Error("the cases name another schema than the program's")
	}
}
