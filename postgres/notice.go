package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A commit whose wait for a synchronous standby was cancelled is reported by the server as a success with a warning: it is durable here and
// perhaps nowhere else. The notice comes on a connection, the statement it belongs to is known to the tracer, and the call that is to tell of it
// is found in the statement's context.
type (
	standbyTracer  struct{}
	unconfirmedKey struct{}
)

const unconfirmedData = "example.com/customer/postgres: unconfirmed"

// noteUnconfirmed is the notice handler of a connection. The routine's name does not depend on the language of the server's messages.
func noteUnconfirmed(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if notice.Code == codeWarning && notice.Routine == "SyncRepWaitForLSN" {
		conn.CustomData()[unconfirmedData] = true
	}
}

// TraceQueryStart implements [pgx.QueryTracer].
func (standbyTracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	// What came before on this connection, in a batch or a COPY, was not this statement.
	delete(conn.PgConn().CustomData(), unconfirmedData)
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (standbyTracer) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryEndData) {
	data := conn.PgConn().CustomData()
	if _, noted := data[unconfirmedData]; !noted {
		return
	}
	delete(data, unconfirmedData)
	if unconfirmed, ok := ctx.Value(unconfirmedKey{}).(*bool); ok {
		*unconfirmed = true
	}
}

// errUnconfirmed is no plain success: the write is there, and may be gone after a failover.
var errUnconfirmed = &Error{text: "written, but no synchronous standby confirmed it", unavailable: true}

// confirmed runs a write that commits by itself.
func confirmed(ctx context.Context, write func(ctx context.Context) error) error {
	var unconfirmed bool
	err := write(context.WithValue(ctx, unconfirmedKey{}, &unconfirmed))
	if err == nil && unconfirmed {
		return errUnconfirmed
	}
	return err
}
