package bulk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/customer"
)

// MaxColumns is how many columns a CSV file may have.
const MaxColumns = 1000

const maxMetadataKey = 64

// target is what a column is for.
type target struct {
	kind  kind
	field Fields // of a text
	key   string // of a metadata value
	loose bool   // of a column that nobody has said to be metadata
}

type kind uint8

const (
	toNothing    kind = iota // read-only, a reason, or unmapped on purpose
	toUnnamed                // has no name, so that no cell may be in it
	toText                   // one text field
	toFirst                  // the first part of the name
	toLast                   // the last part of the name
	toNumber                 // of the house, for the end of Line1
	toTags                   // tags with commas between them
	toMetadata               // a JSON object of texts
	toKey                    // one value of metadata
	toStatus                 // read-only, and says by a word that the customer is archived
	toArchivedAt             // read-only, and says so by a time
	toID                     // the id that a customer of an export has
)

// reasonColumn is what [RejectWriter] adds.
const reasonColumn = "reason"

// header says what the columns of a CSV file are for.
type header struct {
	columns []target
	fields  Fields
	part    *namePart
	whole   kind // the part of the name whose column may have whole ones
	export  bool // the file is one that Export wrote
	rejects bool // it has the reasons of a RejectWriter
	reason  int  // the column that has them, or -1
	raw     bool
	json    decoder
}

// newHeader decides what every column is for, by o.Map, by its name, or as metadata. firstID returns the first text in a column, of the rows that can
// be looked at.
func newHeader(line int, cells []string, firstID func(column int) string, o ReaderOptions) (*header, error) {
	refuse := func(reason Reason, format string, args ...any) (*header, error) {
		return nil, &FileError{Line: line, Reason: reason, Message: fmt.Sprintf(format, args...)}
	}
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = columnName(cell)
	}
	for i, name := range names {
		first := slices.Index(names, name)
		switch {
		case first == i || name == "":
		case slices.ContainsFunc(cells, looksLikeData) && !anyKnown(names):
			return refuse(UnknownColumn, noHeader)
		default:
			return refuse(DuplicateColumn, "columns %d and %d have the same name", first+1, i+1)
		}
	}
	h := &header{columns: make([]target, len(cells)), raw: o.Raw, reason: -1}
	found, reason, err := mapped(names, o.Map)
	if err != nil {
		return refuse(reason, "%v", err)
	}
	h.export, h.rejects = isExport(names, firstID), slices.Contains(names, reasonColumn)
	if h.export {
		leaveReadOnly(names, found)
	}
	h.whole = guess(names, found)
	anyNamed := slices.ContainsFunc(names, func(name string) bool { return name != "" })
	for i, name := range names {
		to, ok := found[i]
		switch {
		case ok:
		case name == "" && i == 0 && anyNamed && !o.RefuseUnknown:
			// Programs that number the rows leave the column of the numbers without a name.
			to = target{kind: toKey, key: "column_1", loose: true}
		case name == "":
			to = target{kind: toUnnamed}
		case name == reasonColumn:
			h.reason = i
		default:
			to = unknown(cells[i])
			to.loose = !strings.HasPrefix(strings.TrimSpace(cells[i]), metadataPrefix)
		}
		h.columns[i] = to
		h.fields |= to.fields()
	}
	if reason, message := h.fault(cells, o.RefuseUnknown); reason != "" {
		return refuse(reason, "%s", message)
	}
	h.part = partOf(h.columns, cells)
	return h, nil
}

const noHeader = "no column is known, and the first line looks like a row; it must name the columns"

// anyKnown reports whether there is a column with a usual name.
func anyKnown(names []string) bool {
	found := make(map[int]target)
	guess(names, found)
	return len(found) > 0
}

// fault returns why columns of these names cannot be read, or "".
func (h *header) fault(names []string, refuseUnknown bool) (reason Reason, message string) {
	var loose []string
	known := false
	for i, to := range h.columns {
		if to.loose {
			if strings.TrimSpace(names[i]) != "" {
				loose = append(loose, names[i])
			}
		} else if to.kind != toNothing && to.kind != toUnnamed {
			known = true
		}
	}
	switch {
	case !known && len(loose) == 0:
		return UnknownColumn, "no column has a name; the first line must name the columns"
	case !known && strings.IndexAny(strings.TrimSpace(names[0]), "{[") == 0:
		// What looks like names are values.
		return UnknownColumn, "no column is known, and the file looks like JSON; read it as NDJSON"
	case !known && slices.ContainsFunc(names, looksLikeData):
		return UnknownColumn, noHeader
	case !known:
		return UnknownColumn, "no column is known: " + listed(loose, 5) + "; the first line must name the columns; map them to fields, such as " +
			listed(loose, 1) + " to name"
	case refuseUnknown && len(loose) > 0:
		return UnknownColumn, "columns are no fields: " + listed(loose, 10) + "; map them, or keep unknown columns as metadata"
	}
	for i, to := range h.columns {
		if to.kind == toKey && len(to.key) > maxMetadataKey {
			return UnknownColumn, fmt.Sprintf("the name of column %d is longer than the 64 characters of a metadata key; map the column to a field", i+1)
		}
		first := slices.IndexFunc(h.columns[:i], to.clashes)
		switch {
		case first < 0:
		case to.loose && h.columns[first].loose:
			return DuplicateColumn, fmt.Sprintf(
				"columns %d and %d, %s, leave one metadata key, in which only A-Z, a-z, 0-9, hyphens and underscores are kept; map them, to a field or to a key of their own each",
				first+1, i+1, listed([]string{names[first], names[i]}, 2))
		default:
			return DuplicateColumn, fmt.Sprintf("columns %d and %d mean the same", first+1, i+1)
		}
	}
	return "", ""
}

