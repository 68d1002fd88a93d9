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

	// Count counts the customers that match f, up to limit; 0 is no limit, a negative one [ErrInvalid], and nil matches all. It reads at
	// least as many records.
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

// Loader is an optional interface of stores that take whole records as they are: an import without loss.
type Loader interface {
	// Load writes each record with its own ID, version, status and times. One error for each, in their order, nil where it was written:
	// what [Customer.Validate] says of it, or a [*ConflictError] (id, then external id, then email) if a customer has it already. Records
	// count in their order, so that of two with one email the first is written; one that is refused keeps nothing from those after it.
	//
	// The second error is a failure of the whole call, with a nil slice: nothing is written, unless the connection was lost during the
	// commit: then all of it is written or nothing. A call takes any number of records; others see all that it writes or nothing.
	Load(ctx context.Context, records []Customer) ([]error, error)
}

// BatchCreator is an optional interface of stores that create many customers in few round trips; some 1,000 at a time are fastest.
type BatchCreator interface {
	// CreateBatch answers what [Store.Create] would for every draft in their order: created[i] is the customer where errs[i] is nil.
	// A draft that is refused keeps nothing from those after it, and an idempotency key may stand twice.
	//
	// The last error is a failure of the whole call, with the other results nil: nothing is written, unless the connection was lost
	// during the commit: then all of it is written or nothing. Drafts with idempotency keys can be sent again whatever happened. Others
	// see all that a call writes or nothing.
	CreateBatch(ctx context.Context, drafts []Draft) (created []Customer, errs []error, err error)
}

// ReplayFinder is an optional interface of stores that look idempotency keys up without using them, for dry runs that tell what Create would do.
type ReplayFinder interface {
	// FindReplays answers for every draft, in their order and by itself, what [Store.Create] would by its IdempotencyKey alone: the customer
	// that the key made before, as it is now, or [ErrKeyReused] if the drafts differ. A draft without a key, or whose key is free, has the
	// zero Customer and no error, whatever else would be in its way; one that is not valid has its [*ValidationError]. Nothing is written,
	// and no key is used by it.
	//
	// The last error is a failure of the whole call, with the other results nil. A call takes any number of drafts.
	FindReplays(ctx context.Context, drafts []Draft) (made []Customer, errs []error, err error)
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

// Key names the field by which [Upsert] and [FindOrCreate] know a customer.
type Key string

// The keys.
const (
	EmailKey      Key = "email"       // among active customers, without regard to case
	ExternalIDKey Key = "external_id" // among all; an archived customer is ErrArchived
)

// Outcome says what came of an [Upsert]. The zero Outcome comes with an error.
type Outcome uint8

// The outcomes.
const (
	Created Outcome = iota + 1
	Updated
	Unchanged // the customer was there and had all that the draft says
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case Created:
		return "created"
	case Updated:
		return "updated"
	case Unchanged:
		return "unchanged"
	}
	return "none"
}

// Upsert brings what d says into the customer that has its key, or creates it.
//
// What d leaves empty stays as it is, an empty value of metadata too. Its texts overwrite; its address replaces the whole address if any
// line is set, its tags all tags if they are not nil; its metadata merges by key. ID, CreatedAt and IdempotencyKey count only if a
// customer is created, which for a key that was used before is the one it made then.
//
// A draft without the key's field is [ErrInvalid], another customer in the way of a field [ErrConflict], and an archived one with this
// external id [ErrArchived], even where nothing would change. Callers may race: of those with one key one creates and the others
// update, trying again for as long as the context allows when somebody else was faster.
func Upsert(ctx context.Context, s Store, by Key, d Draft) (Customer, Outcome, error) {
	p := d.patch()
	return findOrCreate(ctx, s, by, d, func(have Customer) (Customer, Outcome, error) {
		next, err := s.Update(ctx, have.ID, have.Version, p)
		switch {
		case err != nil:
			return Customer{}, 0, err
		case next.Version == have.Version:
			return next, Unchanged, nil
		}
		return next, Updated, nil
	})
}

// FindOrCreate is the call for signing in: it returns the customer that has the key of d and changes nothing about it, or creates it from d
// and says so. However many callers race, one of them creates.
//
// An archived customer with this external id is [ErrArchived], so that nobody signs in with it unseen; [FindByExternalID] returns it. An
// archived customer has no claim to its email: by that a new one is created. Other errors are those of [Upsert].
func FindOrCreate(ctx context.Context, s Store, by Key, d Draft) (c Customer, created bool, err error) {
	c, outcome, err := findOrCreate(ctx, s, by, d, func(have Customer) (Customer, Outcome, error) { return have, Unchanged, nil })
	return c, outcome == Created, err
}

// findOrCreate hands the customer with the key of d to use, or creates it. It goes round again only where somebody else was faster.
func findOrCreate(ctx context.Context, s Store, by Key, d Draft, use func(Customer) (Customer, Outcome, error)) (Customer, Outcome, error) {
	find, err := by.finder(ctx, s, &d)
	if err != nil {
		return Customer{}, 0, err
	}
	var conflict *ConflictError
	for {
		have, err := find()
		switch {
		case err == nil && have.Status == Archived:
			return Customer{}, 0, ErrArchived
		case err == nil:
			c, outcome, err := use(have)
			if !errors.Is(err, ErrStale) && !errors.Is(err, ErrNotFound) {
				return c, outcome, err
			}
			conflict = nil
			continue
		case !errors.Is(err, ErrNotFound):
			return Customer{}, 0, err
		case conflict != nil && conflict.Field != string(by):
			// Whoever is in the way does not have the key: it is another customer, and not one that a racing call has just made of this draft.
			return Customer{}, 0, conflict
		}
		c, err := s.Create(ctx, d)
		if err == nil {
			return c, Created, nil
		}
		next, ok := errors.AsType[*ConflictError](err)
		// One who is in the way twice and still not found is in no race: this store's search does not see all that its unique fields do.
		if !ok || conflict != nil && *next == *conflict && !next.Holder.IsZero() {
			return Customer{}, 0, err
		}
		conflict = next
	}
}

// finder returns the search for the customer that has the key of d.
func (by Key) finder(ctx context.Context, s Store, d *Draft) (func() (Customer, error), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	find, value := FindByEmail, d.Email
	switch by {
	case EmailKey:
	case ExternalIDKey:
		find, value = FindByExternalID, d.ExternalID
	default:
		return nil, fmt.Errorf("customer: a key other than email and external id: %w", errors.ErrUnsupported)
	}
	text, err := cleanField(string(by), value)
	switch {
	case err != nil:
		// Nobody has it, and creating reports this fault together with all others.
		return func() (Customer, error) { return Customer{}, ErrNotFound }, nil
	case text == "":
		return nil, invalidField(string(by), CodeRequired, "must not be empty: it is the key")
	}
	return func() (Customer, error) { return find(ctx, s, text) }, nil
}
