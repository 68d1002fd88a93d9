package bulk

import (
	"fmt"
	"io"
	"iter"
)

// ReaderOptions are choices for [NewReader]. The zero value is what most files need.
type ReaderOptions struct {
	// Map names the field of columns whose names do not say it: a wire path such as "name" or "address.city", "first_name", "last_name",
	// "tags", "metadata.<key>", or "-" for none. Columns are named as in the header, without regard to case, spaces and punctuation. NDJSON has
	// none, and a file of it is refused if there is anything in the map.
	Map map[string]string

	RefuseUnknown bool  // refuse a column that is no field, instead of keeping it as metadata
	Raw           bool  // keep an apostrophe that stands before a formula, see package comment
	MaxRows       int   // 0: any number
	MaxBytes      int64 // 0: any number
}

// Reader reads the rows of one file, one at a time and in memory that does not grow with the file. It is for one goroutine.
type Reader struct {
	format Format
	rows   source
	max    int
	read   int
	ended  bool // the last line of an export was there
	err    error
}

// source is a format.
type source interface {
	// next returns a row, or the number in the last line of an export, or io.EOF.
	next() (row Row, trailer int, err error)
	// exported reports whether what was read looks like an export, which has a last line.
	exported() bool
}

// Instead of the number in a last line.
const (
	noTrailer  = -1 // it is a row
	anyTrailer = -2 // the number is gone
)

const trailerMark = "#end"

// NewReader begins to read a file, which must be in UTF-8; a byte order mark is passed over. What is wrong with the file as a whole, such as
// a header with one column twice, is a [*FileError].
func NewReader(src io.Reader, f Format, o ReaderOptions) (*Reader, error) {
	if err := f.check(true); err != nil {
		return nil, err
	}
	in := newInput(src, o.MaxBytes)
	if err := in.start(f); err != nil {
		return nil, err
	}
	r := &Reader{format: f, max: o.MaxRows}
	var err error
	if f == Detect {
		if r.format, err = detect(in); err != nil {
			return nil, err
		}
	}
	if r.format == NDJSON {
		if len(o.Map) > 0 {
			return nil, &FileError{Line: 1, Reason: UnknownColumn, Message: "columns are mapped, and the file is NDJSON, which has members with names of their own"}
		}
		if err := refuseDocument(in); err != nil {
			return nil, err
		}
		r.rows = newJSONRows(in)
		return r, nil
	}
	rows, err := newCSVRows(in, o)
	if err != nil {
		return nil, err
	}
	r.rows = rows
	return r, nil
}

// Format returns the format of the file.
func (r *Reader) Format() Format { return r.format }

// Read returns the next row, which may have an Err of its own, or [io.EOF]. Any other error, a [*FileError] or what the source returned,
// ends the file there: the rows that came before count. An export whose last line does not fit the rows is a FileError with [CutOff].
func (r *Reader) Read() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	row, trailer, err := r.rows.next()
	switch {
	case err != nil:
	case trailer == noTrailer && r.max > 0 && r.read == r.max:
		err = &FileError{Line: row.Line, Reason: TooManyRows, Message: fmt.Sprintf("the file has more than %d rows", r.max)}
	case trailer == noTrailer:
		r.read++
		return row, nil
	default:
		err = r.end(row.Line, trailer)
	}
	r.err = err
	return Row{}, err
}

// Complete reports, once [Reader.Read] has returned [io.EOF], whether nothing speaks for a file that was cut off: false for one that looks like an
// export, by whole records in NDJSON or by its columns in CSV, and has not the last line of one. That may be meant, as in a file of a few records
// that somebody has picked out.
func (r *Reader) Complete() bool { return r.ended || !r.rows.exported() }

// end checks the last line of an export, which a spreadsheet may have sorted to another place.
func (r *Reader) end(line, count int) error {
	_, _, err := r.rows.next()
	switch {
	case err == nil:
		return r.cutOff(line, "the last line of an export, which counts its rows, stands before others, as after sorting; delete it, or put it behind them")
	case count != r.read && count != anyTrailer:
		return r.cutOff(line, fmt.Sprintf("the last line says that there are %d rows, and there are %d; if that is meant, delete that line", count, r.read))
	}
	r.ended = err == io.EOF
	return err
}

func (r *Reader) cutOff(line int, message string) error {
	return &FileError{Line: line, Reason: CutOff, Message: message}
}

// Rows yields what Read returns, up to the end or the first error.
func (r *Reader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := r.Read()
			if err == io.EOF || !yield(row, err) || err != nil {
				return
			}
		}
	}
}
