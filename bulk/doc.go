// Package bulk brings customers from files into any store, and from a store into files.
//
//	r, err := bulk.NewReader(file, bulk.Detect, bulk.ReaderOptions{})
//	imp := bulk.Importer{Store: store, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
//	sum, err := imp.Run(ctx, r.Rows(), func(res bulk.Result) error { … })
//
//	n, err := bulk.Export(ctx, store, filter, w, bulk.NDJSON, bulk.ExportOptions{})
//
// Everything streams: memory does not grow with the file, but for the two things said under Importing.
//
// # CSV
//
// A file needs a header and UTF-8; a byte order mark, either line break, line breaks in quotes, and comma, semicolon or tab between cells, or a pipe
// where the header has none of them, are all fine. Columns are known by their names, without regard to case, spaces, punctuation and accents: those of
// [customer.Customer], and the usual others, such as Organisation, Zip, State, Telephone, CustomerId (an external id), or First Name and Last Name,
// which are joined; those of German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish and Norwegian, such as Firma, Prénom and
// Ciudad; and those of the exports of Google Contacts, Outlook, Thunderbird, Salesforce, Dynamics, HubSpot, Zoho, Odoo, ERPNext, Shopify, WooCommerce,
// Magento, QuickBooks, FreshBooks, Wave, Xero, Square, Stripe, Pipedrive and Mailchimp. Name, Nom and Naam are the last name beside Vorname, Prénom and
// Voornaam if no other column is, and Name, Nombre and Nome the first one beside Surname, Apellidos and Cognome, but for a row in which they have the
// whole name. Hausnummer, Huisnummer and their like stand behind the street in Line1. Of names that say whose they are, such as cust_city, the rest
// counts where no column is called that alone. Of names with a prefix, such as Business Phone, Billing Zip and E-mail 1 - Value, the first in an order
// of preference counts where no column has the field without one; lines of an address are of one prefix, and only where its street is.
// [ReaderOptions].Map says the rest. Every other column is kept as metadata, its name trimmed and each run of characters outside [A-Za-z0-9_-] turned
// into an underscore, with line breaks and tabs in its cells each turned into a space; metadata.plan is the key plan, whose cells are kept as they are.
// A header of which no column is known is refused; [Reader.Columns] tells how one was understood. Of two names of one field, such as Phone and Mobile,
// the first in the order of likelihood counts and the other is metadata. A column named reason is passed over: [RejectWriter] adds one. Tags are parted
// by commas; where all of a cell are in quotes, they lose them. A street of several lines leaves its first to Line1 and the others, with commas between
// them, to Line2, unless that has a cell of its own with text in it. A row of empty cells alone is passed over like an empty line, and a row may lack
// the cells of columns at its end that have no name. The first column, where it has none, is kept as column_1. NULL and \N, as databases write nothing,
// are empty cells, but in names, in an export and in metadata that says so.
//
// A spreadsheet runs a cell that begins with = + - @ or a tab or carriage return as a formula. Export puts an apostrophe before it, and before one
// that has apostrophes in front already, and reading takes exactly that one off; phones such as +49 711 stay as they are. Raw on both sides
// leaves cells alone.
//
// The columns of an export hold every field, with metadata as one JSON object, since a stream does not know all keys before its first row. A row of
// CSV is never a whole record: of an export, its version, status and times are passed over, and it makes a customer that is equal in all that can be
// written, under the id it had. One that was archived is skipped as [Archived], since it would come back active; NDJSON keeps the state. A file is
// taken for an export, in which columns may have been deleted or moved, by three of those columns, version or archived_at among them: by the names
// alone if both are there and external_id too, and otherwise if the first id in the first hundred rows, or 64 KiB of them, is a UUID or none is there;
// ids of other programs are external ids. A row of an export whose id is no UUID is refused, one without an id is a new customer. Tags of an export
// keep their quotes.
//
// # NDJSON
//
// One object a line, in the shape of [customer.Customer.AppendJSON], read as strictly as the server reads: members are known, minded for case, and there
// once. A row needs only what it has to say. One with an id is a whole record: it goes into the store as it is, version, status and times
// included, if the store is a [customer.Loader]. So an export, imported into an empty store and exported again, is the same file byte by byte; and a
// record picked out of it, or taken from the server, goes in alone. A member reason is passed over. A member idempotency_key, as [customer.Draft]
// has it, is for programs that send rows again: a row without an id that made a customer under this key before is [Unchanged], whatever else
// would be in its way, but with [Update] somebody who has its Match goes before. The key with another row is refused as [KeyReused].
//
// # The last line of an export
//
// Export ends a file with the number of its customers. Reading, the number is checked where it is there, with empty cells behind it or not, and a
// file that has another number of rows, or rows behind it, ends in a [FileError]. Where it is not there the rows count all the same:
// [Reader.Complete] tells that an export may have been cut off.
//
// # Importing
//
// A row without a customer in the store makes one. Where somebody has its email or external id, [Policy] says what happens: the row is refused,
// or skipped, or updates the customer that has its Match; an archived one is skipped. Skipped by its email, it is whoever else has its external
// id that a row is refused for; skipped by its external id, its email is not looked at.
//
// A row of an export in CSV is known by its id too, as is any with a Draft.ID: if somebody has it, the row is refused or skipped as [IDTaken], and
// with Update it changes that customer, unless another has its Match, which goes before. An update writes only what the row has: an empty cell, or
// null, clears; a column or member that is not there keeps; tags replace; metadata merges by key, and an empty value removes the key. A file with
// first names alone, or last names alone, replaces no name by a part of it: a name stays where it begins or ends with the part, word by word as in a
// search, and the row is refused as [PartOfName] where it does not. The record that has the id of a whole record is brought to the content of the
// row, but its status and times stay.
//
// A row that could update, of a file without a column for the Match or itself without the member, is refused with [NoMatch] if nobody has its id: if
// the name is but misspelt, it would make every customer once more. Where the cell is empty, or the member null, the customer has none, and is a new
// one.
//
// A row that is refused takes no other with it, and its [Result] names its line and every fault. [Validate] writes nothing and tells what [Commit]
// would do, rows that depend on earlier rows of the file included. It remembers the keys of the rows for that, some 100 bytes a row, and with
// [Update] what the rows would have written, which is about the size of the file; of an idempotency key 16 bytes, 19 to 39 in its table.
//
// An import that was stopped can be run again from the start. What is there by id, email or external id is met again; a row with none gets an
// idempotency key made of what it says and of how many rows before it said the same, so that the store makes one customer of it, and
// comes out as [Unchanged]. An import in either mode remembers 8 bytes of hash, 9 to 16 in its table, for each such row. Imports of one file that
// race end with one customer for each key.
//
// A dry run knows the idempotency keys that are in the store if that is a [customer.ReplayFinder], as the stores of this module are. On any other
// it knows those of the file alone: a row that an earlier run has made it foretells as [Created], or, where the customer of that run has its email
// or external id, as the taken one that it would be without its key.
package bulk
