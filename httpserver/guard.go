package httpserver

import (
	"net"
	"net/http"
	"strings"
)

// guard refuses requests that are not meant for a server on this machine, if there is nothing else to tell friend from foe.
func (s *Server) guard(r *http.Request) error {
	if s.crossOrigin == nil {
		return nil
	}
	if !loopbackHost(r.Host) {
		return &problem{
			code:   codeForbidden,
			detail: "Without authentication this server answers on this machine only, by the name localhost, 127.0.0.1 or [::1].",
		}
	}
	if err := s.crossOrigin.Check(r); err != nil {
		return &problem{code: codeForbidden, detail: "A browser sent this change for a page of another origin."}
	}
	return nil
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	} else {
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	return strings.EqualFold(host, "localhost") || host == "127.0.0.1" || host == "::1"
}
