package customer

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// The classes of failure, to be matched with [errors.Is]. What a store returns may carry more, see the types below.
var (
	ErrInvalid     = errors.New("customer: invalid")                    // also *ValidationError, *QueryError
	ErrNotFound    = errors.New("customer: not found")                  // also for another tenant's ID
	ErrStale       = errors.New("customer: changed meanwhile")          // also *StaleError
	ErrArchived    = errors.New("customer: archived, restore it first") // the record is read-only
	ErrConflict    = errors.New("customer: already taken")              // also *ConflictError
	ErrReferenced  = errors.New("customer: other records refer to it")  // it cannot be deleted
	ErrKeyReused   = errors.New("customer: idempotency key used for another draft")
	ErrUnavailable = errors.New("customer: store unavailable") // a lost connection; the next call may work
)

// ConflictError says which unique field is taken and by whom. It unwraps to [ErrConflict].
type ConflictError struct {
	Field  string // "id", "external_id" or "email"
	Holder ID     // zero if the holder was gone again before it could be read
}

// Error names the field and the holder's ID.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("customer: %s is taken by %s", e.Field, e.Holder)
}

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }

// StaleError says that the customer is no longer at the version the caller expected. It unwraps to [ErrStale].
type StaleError struct {
	ID         ID
	Want, Have Version
}

// Error names both versions.
func (e *StaleError) Error() string {
	return fmt.Sprintf("customer: %s is at version %d, not %d", e.ID, e.Have, e.Want)
}

// Unwrap returns [ErrStale].
func (e *StaleError) Unwrap() error { return ErrStale }

// QueryError is a fault of a query, of the text form of a filter or of a cursor. It unwraps to [ErrInvalid].
type QueryError struct {
	Param   string // "q", "sort", "limit", "cursor", or the field of the filter
	Offset  int    // byte offset in the text for "q", else 0
	Code    Code
	Message string // for the person who wrote the query; for "q" it may repeat a word of it

	echoes bool
}

// Error returns parameter, offset and rule, and the message where it repeats nothing of the query.
func (e *QueryError) Error() string {
	text := fmt.Sprintf("customer: %s: %s", e.Param, e.Code)
	if e.Param == "q" {
		text = fmt.Sprintf("%s at byte %d", text, e.Offset)
	}
	if e.echoes {
		return text
	}
	return text + ": " + e.Message
}

// Unwrap returns [ErrInvalid].
func (e *QueryError) Unwrap() error { return ErrInvalid }

// Store keeps the customers of one tenant. Every implementation means the same by it, which package storetest proves. All methods are
// safe for concurrent use unless an implementation says otherwise, and never share memory with the caller.
//
// A failed call changes nothing. Errors come in one order: the context's; malformed arguments ([ErrInvalid]); [ErrNotFound]; [ErrStale], even
// where nothing would change; success without a change; [ErrArchived]; the record's validation ([ErrInvalid], every field at once);
// [ErrConflict] (id, then external id, then email). Any method may return [ErrUnavailable].
type Store interface {
	// Create builds the draft ([Draft.Build]) and stores it. The email must be free among active customers, the external id among all,
	// else [*ConflictError]. A draft whose IdempotencyKey made a customer before returns that customer as it is now, or [ErrKeyReused]
	// if the drafts differ; the key is looked up before all but context and validation. However many callers race with one key or one
	// email, one customer comes of it.
	Create(ctx context.Context, d Draft) (Customer, error)

	// Get returns the customer, active or archived, or [ErrNotFound].
	Get(ctx context.Context, id ID) (Customer, error)

	// Update applies p ([Patch.Apply]) to the customer at version v and returns the result. A patch that changes nothing returns the
	// record as it is and writes nothing. With [AnyVersion] the patch applies to whatever version is current.
	Update(ctx context.Context, id ID, v Version, p Patch) (Customer, error)

	// Delete erases the customer at version v for good, active or archived, its idempotency key included: there is no undo. A customer
	// that other records refer to is [ErrReferenced].
	Delete(ctx context.Context, id ID, v Version) error

	// Search returns one page of the customers that match q, in its order. It sees every write that returned before it was called.
	Search(ctx context.Context, q Query) (Page, error)

	// Count counts the customers that match f, up to limit; 0 is no limit and nil matches all. It reads at least as many records.
	Count(ctx context.Context, f Filter, limit int) (Total, error)
}

