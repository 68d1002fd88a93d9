package httpserver

import (
	"net/http"
	"strings"
)

// guard refuses requests that are not meant for this server, if there is nothing else to tell friend from foe.
func (s *Server) guard(r *http.Request) error {
	if s.loopbackOnly && !loopbackHost(r.Host) {
		return &problem{
			code:   codeForbidden,
			detail: "Without authentication this server answers on this machine only, by the name localhost, 127.0.0.1 or [::1].",
		}
	}
	if s.crossOrigin == nil {
		return nil
	}
	if err := s.crossOrigin.Check(r); err != nil {
		return &problem{code: codeForbidden, detail: "A browser sent this change for a page of another origin."}
	}
	return nil
}

func loopbackHost(host string) bool {
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if name, port = host[:i], host[i+1:]; port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
	}
	return strings.EqualFold(name, "localhost") || name == "127.0.0.1" || name == "[::1]"
}
