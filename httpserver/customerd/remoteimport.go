package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/customer"
	"example.com/customer/bulk"
)

// draftRow is a draft, in the form in which it is kept, as a row of NDJSON.
type draftRow struct {
	IdempotencyKey string            `json:"idempotency_key"`
	ExternalID     string            `json:"external_id,omitempty"`
	Name           string            `json:"name,omitempty"`
	Email          string            `json:"email,omitempty"`
	Phone          string            `json:"phone,omitempty"`
	Company        string            `json:"company,omitempty"`
	Notes          string            `json:"notes,omitempty"`
	Address        customer.Address  `json:"address,omitzero"`
	Tags           []string          `json:"tags,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
}

func rowOf(key string, c *customer.Customer) draftRow {
	return draftRow{key, c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes, c.Address, c.Tags, c.Metadata}
}

func newRowEncoder(body *bytes.Buffer) *json.Encoder {
	rows := json.NewEncoder(body)
	rows.SetEscapeHTML(false)
	return rows
}

// resultRow is the answer to a row, or the end of the answers.
type resultRow struct {
	Result, Reason, Detail string
	ID                     customer.ID
	Errors                 []fault
	End                    bool
}

// Create implements [customer.Store] by a batch of one.
func (r *remote) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	created, errs, err := r.CreateBatch(ctx, []customer.Draft{d})
	if err != nil {
		return customer.Customer{}, err
	}
	return created[0], errs[0]
}

// CreateBatch implements [customer.BatchCreator] but for IDs and times, which the server chooses and does not tell: what is returned has times of its
// own, and the draft's ID, if it has one, as long as the customer was not made before.
//
// A draft with an ID and without an idempotency key goes as a whole record. Every other row has a key, so that rows whose answer was lost can be
// sent again. [bulk.Importer] sends some thousand rows and a few MiB at a time, which is below what the server takes.
func (r *remote) CreateBatch(ctx context.Context, drafts []customer.Draft) (created []customer.Customer, errs []error, err error) {
	created, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	var body bytes.Buffer
	rows := newRowEncoder(&body)
	var sent []int
	for i := range drafts {
		c, err := drafts[i].Build(customer.NewID(), time.Now())
		if created[i], errs[i] = c, err; err != nil {
			continue
		}
		sent = append(sent, i)
		key := drafts[i].IdempotencyKey
		if key == "" && !drafts[i].ID.IsZero() {
			// Rows take an ID in whole records alone.
			body.Write(append(c.AppendJSON(nil), '\n'))
			continue
		}
		if key == "" {
			key = customer.NewID().String()
		}
		if err := rows.Encode(rowOf(key, &c)); err != nil {
			return nil, nil, err
		}
	}
	results, _, err := r.importRows(ctx, bulk.Commit, body.Bytes(), len(sent))
	if err != nil {
		return nil, nil, err
	}
	for at, i := range sent {
		switch res := results[at]; res.Result {
		case string(bulk.Created), string(bulk.Unchanged):
			if res.Result == string(bulk.Unchanged) || drafts[i].ID.IsZero() {
				created[i].ID = res.ID
			}
		default:
			created[i], errs[i] = customer.Customer{}, res.err()
		}
	}
	return created, errs, nil
}

// Load implements [customer.Loader]. A record that is there as it was sent, when it is sent again, was written the first time.
func (r *remote) Load(ctx context.Context, records []customer.Customer) ([]error, error) {
	errs := make([]error, len(records))
	var body []byte
	var sent []int
	for i := range records {
		if errs[i] = records[i].Validate(); errs[i] == nil {
			sent = append(sent, i)
			body = append(records[i].AppendJSON(body), '\n')
		}
	}
	// By an end the server sees that all of them have come.
	body = fmt.Appendf(body, `{"end":true,"count":%d}`, len(sent))
	results, again, err := r.importRows(ctx, bulk.Commit, body, len(sent))
	if err != nil {
		return nil, err
	}
	var taken []customer.ID
	for at, i := range sent {
		if results[at].Result == string(bulk.Created) {
			continue
		}
		errs[i] = results[at].err()
		if conflict, ok := errors.AsType[*customer.ConflictError](errs[i]); ok && again && conflict.Holder == records[i].ID {
			taken = append(taken, records[i].ID)
		}
	}
	there, err := customer.GetMany(ctx, r, taken)
	if err != nil {
		return nil, err
	}
	for i := range records {
		if have, ok := there[records[i].ID]; ok && bytes.Equal(have.AppendJSON(nil), records[i].AppendJSON(nil)) {
			errs[i] = nil
		}
	}
	return errs, nil
}

// importRows has the server import rows, and returns the result of each and whether they were sent more than once.
func (r *remote) importRows(ctx context.Context, mode bulk.Mode, body []byte, n int) (results []resultRow, again bool, err error) {
	if n == 0 {
		return nil, false, ctx.Err()
	}
	a, err := r.ask(ctx, request{
		method: "POST", path: "/v1/import?mode=" + string(mode), body: body, header: map[string]string{"Content-Type": ndjsonType, "Accept": ndjsonType},
	}, func(a reply) (err error) {
		results, err = readResults(a.body, n)
		return err
	})
	switch {
	case err != nil:
		return nil, false, err
	case a.status != http.StatusOK:
		return nil, false, a.failure()
	}
	return results, a.again, nil
}

// readResults reads the results of n rows and the end behind them. Without an end the answer is not whole.
func readResults(text []byte, n int) ([]resultRow, error) {
	results := make([]resultRow, 0, n+1)
	for line := range bytes.Lines(text) {
		var row resultRow
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, errBroken
		}
		if row.Result == "stopped" {
			return nil, row.stopped()
		}
		results = append(results, row)
	}
	if len(results) != n+1 || !results[n].End {
		return nil, errBroken
	}
	return results[:n], nil
}

// stopped says why the server stopped between two rows.
func (row *resultRow) stopped() error {
	switch row.Reason {
	case "unavailable", "timeout", "overloaded":
		return fmt.Errorf("%w (%s)", errBroken, row.Detail)
	}
	return fmt.Errorf("the server stopped: %s", row.Detail)
}

// err is why a row was refused, as a store says it.
func (row *resultRow) err() error {
	switch bulk.Reason(row.Reason) {
	case bulk.EmailTaken, bulk.ExternalIDTaken, bulk.IDTaken:
		return &customer.ConflictError{Field: strings.TrimSuffix(row.Reason, "_taken"), Holder: row.ID}
	case bulk.KeyReused:
		return customer.ErrKeyReused
	}
	if len(row.Errors) > 0 {
		return validationError(row.Errors)
	}
	return &bulk.RowError{Reason: bulk.Reason(row.Reason), Message: row.Detail}
}
