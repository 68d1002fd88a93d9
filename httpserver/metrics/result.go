package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/customer"
)

// result is what became of a call, or of one record of a batch.
type result int

const (
	succeeded result = iota
	notFound
	stale
	archived
	conflict
	referenced
	keyReused
	invalid
	unavailable
	timeout
	canceled
	failed
	resultCount
)

var resultNames = [resultCount]string{
	"ok", "not_found", "stale", "archived", "conflict", "referenced", "key_reused", "invalid", "unavailable", "timeout", "canceled", other,
}

// classes gives every class of error its result; the first that matches counts. A query that the store does not support is the fault of
// who asked, as it is over HTTP.
var classes = [...]struct {
	err    error
	result result
}{
	{customer.ErrNotFound, notFound},
	{customer.ErrStale, stale},
	{customer.ErrArchived, archived},
	{customer.ErrConflict, conflict},
	{customer.ErrReferenced, referenced},
	{customer.ErrKeyReused, keyReused},
	{customer.ErrInvalid, invalid},
	{errors.ErrUnsupported, invalid},
	{customer.ErrUnavailable, unavailable},
	{context.DeadlineExceeded, timeout},
	{context.Canceled, canceled},
}

func resultOf(err error) result {
	if err == nil {
		return succeeded
	}
	for _, class := range classes {
		if errors.Is(err, class.err) {
			return class.result
		}
	}
	return failed
}

// operations are the metrics of stores. Every series is made at once: the labels are all known, and a call then has nothing to look up.
type operations struct {
	total, records *prometheus.CounterVec
	seconds        *prometheus.HistogramVec

	create, get, update, erase, search, count, getMany operation
	load, createBatch, findReplays                     batch
}

// operation is one method of a store.
type operation struct {
	total   [resultCount]prometheus.Counter
	seconds prometheus.Observer
}

// batch is an operation on many records.
type batch struct {
	operation
	records [resultCount]prometheus.Counter
}

func newOperations() *operations {
	labels := []string{"operation", "result"}
	o := &operations{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer_store_operations_total", Help: "Calls of the store, by operation and class of error.",
		}, labels),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer_store_batch_records_total", Help: "Records of batches, by what became of each.",
		}, labels),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "customer_store_operation_duration_seconds", Help: "Time that calls of the store took.", Buckets: buckets,
		}, labels[:1]),
	}
	o.create, o.get, o.update, o.erase = o.operation("create"), o.operation("get"), o.operation("update"), o.operation("delete")
	o.search, o.count, o.getMany = o.operation("search"), o.operation("count"), o.operation("get_many")
	o.load, o.createBatch, o.findReplays = o.batch("load"), o.batch("create_batch"), o.batch("find_replays")
	return o
}

func (o *operations) operation(name string) operation {
	return operation{resolve(o.total, name), o.seconds.WithLabelValues(name)}
}

func (o *operations) batch(name string) batch {
	return batch{o.operation(name), resolve(o.records, name)}
}

func resolve(vec *prometheus.CounterVec, operation string) (counters [resultCount]prometheus.Counter) {
	for result, name := range resultNames {
		counters[result] = vec.WithLabelValues(operation, name)
	}
	return counters
}

// ended counts a call that began at began and returned err.
func (o *operation) ended(began time.Time, err error) {
	o.seconds.Observe(time.Since(began).Seconds())
	o.total[resultOf(err)].Inc()
}

// ended counts a call and, unless it failed as a whole, its records: each has the error of one.
func (b *batch) ended(began time.Time, each []error, err error) {
	b.operation.ended(began, err)
	if err != nil {
		return
	}
	for _, err := range each {
		b.records[resultOf(err)].Inc()
	}
}
