package httpserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html/template"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// docsView is what the template of the contract page shows.
type docsView struct {
	Title, Version, Summary string

	Base       string
	Style      template.CSS
	Lead       []textBlock
	Topics     []docsTopic
	Schemes    []docsScheme
	Groups     []docsGroup
	Codes      []docsCode
	Faults     []docsCode // of fields
	Headers    []docsRow
	Objects    []docsObject
	Values     []docsRow // the schemas that are no objects
	Everywhere []string  // headers of every answer
}

type docsScheme struct{ ID, Name, Kind, Description string }

// docsGroup is the operations of a tag.
type docsGroup struct {
	ID, Name, Description string
	Operations            []*docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Description string

	Like       *docsOperation // the GET that this HEAD answers as, without a body
	Head       *docsOperation // the HEAD of this GET
	Access     []docsAccess
	Optional   bool // it answers without credentials too, where the server has none
	Parameters []docsRow
	Body       *docsBody
	Answers    []docsAnswer
	Curl       [][]string // lines of parts
}

// docsAccess is one way to be let in.
type docsAccess struct {
	Scheme string
	Scopes []string
}

type docsBody struct {
	Required    bool
	Types       []string
	Description string
	Schema      string
	Rows        []docsRow
	Example     string
}

type docsAnswer struct {
	Status, Meaning, Description string

	Headers []docsHeader
	Types   []string
	Body    []docsType
	Codes   []string
}

type docsHeader struct{ Name, Component string }

type docsCode struct {
	Name, Title, Description string
	Status                   int
}

type docsObject struct {
	Name, Description string
	Rows              []docsRow
	Examples          []string
}

func newDocsView(source []byte) (*docsView, error) {
	var d apiDocument
	if err := json.Unmarshal(source, &d); err != nil {
		return nil, err
	}
	v := &docsView{Title: d.Info.Title, Version: d.Info.Version, Summary: d.Info.Summary, Base: docsBase, Style: template.CSS(docsCSS)}
	v.Lead, v.Topics = topics(d.Info.Description)
	for _, m := range d.Components.SecuritySchemes {
		v.Schemes = append(v.Schemes, docsScheme{"security-" + m.Name, m.Name, m.Value.Type + " " + m.Value.Scheme, m.Value.Description})
	}
	v.Everywhere = d.everywhere()
	for _, tag := range d.Tags {
		group := docsGroup{ID: "operations-" + slug(tag.Name), Name: tag.Name, Description: tag.Description}
		for _, path := range d.Paths {
			group.Operations = append(group.Operations, d.operations(tag.Name, path.Name, path.Value, v.Everywhere)...)
		}
		v.Groups = append(v.Groups, group)
	}
	v.schemas(&d)
	for _, h := range d.headers() {
		row := d.row(h.Name, d.Components.Headers.get(h.Component).Schema)
		row.ID, row.Description = "header-"+h.Component, d.Components.Headers.get(h.Component).Description
		v.Headers = append(v.Headers, row)
	}
	return v, nil
}

// operations returns the operations of a path that have the tag.
func (d *apiDocument) operations(tag, path string, p apiPath, everywhere []string) []*docsOperation {
	var out []*docsOperation
	get := p.Get
	for _, m := range []named[*apiOperation]{{"GET", p.Get}, {"HEAD", p.Head}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}} {
		o := m.Value
		if o == nil || !slices.Contains(o.Tags, tag) {
			continue
		}
		op := &docsOperation{ID: o.OperationID, Method: m.Name, Path: path, Summary: o.Summary, Description: o.Description, Curl: d.curl(m.Name, path, o)}
		for _, alternative := range d.security(o) {
			op.Optional = op.Optional || len(alternative) == 0
			for scheme, scopes := range alternative {
				op.Access = append(op.Access, docsAccess{scheme, scopes})
			}
		}
		if m.Name == "HEAD" && get != nil && reflect.DeepEqual(get.Parameters, o.Parameters) && reflect.DeepEqual(get.Responses, o.Responses) {
			op.Like, out[len(out)-1].Head = out[len(out)-1], op
			out = append(out, op)
			continue
		}
		for _, parameter := range o.Parameters {
			op.Parameters = append(op.Parameters, d.parameterRow(d.parameter(parameter)))
		}
		op.Parameters = together(op.Parameters)
		op.Body = d.body(o.RequestBody)
		for _, answer := range o.Responses {
			op.Answers = append(op.Answers, d.answer(answer.Name, d.response(answer.Value), everywhere))
		}
		out = append(out, op)
	}
	return out
}

