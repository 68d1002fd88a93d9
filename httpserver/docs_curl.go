package httpserver

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// curl returns the command lines that try an operation, each in the parts that belong together. One that needs a customer makes its own
// first, so that none touches a record of the reader's, and each can be pasted alone.
func (d *apiDocument) curl(method, path string, o *apiOperation) [][]string {
	show := "-i"
	if method == "HEAD" {
		show = "-I"
	}
	line := append([]string{"curl " + show}, d.request(method, path, o)...)
	if !strings.Contains(path, "{id}") {
		return [][]string{line}
	}
	const collection = "/v1/customers"
	create := append([]string{"ID=$(curl -sS"}, d.request("POST", collection, d.Paths.get(collection).Post)...)
	return [][]string{append(create, `| cut -d '"' -f 4)`), line}
}

// request returns the arguments of curl that send the examples of the document.
func (d *apiDocument) request(method, path string, o *apiOperation) []string {
	reads := method == "GET" || method == "HEAD"
	var options, headers, fields []string
	query := url.Values{}
	for _, p := range o.Parameters {
		p := d.parameter(p)
		switch value := literal(p.Example); {
		case value == "":
		case p.In == "header":
			headers = append(headers, "-H "+quoteShell(p.Name+": "+value))
		case p.In == "query" && reads:
			fields = append(fields, "--data-urlencode "+quoteShell(p.Name+"="+value))
		case p.In == "query":
			query.Set(p.Name, value)
		}
	}
	body := o.RequestBody.curl()
	if fields != nil {
		options = append(options, "-G")
	}
	if !reads && (method != "POST" || body == nil) {
		options = append(options, "-X "+method)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	options = append(options, quoteURL(docsBase+path))
	if d.asks(o) {
		options = append(options, `-H "Authorization: Bearer $TOKEN"`)
	}
	return slices.Concat(options, headers, fields, body)
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
	return []string{"-H " + quoteShell("Content-Type: "+contentType), "-d " + quoteShell(body.String())}
}

func formOptions(example json.RawMessage) []string {
	var fields inOrder[json.RawMessage]
	if json.Unmarshal(example, &fields) != nil {
		return nil
	}
	var options []string
	for _, field := range fields {
		var values []json.RawMessage
		if json.Unmarshal(field.Value, &values) != nil {
			values = []json.RawMessage{field.Value}
		}
		for _, value := range values {
			options = append(options, "--data-urlencode "+quoteShell(field.Name+"="+literal(value)))
		}
	}
	return options
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
