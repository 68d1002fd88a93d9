package bulk

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/customer"
)

// csvRows reads the rows of a CSV file.
type csvRows struct {
	scan   csvScanner
	header *header
	names  record    // the first line
	ahead  []scanned // rows that were looked at and are still to be read
	cells  []string  // of the row being read
}

// scanned is what the scanner returned.
type scanned struct {
	rec record
	err error
}

func newCSVRows(in *input, o ReaderOptions) (*csvRows, error) {
	rows := &csvRows{scan: csvScanner{in: in, comma: sniffComma(in)}}
	if returnsAlone(in.peek(firstRead)) {
		return nil, &FileError{Line: in.line, Reason: Malformed, Message: "the lines end with a carriage return alone; " + lineEnds}
	}
	first, err := rows.scan.next()
	switch {
	case err == io.EOF:
		return nil, &FileError{Line: 1, Reason: Empty, Message: "the file is empty; its first line must name the columns"}
	case err != nil:
		return nil, err
	}
	refuse := func(reason Reason, message string) error {
		return &FileError{Line: first.line, Reason: reason, Message: "the header " + message}
	}
	switch {
	case first.reason == TooLong:
		return nil, refuse(TooLong, fmt.Sprintf("is longer than %d bytes", MaxRowBytes))
	case first.reason != "":
		return nil, refuse(first.reason, strayQuote)
	case !utf8.ValidString(first.raw):
		return nil, refuse(NotUTF8, foreign(first.raw, CSV))
	case strings.Contains(first.raw, "\x00"):
		return nil, refuse(Malformed, "has a NUL byte")
	}
	cells := splitCells(nil, first.raw, rows.scan.comma, MaxColumns+1)
	if len(cells) > MaxColumns {
		return nil, refuse(Malformed, fmt.Sprintf("has more than %d columns", MaxColumns))
	}
	for i, cell := range cells {
		if strings.Contains(strings.ReplaceAll(cell, "\r\n", ""), "\r") {
			return nil, refuse(Malformed, fmt.Sprintf("has a carriage return in the name of column %d; %s", i+1, lineEnds))
		}
	}
	rows.names = first
	rows.header, err = newHeader(first.line, cells, func(column int) string { return rows.firstText(column, len(cells)) }, o)
	return rows, err
}

func (r *csvRows) record() (record, error) {
	if len(r.ahead) > 0 {
		next := r.ahead[0]
		r.ahead = r.ahead[1:]
		return next.rec, next.err
	}
	return r.scan.next()
}

// How far firstText looks.
const (
	aheadRows  = 100
	aheadBytes = 64 << 10
)

// firstText returns the first text in a column, trimmed, or "" where the first rows have none. They are kept to be read.
func (r *csvRows) firstText(column, width int) string {
	for size := 0; len(r.ahead) < aheadRows && size < aheadBytes; {
		rec, err := r.scan.next()
		if err == nil && rec.reason == "" && r.blank(rec.raw) {
			continue
		}
		r.ahead = append(r.ahead, scanned{rec, err})
		if err != nil {
			break
		}
		size += len(rec.raw)
		// A row that will be refused says nothing, nor does the end of an export.
		cells := splitCells(nil, rec.raw, r.scan.comma, width+1)
		if rec.reason != "" || len(cells) != width || cells[0] == trailerMark {
			continue
		}
		if text := strings.TrimSpace(cells[column]); text != "" {
			return text
		}
	}
	return ""
}

// returnsAlone reports lines as the first Macintosh ended them.
func returnsAlone(head []byte) bool {
	return bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(head, "\r"), '\r') >= 0
}

const (
	lineEnds   = "lines must end with a line feed, with or without a carriage return before it"
	strayQuote = "has text behind a closing quote, or a quote that is not doubled"
)

// next implements source. A row of empty cells alone, as spreadsheets have them at their end, is as good as an empty line.
func (r *csvRows) next() (row Row, trailer int, err error) {
	rec, err := r.record()
	for err == nil && rec.reason == "" && r.blank(rec.raw) {
		rec, err = r.record()
	}
	if err != nil {
		return Row{Line: r.scan.in.line}, noTrailer, err
	}
	row = Row{Line: rec.line, raw: rec.raw}
	width := len(r.header.columns)
	refuse := func(reason Reason, message string) (Row, int, error) {
		row.Err = &RowError{Reason: reason, Message: "the row " + message}
		return row, noTrailer, nil
	}
	switch {
	case rec.reason == TooLong:
		return refuse(TooLong, fmt.Sprintf("is longer than the %d bytes that a record may have", MaxRowBytes))
	case rec.reason != "":
		row.broken = true
		return refuse(rec.reason, strayQuote)
	case !utf8.ValidString(rec.raw):
		return refuse(NotUTF8, foreign(rec.raw, CSV))
	}
	if n := r.trailer(rec.raw); n != noTrailer {
		return row, n, nil
	}
	r.cells = splitCells(r.cells[:0], rec.raw, r.scan.comma, width+1)
	switch {
	case len(r.cells) > width:
		return refuse(Malformed, fmt.Sprintf("has more cells than the header, which has %d; a cell with a comma in it needs quotes", width))
	case len(r.cells) < r.header.needed():
		return refuse(Malformed, fmt.Sprintf("has %d cells and the header %d", len(r.cells), width))
	}
	r.cells = r.header.padded(r.cells)
	if have, short := r.header.stillShort(r.cells); short {
		return refuse(Malformed, fmt.Sprintf("had %d cells and the header %d; move them to their columns, or empty its reason if they are there", have, width-1))
	}
	row.Err = r.header.fill(&row, r.cells)
	return row, noTrailer, nil
}

