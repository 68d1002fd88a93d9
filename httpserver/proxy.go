package httpserver

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// WithTrustedProxies sets the addresses of the proxies in front: of requests that come from one, X-Forwarded-For gives the client's address
// ([http.Request.RemoteAddr], for an authenticator), X-Forwarded-Host the host that the client sees, for the check of [RefuseCrossOrigin], and
// X-Forwarded-Proto its scheme. From everybody else these headers mean nothing. Addresses are not logged. With [LoopbackOnly], which is for
// servers without a proxy, the option has no effect.
func WithTrustedProxies(proxies ...netip.Prefix) Option {
	return func(s *Server) { s.proxies = proxies }
}

// forwarded returns the request as the outermost trusted proxy got it.
func (s *Server) forwarded(r *http.Request) *http.Request {
	if len(s.proxies) == 0 || s.loopbackOnly || !s.trusts(r.RemoteAddr) {
		return r
	}
	out, target := *r, *r.URL
	out.URL = &target
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		address, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if out.RemoteAddr = net.JoinHostPort(address.Unmap().String(), "0"); !s.trusts(out.RemoteAddr) {
			break
		}
	}
	if host := lastOf(r.Header.Values("X-Forwarded-Host")); plainHost(host) {
		out.Host = host
	}
	if scheme := lastOf(r.Header.Values("X-Forwarded-Proto")); scheme == "http" || scheme == "https" {
		target.Scheme = scheme
	}
	return &out
}

// lastOf returns what the nearest proxy wrote.
func lastOf(values []string) string {
	list := strings.Join(values, ",")
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}

func (s *Server) trusts(address string) bool {
	peer, err := netip.ParseAddrPort(address)
	return err == nil && slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap().WithZone("")) })
}

// baseURL is how the client reaches this server, as far as it can be told.
func (c *call) baseURL() string {
	scheme, host := c.r.URL.Scheme, c.r.Host
	if scheme == "" {
		scheme = "http"
		if c.r.TLS != nil {
			scheme = "https"
		}
	}
	if !plainHost(host) {
		host = "localhost:8080"
	}
	return scheme + "://" + host
}

// plainHost reports whether the host can be shown and pasted into a shell without harm.
func plainHost(host string) bool {
	return host != "" && len(host) <= 253+6 && strings.Trim(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]") == ""
}
