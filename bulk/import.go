package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"example.com/customer"
)

// Mode says whether an import writes.
type Mode string

// The modes.
const (
	Validate Mode = "validate" // a dry run, as is "": says what a commit would do, and writes nothing
	Commit   Mode = "commit"
)

// Policy says what becomes of a row whose customer is there.
type Policy string

// The policies.
const (
	Refuse Policy = "refuse" // as is ""
	Skip   Policy = "skip"   // the customer stays as it is
	Update Policy = "update" // the customer takes what the row says
)

// Importer brings rows into a store. Its fields are not changed while it runs; it is safe for concurrent use if the store is.
type Importer struct {
	Store      customer.Store
	Mode       Mode
	OnConflict Policy

	// Match is how a row knows its customer: by email among active ones, or by external id among all. Update needs it. With Skip, a row is
	// skipped only if its Match is taken, and with "" if any unique field is.
	Match customer.Key
}

const (
	chunkRows  = 1000
	chunkBytes = 1 << 20
)

// Run imports the rows, in their order, and calls emit with the result of each; emit may be nil. It returns when all is done, or with the
// first error of the context, the rows, the store or emit: the summary counts the rows whose results were emitted, and the import can be run
// again from the start. A row that an error of the store leaves without a result may be written or not, and rows behind it may have theirs.
// Refused rows are no error. While the store writes a thousand rows, the next are read by a goroutine of its own; none is left when Run
// returns, which waits for a read that is under way.
func (imp Importer) Run(ctx context.Context, rows iter.Seq2[Row, error], emit func(Result) error) (Summary, error) {
	var sum Summary
	if err := imp.check(); err != nil {
		return sum, err
	}
	r := newRun(imp)
	reading, stop := context.WithCancel(ctx)
	chunks := make(chan chunk, 1)
	go r.read(reading, rows, chunks)
	defer func() {
		stop()
		for range chunks {
		}
	}()
	for c := range chunks {
		if c.panicked != nil {
			// Where the caller can recover from it.
			panic(c.panicked)
		}
		err := ctx.Err()
		if err == nil {
			err = r.chunk(ctx, c.items)
		}
		if err := report(c.items, &sum, emit); err != nil {
			return sum, err
		}
		switch {
		case err != nil:
			return sum, err
		case c.err == io.EOF:
			return sum, nil
		case c.err != nil:
			return sum, c.err
		}
	}
	if err := ctx.Err(); err != nil {
		return sum, err
	}
	return sum, errors.New("bulk: the rows ended their goroutine")
}

func (imp Importer) check() error {
	switch {
	case imp.Mode != "" && imp.Mode != Validate && imp.Mode != Commit:
		return fmt.Errorf("bulk: a mode other than validate and commit: %w", errors.ErrUnsupported)
	case imp.OnConflict != "" && imp.OnConflict != Refuse && imp.OnConflict != Skip && imp.OnConflict != Update:
		return fmt.Errorf("bulk: a policy other than refuse, skip and update: %w", errors.ErrUnsupported)
	case imp.Match != "" && imp.Match != customer.EmailKey && imp.Match != customer.ExternalIDKey:
		return fmt.Errorf("bulk: a key other than email and external_id: %w", errors.ErrUnsupported)
	case imp.OnConflict == Update && imp.Match == "":
		return fmt.Errorf("bulk: updating needs a key to match by: %w", customer.ErrInvalid)
	}
	return nil
}

// report emits the results there are. After a failure some items have none, also such as stand before others that were written.
func report(items []item, sum *Summary, emit func(Result) error) error {
	for i := range items {
		it := &items[i]
		if !it.done {
			continue
		}
		it.result.Line, it.result.Row = it.row.Line, &it.row
		if emit != nil {
			if err := emit(it.result); err != nil {
				return err
			}
		}
		sum.add(it.result.Outcome)
	}
	return nil
}

// chunk is a part of the rows; the last one has the error that ended them, or io.EOF.
type chunk struct {
	items    []item
	err      error
	panicked any // the value of a panic of the rows
}

// read sends the rows in chunks and closes the channel.
func (r *run) read(ctx context.Context, rows iter.Seq2[Row, error], chunks chan<- chunk) {
	defer close(chunks)
	defer func() {
		if value := recover(); value != nil {
			select {
			case chunks <- chunk{panicked: value}:
			case <-ctx.Done():
			}
		}
	}()
	// Most imports are of a few rows: a first chunk grows with them, and where there is a second, it will be full.
	c, bytes, room := chunk{}, 0, 0
	send := func() bool {
		select {
		case chunks <- c:
			c, bytes, room = chunk{}, 0, chunkRows
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, err := range rows {
		if err != nil {
			c.err = err
			send()
			return
		}
		if c.items == nil {
			c.items = make([]item, 0, room)
		}
		c.items = append(c.items, r.prepare(row))
		bytes += len(row.raw) + len(row.Draft.Notes)
		if (len(c.items) == chunkRows || bytes > chunkBytes) && !send() {
			return
		}
	}
	c.err = io.EOF
	send()
}
