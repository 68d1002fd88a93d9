package bulk

import (
	"bufio"
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/customer"
)

// exportColumns are the columns of a CSV export, in their order.
var exportColumns = []string{
	"id", "version", "status", "external_id", "name", "email", "phone", "company", "notes",
	"address_line1", "address_line2", "address_city", "address_region", "address_postal_code", "address_country",
	"tags", "metadata", "created_at", "updated_at", "archived_at",
}

// ExportOptions are choices for [Export].
type ExportOptions struct {
	Raw bool // CSV cells as they are, formulas among them, see package comment

	// Flushed, if not nil, is called whenever a page of customers was passed on to the writer, and at the end, with the number so far. An
	// error ends the export.
	Flushed func(n int) error
}

// Export writes the customers that match f to w, the oldest first, and returns how many; nil is all customers, and a filter that does not
// name a state means both. It holds one page at a time. Every customer comes whole and none comes twice, but the file is not one
// instant: what others write meanwhile may be in it or not.
//
// The last line says how many customers there are: {"end":true,"count":N}, in CSV a record #end,N. A file from Export without it was cut off.
func Export(ctx context.Context, s customer.Searcher, f customer.Filter, w io.Writer, format Format, o ExportOptions) (n int, err error) {
	if err := format.check(false); err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	enc := encoder{format: format, raw: o.Raw}
	if _, err := out.Write(enc.head()); err != nil {
		return 0, err
	}
	flush := func() error {
		if err := out.Flush(); err != nil || o.Flushed == nil {
			return err
		}
		return o.Flushed(n)
	}
	for c, err := range customer.All(ctx, s, customer.Query{Where: f, OrderBy: customer.OldestFirst}) {
		if err != nil {
			return n, err
		}
		if _, err := out.Write(enc.customer(&c)); err != nil {
			return n, err
		}
		if n++; n%customer.MaxLimit == 0 {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	if _, err := out.Write(enc.tail(n)); err != nil {
		return n, err
	}
	return n, flush()
}

// encoder writes one customer after the other into one buffer.
type encoder struct {
	format Format
	raw    bool
	buf    []byte
	json   []byte
}

func (e *encoder) head() []byte {
	if e.format == NDJSON {
		return nil
	}
	return []byte(strings.Join(exportColumns, ",") + "\n")
}

func (e *encoder) tail(n int) []byte {
	if e.format == NDJSON {
		return append(strconv.AppendInt([]byte(`{"end":true,"count":`), int64(n), 10), "}\n"...)
	}
	return append(strconv.AppendInt([]byte(trailerMark+","), int64(n), 10), '\n')
}

func (e *encoder) customer(c *customer.Customer) []byte {
	if e.format == NDJSON {
		e.buf = append(c.AppendJSON(e.buf[:0]), '\n')
		return e.buf
	}
	e.buf = e.buf[:0]
	e.cell(c.ID.String())
	e.cell(strconv.FormatInt(int64(c.Version), 10))
	e.cell(string(c.Status))
	e.cell(c.ExternalID)
	e.cell(c.Name)
	e.cell(c.Email)
	e.phone(c.Phone)
	e.cell(c.Company)
	e.cell(c.Notes)
	a := &c.Address
	for _, line := range [...]string{a.Line1, a.Line2, a.City, a.Region, a.PostalCode, a.Country} {
		e.cell(line)
	}
	e.cell(strings.Join(c.Tags, ","))
	e.cell(e.metadata(c.Metadata))
	e.time(c.CreatedAt)
	e.time(c.UpdatedAt)
	e.time(c.ArchivedAt)
	e.buf[len(e.buf)-1] = '\n'
	return e.buf
}

// cell appends a cell and a comma.
func (e *encoder) cell(text string) {
	if !e.raw {
		text = guard(text)
	}
	e.buf = append(appendCell(e.buf, text, ','), ',')
}

func (e *encoder) phone(text string) {
	if !e.raw {
		text = guardPhone(text)
	}
	e.buf = append(appendCell(e.buf, text, ','), ',')
}

func (e *encoder) time(t time.Time) {
	if !t.IsZero() {
		e.buf = t.UTC().AppendFormat(e.buf, "2006-01-02T15:04:05.000000Z")
	}
	e.buf = append(e.buf, ',')
}

// metadata returns a JSON object, or nothing for none. A column for each key would need all keys before the first row.
func (e *encoder) metadata(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	e.json = append(e.json[:0], '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			e.json = append(e.json, ',')
		}
		e.json = appendText(append(appendText(e.json, key), ':'), m[key])
	}
	return string(append(e.json, '}'))
}
