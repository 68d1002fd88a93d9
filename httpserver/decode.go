package httpserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/customer"
)

const (
	maxJSONDepth = 32
	maxPointer   = 200 // bytes; a longer one is shortened to what contains it
)

// decoder reads a body token by token. What is no JSON object ends it and is 400; members that are unknown or of a wrong type are
// collected and are 422. The caller may read on after a failure: it gets zero values, and the failure from end.
type decoder struct {
	json   *jsontext.Decoder
	body   []byte
	err    error
	faults []fault
}

var (
	errNotUTF8   = errors.New("it is not in UTF-8")
	errBOM       = errors.New("it begins with a byte order mark, which JSON has not")
	errTooDeep   = fmt.Errorf("it nests deeper than %d", maxJSONDepth)
	errNotObject = errors.New("it must be a JSON object, in braces")
	errTrailing  = errors.New("something follows the object")
)

func newDecoder(body []byte) *decoder {
	d := &decoder{json: jsontext.NewDecoder(bytes.NewBuffer(body)), body: body}
	switch {
	case !utf8.Valid(body):
		d.err = errNotUTF8
	case bytes.HasPrefix(body, []byte("\uFEFF")):
		d.err = errBOM
	}
	return d
}

// end returns why the body cannot be parsed. It reads what is left of it.
func (d *decoder) end() error {
	if d.err == nil && len(d.body) > 0 {
		if _, err := d.json.ReadToken(); err != io.EOF {
			d.err = errTrailing
		}
	}
	if d.err == nil {
		return nil
	}
	return &problem{code: codeMalformedRequest, detail: "The body cannot be parsed: " + reason(d.err, d.body) + "."}
}

// reason repeats nothing of the body, as the messages of jsontext do.
func reason(err error, body []byte) string {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	case !ok:
		return err.Error()
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Sprintf("at byte %d a member is there for the second time", syntax.ByteOffset)
	}
	what := "it is not JSON, whose names and texts stand in double quotes, with a comma between members"
	if at := syntax.ByteOffset; at < int64(len(body)) {
		switch b := body[at]; {
		case b == '\\':
			what = "is an escape that JSON has not, or half of a surrogate pair"
		case b == ',' && endsThere(body[at+1:]):
			what = "is a comma with nothing behind it"
		case b < ' ':
			what = `is a control character, which a text has as \n, \t or \u and four digits`
		}
	}
	return fmt.Sprintf("at byte %d %s", syntax.ByteOffset, what)
}

// endsThere reports that an object, an array or a place in one ends.
func endsThere(body []byte) bool {
	rest := bytes.TrimLeft(body, " \t\r\n")
	return len(rest) > 0 && (rest[0] == '}' || rest[0] == ']' || rest[0] == ',')
}

func (d *decoder) next() jsontext.Token {
	if d.err != nil {
		return jsontext.Null
	}
	token, err := d.json.ReadToken()
	if err == nil && d.json.StackDepth() > maxJSONDepth {
		err = errTooDeep
	}
	if d.err = err; err != nil {
		return jsontext.Null
	}
	return token
}

// kind returns the kind of the value ahead.
func (d *decoder) kind() jsontext.Kind {
	if d.err != nil {
		return 0
	}
	return d.json.PeekKind()
}

// more reports whether there is something before the end of the array or object. The loop over it must read.
func (d *decoder) more(end jsontext.Kind) bool { return d.err == nil && d.json.PeekKind() != end }

// skip reads the value ahead whatever it is.
func (d *decoder) skip() {
	depth := d.json.StackDepth()
	for d.next(); d.err == nil && d.json.StackDepth() > depth; {
		d.next()
	}
}

// fault notes that the value just read breaks a rule.
func (d *decoder) fault(code customer.Code, detail string) {
	if d.err != nil || len(d.faults) > maxFaults {
		return
	}
	pointer := d.json.StackPointer()
	for len(pointer) > maxPointer {
		pointer = pointer.Parent()
	}
	d.faults = append(d.faults, fault{Pointer: fragment(string(pointer)), Code: string(code), Detail: detail})
}

// refuse skips a value of a wrong type.
func (d *decoder) refuse(want string) {
	d.skip()
	d.fault(customer.CodeWrongType, "must be "+want)
}

// root reads the body, which must be an object.
func (d *decoder) root(known []string, member func(name string) bool) {
	switch d.kind() {
	case '{':
		d.object(known, member)
	case 0:
		d.next()
	default:
		if d.skip(); d.err == nil {
			d.err = errNotObject
		}
	}
}

// object reads the object ahead. member reads the value of a known member, and nothing of another, for which it returns false.
func (d *decoder) object(known []string, member func(name string) bool) {
	for d.next(); d.more('}'); {
		name := d.next().String()
		if d.err == nil && !member(name) {
			d.skip()
			d.fault(customer.CodeUnknownMember, unknownMember(name, known))
		}
	}
	d.next()
}

func unknownMember(name string, known []string) string {
	if near := customer.Suggest(name, known); near != "" {
		return "is unknown; did you mean " + near + "?"
	}
	if len(known) == 0 {
		return "is unknown; the body may be left out"
	}
	return "is unknown; there are " + strings.Join(known, ", ")
}

// text reads a string; null is as good as empty.
func (d *decoder) text() string {
	switch d.kind() {
	case '"':
		return d.next().String()
	case 'n':
		d.next()
	default:
		d.refuse("a string or null")
	}
	return ""
}

// texts reads an array of strings, never nil; null is as good as empty. A wrong element leaves its place empty, so that the others keep
// theirs.
func (d *decoder) texts() []string {
	out := []string{}
	switch d.kind() {
	case 'n':
		d.next()
	case '[':
		for d.next(); d.more(']'); {
			if d.kind() == '"' {
				out = append(out, d.next().String())
				continue
			}
			d.refuse("a string")
			out = append(out, "")
		}
		d.next()
	default:
		d.refuse("an array of strings")
	}
	return out
}
