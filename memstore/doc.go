// Package memstore keeps customers in memory.
package memstore
