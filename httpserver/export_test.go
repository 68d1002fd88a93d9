package httpserver

// Routes returns the route table as "METHOD /path", HEAD included.
func Routes(s *Server) []string {
	var routes []string
	for _, e := range s.endpoints() {
		routes = append(routes, e.method+" "+e.path)
		if e.method == "GET" {
			routes = append(routes, "HEAD "+e.path)
		}
	}
	return routes
}

// ParamNames returns the parameters of a list but metadata.<key>.
var ParamNames = paramNames

// Codes returns the status of every problem code.
func Codes() map[string]int {
	codes := map[string]int{}
	for code, kind := range kinds {
		codes[string(code)] = kind.status
	}
	return codes
}
