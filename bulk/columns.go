package bulk

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Column is how a column of a CSV file was understood.
type Column struct {
	Name  string // as in the header
	Field string // what a cell of it is, a wire path such as "address.city" or "metadata.plan", "first_name", "last_name" or "house_number"; "" if it is passed over
}

// Columns returns the columns of a CSV file in their order, and nil for NDJSON. It may be called before the first row is read.
func (r *Reader) Columns() []Column {
	rows, ok := r.rows.(*csvRows)
	if !ok {
		return nil
	}
	columns := make([]Column, len(rows.header.columns))
	for i, name := range splitCells(nil, rows.names.raw, rows.scan.comma, len(columns)) {
		columns[i] = Column{Name: strings.TrimSpace(name), Field: rows.header.columns[i].path()}
	}
	return columns
}

// path returns the name of a target in [ReaderOptions].Map, or "" where nothing is kept.
func (t target) path() string {
	switch t.kind {
	case toText:
		return t.field.path()
	case toFirst:
		return "first_name"
	case toLast:
		return "last_name"
	case toNumber:
		return "house_number"
	case toID:
		return "id"
	case toTags:
		return "tags"
	case toMetadata:
		return "metadata"
	case toKey:
		return metadataPrefix + t.key
	}
	return ""
}

// path returns the wire path of one text field.
func (f Fields) path() string {
	for _, line := range addressLines {
		if line.field == f {
			return "address." + line.name
		}
	}
	switch f {
	case ExternalID:
		return "external_id"
	case Name:
		return "name"
	case Email:
		return "email"
	case Phone:
		return "phone"
	case Company:
		return "company"
	}
	return "notes"
}

// looksLikeData reports what is hardly the name of a column, but an email or a number: it must not be repeated.
func looksLikeData(name string) bool {
	digits, letters := 0, 0
	for _, r := range name {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return strings.Contains(name, "@") || digits >= 4 || digits > 0 && letters == 0
}

// listed shows up to limit names of columns for people, each no longer than a metadata key.
func listed(names []string, limit int) string {
	shown := make([]string, 0, limit)
	for _, name := range names[:min(len(names), limit)] {
		runes := []rune(strings.TrimSpace(name))
		if len(runes) > maxMetadataKey {
			runes = append(runes[:maxMetadataKey], '…')
		}
		shown = append(shown, strconv.Quote(string(runes)))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - limit; more > 0 && limit > 1 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
