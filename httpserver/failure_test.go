package httpserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

var discard = slog.New(slog.DiscardHandler)

// failing is a store whose every call fails.
type failing struct{ err error }

func (s failing) Create(context.Context, customer.Draft) (customer.Customer, error) {
	return customer.Customer{}, s.err
}

func (s failing) Get(context.Context, customer.ID) (customer.Customer, error) {
	return customer.Customer{}, s.err
}

func (s failing) Update(context.Context, customer.ID, customer.Version, customer.Patch) (customer.Customer, error) {
	return customer.Customer{}, s.err
}
func (s failing) Delete(context.Context, customer.ID, customer.Version) error { return s.err }
func (s failing) Search(context.Context, customer.Query) (customer.Page, error) {
	return customer.Page{}, s.err
}

func (s failing) Count(context.Context, customer.Filter, int) (customer.Total, error) {
	return customer.Total{}, s.err
}

func TestEveryErrorOfAStoreHasItsAnswer(t *testing.T) {
	t.Parallel()
	id := customer.NewID()
	for name, tc := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"not found":               {customer.ErrNotFound, 404, "not_found"},
		"stale":                   {&customer.StaleError{ID: id, Want: 1, Have: 7}, 412, "version_mismatch"},
		"archived":                {customer.ErrArchived, 409, "archived"},
		"the email is taken":      {&customer.ConflictError{Field: "email", Holder: id}, 409, "email_taken"},
		"the external id":         {&customer.ConflictError{Field: "external_id", Holder: id}, 409, "external_id_taken"},
		"the id":                  {&customer.ConflictError{Field: "id", Holder: id}, 409, "id_taken"},
		"by one who is gone":      {&customer.ConflictError{Field: "email"}, 409, "email_taken"},
		"referenced":              {customer.ErrReferenced, 409, "referenced"},
		"invalid fields":          {&customer.ValidationError{Fields: []customer.FieldError{{Field: "address.city", Code: customer.CodeTooLong, Message: "x"}}}, 422, "validation_failed"},
		"invalid without more":    {customer.ErrInvalid, 422, "validation_failed"},
		"no field is invalid":     {&customer.ValidationError{}, 422, "validation_failed"},
		"unavailable":             {customer.ErrUnavailable, 503, "unavailable"},
		"wrapped":                 {fmt.Errorf("insert: %w", customer.ErrUnavailable), 503, "unavailable"},
		"unavailable by deadline": {fmt.Errorf("%w: %w", customer.ErrUnavailable, context.DeadlineExceeded), 503, "unavailable"},
		"too slow":                {context.DeadlineExceeded, 503, "timeout"},
		"the client has gone":     {context.Canceled, 503, "timeout"},
		"anything else":           {errors.New("connection string host=db password=hunter2"), 500, "internal"},
		"a conflict without more": {customer.ErrConflict, 500, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := over(t, failing{tc.err})
			got := a.send("PATCH", "/v1/customers/"+id.String(), field("name", "x")).wantCode(tc.status, tc.code)
			if tc.status == 503 && got.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if tc.status == 412 && got.header.Get("ETag") != `"7"` {
				t.Errorf("got ETag %q", got.header.Get("ETag"))
			}
			if strings.Contains(string(got.body), "hunter2") {
				t.Errorf("the answer tells what failed inside: %s", got.body)
			}
			taken := got.problem().Existing
			if conflict, ok := errors.AsType[*customer.ConflictError](tc.err); ok && taken.ID != conflict.Holder {
				t.Errorf("got existing %v, want %v", taken.ID, conflict.Holder)
			}
		})
	}
}

func TestErrorsOfAQueryAre400(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		code string
	}{
		"of the cursor": {&customer.QueryError{Param: "cursor", Code: customer.CodeCursorMismatch, Message: "x"}, "cursor_mismatch"},
		"of its own":    {&customer.QueryError{Param: "name", Code: "too_vague", Message: "x"}, "invalid_query"},
		"of the store":  {fmt.Errorf("order: %w", errors.ErrUnsupported), "invalid_query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over(t, failing{tc.err}).send("GET", "/v1/customers", "").wantCode(400, tc.code)
		})
	}
	t.Run("and a failing count fails the list", func(t *testing.T) {
		t.Parallel()
		a := over(t, countFails{memstore.New()})
		a.send("GET", "/v1/customers", "").want(200)
		a.send("GET", "/v1/customers?count=true", "").wantCode(503, "unavailable")
	})
}

type countFails struct{ *memstore.Store }

func (countFails) Count(context.Context, customer.Filter, int) (customer.Total, error) {
	return customer.Total{}, customer.ErrUnavailable
}

// panicking panics with a value of the record it is given.
type panicking struct{ customer.Store }

func (panicking) Create(_ context.Context, d customer.Draft) (customer.Customer, error) {
	panic(d.Name)
}

func TestLogsAndProblemsHoldNoValue(t *testing.T) {
	t.Parallel()
	const canary = "canary7391"
	var log bytes.Buffer
	logger := httpserver.WithLogger(slog.New(slog.NewJSONHandler(&log, nil)))
	whole := `{"name":"` + canary + `","email":"` + canary + `@example.com","phone":"` + canary + `","company":"` + canary + `\u0000","notes":["` + canary +
		`"],"external_id":{"a":"` + canary + `"},"address":{"city":7391},"tags":["` + canary + `,x"],"metadata":{"a":{"b":"` + canary + `"}}}`
	for _, store := range []customer.Store{memstore.New(), failing{errors.New("boom")}, failing{customer.ErrUnavailable}, panicking{}} {
		a := over(t, store, logger)
		for _, got := range []answer{
			a.send("POST", "/v1/customers", whole),
			a.send("POST", "/v1/customers", whole[:len(whole)-9]),
			a.send("POST", "/v1/customers", field("name", canary), "Content-Type: text/"+canary),
			a.do("POST", "/v1/customers", field("name", canary), "X-Request-Id: "+canary+" "),
			a.send("POST", "/v1/search", "limit="+canary+"&name="+canary+"%00&cursor="+canary+"&sort="+canary),
			a.send("PATCH", "/v1/customers/"+customer.NewID().String(), whole, `If-Match: `+canary),
			a.send("PUT", "/v1/customers", canary),
		} {
			if got.status >= 400 && bytes.Contains(got.body, []byte(canary)) {
				t.Errorf("the problem repeats a value: %s", got.body)
			}
		}
	}
	if strings.Contains(log.String(), canary) {
		t.Errorf("the log repeats a value:\n%s", log.String())
	}
	for _, want := range []string{`"boom"`, `"panic":"string"`, `"route":"/v1/customers"`, `"request_id":`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
}

func TestAPanicAfterTheAnswerCutsTheConnection(t *testing.T) {
	t.Parallel()
	handler := httpserver.New(memstore.New(), httpserver.WithLogger(discard))
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("got panic %v, want http.ErrAbortHandler", got)
		}
	}()
	handler.ServeHTTP(breaking{httptest.NewRecorder()}, request("GET", "/livez", ""))
}

// breaking is a connection that panics when a body is written.
type breaking struct{ *httptest.ResponseRecorder }

func (breaking) Write([]byte) (int, error) { panic("broken") }
