package bulk

import (
	"slices"

	"example.com/customer"
)

// keyMember is the member with the idempotency key of a row that makes a customer.
const keyMember = "idempotency_key"

// object is one line of an NDJSON file.
type object struct {
	draft           customer.Draft
	fields          Fields
	replaceMetadata bool

	record   customer.Customer // the members that a draft has not
	readOnly []string          // those of them that are there

	reason bool // as RejectWriter adds it
	whole  bool // it has both of them and no other
	count  int
	faults []customer.FieldError
}

func (o *object) isEnd() bool { return o.whole && len(o.faults) == 0 }

// line reads the object on a line. Its error completes a sentence about the row.
func (d *decoder) line(text string) (*object, error) {
	d.begin(text)
	o := &object{}
	members, ends := 0, 0
	switch d.kind() {
	case '{':
		d.object(func(name string) {
			members++
			switch name {
			case "end":
				ends++
				if d.kind() != 't' {
					d.refuse(name, "true, and in the last line only")
					return
				}
				d.next()
			case "count":
				ends++
				if o.count = int(d.number(name)); o.count < 0 {
					d.fault(name, customer.CodeWrongType, "must be a number of rows")
				}
			default:
				d.member(o, name)
			}
		})
	case 0:
		d.next()
	default:
		if d.skip(); d.err == nil {
			d.err = errNotObject
		}
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	if o.whole = members == 2 && ends == 2; ends > 0 && !o.whole {
		d.fault("", customer.CodeUnknownMember, "the members end and count belong to the last line of an export, alone")
	}
	o.faults = d.faults
	return o, nil
}

// member reads the value of a member of a customer.
func (d *decoder) member(o *object, name string) {
	switch name {
	case "external_id":
		d.field(o, name, ExternalID)
	case "name":
		d.field(o, name, Name)
	case "email":
		d.field(o, name, Email)
	case "phone":
		d.field(o, name, Phone)
	case "company":
		d.field(o, name, Company)
	case "notes":
		d.field(o, name, Notes)
	case "address":
		d.address(o)
	case "tags":
		o.fields |= Tags
		o.draft.Tags = d.list(name)
	case "metadata":
		d.metadata(o)
	case keyMember:
		isText := d.kind() == '"'
		if o.draft.IdempotencyKey = d.text(name); isText && o.draft.IdempotencyKey == "" {
			// A program that sends keys believes this row to be safe with one.
			d.fault(name, customer.CodeInvalidKey, "must be 1 to 255 visible ASCII characters, or null")
		}
	case reasonColumn:
		o.reason = true
		d.skip()
	default:
		if !isReadOnly(name) {
			d.unknown("", name, memberNames)
			return
		}
		if d.kind() == 'n' {
			d.next()
			return
		}
		o.readOnly = append(o.readOnly, name)
		d.recordMember(&o.record, name)
	}
}

func (d *decoder) field(o *object, name string, f Fields) {
	o.fields |= f
	*f.text(&o.draft) = d.text(name)
}

// recordMember reads what only a whole record has.
func (d *decoder) recordMember(c *customer.Customer, name string) {
	switch name {
	case "id":
		text := d.text(name)
		id, err := customer.ParseID(text)
		if err != nil {
			d.fault(name, customer.CodeWrongType, "must be a UUID of 36 characters; an id from elsewhere belongs into external_id")
		}
		c.ID = id
	case "version":
		c.Version = customer.Version(d.number(name))
	case "status":
		c.Status = customer.Status(d.text(name))
	case "created_at":
		c.CreatedAt = d.time(name)
	case "updated_at":
		c.UpdatedAt = d.time(name)
	case "archived_at":
		c.ArchivedAt = d.time(name)
	}
}

// fill makes the row of the object: a whole record if it has an ID.
func (o *object) fill(row *Row) {
	row.Draft, row.Fields, row.ReplaceMetadata = o.draft, o.fields, o.replaceMetadata
	if !slices.Contains(o.readOnly, "id") {
		for _, name := range o.readOnly {
			o.faults = append(o.faults, customer.FieldError{
				Field: name, Code: customer.CodeReadOnly, Message: "is read-only; only a whole record, which has an id, brings its own",
			})
		}
	} else {
		d, c := &o.draft, o.record
		c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes = d.ExternalID, d.Name, d.Email, d.Phone, d.Company, d.Notes
		c.Address, c.Tags, c.Metadata = d.Address, d.Tags, d.Metadata
		row.Record = &c
		if d.IdempotencyKey != "" {
			o.faults = append(o.faults, customer.FieldError{
				Field: keyMember, Code: customer.CodeInvalidKey, Message: "must not stand in a whole record, which is known by its id",
			})
		}
	}
	if len(o.faults) > 0 {
		row.Err = &customer.ValidationError{Fields: o.faults}
	}
}
