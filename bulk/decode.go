package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/customer"
)

const (
	maxDepth  = 32
	maxFaults = 200
	maxName   = 64 // bytes of an unknown member's name in a fault
)

var memberNames = []string{
	"external_id", "name", "email", "phone", "company", "notes", "address", "tags", "metadata", "idempotency_key",
	"id", "version", "status", "created_at", "updated_at", "archived_at",
}

// addressLines are the members of an address.
var addressLines = []struct {
	name  string
	field Fields
}{
	{"line1", Line1}, {"line2", Line2}, {"city", City}, {"region", Region}, {"postal_code", PostalCode}, {"country", Country},
}

// decoder reads objects as strictly as the server does: members are known, minded for case and there once. What is no JSON object is an
// error; what is of a wrong type is a fault of a field. After an error it returns zero values. Its zero value is ready for use.
type decoder struct {
	json   *jsontext.Decoder
	buf    bytes.Buffer
	err    error
	faults []customer.FieldError
}

var (
	errTooDeep   = fmt.Errorf("nests deeper than %d", maxDepth)
	errNotObject = errors.New("must be a JSON object, in braces")
	errTrailing  = errors.New("has something behind the object")
)

func (d *decoder) begin(text string) {
	d.buf.Reset()
	d.buf.WriteString(text)
	if d.json == nil {
		d.json = jsontext.NewDecoder(&d.buf)
	} else {
		d.json.Reset(&d.buf)
	}
	d.err, d.faults = nil, nil
}

// end returns why the text is no JSON object. It repeats nothing of it, as the messages of jsontext do.
func (d *decoder) end() error {
	if d.err == nil {
		if _, err := d.json.ReadToken(); err != io.EOF {
			d.err = errTrailing
		}
	}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](d.err)
	switch {
	case errors.Is(d.err, io.ErrUnexpectedEOF):
		return errors.New("is JSON that ends too early; an object must stand on one line")
	case !ok:
		return d.err
	case errors.Is(d.err, jsontext.ErrDuplicateName):
		return fmt.Errorf("has a member for the second time at byte %d", syntax.ByteOffset)
	}
	return fmt.Errorf("is not JSON at byte %d", syntax.ByteOffset)
}

func (d *decoder) next() jsontext.Token {
	if d.err != nil {
		return jsontext.Null
	}
	token, err := d.json.ReadToken()
	if err == nil && d.json.StackDepth() > maxDepth {
		err = errTooDeep
	}
	if d.err = err; err != nil {
		return jsontext.Null
	}
	return token
}

func (d *decoder) kind() jsontext.Kind {
	if d.err != nil {
		return 0
	}
	return d.json.PeekKind()
}

// skip reads the value ahead whatever it is.
func (d *decoder) skip() {
	depth := d.json.StackDepth()
	for d.next(); d.err == nil && d.json.StackDepth() > depth; {
		d.next()
	}
}

func (d *decoder) fault(field string, code customer.Code, message string) {
	if d.err == nil && len(d.faults) < maxFaults {
		d.faults = append(d.faults, customer.FieldError{Field: field, Code: code, Message: message})
	}
}

// refuse skips a value of a wrong type.
func (d *decoder) refuse(field, want string) {
	d.skip()
	d.fault(field, customer.CodeWrongType, "must be "+want)
}

// object reads the object ahead. member reads the value of a member.
func (d *decoder) object(member func(name string)) {
	for d.next(); d.err == nil && d.json.PeekKind() != '}'; {
		if name := d.next().String(); d.err == nil {
			member(name)
		}
	}
	d.next()
}

// unknown skips the value of a member that means nothing. Of its name no more is repeated than a name can have.
func (d *decoder) unknown(path, name string, known []string) {
	d.skip()
	message := "is unknown"
	if near := customer.Suggest(name, known); near != "" {
		message += "; did you mean " + near + "?"
	}
	if len(name) > maxName {
		name = "…"
	}
	d.fault(path+name, customer.CodeUnknownMember, message)
}

// text reads a string; null is as good as empty.
func (d *decoder) text(field string) string {
	switch d.kind() {
	case '"':
		return d.next().String()
	case 'n':
		d.next()
	default:
		d.refuse(field, "a string or null")
	}
	return ""
}

// list reads an array of strings; null is as good as empty.
func (d *decoder) list(field string) (out []string) {
	switch d.kind() {
	case 'n':
		d.next()
	case '[':
		for d.next(); d.err == nil && d.json.PeekKind() != ']'; {
			if d.kind() == '"' {
				out = append(out, d.next().String())
				continue
			}
			d.refuse(field+"."+strconv.Itoa(len(out)), "a string")
			out = append(out, "")
		}
		d.next()
	default:
		d.refuse(field, "an array of strings")
	}
	return out
}

// values reads an object of strings.
func (d *decoder) values(field string) map[string]string {
	out := map[string]string{}
	d.object(func(key string) {
		path := field + "." + key
		if len(key) > maxName {
			path = field
		}
		out[key] = d.text(path)
	})
	return out
}

// texts reads text that is an object of strings and nothing else.
func (d *decoder) texts(text string) (m map[string]string, ok bool) {
	d.begin(text)
	if d.kind() != '{' {
		return nil, false
	}
	m = d.values("")
	return m, d.end() == nil && len(d.faults) == 0
}

// number reads a whole number.
func (d *decoder) number(field string) (n int64) {
	if d.kind() == '0' {
		n, err := strconv.ParseInt(d.next().String(), 10, 64)
		if err != nil {
			d.fault(field, customer.CodeWrongType, "must be a whole number")
		}
		return n
	}
	d.refuse(field, "a whole number")
	return 0
}

// time reads an RFC 3339 time; null is none.
func (d *decoder) time(field string) time.Time {
	text := d.text(field)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		d.fault(field, customer.CodeWrongType, "must be an RFC 3339 time")
	}
	return t.UTC()
}

// address reads the lines there are; null clears all.
func (d *decoder) address(o *object) {
	switch d.kind() {
	case 'n':
		d.next()
		for _, line := range addressLines {
			o.fields |= line.field
		}
	case '{':
		d.object(func(name string) {
			for _, line := range addressLines {
				if line.name == name {
					o.fields |= line.field
					*line.field.text(&o.draft) = d.text("address." + name)
					return
				}
			}
			known := make([]string, len(addressLines))
			for i, line := range addressLines {
				known[i] = line.name
			}
			d.unknown("address.", name, known)
		})
	default:
		d.refuse("address", "an object or null")
	}
}

// metadata reads the keys there are; null clears all.
func (d *decoder) metadata(o *object) {
	switch d.kind() {
	case 'n':
		d.next()
		o.replaceMetadata = true
	case '{':
		o.draft.Metadata = d.values("metadata")
	default:
		d.refuse("metadata", "an object of strings, or null")
	}
}

func isReadOnly(name string) bool { return slices.Contains(memberNames[10:], name) }
