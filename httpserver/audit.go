package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"example.com/customer"
)

// The actions of audit lines.
const (
	actionCreate  = "create"
	actionUpdate  = "update"
	actionArchive = "archive"
	actionRestore = "restore"
	actionTag     = "tag"
	actionErase   = "erase"
	actionImport  = "import"
)

// audit leaves the line of a committed change, at whatever level the log is: what was changed and by whom, never a value. Version 0 is before the
// first and after the last.
func (c *call) audit(action string, id customer.ID, from, to customer.Version, fields []string) {
	c.record(slog.LevelInfo, "audit",
		slog.String("action", action), slog.String("customer", id.String()),
		slog.Int64("version_from", int64(from)), slog.Int64("version_to", int64(to)), slog.Any("fields", fields),
		slog.String("tenant", c.principal.Tenant), slog.String("token", c.principal.Name), slog.String("request_id", c.requestID))
}

// uncertain leaves a line of a change that may have been committed or not: the store was asked and its answer did not come. It returns err.
func (c *call) uncertain(action string, id customer.ID, err error) error {
	if errors.Is(err, customer.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		name := ""
		if !id.IsZero() {
			name = id.String()
		}
		c.record(slog.LevelWarn, "audit outcome unknown", slog.String("action", action), slog.String("customer", name),
			slog.String("tenant", c.principal.Tenant), slog.String("token", c.principal.Name), slog.String("request_id", c.requestID))
	}
	return err
}

// edit applies p to the customer at version v, or at whatever version is current. The record is read first, because only it tells which fields
// the patch changes; check, if it is not nil, may refuse what it sees.
func (c *call) edit(action string, v customer.Version, p customer.Patch, check func(customer.Customer) error) (customer.Customer, error) {
	if err := p.Validate(); err != nil {
		return customer.Customer{}, err
	}
	ctx := c.r.Context()
	for {
		current, err := c.store.Get(ctx, c.id)
		if err != nil {
			return customer.Customer{}, err
		}
		if err := v.Check(current); err != nil {
			return customer.Customer{}, err
		}
		if check != nil {
			if err := check(current); err != nil {
				return customer.Customer{}, err
			}
		}
		_, changed, err := p.Apply(current, time.Now())
		if err != nil || len(changed) == 0 {
			return current, err
		}
		next, err := c.store.Update(ctx, c.id, current.Version, p)
		if err == nil {
			c.audit(action, c.id, current.Version, next.Version, changed)
			return next, nil
		}
		if v != customer.AnyVersion || !errors.Is(err, customer.ErrStale) {
			return customer.Customer{}, c.uncertain(action, c.id, err)
		}
	}
}

// remove erases the customer at version v, or at whatever version is current.
func (c *call) remove(v customer.Version) error {
	ctx := c.r.Context()
	for {
		at := v
		if v == customer.AnyVersion {
			current, err := c.store.Get(ctx, c.id)
			if err != nil {
				return err
			}
			at = current.Version
		}
		err := c.store.Delete(ctx, c.id, at)
		if err == nil {
			c.audit(actionErase, c.id, at, 0, []string{})
			return nil
		}
		if v != customer.AnyVersion || !errors.Is(err, customer.ErrStale) {
			return c.uncertain(actionErase, c.id, err)
		}
	}
}

// filled returns the names of the fields that a new customer has, in order.
func filled(c customer.Customer) []string {
	fields := make([]string, 0, 16)
	for _, f := range [...]struct{ name, value string }{
		{"address.city", c.Address.City},
		{"address.country", c.Address.Country},
		{"address.line1", c.Address.Line1},
		{"address.line2", c.Address.Line2},
		{"address.postal_code", c.Address.PostalCode},
		{"address.region", c.Address.Region},
		{"company", c.Company},
		{"email", c.Email},
		{"external_id", c.ExternalID},
		{"name", c.Name},
		{"notes", c.Notes},
		{"phone", c.Phone},
	} {
		if f.value != "" {
			fields = append(fields, f.name)
		}
	}
	if len(c.Tags) > 0 {
		fields = append(fields, "tags")
	}
	for key := range c.Metadata {
		fields = append(fields, "metadata."+key)
	}
	slices.Sort(fields)
	return fields
}
