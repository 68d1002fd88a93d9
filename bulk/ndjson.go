package bulk

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// jsonRows reads the rows of an NDJSON file, one object a line.
type jsonRows struct {
	in      *input
	decode  decoder
	records bool // there was a whole record
	rejects bool // there was a row with a reason
}

func newJSONRows(in *input) *jsonRows { return &jsonRows{in: in} }

// next implements source.
func (r *jsonRows) next() (row Row, trailer int, err error) {
	rec, err := r.line()
	if err != nil {
		return Row{Line: rec.line}, noTrailer, err
	}
	row = Row{Line: rec.line, raw: rec.raw}
	refuse := func(reason Reason, message string) (Row, int, error) {
		row.Err = &RowError{Reason: reason, Message: "the row " + message}
		return row, noTrailer, nil
	}
	switch {
	case rec.reason == TooLong:
		return refuse(TooLong, fmt.Sprintf("is longer than the %d bytes that a record may have", MaxRowBytes))
	case !utf8.ValidString(rec.raw):
		return refuse(NotUTF8, foreign(rec.raw, NDJSON))
	}
	parsed, err := r.decode.line(rec.raw)
	if err != nil {
		return refuse(Malformed, err.Error())
	}
	if parsed.isEnd() {
		return row, parsed.count, nil
	}
	parsed.fill(&row)
	r.records = r.records || row.Record != nil
	r.rejects = r.rejects || parsed.reason
	return row, noTrailer, nil
}

// exported implements source.
func (r *jsonRows) exported() bool { return r.records && !r.rejects }

// line returns the next line that is not blank, or io.EOF.
func (r *jsonRows) line() (record, error) {
	for {
		rec, err := r.rawLine()
		if err != nil || rec.reason != "" || strings.Trim(rec.raw, " \t\r") != "" {
			return rec, err
		}
	}
}

func (r *jsonRows) rawLine() (record, error) {
	rec := record{line: r.in.line}
	at := 0
	for {
		text := r.in.unread()
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			return r.finish(rec, at+i, 1), nil
		}
		if at = len(text); at > MaxRowBytes {
			rec.reason = TooLong
			r.in.use(at)
			at = 0
		}
		if r.in.more() {
			continue
		}
		if r.in.err != io.EOF || at == 0 && rec.reason == "" {
			return rec, r.in.err
		}
		return r.finish(rec, at, 0), nil
	}
}

func (r *jsonRows) finish(rec record, end, lineBreak int) record {
	if rec.reason == "" && end > MaxRowBytes {
		rec.reason = TooLong
	}
	if rec.reason == "" {
		rec.raw = string(bytes.TrimSuffix(r.in.unread()[:end], []byte{'\r'}))
	}
	r.in.use(end + lineBreak)
	return rec
}
