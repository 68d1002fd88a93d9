package bulk

import (
	"fmt"

	"example.com/customer"
)

// Fields is a set of the writable fields of a customer: those that a row has a column or a member for.
type Fields uint16

// The fields. Metadata needs none: each key that is in a row's draft is there.
const (
	ExternalID Fields = 1 << iota
	Name
	Email
	Phone
	Company
	Notes
	Line1
	Line2
	City
	Region
	PostalCode
	Country
	Tags

	AllFields = Tags<<1 - 1
)

// Row is what one row of a file says. [Reader] makes rows; a program that has its customers elsewhere fills them in itself.
//
// Where the row makes a customer, the draft counts. Where it updates one, only Fields are written: an empty text clears, a field that
// is not in the set stays as it is, tags replace, metadata merges by key and an empty value removes the key. The draft's CreatedAt is not used.
// Its IdempotencyKey counts if a customer is created, and its ID, where it has no such key, is what the customer is to be known by, see package
// comment.
type Row struct {
	Line            int // where the row begins in its file, from 1
	Draft           customer.Draft
	Fields          Fields
	ReplaceMetadata bool               // on update, the draft's metadata is all there shall be
	Record          *customer.Customer // not nil: a whole record, to be loaded as it is; the draft does not count
	Err             error              // not nil: why the row cannot be read, a *RowError or a *customer.ValidationError

	raw      string
	part     *namePart // not nil: the draft's name is one
	broken   bool      // raw has a stray quote
	archived bool      // of an export in CSV
}

// Raw returns the text of the row in its file, without the line break that ends it. It is empty for a row that was longer than
// [MaxRowBytes] or did not come from a file.
func (r *Row) Raw() string { return r.raw }

// text returns where the draft has the text of one field.
func (f Fields) text(d *customer.Draft) *string {
	switch f {
	case ExternalID:
		return &d.ExternalID
	case Name:
		return &d.Name
	case Email:
		return &d.Email
	case Phone:
		return &d.Phone
	case Company:
		return &d.Company
	case Notes:
		return &d.Notes
	case Line1:
		return &d.Address.Line1
	case Line2:
		return &d.Address.Line2
	case City:
		return &d.Address.City
	case Region:
		return &d.Address.Region
	case PostalCode:
		return &d.Address.PostalCode
	}
	return &d.Address.Country
}

// knows reports whether the row says what the key is, be it nothing.
func (r *Row) knows(key customer.Key) bool {
	f := Email
	if key == customer.ExternalIDKey {
		f = ExternalID
	}
	return r.Fields&f != 0 || *f.text(&r.Draft) != ""
}

// patch returns the change that the row means for a customer that exists. It shares memory with the row.
func (r *Row) patch() customer.Patch {
	if r.Record != nil {
		return wholePatch(r.Record)
	}
	d := &r.Draft
	here := func(f Fields) *string {
		if r.Fields&f == 0 {
			return nil
		}
		return f.text(d)
	}
	p := customer.Patch{
		ExternalID: here(ExternalID), Name: here(Name), Email: here(Email), Phone: here(Phone), Company: here(Company), Notes: here(Notes),
		Address: customer.AddressPatch{
			Line1: here(Line1), Line2: here(Line2), City: here(City), Region: here(Region), PostalCode: here(PostalCode), Country: here(Country),
		},
		Metadata: pointers(d.Metadata), ReplaceMetadata: r.ReplaceMetadata,
	}
	if r.Fields&Tags != 0 {
		p.Tags = &d.Tags
	}
	return p
}

// wholePatch brings all that is writable in c into another version of it.
func wholePatch(c *customer.Customer) customer.Patch {
	return customer.Patch{
		ExternalID: &c.ExternalID, Name: &c.Name, Email: &c.Email, Phone: &c.Phone, Company: &c.Company, Notes: &c.Notes,
		Address: customer.AddressPatch{
			Line1: &c.Address.Line1, Line2: &c.Address.Line2, City: &c.Address.City, Region: &c.Address.Region,
			PostalCode: &c.Address.PostalCode, Country: &c.Address.Country,
		},
		Tags: &c.Tags, Metadata: pointers(c.Metadata), ReplaceMetadata: true,
	}
}

func pointers(m map[string]string) map[string]*string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]*string, len(m))
	for key, value := range m {
		out[key] = &value
	}
	return out
}

// Reason is why a row was refused or skipped, or why a file cannot be read on.
type Reason string

// The reasons of a row. The taken ones and archived come with the ID of the customer that is there.
const (
	IDTaken         Reason = "id_taken"
	ExternalIDTaken Reason = "external_id_taken"
	EmailTaken      Reason = "email_taken"
	Archived        Reason = "archived"     // the customer that the row is about is read-only; without an ID: CSV cannot bring it as it is
	Malformed       Reason = "malformed"    // the row has another number of cells than the header, a stray quote, or is not JSON
	TooLong         Reason = "too_long"     // it is longer than MaxRowBytes, which no legal record is
	NotUTF8         Reason = "not_utf8"     // also of a file
	NoLoader        Reason = "not_loadable" // the row is a whole record and the store is no customer.Loader
	KeyReused       Reason = "idempotency_key_reused"
	PartOfName      Reason = "part_of_name" // the file has one part of names alone, and it is no part of the name that would be replaced
	NoMatch         Reason = "no_match"     // the row is to update, and there is no column or member for what it is known by
)

// The reasons of a file.
const (
	Empty           Reason = "empty"            // there is no header
	DuplicateColumn Reason = "duplicate_column" // two columns mean the same
	UnknownColumn   Reason = "unknown_column"   // a column means nothing, or a mapped one does not exist
	UnclosedQuote   Reason = "unclosed_quote"   // where the quote was opened; what follows cannot be told apart
	TooManyRows     Reason = "too_many_rows"    // more than ReaderOptions.MaxRows
	TooLarge        Reason = "too_large"        // more than ReaderOptions.MaxBytes
	CutOff          Reason = "cut_off"          // an export with another number of rows than its last line says, or with something behind that
)

// RowError says why one row cannot be read. The rows after it can.
type RowError struct {
	Reason  Reason
	Message string // for the person who made the file; holds nothing of the row
}

// Error returns the message.
func (e *RowError) Error() string { return "bulk: " + e.Message }

// Unwrap returns [customer.ErrInvalid].
func (e *RowError) Unwrap() error { return customer.ErrInvalid }

// FileError says why a file cannot be read, or not beyond a line. The rows before it count.
type FileError struct {
	Line    int
	Reason  Reason
	Message string // for the person who made the file; of its content it holds at most names of columns
}

// Error returns line and message.
func (e *FileError) Error() string { return fmt.Sprintf("bulk: line %d: %s", e.Line, e.Message) }

// Unwrap returns [customer.ErrInvalid].
func (e *FileError) Unwrap() error { return customer.ErrInvalid }
