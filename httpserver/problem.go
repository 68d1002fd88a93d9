package httpserver

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"

	"example.com/customer"
)

// code is the stable name of a kind of problem. The list is closed.
type code string

const (
	codeMalformedRequest     code = "malformed_request"
	codeInvalidParameter     code = "invalid_parameter"
	codeUnknownParameter     code = "unknown_parameter"
	codeRepeatedParameter    code = "repeated_parameter"
	codeInvalidQuery         code = "invalid_query"
	codeInvalidCursor        code = "invalid_cursor"
	codeCursorMismatch       code = "cursor_mismatch"
	codeInvalidHeader        code = "invalid_header"
	codeUnauthorized         code = "unauthorized"
	codeForbidden            code = "forbidden"
	codeNotFound             code = "not_found"
	codeMethodNotAllowed     code = "method_not_allowed"
	codeNotAcceptable        code = "not_acceptable"
	codeEmailTaken           code = "email_taken"
	codeExternalIDTaken      code = "external_id_taken"
	codeIDTaken              code = "id_taken"
	codeArchived             code = "archived"
	codeReferenced           code = "referenced"
	codeVersionMismatch      code = "version_mismatch"
	codeWeakETag             code = "weak_etag"
	codeBodyTooLarge         code = "body_too_large"
	codeUnsupportedMediaType code = "unsupported_media_type"
	codeValidationFailed     code = "validation_failed"
	codeIdempotencyKeyReused code = "idempotency_key_reused"
	codeIfMatchRequired      code = "if_match_required"
	codeInternal             code = "internal"
	codeOverloaded           code = "overloaded"
	codeTimeout              code = "timeout"
	codeUnavailable          code = "unavailable"
)

// kinds gives every code its status and title.
var kinds = map[code]struct {
	status int
	title  string
}{
	codeMalformedRequest:     {400, "The request cannot be parsed"},
	codeInvalidParameter:     {400, "A parameter has a wrong value"},
	codeUnknownParameter:     {400, "A parameter is unknown"},
	codeRepeatedParameter:    {400, "A parameter may be given only once"},
	codeInvalidQuery:         {400, "The filter cannot be understood"},
	codeInvalidCursor:        {400, "The cursor is not one of this server"},
	codeCursorMismatch:       {400, "The cursor belongs to another query"},
	codeInvalidHeader:        {400, "A header has a wrong value"},
	codeUnauthorized:         {401, "Authentication is required"},
	codeForbidden:            {403, "Not allowed"},
	codeNotFound:             {404, "Not found"},
	codeMethodNotAllowed:     {405, "Not a method of this path"},
	codeNotAcceptable:        {406, "No acceptable form of the answer"},
	codeEmailTaken:           {409, "The email belongs to another active customer"},
	codeExternalIDTaken:      {409, "The external id belongs to another customer"},
	codeIDTaken:              {409, "The id belongs to another customer"},
	codeArchived:             {409, "The customer is archived"},
	codeReferenced:           {409, "Other records refer to the customer"},
	codeVersionMismatch:      {412, "The customer has changed meanwhile"},
	codeWeakETag:             {412, "A weak ETag never matches"},
	codeBodyTooLarge:         {413, "The body is too large"},
	codeUnsupportedMediaType: {415, "The body is of an unsupported type"},
	codeValidationFailed:     {422, "The body is not valid"},
	codeIdempotencyKeyReused: {422, "The idempotency key belongs to another body"},
	codeIfMatchRequired:      {428, "If-Match is required"},
	codeInternal:             {500, "The server failed"},
	codeOverloaded:           {503, "The server is overloaded"},
	codeTimeout:              {503, "The answer took too long"},
	codeUnavailable:          {503, "The store is unavailable"},
}

// problem is an error as the client sees it (RFC 9457). Detail says what to do about it.
type problem struct {
	code     code
	detail   string
	errors   []fault
	existing customer.ID // who holds what is taken; zero: unknown
	checks   []checkResult
}

// fault is one thing that is wrong with the body, found by Pointer, or the query, found by Parameter.
type fault struct {
	Pointer   string  `json:"pointer,omitempty"`
	Parameter *string `json:"parameter,omitempty"`
	Offset    *int    `json:"offset,omitempty"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

func (p *problem) Error() string { return "httpserver: " + string(p.code) }

// maxFaults keeps an answer in proportion to what a client can use. Whoever collects faults may stop at one more.
const maxFaults = 100

// reference points to another customer.
type reference struct {
	ID   customer.ID `json:"id"`
	Href string      `json:"href"`
}

// writeProblem answers with p. Headers of its own the caller sets before.
func (c *call) writeProblem(p *problem) {
	kind := kinds[p.code]
	document := struct {
		Type      string     `json:"type"`
		Title     string     `json:"title"`
		Status    int        `json:"status"`
		Detail    string     `json:"detail"`
		Instance  string     `json:"instance"`
		Code      code       `json:"code"`
		RequestID string     `json:"request_id"`
		Errors    []fault    `json:"errors,omitempty"`
		Existing  *reference `json:"existing,omitempty"`

		Checks []checkResult `json:"checks,omitempty"`
	}{
		Type: "tag:example.com,2026:customer/" + string(p.code), Title: kind.title, Status: kind.status, Detail: p.detail,
		Instance: c.r.URL.EscapedPath(), Code: p.code, RequestID: c.requestID, Errors: p.errors[:min(len(p.errors), maxFaults)],
		Checks: p.checks,
	}
	if !p.existing.IsZero() {
		document.Existing = &reference{p.existing, customerPath(p.existing)}
	}
	if kind.status == http.StatusServiceUnavailable {
		c.w.Header().Set("Retry-After", "1")
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		c.log(slog.LevelError, "problem document", "error", err)
	}
	c.write(kind.status, "application/problem+json", bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}

func customerPath(id customer.ID) string { return "/v1/customers/" + id.String() }
