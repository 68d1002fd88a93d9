package httpserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// apiDocument is what the contract page shows of an OpenAPI document. Where order tells something, it is the document's.
type apiDocument struct {
	Info struct{ Title, Version, Summary, Description string }
	Tags []struct{ Name, Description string }

	Security   []map[string][]string
	Paths      inOrder[apiPath]
	Components struct {
		Schemas         inOrder[*apiSchema]
		Parameters      map[string]*apiParameter
		Headers         inOrder[*apiHeader]
		Responses       map[string]*apiResponse
		SecuritySchemes inOrder[apiSecurityScheme]
	}
}

type apiPath struct{ Get, Head, Post, Put, Patch, Delete *apiOperation }

type apiOperation struct {
	OperationID, Summary, Description string

	Tags        []string
	Security    *[]map[string][]string // nil: the document's
	Parameters  []*apiParameter
	RequestBody *apiBody
	Responses   inOrder[*apiResponse]
}

type apiParameter struct {
	Ref                   string `json:"$ref"`
	Name, In, Description string

	Required bool
	Schema   *apiSchema
	Example  json.RawMessage
	Examples inOrder[struct{ Value json.RawMessage }]
}

type apiBody struct {
	Required    bool
	Description string
	Content     inOrder[apiMedia]
}

type apiMedia struct {
	Schema  *apiSchema
	Example json.RawMessage
}

type apiResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Headers     inOrder[*apiHeader]
	Content     inOrder[apiMedia]
}

type apiHeader struct {
	Ref         string `json:"$ref"`
	Description string
	Schema      *apiSchema
}

type apiSecurityScheme struct{ Type, Scheme, BearerFormat, Description string }

// apiSchema is the part of JSON Schema 2020-12 that the document uses.
type apiSchema struct {
	Ref                string `json:"$ref"`
	Type               oneOrMore
	Title, Description string
	Format, Pattern    string
	Enum, Examples     []json.RawMessage
	Const, Default     json.RawMessage

	MinLength, MaxLength         *int
	MinItems, MaxItems           *int
	MinProperties, MaxProperties *int
	Minimum, Maximum             *int
	UniqueItems                  bool

	Items, PropertyNames *apiSchema
	ContentSchema        *apiSchema // of the lines of a text, as an array
	AllOf, OneOf         []*apiSchema
	Required             []string
	Properties           inOrder[*apiSchema]
	PatternProperties    inOrder[*apiSchema]
	AdditionalProperties json.RawMessage // a boolean or a schema

	EnumDescriptions map[string]string `json:"x-enum-descriptions"`
}

// inOrder is an object whose members keep their order.
type inOrder[T any] []named[T]

type named[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *inOrder[T]) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("not an object: %v %w", start, err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		m := named[T]{Name: fmt.Sprint(name)}
		if err := decoder.Decode(&m.Value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

// get returns the member of a name, or the zero value.
func (o inOrder[T]) get(name string) (value T) {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return value
}

// oneOrMore is a text or a list of them.
type oneOrMore []string

// UnmarshalJSON implements [json.Unmarshaler].
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(o))
	}
	*o = make(oneOrMore, 1)
	return json.Unmarshal(data, &(*o)[0])
}

func refName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func (d *apiDocument) parameter(p *apiParameter) *apiParameter {
	if p.Ref == "" {
		return p
	}
	return d.Components.Parameters[refName(p.Ref)]
}

func (d *apiDocument) response(r *apiResponse) *apiResponse {
	if r.Ref == "" {
		return r
	}
	return d.Components.Responses[refName(r.Ref)]
}

func (d *apiDocument) schema(s *apiSchema) *apiSchema {
	for s != nil && s.Ref != "" {
		s = d.Components.Schemas.get(refName(s.Ref))
	}
	return s
}

// security returns what an operation asks for, as alternatives.
func (d *apiDocument) security(o *apiOperation) []map[string][]string {
	if o.Security != nil {
		return *o.Security
	}
	return d.Security
}
