package bulk

import (
	"bytes"
	"io"
	"strings"
)

// csvScanner finds the records of a CSV file by RFC 4180, with any line break and any one-byte separator. A quote inside an unquoted cell
// is text. It holds one record at most, and of one above [MaxRowBytes] nothing.
type csvScanner struct {
	in    *input
	comma byte

	// Of the record that is being read:
	at     int // behind the last byte looked at, in the unread input
	state  state
	line   int
	opened int // the line of the last opening quote
}

// record is one line, or several where cells have line breaks.
type record struct {
	line   int
	raw    string
	reason Reason // Malformed or TooLong, else ""
}

// state is where in a record a byte stands.
type state uint8

const (
	cellStart state = iota
	unquoted
	quoted
	quoteClosed // or the first of two
	closedCR    // a carriage return after that
	broken      // the rest of a line that has gone wrong
)

// next returns the next record that is not blank, or io.EOF.
func (s *csvScanner) next() (record, error) {
	for {
		rec, err := s.scan()
		if err != nil || rec.raw != "" || rec.reason != "" {
			return rec, err
		}
	}
}

// scan reads to the end of a record.
func (s *csvScanner) scan() (record, error) {
	s.at, s.state, s.line = 0, cellStart, s.in.line
	rec := record{line: s.line}
	for {
		ended, err := s.walk(s.in.unread())
		if err != nil {
			return record{}, err
		}
		if ended {
			return s.finish(rec, 1), nil
		}
		if s.at > MaxRowBytes {
			rec.reason = TooLong
		}
		if rec.reason == TooLong {
			s.in.use(s.at)
			s.at = 0
		}
		if s.in.more() {
			continue
		}
		switch {
		case s.in.err != io.EOF:
			return record{}, s.in.err
		case s.state == quoted:
			return record{}, unclosed(s.opened)
		case s.at == 0 && rec.reason == "":
			return record{}, io.EOF
		}
		return s.finish(rec, 0), nil
	}
}

// walk looks at the bytes behind s.at and reports whether it came to the line break that ends the record.
func (s *csvScanner) walk(text []byte) (ended bool, err error) {
	for {
		s.skip(text)
		if s.at == len(text) {
			return false, nil
		}
		b := text[s.at]
		if b == '\n' {
			return true, nil
		}
		before := s.state
		switch s.state = s.step(b); {
		case s.state == quoted && before == cellStart:
			s.opened = s.line
		case s.state == broken && before != broken && s.opened != s.line:
			return false, unclosed(s.opened)
		}
		s.at++
	}
}

// skip passes over what means nothing in the state. A line break is left only where it ends the record.
func (s *csvScanner) skip(text []byte) {
	rest := text[s.at:]
	n := 0
	switch s.state {
	case unquoted:
		// To look for one of the two first would look at all the rest for every cell.
		for n < len(rest) && rest[n] != s.comma && rest[n] != '\n' {
			n++
		}
	case broken:
		if n = bytes.IndexByte(rest, '\n'); n < 0 {
			n = len(rest)
		}
	case quoted:
		if n = bytes.IndexByte(rest, '"'); n < 0 {
			n = len(rest)
		}
		s.line += bytes.Count(rest[:n], []byte{'\n'})
	}
	s.at += n
}

// step returns the state after b, which is no line break.
func (s *csvScanner) step(b byte) state {
	switch s.state {
	case cellStart, unquoted:
		switch {
		case b == s.comma:
			return cellStart
		case b == '"' && s.state == cellStart:
			return quoted
		}
		return unquoted
	case quoted:
		return quoteClosed
	case quoteClosed:
		switch b {
		case '"':
			return quoted
		case s.comma:
			return cellStart
		case '\r':
			return closedCR
		}
	}
	return broken
}

// finish takes the record off the input, and the line break of so many bytes.
func (s *csvScanner) finish(rec record, lineBreak int) record {
	switch {
	case rec.reason == TooLong || s.at > MaxRowBytes:
		rec.reason = TooLong
	case s.state == broken:
		rec.reason = Malformed
	}
	if rec.reason != TooLong {
		rec.raw = string(bytes.TrimSuffix(s.in.unread()[:s.at], []byte{'\r'}))
	}
	s.in.use(s.at + lineBreak)
	return rec
}

func unclosed(line int) error {
	return &FileError{
		Line: line, Reason: UnclosedQuote,
		Message: "a quote is opened and not closed, or one inside the text is not doubled; what follows cannot be told apart",
	}
}

// splitCells appends the cells of a well-formed record to cells, and stops after limit of them. Cells share memory with raw.
func splitCells(cells []string, raw string, comma byte, limit int) []string {
	for len(cells) < limit {
		if !strings.HasPrefix(raw, `"`) {
			i := strings.IndexByte(raw, comma)
			if i < 0 {
				return append(cells, raw)
			}
			cells, raw = append(cells, raw[:i]), raw[i+1:]
			continue
		}
		text, doubled, end := raw[1:], false, 0
		for {
			i := strings.IndexByte(text[end:], '"')
			if i < 0 {
				end = len(text)
				break
			}
			if end += i; end+1 == len(text) || text[end+1] != '"' {
				break
			}
			doubled, end = true, end+2
		}
		cell := text[:end]
		if doubled {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		cells = append(cells, cell)
		if raw = text[min(end+1, len(text)):]; raw == "" {
			return cells
		}
		raw = raw[1:]
	}
	return cells
}

// appendCell appends the cell as it is written: in quotes if it needs them.
func appendCell(b []byte, cell string, comma byte) []byte {
	plain := cell == "" || cell[0] != ' ' && cell[len(cell)-1] != ' '
	for i := 0; plain && i < len(cell); i++ {
		c := cell[i]
		plain = c != '"' && c != '\n' && c != '\r' && c != ',' && c != ';' && c != '\t' && c != comma
	}
	if plain {
		return append(b, cell...)
	}
	b = append(b, '"')
	for {
		i := strings.IndexByte(cell, '"')
		if i < 0 {
			return append(append(b, cell...), '"')
		}
		b = append(append(b, cell[:i]...), `""`...)
		cell = cell[i+1:]
	}
}
