package bulk

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// RejectWriter writes the refused rows of a file in the format of the file, each with its reason: CSV with the header of the file and a last
// column reason, NDJSON with a first member reason. Both are passed over when the corrected file is imported. A line that is no JSON object
// stands as text in a member text; of a row above [MaxRowBytes] nothing but the reason is left. A row of CSV with too many cells has its reason behind
// the last of them. One with too few gets empty ones; it is refused again until cells are moved there or its reason is taken out, because nobody
// else knows which cells it lacks.
//
// It writes nothing, no header either, until there is a refused row. It may be used while its [Reader] goes on reading.
type RejectWriter struct {
	w     io.Writer
	csv   *csvRows // nil for NDJSON
	old   int      // the column that has the reasons of a former import, or -1
	begun bool
	buf   []byte
}

// NewRejectWriter returns a writer of the refused rows of r's file. Each row is one call of w.Write.
func NewRejectWriter(w io.Writer, r *Reader) *RejectWriter {
	rw := &RejectWriter{w: w, old: -1}
	if rw.csv, _ = r.rows.(*csvRows); rw.csv == nil {
		return rw
	}
	for i, name := range rw.names() {
		if columnName(name) == reasonColumn && rw.csv.header.columns[i].kind == toNothing {
			rw.old = i
		}
	}
	return rw
}

// Write adds the row of a result that is refused, and does nothing for others.
func (w *RejectWriter) Write(res Result) error {
	if res.Outcome != Refused || res.Row == nil {
		return nil
	}
	w.buf = w.buf[:0]
	if w.csv == nil {
		w.object(res)
	} else {
		w.record(res)
	}
	_, err := w.w.Write(w.buf)
	return err
}

func (w *RejectWriter) names() []string {
	return splitCells(nil, w.csv.names.raw, w.csv.scan.comma, MaxColumns)
}

func (w *RejectWriter) record(res Result) {
	if !w.begun {
		w.begun = true
		w.cells(w.names(), reasonColumn)
	}
	row, width := res.Row, len(w.csv.header.columns)
	if row.broken {
		reason := append(appendCell([]byte{w.csv.scan.comma}, why(res), w.csv.scan.comma), '\n')
		w.buf = append(append(w.buf, strings.TrimSuffix(row.raw, string(reason[:len(reason)-1]))...), reason...)
		return
	}
	cells := make([]string, width)
	if row.raw != "" {
		cells = w.csv.header.padded(splitCells(cells[:0], row.raw, w.csv.scan.comma, MaxRowBytes))
	}
	switch {
	case len(cells) > width:
		w.long(cells, why(res))
	case len(cells) < width:
		reason := w.shortReason(len(cells), why(res))
		w.cells(append(cells, make([]string, width-len(cells))...), reason)
	default:
		w.cells(cells, w.reason(cells, why(res)))
	}
}

// reason keeps the reason of a row that is still as it was padded, which tells how many cells it had.
func (w *RejectWriter) reason(cells []string, why string) string {
	if _, short := w.csv.header.stillShort(cells); short {
		return cells[w.old]
	}
	return why
}

// shortRow is how a reason begins by which the reader knows a row that was padded.
const shortRow = string(Malformed) + ": the row has %d cells and the header %d"

// shortReason returns the reason of a row with so many cells, which is refused for that even if it was refused for something else first.
func (w *RejectWriter) shortReason(have int, why string) string {
	width := len(w.csv.header.columns)
	if w.old >= 0 {
		width--
		if w.old < have {
			have--
		}
	}
	reason := fmt.Sprintf(shortRow+"; move them to their columns, or empty this cell if they are there", have, width)
	if !strings.HasPrefix(why, string(Malformed)+": ") {
		reason += "; " + why
	}
	return reason
}

// long appends a row that has more cells than the header, and stays so.
func (w *RejectWriter) long(cells []string, reason string) {
	if last := len(cells) - 1; w.old >= 0 && (strings.HasPrefix(cells[last], string(Malformed)+": ") || strings.HasPrefix(cells[last], string(NotUTF8)+": ")) {
		cells = cells[:last]
	}
	for _, cell := range cells {
		w.buf = append(appendCell(w.buf, cell, w.csv.scan.comma), w.csv.scan.comma)
	}
	w.buf = append(appendCell(w.buf, reason, w.csv.scan.comma), '\n')
}

// cells appends a record with the reason in its last cell.
func (w *RejectWriter) cells(cells []string, reason string) {
	for i, cell := range cells {
		if i != w.old {
			w.buf = append(appendCell(w.buf, cell, w.csv.scan.comma), w.csv.scan.comma)
		}
	}
	w.buf = append(appendCell(w.buf, reason, w.csv.scan.comma), '\n')
}

// object appends the object of the row with a reason before all else.
func (w *RejectWriter) object(res Result) {
	w.buf = appendText(append(w.buf, `{"reason":`...), why(res))
	if row := res.Row; row.raw != "" {
		begun := len(w.buf)
		if !w.members(row.raw) {
			w.buf = appendText(append(w.buf[:begun], `,"text":`...), row.raw)
		}
	}
	w.buf = append(w.buf, "}\n"...)
}

// members appends the members of an object but for a reason, and reports whether it is one.
func (w *RejectWriter) members(raw string) bool {
	dec := jsontext.NewDecoder(strings.NewReader(raw), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return false
	}
	if _, err := dec.ReadToken(); err != nil {
		return false
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return false
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return false
		}
		if key != reasonColumn {
			w.buf = append(append(appendText(append(w.buf, ','), key), ':'), value...)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return false
	}
	_, err := dec.ReadToken()
	return err == io.EOF
}

// why is the reason of a result on one line.
func why(res Result) string {
	if len(res.Errors) == 0 {
		return string(res.Reason) + ": " + res.Detail
	}
	parts := make([]string, len(res.Errors))
	for i, fault := range res.Errors {
		parts[i] = string(fault.Code) + ": " + fault.Error()
	}
	return strings.Join(parts, "; ")
}
