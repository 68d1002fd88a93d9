package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/customer"
)

// recordColumns are what a read returns, in the order of [record.targets]; the keys stay in the database.
const recordColumns = "id, version, status, external_id, name, email, phone, company, notes, line1, line2, city, region, postal_code, country, " +
	"tags, metadata, created_at, updated_at, archived_at"

// keyColumns are what search compares, in the order of [keyArgs].
const keyColumns = "name_key, email_key, domain_key, company_key, phone_key, city_key, region_key, postal_key, country_key, words, key_version"

// rowColumns are what an insert writes beside the tenant, in the order of [row.args].
const rowColumns = recordColumns + ", " + keyColumns + ", key_hash, draft_hash"

// statements are the constant statements of one schema.
type statements struct {
	table, prefix string

	get, getMany, byEmail, byExternalID, insert, insertMany, holders, replays, update, delete, size string
}

func newStatements(schema string) *statements {
	prefix := pgx.Identifier{schema}.Sanitize() + "."
	table := prefix + "customers"
	read := "SELECT " + recordColumns + " FROM " + table + " WHERE tenant = $1 AND "
	return &statements{
		table: table, prefix: prefix,
		get:     read + "id = $2",
		getMany: read + "id = ANY($2)",
		// The partial indexes serve only statements that repeat their conditions.
		byEmail:      read + "status = 'active' AND email_key = $2 AND email_key <> ''",
		byExternalID: read + "external_id = $2 AND external_id <> ''",
		insert:       "INSERT INTO " + table + " (tenant, " + rowColumns + ") VALUES (" + placeholders(1, 34) + ") ON CONFLICT DO NOTHING",
		// What unnest makes of arrays comes, and is inserted, in their order.
		insertMany: "INSERT INTO " + table + " (tenant, " + rowColumns + ") SELECT $1, " + strings.Replace(rowColumns, "tags", "tags::text[]", 1) +
			" FROM unnest(" + arrays(2, rowColumns) + ") AS r (" + rowColumns + ") ON CONFLICT DO NOTHING RETURNING id",
		holders: "SELECT " + recordColumns + ", email_key, key_hash, draft_hash FROM " + table + " WHERE tenant = $1 AND (id = ANY($2)" +
			" OR external_id = ANY($3) AND external_id <> '' OR status = 'active' AND email_key = ANY($4) AND email_key <> ''" +
			" OR key_hash = ANY($5) AND key_hash <> '')",
		replays: "SELECT " + recordColumns + ", email_key, key_hash, draft_hash FROM " + table + " WHERE tenant = $1 AND key_hash = ANY($2) AND key_hash <> ''",
		// Naming the id among what is set would take a lock that blocks inserts of rows that refer to it.
		update: "UPDATE " + table + " SET (" + strings.TrimPrefix(recordColumns, "id, ") + ", " + keyColumns + ") = (" + placeholders(3, 30) +
			") WHERE tenant = $1 AND id = $2 AND version = $33",
		delete: "DELETE FROM " + table + " WHERE tenant = $1 AND id = $2 AND (version = $3 OR $3 = -1)",
		size:   "SELECT count(*) FROM (SELECT 1 FROM " + table + " WHERE tenant = $1 LIMIT $2) s",
	}
}

func placeholders(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(list, ", ")
}

// arrays are placeholders for an array of each column. Arrays of arrays would be taken apart, so tags come as text.
func arrays(first int, columns string) string {
	list := strings.Split(columns, ", ")
	for i, column := range list {
		kind := "text"
		switch column {
		case "id":
			kind = "uuid"
		case "version":
			kind = "bigint"
		case "key_version":
			kind = "smallint"
		case "metadata":
			kind = "jsonb"
		case "created_at", "updated_at", "archived_at":
			kind = "timestamptz"
		}
		list[i] = fmt.Sprintf("$%d::%s[]", first+i, kind)
	}
	return strings.Join(list, ", ")
}

// record is where a row is read to: what pgx scans without reflection on types of ours.
type record struct {
	c        customer.Customer
	metadata []byte
}

