// Package customer is customer records done once: types and rules, search, and the contract of the stores that keep them.
package customer
