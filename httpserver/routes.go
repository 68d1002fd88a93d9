package httpserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"

	"example.com/customer"
)

// endpoint is one row of the route table.
type endpoint struct {
	method, path string
	scope        Scope // what a principal needs, for everything under /v1
	handle       func(*call) error
	query        bool          // takes parameters in the query string; the others under /v1 refuse any
	accepts      []string      // media types of the body; nil: it takes none
	maxBody      int64         // bytes of it; 0: maxBody
	offers       []string      // media types of a streamed answer; nil: JSON at once
	places       chan struct{} // for those that take long; nil: those of all
	anyHost      bool          // the guard lets it pass
}

const (
	jsonType  = "application/json"
	patchType = "application/merge-patch+json"
	formType  = "application/x-www-form-urlencoded"
)

// endpoints is the route table. Every GET stands for a HEAD too.
func (s *Server) endpoints() []*endpoint {
	json, patch := []string{jsonType}, []string{patchType, jsonType}
	return append([]*endpoint{
		{method: "GET", path: "/v1/customers", scope: ScopeRead, handle: s.list, query: true},
		{method: "POST", path: "/v1/customers", scope: ScopeWrite, handle: s.create, accepts: json},
		{method: "POST", path: "/v1/search", scope: ScopeRead, handle: s.search, accepts: []string{formType}},
		{method: "GET", path: "/v1/customers/:id", scope: ScopeRead, handle: s.get},
		{method: "PATCH", path: "/v1/customers/:id", scope: ScopeWrite, handle: s.update, accepts: patch},
		{method: "DELETE", path: "/v1/customers/:id", scope: ScopeErase, handle: s.erase},
		{method: "POST", path: "/v1/customers/:id/archive", scope: ScopeWrite, handle: s.moveTo(customer.Archived), accepts: json},
		{method: "POST", path: "/v1/customers/:id/restore", scope: ScopeWrite, handle: s.moveTo(customer.Active), accepts: json},
		{method: "POST", path: "/v1/customers/:id/tags", scope: ScopeWrite, handle: s.tag, accepts: json},
		{
			method: "POST", path: "/v1/import", scope: ScopeWrite, handle: s.load, query: true, offers: ndjsonTypes,
			accepts: slices.Concat([]string{csvType}, ndjsonTypes), maxBody: maxImportBody, places: make(chan struct{}, maxImports),
		},
		{
			method: "GET", path: "/v1/export", scope: ScopeRead, handle: s.export, query: true, offers: slices.Concat(ndjsonTypes, []string{csvType}),
			places: make(chan struct{}, maxExports),
		},
		{method: "GET", path: "/openapi.json", handle: s.document},
		{method: "GET", path: "/docs", handle: s.docs},
		{method: "GET", path: "/livez", handle: s.alive},
		{method: "GET", path: "/readyz", handle: s.ready},
		{method: "GET", path: "/version", handle: s.programVersion},
	}, measured(s.metrics, false)...)
}

func (s *Server) routes(endpoints []*endpoint) *httprouter.Router {
	router := httprouter.New()
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.HandleMethodNotAllowed = false
	router.HandleOPTIONS = false
	for _, e := range endpoints {
		handle := func(w http.ResponseWriter, r *http.Request, ps httprouter.Params) { s.serve(w, r, ps, e) }
		router.Handle(e.method, e.path, handle)
		if e.method == http.MethodGet {
			router.Handle(http.MethodHead, e.path, handle)
		}
	}
	other := &endpoint{handle: func(c *call) error { return c.noEndpoint(router) }, anyHost: endpoints[0].anyHost}
	router.NotFound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, nil, other) })
	return router
}

// Admin returns the handler for a listener of the operators: the metrics, /livez, /readyz and /version, for any Host, and no customers.
func (s *Server) Admin(metrics http.Handler) http.Handler {
	return s.routes(append([]*endpoint{
		{method: "GET", path: "/livez", handle: s.alive, anyHost: true},
		{method: "GET", path: "/readyz", handle: s.ready, anyHost: true},
		{method: "GET", path: "/version", handle: s.programVersion, anyHost: true},
	}, measured(metrics, true)...))
}

// routable refuses paths that the router, which sees them decoded, would take for others.
func routable(u *url.URL) bool {
	path := u.EscapedPath()
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
		return false
	}
	return !strings.Contains(path, "%") ||
		!strings.Contains(strings.ToUpper(path), "%2F") && !strings.Contains(path, "%00")
}

// noEndpoint answers what the route table has no row for: OPTIONS, methods that a path does not take, and unknown paths.
func (c *call) noEndpoint(router *httprouter.Router) error {
	allow := allowed(router, c.r.URL.Path)
	if len(allow) == 0 {
		return noRoute(router)
	}
	header := c.w.Header()
	header.Set("Allow", strings.Join(allow, ", "))
	if c.r.Method != http.MethodOptions {
		return &problem{code: codeMethodNotAllowed, detail: "This path takes " + strings.Join(allow, ", ") + "."}
	}
	if strings.Contains(header.Get("Allow"), http.MethodPatch) {
		header.Set("Accept-Patch", acceptPatch)
	}
	c.write(http.StatusNoContent, "", nil)
	return nil
}

// allowed returns the methods of a path, none for a path that is not served.
func allowed(router *httprouter.Router, path string) []string {
	var allow []string
	for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE"} {
		handle, ps, _ := router.Lookup(method, path)
		if _, ok := customerID(ps); handle != nil && ok {
			allow = append(allow, method)
		}
	}
	if allow != nil {
		allow = append(allow, http.MethodOptions)
	}
	return allow
}

// customerID returns the ID in the path; ok is false for one that no customer can have.
func customerID(ps httprouter.Params) (id customer.ID, ok bool) {
	if len(ps) == 0 {
		return customer.ID{}, true
	}
	id, err := customer.ParseID(ps[0].Value)
	return id, err == nil && !id.IsZero()
}

func noRoute(router *httprouter.Router) error {
	p := &problem{code: codeNotFound, detail: "Nothing is served at this path."}
	if listed := allowed(router, "/openapi.json"); listed != nil {
		p.detail = "Nothing is served at this path; /openapi.json lists what is."
	}
	return p
}
