package httpserver_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"example.com/customer"
	"example.com/customer/memstore"
)

// canaryRequest is one request full of canaries.
type canaryRequest struct {
	method, target, body string
	headers              []string
	foreign              bool // from another tenant than the one with the customers
}

// canaryRequests puts canaries into everything that a client sends. It makes the customers that the requests need.
func canaryRequests(a api, w *watch) (out []canaryRequest) {
	acme, globex := "Authorization: Bearer "+canary+"-acme", "Authorization: Bearer "+canary+"-globex"
	add := func(method, target, body string, headers ...string) {
		out = append(out, canaryRequest{method, target, body, slices.Concat([]string{
			acme, "User-Agent: " + canary, "Cookie: s=" + canary, "Referer: https://x.example/" + canary, "X-Forwarded-For: " + canary,
			"X-Request-Id: " + canary + " <>",
		}, headers), false})
	}
	made := make([]string, 4)
	for i := range made {
		if got := a.do("POST", "/v1/customers", canaries(i), acme, "Idempotency-Key: "+canary+string(rune('0'+i))); got.status == 201 {
			made[i] = got.header.Get("Location")
		} else {
			made[i] = "/v1/customers/" + customer.NewID().String()
		}
	}
	first, second, archived := made[0], made[1], made[2]
	a.do("POST", archived+"/archive", "", acme)
	cursor := canary
	if got := a.do("GET", "/v1/customers?sort=name&limit=1", "", acme); got.status == 200 {
		cursor = got.page().Next
		w.secrets = append(w.secrets, cursor)
	}
	q := func(text string) string { return "/v1/customers?q=" + url.QueryEscape(text) }

	for _, body := range []string{
		canaries(0), `{"name":"` + canary, `{"name":"` + canary + `"}{}`, `["` + canary + `"]`, `{"name":"` + canary + `","name":"` + canary + `"}`,
		`{"name":"` + canary + "\xff" + `"}`, `{"email":"` + canary + `"}`, `{"phone":"` + canary + `"}`, `{"name":"` + canary + `\u0000"}`,
		`{"name":{"a":"` + canary + `"}}`, `{"name":"x","metadata":{"a b":"` + canary + `"}}`, `{"name":"x","tags":["` + canary + `,"]}`,
		`{"name":"x","` + coined + `":"` + canary + `"}`, `{"name":"x","id":"` + canary + `","status":"` + canary + `","created_at":"` + canary + `"}`,
		`{"external_id":"` + canary + `-1","name":"` + canary + `"}`, `{"name":"x","address":{"` + coined + `":"` + canary + `"}}`,
		`{"name":"x","metadata":{"` + coined + ` x":"` + canary + `"}}`, strings.Repeat(canary, maxBody/len(canary)+1),
	} {
		add("POST", "/v1/customers", body)
		add("PATCH", second, body)
		add("POST", second+"/tags", body)
		add("POST", archived+"/restore", body)
		add("POST", "/v1/search", "q="+url.QueryEscape(body[:min(len(body), 600)]))
	}
	add("POST", "/v1/customers", canaries(7), "Idempotency-Key: "+canary+"0")
	add("POST", "/v1/customers", canaries(7), "Idempotency-Key: "+canary+` "`)
	add("PATCH", second, `{"email":"`+canary+`0@`+canary+`.example"}`)
	add("PATCH", archived, `{"notes":"`+canary+`!"}`)
	add("PATCH", second, `{"notes":"`+canary+`!"}`, `If-Match: "`+canary+`"`)
	add("PATCH", second, `{"notes":"`+canary+`!"}`, `If-Match: W/"`+canary+`"`)
	add("PATCH", second, `{"notes":"`+canary+`!"}`, "If-Match: "+canary)
	add("PATCH", second, `{"notes":"`+canary+` new","metadata":{"plan":"`+canary+` new"}}`)
	add("DELETE", first, "")
	add("DELETE", first, "", `If-Match: "7391"`)
	add("GET", first, "", `If-None-Match: `+canary)

	for _, query := range []string{
		"name=" + canary + "&name=%00" + canary, coined + "=" + canary, "limit=" + canary, "sort=" + canary, "count=" + canary, "limit=1&limit=" + canary,
		"cursor=" + canary, "cursor=" + cursor, "sort=name&tag=" + canary + "&cursor=" + cursor, "id=" + canary, "created_at.gte=" + canary,
		"email=" + canary + "+x", "metadata.a+b=" + canary, "status=" + canary + ",active", "has=" + canary, "name=%zz" + canary, "a=1;" + canary,
		"phone=" + canary, "name=" + strings.Repeat(canary, 40), "archived_at=" + canary,
	} {
		add("GET", "/v1/customers?"+query, "")
		add("POST", "/v1/search", query)
		add("POST", "/v1/search?"+query, query)
		add("GET", first+"?"+query, "")
	}
	for _, text := range []string{
		canary + ":x", "email:" + canary, "name:(" + canary, `"` + canary, canary + " )", "created_at:" + canary, "id:" + canary, "status:" + canary,
		"tag:" + canary + "*", "*" + canary + "* city:*" + canary + "*", "has:" + canary, "metadata." + canary + ":<x", canary + "," + canary,
	} {
		add("GET", q(text), "")
	}
	for _, file := range []string{
		"name,email\n" + canary + "," + canary + "1@" + canary + ".example\n" + canary + "," + canary + "\n", "name\n\"" + canary, "name\n" + canary + "," + canary,
		"name,name\n" + canary + "," + canary, "name\n" + canary + "\x00\n", "name\n\xff" + canary,
		`{"name":"` + canary + `"}` + "\n" + `{"email":"` + canary + `"}`, `{"name":"` + canary, `{"` + coined + `":"` + canary + `"}`, `["` + canary + `"]`,
		`{"id":"` + canary + `","name":"` + canary + `"}`, `{"name":"` + canary + `","name":"` + canary + `"}`,
	} {
		for _, query := range []string{"mode=validate", "mode=commit", "mode=commit&on_conflict=update&match=email", "mode=" + canary, coined + "=" + canary} {
			add("POST", "/v1/import?"+query, file, "Content-Type: text/csv")
			add("POST", "/v1/import?"+query, file, "Content-Type: application/x-ndjson")
		}
	}
	for _, query := range []string{"name=" + canary, "format=" + canary, "sort=" + canary, "q=" + canary + ":x", coined + "=" + canary} {
		add("GET", "/v1/export?"+query, "")
		add("GET", "/v1/export?"+query, "", "Accept: text/csv")
		add("GET", "/v1/export?"+query, "", "Accept: text/"+canary)
	}
	for _, target := range []string{
		"/" + canary, "/v1/" + canary, "/v1/customers/" + canary, "/v1/customers/" + canary + "/archive", "/v1//" + canary, "/v1/customers%2F" + canary,
		first + "/" + canary, "/docs/" + canary, "/metrics/" + canary,
	} {
		add("GET", target, "")
		add("POST", target, canary)
		add(strings.ToUpper(canary), target, canary)
	}
	add("PUT", "/v1/customers", canary)
	add("OPTIONS", "/v1/customers", canary)
	add("GET", "/v1/customers", "", "Accept: text/"+canary)
	add("POST", "/v1/customers", canaries(8), "Content-Type: text/"+canary)
	add("POST", "/v1/customers", canaries(8), "Content-Type: application/json; charset="+canary)
	add("POST", "/v1/customers", canaries(8), "Content-Encoding: "+canary)
	for _, credentials := range []string{"Bearer " + canary, "Basic " + canary, canary, "Bearer " + canary + "-reader"} {
		out = append(out, canaryRequest{"POST", "/v1/customers", canaries(8), []string{"Authorization: " + credentials}, false})
	}
	for _, r := range [][]string{
		{"GET", first, ""},
		{"PATCH", first, field("name", "x")},
		{"DELETE", first, "", "If-Match: *"},
		{"POST", first + "/archive", ""},
		{"GET", "/v1/customers?sort=name&limit=1&cursor=" + cursor, ""},
		{"GET", "/v1/customers?count=exact", ""},
		{"GET", "/v1/customers?id=" + strings.TrimPrefix(first, "/v1/customers/"), ""},
		{"POST", "/v1/search", "name=" + canary + "+name"},
		{"GET", "/v1/export", ""},
		{"POST", "/v1/customers", field("name", "x"), "Idempotency-Key: " + canary + "1"},
	} {
		out = append(out, canaryRequest{r[0], r[1], r[2], append(r[3:], globex), true})
	}
	return out
}

// canaryStores fail in every way that a store may, and in two that are bugs.
func canaryStores() []customer.Store {
	stores := []customer.Store{panicking{}, careless{memstore.New()}}
	for _, err := range []error{
		customer.ErrNotFound, customer.ErrArchived, customer.ErrReferenced, customer.ErrKeyReused, customer.ErrUnavailable, customer.ErrInvalid,
		customer.ErrConflict, &customer.StaleError{Want: 1, Have: 2}, &customer.ConflictError{Field: "id", Holder: customer.NewID()},
		&customer.ConflictError{Field: "email"}, context.DeadlineExceeded, context.Canceled, errors.ErrUnsupported, errors.New("out of order"),
	} {
		stores = append(stores, failing{err})
	}
	return stores
}

// careless is a store whose calls panic with what they were given, some of them by a mistake that the runtime sees.
type careless struct{ *memstore.Store }

func (careless) Create(_ context.Context, d customer.Draft) (customer.Customer, error) {
	return customer.Customer{Name: d.Tags[len(d.Tags)]}, nil
}

func (careless) Get(context.Context, customer.ID) (customer.Customer, error) {
	panic(errors.New(canary))
}

func (careless) Search(_ context.Context, q customer.Query) (customer.Page, error) {
	panic(q)
}
