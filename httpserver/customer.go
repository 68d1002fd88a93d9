package httpserver

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"example.com/customer"
)

func (s *Server) get(c *call) error {
	record, err := c.store.Get(c.r.Context(), c.id)
	if err != nil {
		return err
	}
	if c.tags.match(etag(record.Version)) {
		c.w.Header().Set("ETag", etag(record.Version))
		c.write(http.StatusNotModified, "", nil)
		return nil
	}
	c.writeCustomer(http.StatusOK, record)
	return nil
}

func (s *Server) create(c *call) error {
	key, err := c.idempotencyKey()
	if err != nil {
		return err
	}
	d := newDecoder(c.body)
	body := d.record()
	if err := d.end(); err != nil {
		return err
	}
	for _, m := range body.readOnly {
		if m.kind != 'n' {
			d.faults = append(d.faults, m.refused("must be left out: the server sets it"))
		}
	}
	draft := body.draft()
	if len(d.faults) > 0 {
		_, err := draft.Build(customer.NewID(), time.Now())
		return notValid(append(d.faults, moreFaults(d.faults, err)...))
	}
	record, replayed, err := c.createOnce(draft, key)
	if err != nil {
		return c.uncertain(actionCreate, customer.ID{}, err)
	}
	if replayed {
		c.w.Header().Set("Idempotent-Replayed", "true")
	} else {
		c.audit(actionCreate, record.ID, 0, record.Version, record.Filled())
	}
	c.w.Header().Set("Location", customerPath(record.ID))
	c.writeCustomer(http.StatusCreated, record)
	return nil
}

// moreFaults returns the faults that building the draft adds. A name that was no text is no reason to ask for a name.
func moreFaults(found []fault, err error) []fault {
	invalid, ok := errors.AsType[*customer.ValidationError](err)
	if !ok {
		return nil
	}
	tried := slices.ContainsFunc(found, func(f fault) bool {
		return f.Code == string(customer.CodeWrongType) && slices.Contains([]string{"#/name", "#/company", "#/email", "#/phone"}, f.Pointer)
	})
	return slices.DeleteFunc(fieldFaults(invalid), func(f fault) bool {
		return tried && f.Code == string(customer.CodeIdentityRequired)
	})
}

func (s *Server) erase(c *call) error {
	if err := c.needMatch(true); err != nil {
		return err
	}
	_, err := c.change(func(v customer.Version) (customer.Customer, error) {
		return customer.Customer{}, c.remove(v)
	})
	if err != nil {
		return err
	}
	c.write(http.StatusNoContent, "", nil)
	return nil
}
