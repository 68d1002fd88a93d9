package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

func nopLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// lineReader reads what a program logs, line by line.
type lineReader struct {
	scanner *bufio.Scanner
	seen    strings.Builder
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{scanner: bufio.NewScanner(r)} }

// until returns what follows mark, up to white space.
func (l *lineReader) until(t *testing.T, mark string) string {
	t.Helper()
	for l.scanner.Scan() {
		line := l.scanner.Text()
		l.seen.WriteString(line + "\n")
		if _, after, ok := strings.Cut(line, mark); ok {
			value, _, _ := strings.Cut(after, " ")
			return value
		}
	}
	t.Fatalf("no line holds %q:\n%s", mark, l.seen.String())
	return ""
}

// rest returns every line there was.
func (l *lineReader) rest() string {
	for l.scanner.Scan() {
		l.seen.WriteString(l.scanner.Text() + "\n")
	}
	return l.seen.String()
}

// exchange sends one request as it stands.
func exchange(t *testing.T, address, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return readResponse(t, bufio.NewReader(conn))
}

func readResponse(t *testing.T, r *bufio.Reader) *http.Response {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response
}

// program is customerd as users have it: built, in a process of its own.
type program struct {
	t       *testing.T
	process *exec.Cmd
	log     *lineReader
	base    string
	client  *http.Client
}

func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	return startedBy(t, exec.Command(built(t), append([]string{"--listen", "127.0.0.1:0", "--log-format", "text"}, args...)...))
}

func startedBy(t *testing.T, process *exec.Cmd) *program {
	t.Helper()
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, process: process, log: newLineReader(stderr), client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		if process.ProcessState == nil {
			_ = process.Process.Kill()
			_ = process.Wait()
		}
	})
	p.base = "http://" + p.log.until(t, "address=http://")
	return p
}

func (p *program) create(c map[string]any) {
	p.t.Helper()
	body, err := json.Marshal(c)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := p.client.Post(p.base+"/v1/customers", "application/json", strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err := io.ReadAll(response.Body); response.StatusCode != 201 {
		p.t.Errorf("%s\nis answered with %d %s %v", body, response.StatusCode, answer, err)
	}
}

// list returns the names on a page and where the next one is.
func (p *program) list(target string) (names []string, next string) {
	p.t.Helper()
	response, err := p.client.Get(p.base + target)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var page struct{ Items []customer.Customer }
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil || response.StatusCode != 200 {
		p.t.Fatalf("%s: %d %v", target, response.StatusCode, err)
	}
	for _, c := range page.Items {
		names = append(names, c.Name)
	}
	if link, rest, ok := strings.Cut(response.Header.Get("Link"), `>; rel="next"`); ok && rest != "" {
		next = strings.TrimPrefix(link, "<")
	}
	return names, next
}

// rows reads a file of customers by the names of its columns.
func rows(t *testing.T, file string) (out []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		out = append(out, row)
	}
	return out
}

func chinook(row map[string]string) map[string]any {
	return map[string]any{
		"external_id": row["CustomerId"], "name": row["FirstName"] + " " + row["LastName"], "company": row["Company"],
		"email": row["Email"], "phone": row["Phone"],
		"address": map[string]string{
			"line1": row["Address"], "city": row["City"], "region": row["State"], "postal_code": row["PostalCode"], "country": row["Country"],
		},
	}
}

func northwind(row map[string]string) map[string]any {
	return map[string]any{
		"external_id": row["customer_id"], "name": row["contact_name"], "company": row["company_name"], "phone": row["phone"],
		"address": map[string]string{
			"line1": row["address"], "city": row["city"], "region": row["region"], "postal_code": row["postal_code"], "country": row["country"],
		},
	}
}

