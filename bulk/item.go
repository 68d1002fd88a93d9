package bulk

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"example.com/customer"
)

// item is a row on its way into the store.
type item struct {
	row   Row
	built customer.Customer // what the row alone makes
	err   error             // why it makes nothing
	keys  keys

	counted bool    // its idempotency key is one that identify gave it
	replay  *Result // what the store answers by its idempotency key; nil if that is free, or in a commit

	result Result
	done   bool
}

// keys are what only one customer has, as it is compared; "" is none. Those of an item are all that it can bring to a customer.
type keys struct {
	id                customer.ID // that the row says
	externalID, email string
}

// Planning needs no real time and no real ID.
var (
	someTime = time.Unix(0, 0).UTC()
	someID   = customer.ID{15: 1}
)

// prepare validates the row and works out its keys. It runs ahead of the store, row by row in their order.
func (r *run) prepare(row Row) item {
	it := item{row: row}
	d := &it.row.Draft
	switch {
	case row.Err != nil, row.archived:
		return it
	case row.Record != nil:
		it.built, it.err = *row.Record, row.Record.Validate()
	default:
		d.CreatedAt = time.Time{}
		if d.IdempotencyKey == "" {
			it.keys.id = d.ID
		} else if d.ID = (customer.ID{}); r.dry == nil {
			// The answer has another ID if the customer was made before.
			d.ID = customer.NewID()
		}
		if it.keys.id.IsZero() && r.matchless(&row) {
			return it
		}
		if !r.looks && (visible(d.Email) || visible(d.ExternalID)) {
			// The store validates it too, and a plan to create needs no more.
			return it
		}
		it.built, it.err = d.Build(someID, someTime)
	}
	id := it.keys.id
	switch {
	case it.err == nil && r.looks:
		it.keys = keysOf(&it.built)
	case it.err != nil && r.looks && row.Record == nil:
		it.keys = keys{externalID: legalExternalID(d.ExternalID), email: emailKey(legalEmail(d.Email))}
	}
	it.keys.id = id
	if row.Record != nil {
		it.keys.id = row.Record.ID
		if it.err == nil && r.looks {
			// An archived record brings its email too, if it updates a customer who is active.
			it.keys.email = emailKey(it.built.Email)
		}
	} else if r.identifies && it.err == nil && d.IdempotencyKey == "" && id.IsZero() && it.built.Email == "" && it.built.ExternalID == "" {
		r.identify(&it)
	}
	return it
}

// matchless reports a row that is to update and has no column or member for what its customer is known by.
func (r *run) matchless(row *Row) bool { return r.policy == Update && !row.knows(r.match) }

// identify gives a row that the store could not tell from another one a key of its own: what it says and how many rows before it said the
// same. It is the same whenever the file is read, so that the store makes one customer of it.
func (r *run) identify(it *item) {
	hash := customer.HashDraft(it.built)
	it.row.Draft.IdempotencyKey = "import-" + hash + "-" + strconv.Itoa(r.equal.add(hash))
	it.counted = true
	if r.dry == nil {
		// As for a key that the row has itself.
		it.row.Draft.ID = customer.NewID()
	}
}

// visible reports text that is not absent once it is cleaned.
func visible(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c > ' ' && c <= '~' }) >= 0
}

// keysOf returns the keys that c holds.
func keysOf(c *customer.Customer) keys {
	k := keys{externalID: c.ExternalID}
	if c.Status == customer.Active {
		k.email = emailKey(c.Email)
	}
	return k
}

func emailKey(email string) string {
	if email == "" {
		return ""
	}
	return customer.Match{Field: customer.ByEmail, Op: customer.Is, Values: []string{email}}.Keys()[0]
}

// legalEmail and legalExternalID return the text as it is kept, of a row that is not valid as a whole, or "".

func legalEmail(text string) string {
	c, err := customer.Draft{Name: "-", Email: text}.Build(someID, someTime)
	if err != nil {
		return ""
	}
	return c.Email
}

func legalExternalID(text string) string {
	c, err := customer.Draft{Name: "-", ExternalID: text}.Build(someID, someTime)
	if err != nil {
		return ""
	}
	return c.ExternalID
}

// refusal returns the result of a row that breaks a rule. Any other error is none.
func refusal(err error) (Result, bool) {
	if invalid, ok := errors.AsType[*customer.ValidationError](err); ok {
		return Result{Outcome: Refused, Errors: invalid.Fields}, true
	}
	if row, ok := errors.AsType[*RowError](err); ok {
		return Result{Outcome: Refused, Reason: row.Reason, Detail: row.Message}, true
	}
	if errors.Is(err, customer.ErrKeyReused) {
		return Result{Outcome: Refused, Reason: KeyReused, Detail: "the row was imported before and means something else now"}, true
	}
	return Result{}, false
}
