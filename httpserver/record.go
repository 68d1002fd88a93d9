package httpserver

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/customer"
)

var (
	textMembers     = []string{"name", "email", "phone", "company", "notes", "external_id"}
	writableMembers = slices.Concat(textMembers, []string{"address", "tags", "metadata"})
	readOnlyMembers = []string{"id", "version", "status", "created_at", "updated_at", "archived_at"}
	addressMembers  = []string{"line1", "line2", "city", "region", "postal_code", "country"}
)

// record is what a body says of a customer.
type record struct {
	patch    customer.Patch
	readOnly []member
}

// member is a read-only member as it was sent.
type member struct {
	name string
	kind jsontext.Kind
	text string
}

func (m member) refused(detail string) fault {
	return fault{Pointer: "#/" + m.name, Code: string(customer.CodeReadOnly), Detail: detail}
}

// record reads the body of a create or a patch, which differ in what null means: absent, which is empty, or empty.
func (d *decoder) record() record {
	var b record
	d.root(writableMembers, func(name string) bool {
		switch {
		case name == "address":
			d.address(&b.patch.Address)
		case name == "tags":
			b.patch.Tags = new(d.texts())
		case name == "metadata":
			d.metadata(&b.patch)
		case slices.Contains(readOnlyMembers, name):
			b.readOnly = append(b.readOnly, d.member(name))
		case slices.Contains(textMembers, name):
			*b.textMember(name) = new(d.text())
		default:
			return false
		}
		return true
	})
	return b
}

func (b *record) textMember(name string) **string {
	switch name {
	case "name":
		return &b.patch.Name
	case "email":
		return &b.patch.Email
	case "phone":
		return &b.patch.Phone
	case "company":
		return &b.patch.Company
	case "notes":
		return &b.patch.Notes
	}
	return &b.patch.ExternalID
}

// address reads the lines there are; null clears all.
func (d *decoder) address(a *customer.AddressPatch) {
	lines := []**string{&a.Line1, &a.Line2, &a.City, &a.Region, &a.PostalCode, &a.Country}
	switch d.kind() {
	case 'n':
		d.next()
		for _, line := range lines {
			*line = new("")
		}
	case '{':
		d.object(addressMembers, func(name string) bool {
			i := slices.Index(addressMembers, name)
			if i >= 0 {
				*lines[i] = new(d.text())
			}
			return i >= 0
		})
	default:
		d.refuse("an object or null")
	}
}

// metadata reads the keys there are; null clears all.
func (d *decoder) metadata(p *customer.Patch) {
	switch d.kind() {
	case 'n':
		d.next()
		p.ReplaceMetadata = true
	case '{':
		p.Metadata = map[string]*string{}
		d.object(nil, func(key string) bool {
			p.Metadata[key] = new(d.text())
			return true
		})
	default:
		d.refuse("an object of strings, or null")
	}
}

// member reads a read-only member. What is no scalar equals no current value.
func (d *decoder) member(name string) member {
	m := member{name: name, kind: d.kind()}
	if m.kind == '{' || m.kind == '[' {
		d.skip()
		return m
	}
	m.text = d.next().String()
	return m
}

// draft returns the new customer that the body describes.
func (b record) draft() customer.Draft {
	p := b.patch
	d := customer.Draft{
		Name: deref(p.Name), Email: deref(p.Email), Phone: deref(p.Phone), Company: deref(p.Company), Notes: deref(p.Notes),
		ExternalID: deref(p.ExternalID),
		Address: customer.Address{
			Line1: deref(p.Address.Line1), Line2: deref(p.Address.Line2), City: deref(p.Address.City),
			Region: deref(p.Address.Region), PostalCode: deref(p.Address.PostalCode), Country: deref(p.Address.Country),
		},
		Metadata: make(map[string]string, len(p.Metadata)),
	}
	if p.Tags != nil {
		d.Tags = *p.Tags
	}
	for key, v := range p.Metadata {
		d.Metadata[key] = deref(v)
	}
	return d
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
