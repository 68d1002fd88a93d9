package httpserver

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// curl returns the command lines that try an operation. One that needs a customer makes its own first, so that none touches a record of
// the reader's, and each can be pasted alone.
func (d *apiDocument) curl(method, path string, o *apiOperation) []string {
	show := "-i"
	if method == "HEAD" {
		show = "-I"
	}
	line := d.request(method, path, o, show)
	if !strings.Contains(path, "{id}") {
		return []string{line}
	}
	const collection = "/v1/customers"
	create := d.request("POST", collection, d.Paths.get(collection).Post, "-sS")
	return []string{"ID=$(" + create + ` | cut -d '"' -f 4)`, line}
}

func (d *apiDocument) request(method, path string, o *apiOperation, flag string) string {
	reads := method == "GET" || method == "HEAD"
	var headers, fields []string
	query := url.Values{}
	for _, p := range o.Parameters {
		p := d.parameter(p)
		switch value := literal(p.Example); {
		case value == "":
		case p.In == "header":
			headers = append(headers, "-H", quoteShell(p.Name+": "+value))
		case p.In == "query" && reads:
			fields = append(fields, "--data-urlencode", quoteShell(p.Name+"="+value))
		case p.In == "query":
			query.Set(p.Name, value)
		}
	}
	words, body := []string{"curl", flag}, o.RequestBody.curl()
	if !reads && (method != "POST" || body == nil) {
		words = append(words, "-X", method)
	}
	if fields != nil {
		words = append(words, "-G")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	words = append(words, quoteURL(docsBase+path))
	if d.asks(o) {
		words = append(words, "-H", `"Authorization: Bearer $TOKEN"`)
	}
	return strings.Join(slices.Concat(words, headers, fields, body), " ")
}

// asks reports whether an operation takes credentials.
func (d *apiDocument) asks(o *apiOperation) bool {
	for _, alternative := range d.security(o) {
		if len(alternative) > 0 {
			return true
		}
	}
	return false
}

// curl returns the options that send the example of the first media type; none, if it has none.
func (b *apiBody) curl() []string {
	if b == nil || len(b.Content) == 0 || b.Content[0].Value.Example == nil {
		return nil
	}
	contentType, example := b.Content[0].Name, b.Content[0].Value.Example
	if contentType == formType {
		return formOptions(example)
	}
	var body bytes.Buffer
	if json.Compact(&body, example) != nil || example[0] == '"' {
		body.Reset()
		body.WriteString(literal(example))
	}
	return []string{"-H", quoteShell("Content-Type: " + contentType), "-d", quoteShell(body.String())}
}

func formOptions(example json.RawMessage) []string {
	var fields inOrder[json.RawMessage]
	if json.Unmarshal(example, &fields) != nil {
		return nil
	}
	var words []string
	for _, field := range fields {
		var values []json.RawMessage
		if json.Unmarshal(field.Value, &values) != nil {
			values = []json.RawMessage{field.Value}
		}
		for _, value := range values {
			words = append(words, "--data-urlencode", quoteShell(field.Name+"="+literal(value)))
		}
	}
	return words
}

// quoteURL quotes a URL for a shell. The path parameter becomes the variable that the line before has set.
func quoteURL(target string) string {
	if before, after, ok := strings.Cut(target, "{id}"); ok {
		return `"` + before + "$ID" + after + `"`
	}
	return quoteShell(target)
}

func quoteShell(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
