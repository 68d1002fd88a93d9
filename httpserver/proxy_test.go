package httpserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// behind is a server that trusts these networks, and what its authenticator sees of the last request.
func behind(t *testing.T, networks ...string) (a api, seen *atomic.Pointer[http.Request]) {
	t.Helper()
	proxies := make([]netip.Prefix, len(networks))
	for i, network := range networks {
		proxies[i] = netip.MustParsePrefix(network)
	}
	seen = new(atomic.Pointer[http.Request])
	a = open(t, httpserver.WithTrustedProxies(proxies...), httpserver.WithAuthenticator(func(r *http.Request) (httpserver.Principal, error) {
		seen.Store(r)
		return principal("x", "", httpserver.ScopeRead), nil
	}))
	return a, seen
}

// from sends a request that comes from the peer.
func (a api) from(peer, method, target string, headers ...string) answer {
	return a.sent(peer, request(method, target, "", headers...))
}

func (a api) sent(peer string, r *http.Request) answer {
	w := httptest.NewRecorder()
	r.RemoteAddr = peer
	a.handler.ServeHTTP(w, r)
	return answer{a.t, w.Code, w.Result().Header, w.Body.Bytes()}
}

func TestTheClientBehindProxies(t *testing.T) {
	t.Parallel()
	const proxy, other, client = "10.0.0.7:4711", "192.0.2.1:4711", "198.51.100.9:0"
	for name, tc := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"a proxy tells its client":                    {proxy, []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"a peer that is no proxy tells nothing":       {other, []string{"X-Forwarded-For: 198.51.100.9"}, other},
		"a proxy that tells nothing":                  {proxy, nil, proxy},
		"what the client itself wrote is on the left": {proxy, []string{"X-Forwarded-For: 127.0.0.1, 198.51.100.9"}, client},
		"even if it names a proxy":                    {proxy, []string{"X-Forwarded-For: 203.0.113.1, 10.0.0.8, 198.51.100.9"}, client},
		"a chain of proxies":                          {proxy, []string{"X-Forwarded-For: 198.51.100.9, 10.0.0.9, 10.0.0.8"}, client},
		"a chain in many headers":                     {proxy, []string{"X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 198.51.100.9,10.0.0.9", "X-Forwarded-For: 10.0.0.8"}, client},
		"a chain of proxies only ends at the first":   {proxy, []string{"X-Forwarded-For: 10.0.0.9, 10.0.0.8"}, "10.0.0.9:0"},
		"a hop that is no proxy ends the chain":       {proxy, []string{"X-Forwarded-For: 203.0.113.1, 198.51.100.9, 10.0.0.8"}, client},
		"garbage on the right tells nothing":          {proxy, []string{"X-Forwarded-For: 198.51.100.9, garbage"}, proxy},
		"garbage inside ends at the last good hop":    {proxy, []string{"X-Forwarded-For: 198.51.100.9, , 10.0.0.8"}, "10.0.0.8:0"},
		"unknown":                        {proxy, []string{"X-Forwarded-For: unknown"}, proxy},
		"an empty header":                {proxy, []string{"X-Forwarded-For: "}, proxy},
		"a name":                         {proxy, []string{"X-Forwarded-For: localhost"}, proxy},
		"an address with a port is none": {proxy, []string{"X-Forwarded-For: 198.51.100.9:80"}, proxy},
		"the client by version 6":        {proxy, []string{"X-Forwarded-For: 2001:db8::9"}, "[2001:db8::9]:0"},
		"a proxy by version 6":           {"[2001:db8:1::7]:4711", []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"a proxy by version 6 that is none of them":      {"[2001:db8:2::7]:4711", []string{"X-Forwarded-For: 198.51.100.9"}, "[2001:db8:2::7]:4711"},
		"a proxy by version 4 in version 6":              {"[::ffff:10.0.0.7]:4711", []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"a hop by version 4 in version 6":                {proxy, []string{"X-Forwarded-For: 198.51.100.9, ::ffff:10.0.0.8"}, client},
		"a client by version 4 in version 6":             {proxy, []string{"X-Forwarded-For: ::ffff:198.51.100.9"}, client},
		"the standard header that no proxy was told of":  {proxy, []string{"Forwarded: for=198.51.100.9"}, proxy},
		"another name of the header":                     {proxy, []string{"X-Real-Ip: 198.51.100.9"}, proxy},
		"a peer whose address is no address":             {"@", []string{"X-Forwarded-For: 198.51.100.9"}, "@"},
		"the loopback address is no proxy unless named":  {"127.0.0.1:4711", []string{"X-Forwarded-For: 198.51.100.9"}, "127.0.0.1:4711"},
		"the first address of a network":                 {"10.0.0.0:1", []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"the last address of a network":                  {"10.0.0.255:1", []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"the address after a network":                    {"10.0.1.0:1", []string{"X-Forwarded-For: 198.51.100.9"}, "10.0.1.0:1"},
		"a proxy with a zone is the proxy without it":    {"[2001:db8:1::7%eth0]:1", []string{"X-Forwarded-For: 198.51.100.9"}, client},
		"a client far behind whatever the client claims": {proxy, []string{"X-Forwarded-For: 10.0.0.1, 10.0.0.2, 198.51.100.9, 10.0.0.3"}, client},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, seen := behind(t, "10.0.0.0/24", "2001:db8:1::/48")
			a.from(tc.peer, "GET", "/v1/customers", tc.headers...).want(200)
			if got := seen.Load().RemoteAddr; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// Whatever a client writes, what its proxy adds decides.
func TestNoClientChoosesItsAddress(t *testing.T) {
	t.Parallel()
	a, seen := behind(t, "10.0.0.0/24")
	rapid.Check(t, func(rt *rapid.T) {
		spoofed := rapid.SliceOfN(rapid.SampledFrom([]string{"10.0.0.1", "127.0.0.1", "::1", "x", "", "1.2.3.4", "10.0.0.7, 10.0.0.8"}), 0, 6).Draw(rt, "spoofed")
		a.from("10.0.0.7:1", "GET", "/v1/customers", "X-Forwarded-For: "+strings.Join(append(spoofed, "198.51.100.9", "10.0.0.8"), ",")).want(200)
		if got := seen.Load().RemoteAddr; got != "198.51.100.9:0" {
			rt.Errorf("got %s", got)
		}
	})
}

// What X-Forwarded-Host says a page can write too, once its name has been rebound to this machine.
func TestAProxyDoesNotOpenAServerOfThisMachineOnly(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.LoopbackOnly(), httpserver.WithTrustedProxies(netip.MustParsePrefix("127.0.0.1/32")))
	for name, tc := range map[string]struct {
		headers []string
		want    int
	}{
		"a host that is forwarded": {[]string{"Host: evil.example", "X-Forwarded-Host: localhost"}, 403},
		"a host of this machine":   {[]string{"Host: localhost", "X-Forwarded-Host: evil.example"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.in(t).from("127.0.0.1:1", "GET", "/v1/customers", tc.headers...).want(tc.want)
		})
	}
}

func TestTheOriginBehindProxies(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.RefuseCrossOrigin(), httpserver.WithTrustedProxies(netip.MustParsePrefix("10.0.0.7/32")))
	create := func(peer string) int {
		r := request("POST", "/v1/customers", field("name", "x"), "Host: internal:1", "X-Forwarded-Host: crm.example.com:8443", "Origin: https://crm.example.com:8443", "Content-Type: application/json")
		return a.in(t).sent(peer, r).status
	}
	if through, past := create("10.0.0.7:1"), create("10.0.0.8:1"); through != 201 || past != 403 {
		t.Errorf("got %d through the proxy and %d past it, want 201 and 403", through, past)
	}
}

func TestTheBaseURLBehindProxies(t *testing.T) {
	t.Parallel()
	a := api{t, httpserver.New(memstore.New(), httpserver.WithLogger(discard), httpserver.WithTrustedProxies(netip.MustParsePrefix("10.0.0.7/32")))}
	for name, tc := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"a proxy tells scheme and host":   {"10.0.0.7:1", []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: crm.example.com"}, "https://crm.example.com/v1"},
		"another peer does not":           {"10.0.0.8:1", []string{"Host: here", "X-Forwarded-Proto: https", "X-Forwarded-Host: crm.example.com"}, "http://here/v1"},
		"a scheme that is none":           {"10.0.0.7:1", []string{"Host: here", "X-Forwarded-Proto: javascript"}, "http://here/v1"},
		"the nearest proxy's scheme":      {"10.0.0.7:1", []string{"Host: here", "X-Forwarded-Proto: http, https"}, "https://here/v1"},
		"the nearest proxy's host":        {"10.0.0.7:1", []string{"X-Forwarded-Host: evil.example, crm.example.com"}, "http://crm.example.com/v1"},
		"in a header of its own":          {"10.0.0.7:1", []string{"X-Forwarded-Host: evil.example", "X-Forwarded-Host: crm.example.com"}, "http://crm.example.com/v1"},
		"a host that is none":             {"10.0.0.7:1", []string{"Host: here", "X-Forwarded-Host: a b<script>"}, "http://here/v1"},
		"no host at all":                  {"10.0.0.7:1", []string{"Host: here", "X-Forwarded-Host: "}, "http://here/v1"},
		"what a client wrote on the left": {"10.0.0.7:1", []string{"Host: here", "X-Forwarded-Proto: https,http"}, "http://here/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := string(a.in(t).from(tc.peer, "GET", "/docs", tc.headers...).want(200).body)
			got := []bool{strings.Contains(page, tc.want), strings.Contains(page, "javascript:"), strings.Contains(page, "localhost:8080")}
			if diff := cmp.Diff([]bool{true, false, false}, got); diff != "" {
				t.Errorf("holds %s, a script, an address of its own (-want +got)\n%s", tc.want, diff)
			}
		})
	}
}
