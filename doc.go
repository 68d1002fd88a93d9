// Package customer is customer records done once: the types and their rules, search, and the contract of the stores that keep them.
//
// One meaning holds everywhere. A rule of a field, a filter, a conflict, the boundary of a page mean the same in Go, in the URL of the
// reference server, in a search box, in memory and in Postgres, because every store calls the pure functions of this package and a suite,
// package storetest, proves that it does.
//
// Package memstore has the [Store] in memory, for tests and to begin with; package postgres the one for production. Both do what [Store] says,
// and code written against the interface does not know which it has.
//
// # Quick start
//
//	store := memstore.New()
//
//	ada, err := store.Create(ctx, customer.Draft{Name: "Ada Lovelace", Email: "Ada@example.com", Tags: []string{"vip"}})
//	ada, err = store.Update(ctx, ada.ID, ada.Version, customer.Patch{Company: new("Analytical Engines")})
//	page, err := store.Search(ctx, customer.Query{Where: customer.Text("love ada")})
//	ada, err = customer.Archive(ctx, store, ada.ID, ada.Version)
//	err = store.Delete(ctx, ada.ID, ada.Version)
//
// The programs in examples/quickstart and examples/unittest run as they are.
//
// # The model
//
// A [Customer] is a flat record. Nothing in it is a pointer: empty means absent, so that every filter has an exact complement. A caller writes
// a [Draft] to create one and a [Patch] to change one. Both take text as it was typed; [Draft.Build] and [Patch.Apply] bring it into the form
// it is kept in and refuse, with every fault at once, what breaks a rule:
//
//   - Text is valid UTF-8 and kept in NFC, without white space at its ends and otherwise as typed. Control characters, noncharacters, bidi
//     overrides and line breaks (but in notes) are refused wherever they stand; joiners and marks that scripts and emoji need are not. Text
//     of nothing but space and joiners is absent.
//   - An email is one address without quotes and comments, local part and domain in ASCII or Unicode. It is kept as typed and compared
//     without regard to ASCII case, with the domain as A-labels: Ada@EXÄMPLE.de is ada@xn--exmple-cua.de, and no dotless i is an i.
//   - A phone is kept as typed, in ASCII digits, and compared by its digits.
//   - Tags are a set in lower case; metadata is a map whose keys mind case and whose values are compared exactly.
//   - An active customer has a name, a company, an email or a phone to be known by.
//   - Among the active customers of a tenant an email is unique, among all of them an external id. The store decides, not a look before:
//     of callers that race, one wins and the others get a [*ConflictError] that names it.
//
// [Limits] lists how long everything may be; the fields of [Customer] say the same. A limit counts runes of the form that is kept and allows at
// most four times as many bytes.
//
// Times are UTC in whole microseconds. A store takes its clock and its source of IDs as options, so that tests can hold both still. An
// [ID] is a UUID, of version 7 unless the caller chose another.
//
// # Changing a record
//
// Every change makes a new [Version], one higher than the last. Update and Delete take the version that the caller saw and fail with a
// [*StaleError] if the record has moved on, so that no change is lost unseen; read again, decide again, and try once more. [AnyVersion]
// says on purpose that the last write wins.
//
// In a [Patch] nil keeps and a pointer to "" clears; since Go 1.26 new("Ada") makes the pointer. AddTags and RemoveTags let two people tag
// one customer without a conflict of meaning, Tags replaces all. Metadata merges by key unless ReplaceMetadata is set. Status is changed
// alone. A patch that changes nothing succeeds, returns the record as it is and makes no version. Only what a patch touches is
// validated, so that a rule that became stricter never blocks an old record.
//
// # Life and death
//
// A customer is [Active] or [Archived], and moves between the two as often as needed with [Archive] and [Restore]. Both succeed without a
// change where the customer is already there. Archiving frees the email for somebody else, and so restoring can be a conflict. An archived
// customer is read-only but for redaction: a patch that only empties fields, or removes tags and metadata, is allowed, even of all that the
// customer was known by; such a record cannot be restored. Everything else is [ErrArchived].
//
// Delete erases for good, in either state, and there is no undo. A customer that other records refer to stays, and the call is [ErrReferenced].
//
// # Creating once
//
// A request whose answer was lost is sent again, and must not make a second customer. [Draft].IdempotencyKey, any 1 to 255 visible ASCII
// characters that the caller will not use for another draft, sees to it: the same key with a draft that means the same returns the customer
// that the first one made, as it is now; with another draft it is [ErrKeyReused]. The store keeps only hashes, in the customer's own row, so
// that deleting the customer forgets the key.
//
// # Bringing records in
//
// A program that follows another system knows a customer by its email or external id. [Upsert] updates the customer that has it or creates
// it; [FindOrCreate] is the same for signing in, and changes nothing it finds. Both are safe where callers race, over any store.
//
//	ada, outcome, err := customer.Upsert(ctx, store, customer.ExternalIDKey, customer.Draft{ExternalID: "crm-7", Name: "Ada Lovelace"})
//
// Many drafts at a time go faster through [BatchCreator], and whole records, with their versions and times, through [Loader]; [ReplayFinder] tells
// without writing which idempotency keys are used. The stores of this module are all three. [Customer.Validate] says what a whole record must be.
//
// # Search
//
// A [Query] has a filter, an order, a page size and a cursor. The zero Query is the first 50 of all customers, archived ones too, newest
// first. Filters are values, made by the functions and field constants of this package, so that a comparison that makes no sense does not
// compile:
//
//	customer.And(
//		customer.HasStatus(customer.Active),
//		customer.Not(customer.HasAnyTag("churned")),
//		customer.Or(customer.ByCompany.Contains("acme"), customer.ByEmailDomain.Is("acme.com")),
//		customer.ByCreatedAt.Since(monday),
//	)
//
// Names and places are compared folded: without regard to case, accents, width and ligatures ([Fold]). Every set has its plain meaning
// when empty: any of nothing is nobody, all of nothing is everybody. % and _ mean themselves.
//
// [Text] is the search box: words in any order, each the beginning of a word of the name, company, email, phone, external id or city. Four
// digits or more may stand anywhere in a phone, as may words in scripts that do not part them; ada@ is the beginning of an email and
// @acme.com a domain. Search sees every write that returned before it was called.
//
// [ParseText] reads the language that people type where the search box is all there is; [FormatText] writes it:
//
//	ada lovelace               words, which must all be found
//	"ada lovelace"             the same: quotes make text of colons, minus signs and keywords
//	name:ada                   a part of a name, company, city, region or country
//	name:="Ada Lovelace"       the whole of it
//	name:ada*  name:*lace      its beginning, its end
//	email:ada@acme.com         the whole of an email, phone, external_id, postal_code or email_domain
//	email:~ada                 a part of it
//	tag:vip,b2b                any of the two; tag:vip tag:b2b both
//	status:active,archived     either state
//	metadata.plan:gold         the value of a metadata key, exactly
//	has:phone                  anything there; also notes, address, tag, metadata, metadata.plan, archived_at
//	created_at:2026-01-31      that day in UTC; also updated_at and archived_at
//	created_at:>=2026-01-31    from then on; also > < <=, and RFC 3339 times
//	created_at:2026-01-01..2026-01-31
//	-tag:churned               not; also NOT tag:churned
//	(tag:vip OR country:NL) ada
//	id:01970000-0000-7000-8000-000000000001
//
// NOT binds before AND, which need not be written, and AND before OR; the three are keywords in capitals only, and words where they have
// nothing to join. What ParseText returns does not imply active customers, nor does anything else in Go: [ActiveUnlessNamed] adds
// that, and lists and searches over HTTP go through it.
//
// A filter has at most 32 nodes, 4 levels and 100 values, counted after [Normalize]; a text has at most 512 bytes.
//
// # Paging
//
// A [Page] has the cursor of the next, empty on the last one:
//
//	q := customer.Query{Where: filter, OrderBy: customer.NameAZ, Limit: 100}
//	for {
//		page, err := store.Search(ctx, q)
//		…
//		if q.After = page.Next; q.After == "" {
//			break
//		}
//	}
//
// [All] does that and yields customers one by one. A cursor says where the last page ended, by sort key and ID, and counts nothing: what
// others insert and delete meanwhile neither repeats nor hides a customer whose sort key stays as it is. It serves any page size, every
// spelling of its filter, and no other filter, order or tenant. It is opaque but not secret; it holds a sort key, so keep it out of logs.
//
// # Errors
//
// Match the class with [errors.Is] and take the detail with [errors.AsType]:
//
//   - [ErrInvalid]: a [*ValidationError] with every fault of a record, or a [*QueryError]
//   - [ErrNotFound]: also for the ID of another tenant
//   - [ErrStale]: a [*StaleError] with both versions
//   - [ErrArchived]: the record is read-only
//   - [ErrConflict]: a [*ConflictError] with the field and the ID of the holder
//   - [ErrReferenced]: other records refer to the one to be deleted
//   - [ErrKeyReused]: the idempotency key made another customer
//   - [ErrUnavailable]: the connection was lost; the next call may work
//
// A failed call changes nothing. Where several errors apply, every store returns the same one: the context's, malformed arguments, not found,
// stale (even where nothing would change), success without a change, archived, validation, conflict (id, then external id, then email).
// A filter or option that a version does not know is [errors.ErrUnsupported], never ignored.
//
// No text of an error holds a value of a record or a word of a query: it can be logged. What is meant for the person who typed it is in
// the Message of the fault. A [Customer] in a log is its ID, version and state.
//
// # Concurrency
//
// Stores are safe for concurrent use and share no memory with their callers: what was passed in may be changed afterwards, as may what
// came back. Filters, orders and queries are values; they are safe to share as long as nobody changes their slices. A [Customer] holds a
// slice and a map: [Customer.Clone] copies it. The package starts no goroutines and has no state.
//
// Each write is atomic, and a search sees every write that returned before. A walk over pages is not one instant.
//
// # Writing a store
//
// A [Store] has six methods, and all meaning they need is here. Load, call, save:
//
//   - Create calls [Draft.Build] with an ID and the time, looks up [HashKey] and [HashDraft] if there is a key, and inserts, leaving it to a
//     unique constraint on ID, external id and the email key of active customers to find conflicts.
//   - Update checks [Version.Validate] and [Patch.Validate], loads, calls [Version.Check] and [Patch.Apply], and saves on the condition that the
//     version is still the one it loaded. No changed paths means nothing to save.
//   - Search calls [Query.Validate] and [Query.Position], finds what [Compile] matches, orders it as [Compare] does, takes what lies after the
//     position, one more than [Query.PageSize], and makes the cursor with [NextCursor] if there is that one more.
//   - Count validates the filter as a query does, refuses a negative limit and stops at its limit.
//
// A write that cannot be saved changes nothing that anybody sees, and is [ErrUnavailable] if the next one may work. The package in
// examples/customstore is a whole store, short enough to read beside this: it keeps the JSON of each [Customer], which reads back equal.
//
// A store that cannot run a [Matcher] over everything keeps the [Keys] of each record in columns, which it compares byte by byte, and
// turns [Normalize]d filters into its own language: [Match.Keys] and [HasWords.Terms] give what to compare them with. Keys are made in Go
// alone, so that no collation has a say in them. Keep [KeysVersion] beside them and rewrite what is older.
//
// Views of tenants check their name with [CheckTenant] and pass it to Position and NextCursor. Optional interfaces such as [ManyGetter]
// make a store faster; functions such as [GetMany] use them where they are there. A [BatchCreator] answers as a loop of Create would, a
// [Loader] holds each record to [Customer.Validate], a [ReplayFinder] makes dry runs of imports exact. A test of a few lines proves the store,
// with these interfaces if it has them:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB, o storetest.Options) customer.Store { return open(t, o) })
//	}
package customer
