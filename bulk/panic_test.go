package bulk_test

import (
	"context"
	"iter"
	"runtime"
	"testing"

	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

// Rows are read by a goroutine of the importer, in which no caller could recover.
func TestAPanicOfTheRowsComesOutOfRun(t *testing.T) {
	t.Parallel()
	var rows iter.Seq2[bulk.Row, error] = func(yield func(bulk.Row, error) bool) {
		yield(bulk.Row{Line: 1}, nil)
		panic("planted")
	}
	defer func() {
		if value := recover(); value != "planted" {
			t.Errorf("recovered %v, want the value of the panic", value)
		}
	}()
	_, err := bulk.Importer{Store: memstore.New()}.Run(context.Background(), rows, nil)
	t.Errorf("Run returns %v", err)
}

// A goroutine that ends, as t.FailNow ends it, is no end of the rows.
func TestRowsThatEndTheirGoroutineAreAnError(t *testing.T) {
	t.Parallel()
	var rows iter.Seq2[bulk.Row, error] = func(yield func(bulk.Row, error) bool) {
		runtime.Goexit()
	}
	if _, err := (bulk.Importer{Store: memstore.New()}).Run(context.Background(), rows, nil); err == nil {
		t.Error("Run returns no error")
	}
}
