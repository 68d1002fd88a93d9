package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/julienschmidt/httprouter"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/postgres"
)

// statement is what the server sends to the database for a request, the mode of pgx first among the arguments.
type statement struct {
	sql  string
	args []any
}

// TraceQueryStart implements [pgx.QueryTracer]. The last statement counts: a search may ask for the size of its tenant before.
func (s *statement) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	*s = statement{data.SQL, slices.Clone(data.Args)}
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (s *statement) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// statementsOf returns the statement of every target.
func statementsOf(b *testing.B, dsn string, list []*target) map[string]statement {
	b.Helper()
	ctx := context.Background()
	var last statement
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		b.Fatal(err)
	}
	config.Tracer = &last
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	handler := httpserver.New(postgres.New(conn).Tenant(benchTenant), httpserver.WithLogger(slog.New(slog.DiscardHandler)))
	out := map[string]statement{}
	for _, t := range list {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(t.print(nil, 0))))
		if err != nil {
			b.Fatal(err)
		}
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, request); w.Code != t.want {
			b.Fatalf("%s: got %d %s", t.name, w.Code, w.Body)
		}
		out[t.name] = last
	}
	return out
}

// floor is what a few lines do that know neither rules nor tenants, tokens, logs and metrics.
type floor struct {
	pool       *pgxpool.Pool
	statements map[string]statement
}

// floorCustomer is a row, in the order of its columns.
type floorCustomer struct {
	ID         customer.ID       `json:"id"`
	Version    int64             `json:"version"`
	Status     string            `json:"status"`
	ExternalID string            `json:"external_id"`
	Name       string            `json:"name"`
	Email      string            `json:"email"`
	Phone      string            `json:"phone"`
	Company    string            `json:"company"`
	Notes      string            `json:"notes"`
	Address    customer.Address  `json:"address"`
	Tags       []string          `json:"tags"`
	Metadata   map[string]string `json:"metadata"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
	ArchivedAt time.Time         `json:"archived_at"`
}

func (c *floorCustomer) columns() []any {
	return []any{
		(*[16]byte)(&c.ID), &c.Version, &c.Status, &c.ExternalID, &c.Name, &c.Email, &c.Phone, &c.Company, &c.Notes,
		&c.Address.Line1, &c.Address.Line2, &c.Address.City, &c.Address.Region, &c.Address.PostalCode, &c.Address.Country,
		&c.Tags, &c.Metadata, &c.CreatedAt, &c.UpdatedAt, &c.ArchivedAt,
	}
}

func startFloor(b *testing.B, dsn string, list []*target) (address string) {
	b.Helper()
	pool, err := pgxpool.New(context.Background(), poolDSN(dsn))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	f := &floor{pool, statementsOf(b, dsn, list)}
	router := httprouter.New()
	router.GET("/v1/customers/:id", f.get)
	router.GET("/v1/customers", f.list)
	router.POST("/v1/customers", f.create)
	return listenForBench(b, &http.Server{Handler: router})
}

func (f *floor) get(w http.ResponseWriter, r *http.Request, ps httprouter.Params) {
	id, err := customer.ParseID(ps.ByName("id"))
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	var c floorCustomer
	s := f.statements["get"]
	err = f.pool.QueryRow(r.Context(), s.sql, s.args[0], s.args[1], [16]byte(id)).Scan(c.columns()...)
	answer(w, http.StatusOK, c, err)
}

func (f *floor) list(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	s := f.statements[map[string]string{"": "list-50", "gesky": "search-rare", "smith": "search-2%"}[r.URL.Query().Get("q")]]
	rows, err := f.pool.Query(r.Context(), s.sql, s.args...)
	if err != nil {
		answer(w, 0, nil, err)
		return
	}
	defer rows.Close()
	var page struct {
		Items []floorCustomer `json:"items"`
	}
	for rows.Next() && err == nil {
		var c floorCustomer
		err = rows.Scan(c.columns()...)
		page.Items = append(page.Items, c)
	}
	// The statement asks for one row more than a page has.
	page.Items = page.Items[:min(len(page.Items), 50)]
	answer(w, http.StatusOK, page, err)
}

func (f *floor) create(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	c := floorCustomer{ID: customer.NewID(), Version: 1, Status: "active", CreatedAt: time.Now(), Metadata: map[string]string{}}
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	c.UpdatedAt = c.CreatedAt
	s, lower, digits := f.statements["create"], strings.ToLower, strings.ReplaceAll(strings.TrimPrefix(c.Phone, "+"), " ", "")
	args := append([]any{
		s.args[0], s.args[1], [16]byte(c.ID), c.Version, c.Status, c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes,
		c.Address.Line1, c.Address.Line2, c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country,
		c.Tags, c.Metadata, c.CreatedAt, c.UpdatedAt, c.ArchivedAt,
	}, lower(c.Name), lower(c.Email), c.Email[strings.IndexByte(c.Email, '@')+1:], lower(c.Company), digits,
		lower(c.Address.City), lower(c.Address.Region), lower(c.Address.PostalCode), lower(c.Address.Country),
		lower(" "+c.Name+" "+c.Company+" "+c.Email+" "+c.Phone+" "+digits+" "+c.Address.City), customer.KeysVersion, "", "")
	_, err := f.pool.Exec(r.Context(), s.sql, args...)
	answer(w, http.StatusCreated, c, err)
}

func answer(w http.ResponseWriter, status int, v any, err error) {
	body, marshalErr := json.Marshal(v)
	if err != nil || marshalErr != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