// TestTheProgramWithRealCustomers is the first hour with the product: bring the customers, find them, stop.
func TestTheProgramWithRealCustomers(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	var everyone []string
	for _, row := range rows(t, "chinook_customers.csv") {
		p.create(chinook(row))
		everyone = append(everyone, row["FirstName"]+" "+row["LastName"])
	}
	for _, row := range rows(t, "northwind_customers.csv") {
		p.create(northwind(row))
		everyone = append(everyone, row["contact_name"])
	}
	if len(everyone) != 59+91 {
		t.Fatalf("got %d customers", len(everyone))
	}
	p.findAll()

	var walked []string
	for target := "/v1/customers?sort=name&limit=7"; target != ""; {
		names, next := p.list(target)
		walked, target = append(walked, names...), next
	}
	slices.SortFunc(everyone, func(a, b string) int { return strings.Compare(customer.Fold(a), customer.Fold(b)) })
	if diff := cmp.Diff(everyone, walked); diff != "" {
		t.Errorf("page by page (-want +got)\n%s", diff)
	}
	p.stopWithARequestInFlight()
}

// findAll types what people type.
func (p *program) findAll() {
	p.t.Helper()
	for q, want := range map[string][]string{
		"jose":                   {"Jose Pavarotti", "José Pedro Freyre", "Karin Josephs", "Luís Gonçalves"}, // who lives in São José dos Campos
		"köhler":                 {"Leonie Köhler"},
		"kohler":                 {"Leonie Köhler"},
		"bjorn":                  {"Bjørn Hansen"},
		"luis embraer":           {"Luís Gonçalves"},
		"2222":                   {"Bjørn Hansen", "Leonie Köhler"}, // 22 44 22 22 and 2842222
		"4729":                   {"Ana Trujillo", "Elizabeth Lincoln"},
		"+497112842222":          {"Leonie Köhler"}, // written +49 0711 2842222
		"leonekohler@surfeu.de":  {"Leonie Köhler"},
		" LeoneKohler@SURFEU.de": {"Leonie Köhler"},
		"o'reilly":               {"Hugh O'Reilly"},
		"oreilly":                {"Hugh O'Reilly"},
		"around the horn":        {"Thomas Hardy"},
		"alfki":                  {"Maria Anders"},
		"postal_code:70174":      {"Leonie Köhler"},
		"paris -has:email":       {"Dominique Perrier", "Marie Bertrand"},
		"country:brazil -company:embraer": {
			"Alexandre Rocha", "Anabela Domingues", "André Fonseca", "Aria Cruz", "Bernardo Batista", "Eduardo Martins", "Fernanda Ramos",
			"Janete Limeira", "Lúcia Carvalho", "Mario Pontes", "Paula Parente", "Pedro Afonso", "Roberto Almeida",
		},
		"@gmail.com (country:france OR country:portugal)": {"Dominique Lefebvre"},
		"created_at:<2020-01-01":                          nil,
	} {
		got, _ := p.list("/v1/customers?sort=name&q=" + url.QueryEscape(q))
		if diff := cmp.Diff(want, got); diff != "" {
			p.t.Errorf("%s (-want +got)\n%s", q, diff)
		}
	}
	got, _ := p.list("/v1/customers?limit=200&q=" + url.QueryEscape("has:company created_at:>=2020-01-01"))
	if want := 10 + 91; len(got) != want {
		p.t.Errorf("got %d customers with a company, want %d", len(got), want)
	}
}

// stopWithARequestInFlight sends SIGTERM before a body, and the body when the program has begun to stop. It is an import, which may take its time.
func (p *program) stopWithARequestInFlight() {
	p.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	const body = "name\nLast One\n"
	fmt.Fprintf(conn, "POST /v1/import?mode=commit HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	r := bufio.NewReader(conn)
	// The server asks for the body when the handler reads it: from here on the request is in flight.
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		p.t.Fatalf("got %q, %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		p.t.Fatal(err)
	}
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	p.log.until(p.t, "stopping")
	if _, err := io.WriteString(conn, body); err != nil {
		p.t.Fatal(err)
	}
	got := readResponse(p.t, r)
	if results, err := io.ReadAll(got.Body); err != nil || got.StatusCode != 200 || !strings.Contains(string(results), `"created":1`) {
		p.t.Errorf("the request in flight is answered with %d %s", got.StatusCode, results)
	}
	p.log.rest()
	if err := p.process.Wait(); err != nil {
		p.t.Errorf("SIGTERM ends the program with %v, want exit status 0", err)
	}
}
