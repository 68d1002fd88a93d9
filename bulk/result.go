package bulk

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/customer"
)

// Outcome is what an import made of a row, or in a dry run would make.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged" // the customer has all that the row says, or an earlier run has made it from this row
	Skipped   Outcome = "skipped"   // the customer is there and stays as it is
	Refused   Outcome = "refused"   // the row breaks a rule or is in the way of another customer; nothing of it was written
)

// Result is what became of one row. No text in it holds a value of the row.
type Result struct {
	Line    int
	Outcome Outcome

	// ID is the customer that was created, updated or met, or that holds what the row wants; zero where there is none, as for what a dry
	// run would create.
	ID     customer.ID
	Reason Reason                // of a row that was skipped or refused; "" where Errors say it
	Detail string                // the reason for people
	Errors []customer.FieldError // of a row that was refused for its fields: every fault at once

	From, To customer.Version // of a row that a commit created or updated; From is 0 if it was created

	Row *Row // the row itself

	changed []string // of an update
}

// Changed returns the wire paths of what was written, in order, of a row that was created or updated, as [customer.Patch.Apply] does.
func (r Result) Changed() []string { return r.changed }

// AppendJSON appends the result as one JSON object without a line break:
//
//	{"line":12,"result":"created","id":"…"}
//	{"line":13,"result":"refused","errors":[{"pointer":"#/email","code":"invalid_email","detail":"…"}]}
//	{"line":14,"result":"skipped","reason":"archived","detail":"…","id":"…"}
//
// Members that are empty are left out.
func (r Result) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"line":`...), int64(r.Line), 10)
	b = append(append(append(b, `,"result":"`...), r.Outcome...), '"')
	if r.Reason != "" {
		b = appendText(append(b, `,"reason":`...), string(r.Reason))
	}
	if r.Detail != "" {
		b = appendText(append(b, `,"detail":`...), r.Detail)
	}
	if !r.ID.IsZero() {
		b = append(append(append(b, `,"id":"`...), r.ID.String()...), '"')
	}
	for i, fault := range r.Errors {
		if i == 0 {
			b = append(b, `,"errors":[`...)
		} else {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"pointer":`...), fault.Pointer())
		b = appendText(append(b, `,"code":`...), string(fault.Code))
		b = append(appendText(append(b, `,"detail":`...), fault.Message), '}')
		if i == len(r.Errors)-1 {
			b = append(b, ']')
		}
	}
	return append(b, '}')
}

// appendText appends a JSON string. It cannot fail: bytes that are not UTF-8 are replaced.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// Summary counts what became of the rows of a file.
type Summary struct {
	Rows, Created, Updated, Unchanged, Skipped, Refused int
}

func (s *Summary) add(o Outcome) {
	s.Rows++
	switch o {
	case Created:
		s.Created++
	case Updated:
		s.Updated++
	case Unchanged:
		s.Unchanged++
	case Skipped:
		s.Skipped++
	case Refused:
		s.Refused++
	}
}

// AppendJSON appends the summary as the last line of a list of results, without a line break:
//
//	{"end":true,"rows":3,"created":1,"updated":0,"unchanged":0,"skipped":1,"refused":1}
func (s Summary) AppendJSON(b []byte) []byte {
	b = append(b, `{"end":true`...)
	for _, part := range []struct {
		name string
		n    int
	}{
		{"rows", s.Rows}, {"created", s.Created}, {"updated", s.Updated}, {"unchanged", s.Unchanged}, {"skipped", s.Skipped}, {"refused", s.Refused},
	} {
		b = append(append(append(b, `,"`...), part.name...), `":`...)
		b = strconv.AppendInt(b, int64(part.n), 10)
	}
	return append(b, '}')
}

// AppendJSON appends the error as the line of a list of results that says why there are no more, without a line break:
//
//	{"line":7,"result":"stopped","reason":"unclosed_quote","detail":"…"}
func (e *FileError) AppendJSON(b []byte) []byte {
	return Result{Line: e.Line, Outcome: "stopped", Reason: e.Reason, Detail: e.Message}.AppendJSON(b)
}
