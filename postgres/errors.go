package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"example.com/customer"
)

// SQLSTATE codes that have a meaning here (PostgreSQL documentation, appendix A).
const (
	codeWarning             = "01000"
	codeUniqueViolation     = "23505"
	codeForeignKeyViolation = "23503"
	codeRestrictViolation   = "23001"
	codeSerialization       = "40001"
	codeDeadlock            = "40P01"
	codeQueryCanceled       = "57014"
	codeTooManyConnections  = "53300"
	codeReadOnly            = "25006"
	codeUndefinedTable      = "42P01"
	codeInvalidSchema       = "3F000"
	codeDuplicateSchema     = "42P06"
	codeDuplicateObject     = "42710"
	codePlanChanged         = "0A000"
	codeStatementGone       = "26000"
	codeStatementThere      = "42P05"
)

// Error is a failure of the database that has no class of its own in package customer. It holds the SQLSTATE and the constraint, and nothing else of
// what the driver said: messages and details of PostgreSQL quote rows. A lost connection unwraps to [customer.ErrUnavailable].
type Error struct {
	Code       string // SQLSTATE; "" if the database did not answer
	Constraint string

	text        string
	unavailable bool
	unsent      bool
}

// Error returns the SQLSTATE and the name of the constraint. Where the cause is a pooler that takes prepared statements apart, it says what to do.
func (e *Error) Error() string {
	switch {
	case e.Code == "":
		return "customer: postgres: " + e.text
	case e.Code == codeStatementThere || e.Code == codeStatementGone:
		return "customer: postgres: SQLSTATE " + e.Code + ": behind a pooler in transaction mode, add default_query_exec_mode=cache_describe to the database URL"
	case e.Constraint == "":
		return "customer: postgres: SQLSTATE " + e.Code
	}
	return fmt.Sprintf("customer: postgres: SQLSTATE %s (%s)", e.Code, e.Constraint)
}

// Unwrap returns [customer.ErrUnavailable] if the next call may work.
func (e *Error) Unwrap() error {
	if e.unavailable {
		return customer.ErrUnavailable
	}
	return nil
}

// SQLState returns Code, under the name that packages for retrying transactions look for.
func (e *Error) SQLState() string { return e.Code }

// retryable reports what cannot have happened: the statement was rolled back, or nothing was sent. The last two codes are what a prepared
// statement meets once after somebody changed the table or dropped the statement.
func (e *Error) retryable() bool {
	return e.unsent || e.Code == codeSerialization || e.Code == codeDeadlock || e.Code == codePlanChanged || e.Code == codeStatementGone
}

// clean turns an error of the driver into one that may be shown.
func clean(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if pg.Code == codeQueryCanceled && ctx.Err() != nil {
			return ctx.Err()
		}
		return &Error{Code: pg.Code, Constraint: pg.ConstraintName, unavailable: unavailable(pg.Code)}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var (
		connect *pgconn.ConnectError
		network net.Error
	)
	switch {
	case errors.As(err, &connect):
		return &Error{text: "cannot connect", unavailable: true, unsent: true}
	case errors.Is(err, pgx.ErrTxClosed), errors.Is(err, pgx.ErrTxCommitRollback):
		return &Error{text: "the transaction has ended"}
	case pgconn.SafeToRetry(err), errors.Is(err, puddle.ErrClosedPool):
		return &Error{text: "connection not usable", unavailable: true, unsent: true}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network),
		strings.Contains(err.Error(), "conn closed"):
		return &Error{text: "connection lost", unavailable: true}
	}
	return &Error{text: fmt.Sprintf("driver failed with %T", err)}
}

// unavailable reports the states of a server that stops, starts, is full or has become a standby.
func unavailable(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == codeTooManyConnections || code == codeReadOnly
}

// conflictField returns the field that a unique constraint guards. Citus puts the shard behind the constraint's name.
func conflictField(constraint string) (field string, ok bool) {
	name := constraint
	if i := strings.LastIndexByte(name, '_'); i >= 0 && strings.Trim(name[i+1:], "0123456789") == "" {
		name = name[:i]
	}
	switch name {
	case "customers_pkey":
		return "id", true
	case "customers_external_id":
		return "external_id", true
	case "customers_email":
		return "email", true
	}
	return "", false
}

// attempts bounds how often what surely did not happen is tried.
const attempts = 3

// retry calls f again where that cannot do a thing twice; in the caller's transaction it is for the caller to decide.
func (s *Store) retry(f func() error) error { return s.again(f, (*Error).retryable) }

// retryRead is retry for what may be done twice: the connections that a server closes when it stops are found out by whoever reads next, who can
// have another.
func (s *Store) retryRead(f func() error) error {
	return s.again(f, func(e *Error) bool { return e.retryable() || e.unavailable })
}

func (s *Store) again(f func() error, may func(*Error) bool) error {
	for n := 1; ; n++ {
		err := f()
		var e *Error
		if err == nil || s.inTx || n == attempts || !errors.As(err, &e) || !may(e) {
			return err
		}
	}
}