// needed returns how many cells a row must have: separators at the end of a header, behind which no column has a name, are often not in its rows.
func (h *header) needed() int {
	n := len(h.columns)
	for n > 0 && h.columns[n-1].kind == toUnnamed {
		n--
	}
	return n
}

// padded adds the cells that a row need not have.
func (h *header) padded(cells []string) []string {
	for len(cells) >= h.needed() && len(cells) < len(h.columns) {
		cells = append(cells, "")
	}
	return cells
}

// fields returns what a column writes on update.
func (t target) fields() Fields {
	switch {
	case t.isPart():
		return Name
	case t.kind == toNumber:
		return Line1
	}
	return t.field
}

// clashes reports that a row has one place for what is in both columns.
func (t target) clashes(other target) bool {
	switch {
	case t.kind == toNothing, t.kind == toUnnamed:
		return false
	case t.isPart() && other == wholeName, t == wholeName && other.isPart():
		return true
	}
	t.loose, other.loose = false, false
	return t == other
}

// mapped returns the columns that the caller has mapped, or why that cannot be.
func mapped(names []string, m map[string]string) (map[int]target, Reason, error) {
	found := make(map[int]target, len(names))
	for _, column := range slices.Sorted(maps.Keys(m)) {
		i := slices.Index(names, columnName(column))
		if i < 0 {
			return nil, UnknownColumn, fmt.Errorf("the mapped column %q is not there", column)
		}
		if _, twice := found[i]; twice {
			return nil, DuplicateColumn, fmt.Errorf("the column %q is mapped twice", column)
		}
		to, ok := named(m[column])
		if !ok {
			return nil, UnknownColumn, fmt.Errorf("the column %q is mapped to %q, which is no field", column, m[column])
		}
		found[i] = to
	}
	return found, "", nil
}

const metadataPrefix = "metadata."

// named returns the target that o.Map calls by this name.
func named(field string) (target, bool) {
	if field == "" || field == "-" {
		return target{}, true
	}
	if key, ok := strings.CutPrefix(field, metadataPrefix); ok {
		to := unknown(key)
		return to, to.key == key && len(key) <= maxMetadataKey
	}
	for _, a := range aliases {
		if slices.Contains(a.names, columnName(field)) {
			return a.to, true
		}
	}
	return target{}, false
}

// readOnly are the columns of an export that a row cannot write, as folded by columnName.
var readOnly = []string{"id", "version", "status", "createdat", "updatedat", "archivedat"}

// isExport recognises the columns of an export, of which some may have been deleted: three that are read-only, one of them version or archived_at,
// which few other files have. Beside both of these and external_id no id speaks against it, since people write into it what they like. Otherwise the
// first id is a UUID, or there is none; what other programs count their customers by stays an external id.
func isExport(names []string, firstID func(column int) string) bool {
	there := func(name string) bool { return slices.Contains(names, name) }
	n := 0
	for _, name := range readOnly {
		if there(name) {
			n++
		}
	}
	version, archived := there("version"), there("archivedat")
	switch id := slices.Index(names, "id"); {
	case n < 3 || !version && !archived:
		return false
	case id < 0 || version && archived && there("externalid"):
		return true
	default:
		first := firstID(id)
		_, err := customer.ParseID(first)
		return first == "" || err == nil
	}
}

// leaveReadOnly takes out what a file from Export has and an update cannot write.
func leaveReadOnly(names []string, found map[int]target) {
	hasStatus := false
	for _, name := range readOnly {
		i := slices.Index(names, name)
		if _, ok := found[i]; ok || i < 0 {
			continue
		}
		switch {
		case name == "id":
			found[i] = target{kind: toID}
		case name == "status":
			found[i], hasStatus = target{kind: toStatus}, true
		case name == "archivedat" && !hasStatus:
			found[i] = target{kind: toArchivedAt}
		default:
			found[i] = target{}
		}
	}
}

// unknown returns the metadata that a column is kept as.
func unknown(name string) target {
	name = strings.TrimPrefix(strings.TrimSpace(name), metadataPrefix)
	var key strings.Builder
	inRun := false
	for _, r := range name {
		legal := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
		if legal {
			key.WriteRune(r)
		} else if !inRun {
			key.WriteByte('_')
		}
		inRun = !legal
	}
	return target{kind: toKey, key: key.String()}
}
