// Package metrics counts and times what the reference server and its store do, for Prometheus to read. It is a package of its own so that
// programs that import httpserver do not link Prometheus.
//
//	m := metrics.New(metrics.WithVersion(version))
//	m.Pool("primary", func() metrics.PoolStat { return pool.Stat() }) // a *pgxpool.Pool
//	server := httpserver.New(m.Store(postgres.New(pool)), httpserver.WithObserver(m), httpserver.WithMetrics(m.Handler()))
//
// # What there is
//
// Beside the metrics of the Go runtime (go_) and of the process (process_):
//
//	name                                       type       labels                 meaning
//	customer_build_info                        gauge      version, goversion     always 1
//	customer_http_requests_total               counter    method, route, status  requests answered
//	customer_http_request_duration_seconds     histogram  method, route          from the request to the end of its answer
//	customer_http_requests_in_flight           gauge                             requests begun and not ended
//	customer_store_operations_total            counter    operation, result      calls of the store
//	customer_store_operation_duration_seconds  histogram  operation              how long they took
//	customer_store_batch_records_total         counter    operation, result      drafts and records of many at once, by what became of each
//	customer_pool_connections                  gauge      pool                   connections, in every state
//	customer_pool_acquired_connections         gauge      pool                   in use
//	customer_pool_idle_connections             gauge      pool                   ready for use
//	customer_pool_constructing_connections     gauge      pool                   being made
//	customer_pool_max_connections              gauge      pool                   the limit
//	customer_pool_acquires_total               counter    pool                   connections handed out
//	customer_pool_empty_acquires_total         counter    pool                   of these, after waiting because none was idle
//	customer_pool_canceled_acquires_total      counter    pool                   given up while waiting
//	customer_pool_acquire_seconds_total        counter    pool                   time taken to hand them out
//
// A histogram's buckets reach from 100 µs to 5 s; the streams of import and export, which may take longer, are beyond the last.
//
// # Labels
//
// No label holds anything of a customer, a tenant, a query or a caller, and every label has few values:
//
//   - route is a pattern, such as /v1/customers/:id, or "other" where no route serves the request; method is "other" for one that is
//     not known. Beyond 1,000 combinations of method, route and status, new ones are counted as "other" in all three.
//   - operation is create, get, update, delete, search, count, get_many, load, create_batch or find_replays. The helpers of package customer
//     are the operations that they are made of: Archive is an update.
//   - result is ok, or the class of the error: not_found, stale, archived, conflict, referenced, key_reused, invalid (unsupported queries
//     too), unavailable, timeout, canceled, or other. The first seven are the answer to what was asked; unavailable, timeout and other
//     are what an operator wants to hear of. The operation of a batch is ok if the batch was dealt with, whatever became of its records.
//   - pool is the name given to [Metrics.Pool].
//
// Everything but the requests and the pools is there, at zero, from the first scrape, so that the first error is an increase.
package metrics
