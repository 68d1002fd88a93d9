package httpserver

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"example.com/customer"
)

// update applies a JSON Merge Patch (RFC 7396).
func (s *Server) update(c *call) error {
	d := newDecoder(c.body)
	body := d.record()
	if err := c.checked(d); err != nil {
		return err
	}
	return c.apply(func(v customer.Version) (customer.Customer, error) {
		return c.edit(actionUpdate, v, body.patch, body.check)
	})
}

// check refuses read-only members that differ from the current record, together with all else that is wrong with the change.
func (b record) check(current customer.Customer) error {
	var faults []fault
	for _, m := range b.readOnly {
		if m.equals(current) {
			continue
		}
		detail := "is read-only; leave it out, or send the current value"
		if m.name == "status" {
			detail = "is read-only; POST to " + customerPath(current.ID) + "/archive or " + customerPath(current.ID) + "/restore instead"
		}
		faults = append(faults, m.refused(detail))
	}
	if faults == nil {
		return nil
	}
	_, _, err := b.patch.Apply(current, time.Now())
	if errors.Is(err, customer.ErrArchived) {
		return err
	}
	return notValid(append(faults, moreFaults(faults, err)...))
}

// equals reports whether the member has the value it has in the record, in whatever spelling.
func (m member) equals(current customer.Customer) bool {
	instants := map[string]time.Time{"created_at": current.CreatedAt, "updated_at": current.UpdatedAt, "archived_at": current.ArchivedAt}
	switch m.name {
	case "id":
		id, err := customer.ParseID(m.text)
		return m.kind == '"' && err == nil && id == current.ID
	case "version":
		return m.kind == '0' && m.text == strconv.FormatInt(int64(current.Version), 10)
	case "status":
		return m.kind == '"' && m.text == string(current.Status)
	}
	want := instants[m.name]
	if want.IsZero() {
		return m.kind == 'n'
	}
	t, err := time.Parse(time.RFC3339Nano, m.text)
	return m.kind == '"' && err == nil && t.Equal(want)
}

// moveTo archives or restores.
func (s *Server) moveTo(status customer.Status) func(*call) error {
	action := actionRestore
	if status == customer.Archived {
		action = actionArchive
	}
	return func(c *call) error {
		d := newDecoder(c.body)
		if len(c.body) > 0 {
			d.root(nil, func(string) bool { return false })
		}
		if err := c.checked(d); err != nil {
			return err
		}
		return c.apply(func(v customer.Version) (customer.Customer, error) {
			return c.edit(action, v, customer.Patch{Status: new(status)}, nil)
		})
	}
}

// tag adds and removes tags without touching those of others.
func (s *Server) tag(c *call) error {
	var patch customer.Patch
	d := newDecoder(c.body)
	d.root([]string{"add", "remove"}, func(name string) bool {
		switch name {
		case "add":
			patch.AddTags = d.texts()
		case "remove":
			patch.RemoveTags = d.texts()
		default:
			return false
		}
		return true
	})
	if err := d.end(); err == nil && len(d.faults) == 0 {
		if invalid, ok := errors.AsType[*customer.ValidationError](patch.Validate()); ok {
			d.faults = append(d.faults, tagFaults(invalid)...)
		}
	}
	if err := c.checked(d); err != nil {
		return err
	}
	return c.apply(func(v customer.Version) (customer.Customer, error) {
		record, err := c.edit(actionTag, v, patch, nil)
		if invalid, ok := errors.AsType[*customer.ValidationError](err); ok {
			err = notValid(tagFaults(invalid))
		}
		return record, err
	})
}

// tagFaults points at the body of a change of tags, which has no member tags.
func tagFaults(err *customer.ValidationError) []fault {
	faults := fieldFaults(err)
	for i := range faults {
		if faults[i].Pointer == "#/tags" {
			faults[i].Pointer = "#/add"
		}
	}
	return faults
}

// checked ends the reading of a body: first what cannot be parsed, then a missing If-Match, then what is not valid.
func (c *call) checked(d *decoder) error {
	if err := d.end(); err != nil {
		return err
	}
	if err := c.needMatch(c.server.requireMatch); err != nil {
		return err
	}
	if len(d.faults) > 0 {
		return notValid(d.faults)
	}
	return nil
}

// apply makes the change and answers with its result.
func (c *call) apply(f func(customer.Version) (customer.Customer, error)) error {
	record, err := c.change(f)
	if err != nil {
		return err
	}
	c.writeCustomer(http.StatusOK, record)
	return nil
}
