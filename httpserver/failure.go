package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"example.com/customer"
)

// failures gives every class of error its answer, nil for one that lacks the detail it must carry; the first that matches counts. What
// is not in it is the server's own fault.
var failures = []struct {
	class  error
	answer func(*call, error) *problem
}{
	{customer.ErrNotFound, notFound},
	{customer.ErrStale, stale},
	{customer.ErrArchived, archived},
	{customer.ErrConflict, conflict},
	{customer.ErrReferenced, referenced},
	{customer.ErrKeyReused, keyReused},
	{customer.ErrInvalid, invalid},
	{customer.ErrUnavailable, unavailable},
	{context.DeadlineExceeded, timeout},
	{context.Canceled, timeout},
	{errors.ErrUnsupported, unsupported},
}

// fail answers with the problem that err is.
func (c *call) fail(err error) { c.writeProblem(c.problem(err)) }

// problem returns what the client is told of err, which is logged if the server is to blame.
func (c *call) problem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	for _, f := range failures {
		if !errors.Is(err, f.class) {
			continue
		}
		p := f.answer(c, err)
		if p == nil {
			break
		}
		if kinds[p.code].status == http.StatusServiceUnavailable {
			c.log(slog.LevelWarn, "request not served", "error", err)
		}
		return p
	}
	c.log(slog.LevelError, "request failed", "error", err)
	return internal()
}

func internal() *problem {
	return &problem{code: codeInternal, detail: "The fault is the server's, and nothing may have changed: its log has more under this request_id."}
}

func notFound(*call, error) *problem {
	return &problem{code: codeNotFound, detail: "No customer has this id; it may have been erased."}
}

func stale(c *call, err error) *problem {
	p := &problem{code: codeVersionMismatch, detail: "The customer is no longer the one you have read: read it again and send its ETag as If-Match."}
	current, known := errors.AsType[*customer.StaleError](err)
	if known {
		c.w.Header().Set("ETag", etag(current.Have))
		p.detail = fmt.Sprintf(`The customer is at version %d: read it again, and send If-Match: "%d" if you still want the change.`, current.Have, current.Have)
	}
	if len(c.tags.weak) > 0 {
		p.code = codeWeakETag
		p.detail = `If-Match compares strongly: send the ETag without W/, as in If-Match: "3".`
	}
	return p
}

func archived(c *call, _ error) *problem {
	return &problem{
		code: codeArchived,
		detail: "An archived customer is read-only, but for emptying fields and removing tags or metadata: POST to " +
			customerPath(c.id) + "/restore first.",
	}
}

func conflict(_ *call, err error) *problem {
	taken, ok := errors.AsType[*customer.ConflictError](err)
	if !ok {
		return nil
	}
	p := &problem{existing: taken.Holder}
	switch taken.Field {
	case "email":
		p.code, p.detail = codeEmailTaken, "Another active customer has this email: change that one, or archive it, or use another email."
	case "external_id":
		p.code, p.detail = codeExternalIDTaken, "Another customer, active or archived, has this external id: change that one, or use another external id."
	default:
		p.code, p.detail = codeIDTaken, "Another customer has this id: leave the id out and one is made."
	}
	if taken.Holder.IsZero() {
		p.detail += " That customer has just been erased: try again."
	}
	return p
}

func referenced(*call, error) *problem {
	return &problem{code: codeReferenced, detail: "Other records, such as orders, refer to this customer: remove them first, or archive the customer instead of erasing it."}
}

func keyReused(*call, error) *problem {
	return &problem{
		code: codeIdempotencyKeyReused,
		detail: "This Idempotency-Key was used for another customer: send the same body again for the same answer, or a new key for a new" +
			" customer.",
	}
}

func unavailable(*call, error) *problem {
	return &problem{code: codeUnavailable, detail: "The store cannot be reached, or takes no changes, just now; try again."}
}

func timeout(c *call, _ error) *problem {
	if c.progress != nil {
		return &problem{code: codeTimeout, detail: fmt.Sprintf(
			"Nothing came for %s, or the request took longer than %s in all: send without a pause, or in parts, or try again.", streamIdle, streamDeadline)}
	}
	return &problem{code: codeTimeout, detail: fmt.Sprintf("The request took longer than %s in all: send or ask for less, or try again.", requestDeadline)}
}

func unsupported(*call, error) *problem {
	return &problem{code: codeInvalidQuery, detail: "The store behind this server does not know this filter or order."}
}

// invalid answers for what a store or a pure function of package customer refused.
func invalid(_ *call, err error) *problem {
	if query, ok := errors.AsType[*customer.QueryError](err); ok {
		return badParams([]fault{paramFault(query.Param, query)})
	}
	if fields, ok := errors.AsType[*customer.ValidationError](err); ok && len(fields.Fields) > 0 {
		return notValid(fieldFaults(fields))
	}
	return &problem{code: codeValidationFailed, detail: "The store refused the change."}
}

// notValid is the 422 for faults of the body.
func notValid(faults []fault) *problem {
	subject := strings.TrimPrefix(strings.TrimPrefix(faults[0].Pointer, "#"), "/")
	return &problem{code: codeValidationFailed, detail: firstOf(faults, subject+" "+faults[0].Detail), errors: faults}
}

// firstOf is the detail of a problem that lists its faults: the first one, as a sentence.
func firstOf(faults []fault, message string) string {
	message = strings.TrimSpace(message)
	if !strings.HasSuffix(message, "?") {
		message += "."
	}
	switch n := len(faults); {
	case n > maxFaults:
		return fmt.Sprintf("%s More is wrong; errors lists the first %d faults.", message, maxFaults)
	case n > 1:
		return fmt.Sprintf("%s More is wrong; errors lists all %d faults.", message, n)
	}
	return message
}

func fieldFaults(err *customer.ValidationError) []fault {
	var faults []fault
	for _, f := range err.Fields[:min(len(err.Fields), maxFaults+1)] {
		faults = append(faults, fault{Pointer: f.Pointer(), Code: string(f.Code), Detail: f.Message})
	}
	return faults
}

// fragment returns a JSON Pointer as a URI fragment (RFC 6901, section 6).
func fragment(pointer string) string {
	return "#" + (&url.URL{Fragment: pointer}).EscapedFragment()
}
