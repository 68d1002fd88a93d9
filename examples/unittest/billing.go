// Package billing is somebody's own code over customers: it asks for the two methods it needs and is tested on the store in memory, see
// its test.
package billing

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"example.com/customer"
)

// Customers is the part of [customer.Store] that billing needs. Every store has it.
type Customers interface {
	Get(ctx context.Context, id customer.ID) (customer.Customer, error)
	Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error)
}

// ErrNoRecipient says that there is no email to send the invoice to.
var ErrNoRecipient = errors.New("billing: the customer has no email")

// Invoice is what was billed.
type Invoice struct {
	Number int
	To     string
	Cents  int
}

// Biller numbers the invoices of each customer in its metadata.
type Biller struct{ Customers Customers }

// Bill makes the next invoice of the customer. However many callers race, no number is given twice: the one who lost reads again.
// An archived customer is [customer.ErrArchived].
func (b Biller) Bill(ctx context.Context, id customer.ID, cents int) (Invoice, error) {
	for {
		c, err := b.Customers.Get(ctx, id)
		if err != nil {
			return Invoice{}, fmt.Errorf("bill: %w", err)
		}
		if c.Email == "" {
			return Invoice{}, ErrNoRecipient
		}
		number := 1
		if last := c.Metadata["last_invoice"]; last != "" {
			if number, err = strconv.Atoi(last); err != nil {
				return Invoice{}, errors.New("bill: the number of the last invoice is no number")
			}
			number++
		}
		p := customer.Patch{Metadata: map[string]*string{"last_invoice": new(strconv.Itoa(number))}}
		switch _, err := b.Customers.Update(ctx, id, c.Version, p); {
		case errors.Is(err, customer.ErrStale):
			continue
		case err != nil:
			return Invoice{}, fmt.Errorf("bill: %w", err)
		}
		return Invoice{Number: number, To: c.Email, Cents: cents}, nil
	}
}