// parameterRow describes a parameter with its schema in place, since what it takes is read where it is looked up.
func (d *apiDocument) parameterRow(p *apiParameter) docsRow {
	schema := d.schema(p.Schema)
	repeatable := p.In == "query" && slices.Contains(schema.Type, "array")
	if repeatable {
		schema = d.schema(schema.Items)
	}
	r := d.row(p.Name, schema)
	r.Where, r.Required, r.Description = p.In, p.Required, p.Description
	if p.Schema.Ref != "" {
		r.Type = append(r.Type, docsType{Text: ", see "}, docsType{refName(p.Schema.Ref), refName(p.Schema.Ref)})
	}
	if repeatable {
		r.Limits = append([]docsLimit{{Text: "may be repeated"}}, r.Limits...)
	}
	if p.Example != nil {
		r.Examples = []string{literal(p.Example)}
	}
	for _, example := range p.Examples {
		r.Examples = append(r.Examples, literal(example.Value.Value))
	}
	return r
}

func (d *apiDocument) body(b *apiBody) *docsBody {
	if b == nil {
		return nil
	}
	out := &docsBody{Required: b.Required, Description: b.Description}
	for i, media := range b.Content {
		out.Types = append(out.Types, media.Name)
		if media.Value.Schema == nil {
			continue
		}
		out.Schema = cmp.Or(out.Schema, refName(media.Value.Schema.Ref))
		if i > 0 {
			continue
		}
		schema := d.schema(media.Value.Schema)
		if out.Description == "" {
			out.Description = schema.Description
		}
		out.Rows = together(d.rows("", schema))
		if strings.HasSuffix(media.Name, "json") {
			out.Example = indented(media.Value.Example)
		}
	}
	return out
}

func (d *apiDocument) answer(status string, r *apiResponse, everywhere []string) docsAnswer {
	number, _ := strconv.Atoi(status)
	out := docsAnswer{Status: status, Meaning: http.StatusText(number), Description: r.Description}
	for _, h := range r.Headers {
		if !slices.Contains(everywhere, h.Name) {
			out.Headers = append(out.Headers, docsHeader{h.Name, refName(h.Value.Ref)})
		}
	}
	for i, media := range r.Content {
		out.Types = append(out.Types, media.Name)
		if i > 0 || media.Value.Schema == nil {
			continue
		}
		schema := media.Value.Schema
		if out.Body = d.typeOf(schema); len(schema.AllOf) == 1 {
			out.Body = d.typeOf(schema.AllOf[0])
		}
		for _, m := range schema.Properties {
			if m.Name == "code" {
				for _, value := range m.Value.Enum {
					out.Codes = append(out.Codes, literal(value))
				}
			}
		}
	}
	return out
}

// responses returns the answers of all operations.
func (d *apiDocument) responses() []*apiResponse {
	var out []*apiResponse
	for _, path := range d.Paths {
		p := path.Value
		for _, o := range []*apiOperation{p.Get, p.Head, p.Post, p.Put, p.Patch, p.Delete} {
			if o == nil {
				continue
			}
			for _, r := range o.Responses {
				out = append(out, d.response(r.Value))
			}
		}
	}
	return out
}

// everywhere returns the headers that every answer has.
func (d *apiDocument) everywhere() []string {
	count, all := map[string]int{}, d.responses()
	var names []string
	for _, r := range all {
		for _, h := range r.Headers {
			if count[h.Name]++; count[h.Name] == len(all) {
				names = append(names, h.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// headers returns every header of an answer under its own name, each component once.
func (d *apiDocument) headers() []docsHeader {
	var out []docsHeader
	for _, r := range d.responses() {
		for _, h := range r.Headers {
			if header := (docsHeader{h.Name, refName(h.Value.Ref)}); !slices.Contains(out, header) {
				out = append(out, header)
			}
		}
	}
	slices.SortFunc(out, func(a, b docsHeader) int { return bytes.Compare([]byte(a.Component), []byte(b.Component)) })
	return out
}

func (v *docsView) schemas(d *apiDocument) {
	for _, m := range d.Components.Schemas {
		s := m.Value
		switch {
		case m.Name == "Code":
			for _, value := range s.Enum {
				name := literal(value)
				kind := kinds[code(name)]
				v.Codes = append(v.Codes, docsCode{name, kind.title, s.EnumDescriptions[name], kind.status})
			}
			slices.SortStableFunc(v.Codes, func(a, b docsCode) int { return a.Status - b.Status })
		case m.Name == "FieldFault":
			field := s.Properties.get("code")
			for _, value := range field.Enum {
				name := literal(value)
				v.Faults = append(v.Faults, docsCode{Name: name, Description: field.EnumDescriptions[name]})
			}
		}
		if rows := together(d.rows("", s)); len(rows) > 0 {
			object := docsObject{Name: m.Name, Description: s.Description, Rows: rows}
			for _, example := range s.Examples {
				object.Examples = append(object.Examples, indented(example))
			}
			v.Objects = append(v.Objects, object)
			continue
		}
		row := d.row(m.Name, s)
		row.ID = "schema-" + m.Name
		v.Values = append(v.Values, row)
	}
}

func indented(value json.RawMessage) string {
	if len(value) == 0 {
		return ""
	}
	var out bytes.Buffer
	if json.Indent(&out, value, "", "  ") != nil {
		return ""
	}
	return out.String()
}
