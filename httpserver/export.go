package httpserver

import (
	"net/http"
	"slices"

	"example.com/customer"
	"example.com/customer/bulk"
)

// notOfExports are the parameters of a list that mean nothing in a walk of everything.
var notOfExports = []string{"sort", "limit", "cursor", "count"}

// export walks every customer that matches, in both states unless the filter is about them.
func (s *Server) export(c *call) error {
	format := bulk.NDJSON
	if values := c.params["format"]; values != nil {
		format = bulk.Format(values[0])
	} else if c.negotiated == csvType {
		format = bulk.CSV
	}
	filter, err := exportFilter(c)
	if err != nil {
		return err
	}
	contentType, name := c.negotiated, "customers.ndjson"
	switch {
	case format == bulk.CSV:
		contentType, name = csvType+"; charset=utf-8", "customers.csv"
	case !slices.Contains(ndjsonTypes, contentType):
		contentType = ndjsonType
	}
	header := c.w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := c.stream(contentType)
	if c.r.Method == http.MethodHead {
		out.end()
		return nil
	}
	_, err = bulk.Export(c.r.Context(), c.store, filter, out.buffer, format, bulk.ExportOptions{Flushed: func(int) error { return out.flush() }})
	if err != nil && c.answered {
		if out.broken == nil {
			c.problem(err)
		}
		// The status is out: only a connection that breaks says that this is not all.
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		header.Del("Content-Disposition")
		return err
	}
	out.end()
	return nil
}

// exportFilter reads the parameters, which are those of a list but for its order and its pages.
func exportFilter(c *call) (customer.Filter, error) {
	var faults []fault
	for _, name := range notOfExports {
		if c.params.Has(name) {
			faults = append(faults, fault{Parameter: new(name), Code: string(codeUnknownParameter), Detail: "is unknown here: an export is everything that matches"})
		}
	}
	if values := c.params["format"]; len(values) > 1 {
		faults = append(faults, fault{Parameter: new("format"), Code: string(codeRepeatedParameter), Detail: repeated().Message})
	} else if values != nil && values[0] != string(bulk.NDJSON) && values[0] != string(bulk.CSV) {
		faults = append(faults, fault{Parameter: new("format"), Code: string(codeInvalidParameter), Detail: "must be ndjson or csv"})
	}
	if faults != nil {
		return nil, badParams(faults)
	}
	delete(c.params, "format")
	filter, _, err := parseFilter(c.params)
	return filter, err
}
