package main

import (
	"bytes"
	"context"
	"slices"
	"time"

	"example.com/customer"
	"example.com/customer/bulk"
)

// replayRows is how many drafts go into one request, as many as [bulk.Importer] asks about at a time.
const replayRows = 1000

// FindReplays implements [customer.ReplayFinder] by the server's own dry run, but for what it does not tell: what is returned of a customer is the ID
// alone. Drafts without keys are not sent. [bulk.Importer] asks about some MiB at a time, which is below what the server takes.
func (r *remote) FindReplays(ctx context.Context, drafts []customer.Draft) (made []customer.Customer, errs []error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	made, errs = make([]customer.Customer, len(drafts)), make([]error, len(drafts))
	var (
		rows []draftRow
		at   []int // where in drafts the rows stand
	)
	for i := range drafts {
		c, err := drafts[i].Build(customer.NewID(), time.Now())
		if errs[i] = err; err == nil && drafts[i].IdempotencyKey != "" {
			rows, at = append(rows, rowOf(drafts[i].IdempotencyKey, &c)), append(at, i)
		}
	}
	for part := range slices.Chunk(rows, replayRows) {
		ids, reused, err := r.dryRun(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		for i := range part {
			if made[at[i]].ID = ids[i]; reused[i] {
				errs[at[i]] = customer.ErrKeyReused
			}
		}
		at = at[len(part):]
	}
	return made, errs, nil
}

// dryRun has the server look up the keys of rows. It returns the ID of the customer that each has made, or whether it was of another draft.
func (r *remote) dryRun(ctx context.Context, rows []draftRow) (ids []customer.ID, reused []bool, err error) {
	var body bytes.Buffer
	encoder := newRowEncoder(&body)
	for i := range rows {
		if err := encoder.Encode(&rows[i]); err != nil {
			return nil, nil, err
		}
	}
	results, _, err := r.importRows(ctx, bulk.Validate, body.Bytes(), len(rows))
	if err != nil {
		return nil, nil, err
	}
	ids, reused = make([]customer.ID, len(rows)), make([]bool, len(rows))
	free := make(map[string]bool) // keys that a row before would use: what is said of the next row with one is about that row
	for i := range results {
		res, key := &results[i], rows[i].IdempotencyKey
		switch {
		case res.Result == string(bulk.Created):
			free[key] = true
		case free[key]:
		case res.Result == string(bulk.Unchanged):
			ids[i] = res.ID
		case res.Reason == string(bulk.KeyReused):
			reused[i] = true
		}
	}
	return ids, reused, nil
}