// stillShort reports a row that a [RejectWriter] has padded and nobody has looked at since: what it has might stand under the wrong names.
func (h *header) stillShort(cells []string) (have int, short bool) {
	var width int
	if h.reason < 0 {
		return 0, false
	}
	if _, err := fmt.Sscanf(cells[h.reason], shortRow, &have, &width); err != nil || width != len(cells)-1 {
		return 0, false
	}
	seen := 0
	for i, cell := range cells {
		if i == h.reason {
			continue
		}
		if seen++; seen > have && strings.TrimSpace(cell) != "" {
			return 0, false
		}
	}
	return have, true
}

// blank reports nothing but separators, white space and quotes around nothing.
func (r *csvRows) blank(raw string) bool {
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == r.scan.comma:
		case strings.IndexByte(" \t\r\n\"", c) < 0:
			return false
		}
	}
	for _, cell := range splitCells(nil, raw, r.scan.comma, len(raw)+1) {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// exported implements source.
func (r *csvRows) exported() bool { return r.header.export && !r.header.rejects }

// trailer returns the number in the last record of an export. Spreadsheets give it as many cells as the header has, and take the number away with
// the column that it is in.
func (r *csvRows) trailer(raw string) int {
	if !strings.HasPrefix(strings.TrimPrefix(raw, `"`), trailerMark) {
		return noTrailer
	}
	cells := splitCells(nil, raw, r.scan.comma, len(raw)+1)
	mark, number, rest := cells[0], "", ""
	if len(cells) > 1 {
		number, rest = cells[1], strings.Join(cells[2:], "")
	}
	n, err := strconv.Atoi(number)
	switch {
	case mark != trailerMark || rest != "":
		return noTrailer
	case number == "" && r.header.export:
		return anyTrailer
	case err != nil || n < 0:
		return noTrailer
	}
	return n
}

// fill puts the cells where the header says.
func (h *header) fill(row *Row, cells []string) error {
	d := &row.Draft
	row.Fields, row.part = h.fields, h.part
	var first, last, number string
	for i, cell := range cells {
		if !h.raw {
			cell = unguard(cell)
		}
		if h.isNull(i, cell) {
			cell = ""
		}
		switch to := &h.columns[i]; to.kind {
		case toText:
			*to.field.text(d) = cell
		case toKey:
			if to.loose {
				cell = onOneLine(cell)
			}
			h.put(d, to.key, cell)
		case toTags:
			d.Tags = h.tags(cell)
		case toFirst:
			first = cell
		case toLast:
			last = cell
		case toNumber:
			number = cell
		case toMetadata:
			if err := h.object(d, cell); err != nil {
				return err
			}
		case toUnnamed:
			if strings.TrimSpace(cell) != "" {
				return &RowError{Reason: Malformed, Message: fmt.Sprintf("the row has text in column %d, which has no name in the header", i+1)}
			}
		case toID:
			if text := strings.TrimSpace(cell); text != "" && d.ID.UnmarshalText([]byte(text)) != nil {
				return foreignID()
			}
		case toStatus:
			row.archived = strings.EqualFold(strings.TrimSpace(cell), string(customer.Archived))
		case toArchivedAt:
			row.archived = strings.TrimSpace(cell) != ""
		}
	}
	if first != "" || last != "" {
		d.Name = h.joined(first, last)
	}
	if number = strings.TrimSpace(number); number != "" {
		d.Address.Line1 = behindStreet(d.Address.Line1, number)
	}
	row.partStreet()
	return nil
}

// isNull reports what databases write for nothing. A person may have that name, and an export and metadata that says so mean what they say.
func (h *header) isNull(column int, cell string) bool {
	if cell != "NULL" && cell != `\N` || h.export {
		return false
	}
	to := &h.columns[column]
	return to.kind == toText && to.field != Name || to.kind == toTags || to.kind == toNumber || to.loose
}

// onOneLine makes text for metadata of what was written for another program, such as an address on lines of its own.
func onOneLine(text string) string {
	if !strings.ContainsAny(text, "\t\r\n") {
		return text
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(text)
}

// tags parts a cell at its commas. Only an export, which adds none, keeps the quotes around all of them.
func (h *header) tags(cell string) []string {
	if strings.TrimSpace(cell) == "" {
		return nil
	}
	tags := strings.Split(cell, ",")
	if !h.export {
		unquote(tags)
	}
	return tags
}

// unquote takes the quotes off the tags if all are in quotes, as some programs write them inside of a cell.
func unquote(tags []string) {
	bare := make([]string, len(tags))
	for i, tag := range tags {
		tag = strings.TrimSpace(tag)
		if len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"' {
			return
		}
		bare[i] = tag[1 : len(tag)-1]
	}
	copy(tags, bare)
}

func (h *header) put(d *customer.Draft, key, value string) {
	if d.Metadata == nil {
		d.Metadata = make(map[string]string, len(h.columns))
	}
	d.Metadata[key] = value
}

// object reads the metadata column of an export.
func (h *header) object(d *customer.Draft, cell string) error {
	if strings.TrimSpace(cell) == "" {
		return nil
	}
	values, ok := h.json.texts(cell)
	if !ok {
		return &customer.ValidationError{Fields: []customer.FieldError{{
			Field: "metadata", Code: customer.CodeWrongType, Message: `must be a JSON object of texts, such as {"plan":"gold"}`,
		}}}
	}
	for key, value := range values {
		h.put(d, key, value)
	}
	return nil
}

func foreignID() error {
	return &customer.ValidationError{Fields: []customer.FieldError{{
		Field: "id", Code: customer.CodeWrongType, Message: "must be the UUID that the customer has in the export, or empty for a new one",
	}}}
}
