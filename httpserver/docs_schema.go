package httpserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// docsRow is one parameter, member, header or value in a table.
type docsRow struct {
	ID, Name, Where string // Where: in the path, the query, a header; empty for members
	Type            []docsType
	Required        bool
	Limits          []docsLimit
	OneOf           []string
	Default         string
	Description     string
	Examples        []string
	Parts           []docsRow // the parameters that this row stands for
}

// docsType is a word of a type. Schema names the section it links to.
type docsType struct{ Text, Schema string }

// docsLimit is a limit in words, with the code that they introduce.
type docsLimit struct{ Text, Code string }

// row describes a schema under a name. One that refers to another is linked to it, and tells no more of it than what it means.
func (d *apiDocument) row(name string, s *apiSchema) docsRow {
	r := docsRow{Name: name, Type: d.typeOf(s), Limits: d.limits(s), Description: s.Description, Default: literal(s.Default)}
	if r.Description == "" {
		r.Description = d.schema(s).Description
	}
	for _, value := range s.Enum {
		r.OneOf = append(r.OneOf, literal(value))
	}
	for _, example := range s.Examples {
		r.Examples = append(r.Examples, literal(example))
	}
	return r
}

// rows describes the members of an object, those of objects within it that have no name of their own by their path.
func (d *apiDocument) rows(prefix string, s *apiSchema) []docsRow {
	var rows []docsRow
	for _, parent := range s.AllOf {
		rows = append(rows, d.rows(prefix, d.schema(parent))...)
	}
	if s.Items != nil {
		rows = append(rows, d.rows(prefix+"[].", s.Items)...)
	}
	for _, m := range s.Properties {
		r := d.row(prefix+m.Name, m.Value)
		r.Required = slices.Contains(s.Required, m.Name)
		rows = append(rows, r)
		below := prefix + m.Name + "."
		if m.Value.Items != nil {
			below = prefix + m.Name
		}
		rows = append(rows, d.rows(below, m.Value)...)
	}
	for _, m := range s.PatternProperties {
		r := d.row(cmp.Or(m.Value.Title, "any name"), m.Value)
		r.Limits = append([]docsLimit{{"name matches", m.Name}}, r.Limits...)
		rows = append(rows, r)
	}
	return rows
}

// manyRows is from how many rows on a table brings those of one field together.
const manyRows = 40

// together lets one row stand for those that follow each other, differ in the operator of a field alone, and take the same.
func together(rows []docsRow) []docsRow {
	if len(rows) < manyRows {
		return rows
	}
	var out []docsRow
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[0].takesLike(rows[n]) {
			n++
		}
		out = append(out, standFor(rows[:n]))
		rows = rows[n:]
	}
	return out
}

func standFor(rows []docsRow) docsRow {
	one := rows[0]
	if len(rows) == 1 {
		return one
	}
	if field, _, operator := strings.Cut(one.Name, "."); operator {
		one.Name = field + ".*"
	}
	one.Parts, one.Examples = slices.Clone(rows), nil
	if slices.ContainsFunc(rows, func(r docsRow) bool { return r.Description != one.Description }) {
		one.Description = ""
		return one
	}
	for i := range one.Parts {
		one.Parts[i].Description = ""
	}
	return one
}

func (r docsRow) takesLike(other docsRow) bool {
	field, _, _ := strings.Cut(r.Name, ".")
	otherField, _, _ := strings.Cut(other.Name, ".")
	return field == otherField && r.Where == other.Where && reflect.DeepEqual(r.Type, other.Type) && reflect.DeepEqual(r.Limits, other.Limits)
}

func (d *apiDocument) typeOf(s *apiSchema) []docsType {
	switch {
	case s.Ref != "":
		return []docsType{{Text: refName(s.Ref), Schema: refName(s.Ref)}}
	case s.ContentSchema != nil && s.ContentSchema.Items != nil:
		return append([]docsType{{Text: "lines, each "}}, d.typeOf(s.ContentSchema.Items)...)
	case len(s.AllOf) == 1 && len(s.Properties) == 0:
		return d.typeOf(s.AllOf[0])
	case len(s.AllOf) > 0:
		return []docsType{{Text: "object"}}
	case len(s.OneOf) > 0:
		var types []docsType
		for i, option := range s.OneOf {
			if i > 0 {
				types = append(types, docsType{Text: " or "})
			}
			types = append(types, d.typeOf(option)...)
		}
		return types
	case len(s.Type) == 0:
		return []docsType{{Text: "any value"}}
	}
	var types []docsType
	or := " or "
	for i, name := range s.Type {
		if i > 0 {
			types = append(types, docsType{Text: or})
		}
		types = append(types, docsType{Text: name})
		if name == "array" && s.Items != nil {
			types, or = append(append(types, docsType{Text: " of "}), d.typeOf(s.Items)...), ", or "
		}
		if values := s.values(); name == "object" && values != nil {
			types, or = append(append(types, docsType{Text: " of "}), d.typeOf(values)...), ", or "
		}
	}
	if s.Format != "" {
		types = append(types, docsType{Text: " (" + s.Format + ")"})
	}
	return types
}

// values returns the schema of the members without a name, or nil.
func (s *apiSchema) values() *apiSchema {
	if len(s.AdditionalProperties) == 0 || s.AdditionalProperties[0] != '{' {
		return nil
	}
	var values apiSchema
	if err := json.Unmarshal(s.AdditionalProperties, &values); err != nil {
		return nil
	}
	return &values
}

func (d *apiDocument) limits(s *apiSchema) []docsLimit {
	var out []docsLimit
	add := func(text string) {
		if text != "" {
			out = append(out, docsLimit{Text: text})
		}
	}
	add(between(s.MinLength, s.MaxLength, "character"))
	add(between(s.Minimum, s.Maximum, ""))
	add(between(s.MinItems, s.MaxItems, "item"))
	add(between(s.MinProperties, s.MaxProperties, "member"))
	if s.UniqueItems {
		add("each once")
	}
	if s.Const != nil {
		out = append(out, docsLimit{"always", literal(s.Const)})
	}
	if s.Pattern != "" && s.Format == "" {
		out = append(out, docsLimit{"matches", s.Pattern})
	}
	if s.PropertyNames != nil {
		out = append(out, docsLimit{"names match", s.PropertyNames.Pattern})
	}
	if s.Items != nil && s.Items.Ref == "" {
		out = append(out, each("each ", d.limits(s.Items))...)
	}
	if values := s.values(); values != nil {
		out = append(out, each("values ", d.limits(values))...)
	}
	return out
}

func each(whose string, limits []docsLimit) []docsLimit {
	for i := range limits {
		limits[i].Text = whose + limits[i].Text
	}
	return limits
}

// between says a range in words. A unit that ends in a singular noun gets its plural.
func between(low, high *int, unit string) string {
	count := func(n int) string {
		text := thousands(n)
		switch {
		case unit == "":
			return text
		case n == 1:
			return text + " " + unit
		}
		return text + " " + unit + "s"
	}
	switch {
	case low == nil && high == nil:
		return ""
	case high == nil:
		return "at least " + count(*low)
	case low == nil:
		return "at most " + count(*high)
	}
	return thousands(*low) + " to " + count(*high)
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// literal shows a value of the document: a text without its quotes, anything else as compact JSON.
func literal(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && !bytes.Equal(value, []byte("null")) {
		if text == "" && value != nil {
			return `""`
		}
		return text
	}
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return ""
	}
	return strings.TrimSpace(out.String())
}