func (r *record) targets() []any {
	c := &r.c
	return []any{
		(*[16]byte)(&c.ID), (*int64)(&c.Version), (*string)(&c.Status), &c.ExternalID, &c.Name, &c.Email, &c.Phone, &c.Company, &c.Notes,
		&c.Address.Line1, &c.Address.Line2, &c.Address.City, &c.Address.Region, &c.Address.PostalCode, &c.Address.Country,
		&c.Tags, &r.metadata, &c.CreatedAt, &c.UpdatedAt, &c.ArchivedAt,
	}
}

// customer returns what was read in the form that package customer keeps: UTC, and nothing instead of empty.
func (r *record) customer() (customer.Customer, error) {
	c := r.c
	c.CreatedAt, c.UpdatedAt, c.ArchivedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC(), c.ArchivedAt.UTC()
	if c.ArchivedAt.IsZero() {
		c.ArchivedAt = time.Time{}
	}
	if len(c.Tags) == 0 {
		c.Tags = nil
	}
	if len(r.metadata) > len("{}") {
		metadata, err := readMetadata(r.metadata)
		if err != nil {
			return customer.Customer{}, err
		}
		c.Metadata = metadata
	}
	return c, nil
}

func readMetadata(object []byte) (map[string]string, error) {
	if pairs, ok := readPairs(string(object)); ok {
		return pairs, nil
	}
	var metadata map[string]string
	if err := json.Unmarshal(object, &metadata); err != nil {
		return nil, errors.New("customer: postgres: metadata is not an object of strings")
	}
	return metadata, nil
}

// readPairs reads metadata as PostgreSQL writes it, {"a": "b", "c": "d"}, where nothing in it is escaped: then each quote begins or ends a string.
// It saves more than half of the time that reading a page takes here.
func readPairs(object string) (pairs map[string]string, ok bool) {
	if strings.IndexByte(object, '\\') >= 0 {
		return nil, false
	}
	parts := strings.Split(object, `"`)
	if len(parts)%4 != 1 || parts[0] != "{" || parts[len(parts)-1] != "}" {
		return nil, false
	}
	pairs = make(map[string]string, len(parts)/4)
	for i := 1; i < len(parts); i += 4 {
		if parts[i+1] != ": " || parts[i+3] != ", " && i+4 < len(parts) {
			return nil, false
		}
		pairs[parts[i]] = parts[i+2]
	}
	return pairs, true
}

// recordArgs are the values of recordColumns.
func recordArgs(args []any, c *customer.Customer) ([]any, error) {
	metadata, tags := []byte("{}"), c.Tags
	if len(c.Metadata) > 0 {
		var err error
		if metadata, err = json.Marshal(c.Metadata); err != nil {
			return nil, err
		}
	}
	if tags == nil {
		tags = []string{}
	}
	return append(args, [16]byte(c.ID), int64(c.Version), string(c.Status), c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes,
		c.Address.Line1, c.Address.Line2, c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country,
		tags, metadata, c.CreatedAt, c.UpdatedAt, c.ArchivedAt), nil
}

// keyArgs are the values of keyColumns.
func keyArgs(args []any, k *customer.Keys) []any {
	return append(args, k.Name, k.Email, k.Domain, k.Company, k.Phone, k.City, k.Region, k.PostalCode, k.Country, k.Words, customer.KeysVersion)
}

// row is a customer as it is written, with the hashes of its idempotency key and draft if there is a key.
type row struct {
	c          customer.Customer
	keys       customer.Keys
	key, draft string
	at         int // its place in the batch
}

func newRow(c customer.Customer, idempotencyKey string) row {
	r := row{c: c, keys: customer.KeysOf(c), key: customer.HashKey(idempotencyKey)}
	if r.key != "" {
		r.draft = customer.HashDraft(c)
	}
	return r
}

// args are the values of rowColumns.
func (r *row) args(args []any) ([]any, error) {
	args, err := recordArgs(args, &r.c)
	return append(keyArgs(args, &r.keys), r.key, r.draft), err
}