// Searcher is the part of [Store] that [All] needs.
type Searcher interface {
	Search(ctx context.Context, q Query) (Page, error)
}

// ManyGetter is an optional interface of stores that read many customers in one round trip. [GetMany] uses it.
type ManyGetter interface {
	GetMany(ctx context.Context, ids []ID) (map[ID]Customer, error)
}

// Page is one page of a search.
type Page struct {
	Customers []Customer
	Next      Cursor // empty on the last page
}

// Total is the answer of [Store.Count]: Value is the lesser of matches and limit, Exact says that there are no more.
type Total struct {
	Value int
	Exact bool
}

// All walks every page of q and yields each customer once, starting at q.After. Limit is the size of the pages it asks for; 0 asks for
// [MaxLimit]. An error ends the walk and is yielded with a zero Customer. A customer whose sort key changes during the walk may come
// twice or not at all.
func All(ctx context.Context, s Searcher, q Query) iter.Seq2[Customer, error] {
	return func(yield func(Customer, error) bool) {
		q := q
		if q.Limit == 0 {
			q.Limit = MaxLimit
		}
		for {
			page, err := s.Search(ctx, q)
			if err != nil {
				yield(Customer{}, err)
				return
			}
			for _, c := range page.Customers {
				if !yield(c, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}

// GetMany returns the customers with these IDs, in either state; an ID that names none is absent from the map. It takes any number of
// IDs, repeated ones too, and reads them in one round trip if the store is a [ManyGetter], else 100 at a time.
func GetMany(ctx context.Context, s Store, ids []ID) (map[ID]Customer, error) {
	if many, ok := s.(ManyGetter); ok {
		return many.GetMany(ctx, ids)
	}
	found := make(map[ID]Customer, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), MaxValues)
		page, err := s.Search(ctx, Query{Where: IDIn(ids[:n]), Limit: n})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Customers {
			found[c.ID] = c
		}
		ids = ids[n:]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return found, nil
}

// Archive makes the customer read-only and frees its email. Archiving an archived customer changes nothing.
func Archive(ctx context.Context, s Store, id ID, v Version) (Customer, error) {
	return s.Update(ctx, id, v, Patch{Status: new(Archived)})
}

// Restore makes an archived customer active again. It is a conflict if its email was taken meanwhile, and [ErrInvalid] if nothing is
// left to know the customer by.
func Restore(ctx context.Context, s Store, id ID, v Version) (Customer, error) {
	return s.Update(ctx, id, v, Patch{Status: new(Active)})
}

// FindByEmail returns the active customer with this email, compared without regard to case, or [ErrNotFound].
func FindByEmail(ctx context.Context, s Searcher, email string) (Customer, error) {
	return findOne(ctx, s, And(HasStatus(Active), ByEmail.Is(email)))
}

// FindByExternalID returns the customer with this external id, in either state, or [ErrNotFound].
func FindByExternalID(ctx context.Context, s Searcher, externalID string) (Customer, error) {
	return findOne(ctx, s, ByExternalID.Is(externalID))
}

func findOne(ctx context.Context, s Searcher, f Filter) (Customer, error) {
	page, err := s.Search(ctx, Query{Where: f, Limit: 1})
	if err != nil {
		return Customer{}, err
	}
	if len(page.Customers) == 0 {
		return Customer{}, ErrNotFound
	}
	return page.Customers[0], nil
}
