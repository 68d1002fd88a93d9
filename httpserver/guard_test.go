package httpserver_test

import (
	"testing"

	"example.com/customer/httpserver"
)

func TestLoopbackOnlyAnswersToItsOwnNames(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.LoopbackOnly())
	for host, want := range map[string]int{
		"localhost":            200,
		"LOCALHOST:8080":       200,
		"127.0.0.1":            200,
		"127.0.0.1:8080":       200,
		"[::1]":                200,
		"[::1]:8080":           200,
		"":                     403,
		"example.com":          403,
		"localhost.evil.com":   403,
		"127.0.0.1.evil.com":   403,
		"evil.com:127":         403,
		"127.0.0.2":            403,
		"0.0.0.0:8080":         403,
		"localhost@evil.com":   403,
		"127.0.0.1, localhost": 403,
	} {
		for _, target := range []string{"/v1/customers", "/livez", "/openapi.json"} {
			a.send("GET", target, "", "Host: "+host).want(want)
		}
		if want == 403 {
			a.send("GET", "/v1/nothing", "", "Host: "+host).wantCode(403, "forbidden")
			a.send("PUT", "/v1/customers", "", "Host: "+host).wantCode(403, "forbidden")
		}
	}
}

func TestLoopbackOnlyRefusesChangesFromOtherOrigins(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.LoopbackOnly())
	for name, tc := range map[string]struct {
		headers []string
		want    int
	}{
		"not a browser":       {nil, 201},
		"the same origin":     {[]string{"Sec-Fetch-Site: same-origin"}, 201},
		"typed in":            {[]string{"Sec-Fetch-Site: none"}, 201},
		"another site":        {[]string{"Sec-Fetch-Site: cross-site"}, 403},
		"another port":        {[]string{"Sec-Fetch-Site: same-site"}, 403},
		"an old browser":      {[]string{"Origin: https://evil.example"}, 403},
		"an old browser here": {[]string{"Origin: http://localhost"}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			headers := append([]string{"Host: localhost", "Content-Type: application/json"}, tc.headers...)
			a.send("POST", "/v1/customers", field("name", "x"), headers...).want(tc.want)
			a.send("GET", "/v1/customers", "", headers[0]).want(200)
		})
	}
}

func TestWithoutTheOptionAnyHostIsAnswered(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.send("POST", "/v1/customers", field("name", "x"), "Host: customers.example.com", "Content-Type: application/json", "Sec-Fetch-Site: cross-site").want(201)
}
