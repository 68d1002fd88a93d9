package httpserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func ExampleNew() {
	// Any customer.Store will do. A real program listens with the timeouts of an http.Server of its own.
	server := httptest.NewServer(httpserver.New(memstore.New(), httpserver.LoopbackOnly()))
	defer server.Close()

	created, err := http.Post(server.URL+"/v1/customers", "application/json", strings.NewReader(`{"name":"Zoë Müller","tags":["VIP"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	created.Body.Close()
	fmt.Println(created.Status, created.Header.Get("ETag"))

	found, err := http.Get(server.URL + "/v1/customers?tag=vip&q=zoe+muller&count=true")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer found.Body.Close()
	body, err := io.ReadAll(found.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, total, _ := strings.Cut(string(body), `"total":`)
	fmt.Println(found.Status, strings.TrimSuffix(total, "}"))
	// Output:
	// 201 Created "1"
	// 200 OK {"value":1,"exact":true}
}

func ExampleRequireIfMatch() {
	server := httpserver.New(memstore.New(), httpserver.RequireIfMatch())
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("POST", "/v1/customers/01970000-0000-7000-8000-000000000000/archive", nil))
	fmt.Println(answer.Code)
	// Output: 428
}
