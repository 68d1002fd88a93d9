package httpserver

import (
	"context"
	"errors"
	"log/slog"
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
		c.outcomeUnknown(action, id)
	}
	return err
}

func (c *call) outcomeUnknown(action string, id customer.ID) {
	name := ""
	if !id.IsZero() {
		name = id.String()
	}
	c.record(slog.LevelWarn, "audit outcome unknown", slog.String("action", action), slog.String("customer", name),
		slog.String("tenant", c.principal.Tenant), slog.String("token", c.principal.Name), slog.String("request_id", c.requestID))
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
