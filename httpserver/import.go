package httpserver

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"example.com/customer"
	"example.com/customer/bulk"
)

// The limits of an import over HTTP. Larger files go in parts, as customerd import sends them.
const (
	maxImportBody = 16 << 20 // bytes
	maxImportRows = 10_000
)

const (
	csvType    = "text/csv"
	ndjsonType = "application/x-ndjson"
)

// ndjsonTypes are the names that NDJSON goes by; none is registered.
var ndjsonTypes = []string{ndjsonType, "application/ndjson", "application/jsonl"}

// load imports a file. The body has been read to its end, so that a client that sends all before it reads cannot wait for a server that waits for
// it; and it is looked through before the first row is written, so that a file that breaks off is refused as a whole.
func (s *Server) load(c *call) error {
	imp, err := importer(c.params)
	if err != nil {
		return err
	}
	if imp.OnConflict == bulk.Update && imp.Mode == bulk.Commit && s.requireMatch {
		return &problem{
			code:   codeIfMatchRequired,
			detail: "This server takes no change without If-Match, which a file cannot give: import with on_conflict=skip, and change the others one by one.",
		}
	}
	if len(c.body) == 0 {
		return &problem{code: codeMalformedRequest, detail: "Line 1: the file is empty."}
	}
	imp.Store = c.store
	format := bulk.NDJSON
	if strings.HasPrefix(strings.ToLower(c.r.Header.Get("Content-Type")), csvType) {
		format = bulk.CSV
	}
	open := func() (*bulk.Reader, error) {
		return bulk.NewReader(bytes.NewReader(c.body), format, bulk.ReaderOptions{MaxRows: maxImportRows})
	}
	if err := c.lookThrough(open); err != nil {
		return fileProblem(err)
	}
	rows, err := open()
	if err != nil {
		return fileProblem(err)
	}
	out, last := c.stream(c.negotiated), 0
	summary, err := imp.Run(c.r.Context(), rows.Rows(), func(r bulk.Result) error {
		c.auditRow(imp.Mode, r)
		out.line(r.AppendJSON(out.scratch()))
		last = r.Line
		return nil
	})
	if err != nil {
		return c.stopped(out, imp.Mode, last, err)
	}
	out.line(summary.AppendJSON(out.scratch()))
	out.end()
	return nil
}

// importParams are the parameters of an import and their values.
var importParams = map[string][]string{
	"mode":        {string(bulk.Validate), string(bulk.Commit)},
	"on_conflict": {string(bulk.Refuse), string(bulk.Skip), string(bulk.Update)},
	"match":       {string(customer.EmailKey), string(customer.ExternalIDKey)},
}

func importer(params url.Values) (bulk.Importer, error) {
	var faults []fault
	bad := func(name string, code code, detail string) {
		faults = append(faults, fault{Parameter: new(shown(name)), Code: string(code), Detail: detail})
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		values, known := importParams[name]
		switch {
		case !known:
			bad(name, codeUnknownParameter, unknownImportParam(name))
		case len(params[name]) > 1:
			bad(name, codeRepeatedParameter, repeated().Message)
		case !slices.Contains(values, params.Get(name)):
			bad(name, codeInvalidParameter, "must be "+strings.Join(values, " or "))
		}
	}
	imp := bulk.Importer{
		Mode: bulk.Mode(params.Get("mode")), OnConflict: bulk.Policy(params.Get("on_conflict")), Match: customer.Key(params.Get("match")),
	}
	if !params.Has("mode") {
		bad("mode", codeInvalidParameter, "is required: validate only tells what commit does")
	}
	if imp.OnConflict == bulk.Update && !params.Has("match") {
		bad("match", codeInvalidParameter, "is required with on_conflict=update: email or external_id")
	}
	if faults != nil {
		return bulk.Importer{}, badParams(faults)
	}
	return imp, nil
}

func unknownImportParam(name string) string {
	if near := customer.Suggest(name, slices.Collect(maps.Keys(importParams))); near != "" {
		return "is unknown; did you mean " + near + "?"
	}
	return "is unknown; there are mode, on_conflict and match"
}

// lookThrough reads the file to its end.
func (c *call) lookThrough(open func() (*bulk.Reader, error)) error {
	rows, err := open()
	if err != nil {
		return err
	}
	for _, err := range rows.Rows() {
		if err := cmp.Or(err, c.r.Context().Err()); err != nil {
			return err
		}
		c.progress()
	}
	return nil
}

// fileProblem says why a file cannot be imported, by its line.
func fileProblem(err error) error {
	file, ok := errors.AsType[*bulk.FileError](err)
	if !ok {
		return err
	}
	p := &problem{code: codeMalformedRequest, detail: fmt.Sprintf("Line %d: %s.", file.Line, file.Message)}
	switch file.Reason {
	case bulk.TooManyRows, bulk.TooLarge:
		p.code = codeBodyTooLarge
	case bulk.DuplicateColumn, bulk.UnknownColumn:
		p.code = codeValidationFailed
	}
	return p
}

// stopped ends the list of results with the reason why there are no more: a row without one may be in or not. Before the first result it is an error
// like any other.
func (c *call) stopped(out *stream, mode bulk.Mode, last int, err error) error {
	if mode == bulk.Commit {
		c.outcomeUnknown(actionImport, customer.ID{})
	}
	if last == 0 {
		return err
	}
	p := c.problem(err)
	line := bulk.FileError{Line: last, Reason: bulk.Reason(p.code), Message: p.detail}
	out.line(line.AppendJSON(out.scratch()))
	out.end()
	return nil
}

// auditRow leaves the line of a row that was written.
func (c *call) auditRow(mode bulk.Mode, r bulk.Result) {
	if mode == bulk.Commit && (r.Outcome == bulk.Created || r.Outcome == bulk.Updated) {
		c.audit(actionImport, r.ID, r.From, r.To, r.Changed())
	}
}
