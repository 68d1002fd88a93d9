package httpserver

import (
	"strings"

	"example.com/customer"
)

// idempotencyKey returns the key of the request, empty if it has none.
func (c *call) idempotencyKey() (string, error) {
	values := c.r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key, ok := parseIdempotencyKey(values[0])
	if !ok || len(values) > 1 {
		return "", &problem{
			code:   codeInvalidHeader,
			detail: "Idempotency-Key takes one key of 1 to 255 visible ASCII characters, bare or in double quotes.",
		}
	}
	return key, nil
}

// parseIdempotencyKey reads a bare key, or the same as a string of RFC 8941, section 3.3.3.
func parseIdempotencyKey(value string) (key string, ok bool) {
	key = strings.Trim(value, " \t")
	if quoted, is := strings.CutPrefix(key, `"`); is {
		if key, ok = unquote(quoted); !ok {
			return "", false
		}
	}
	visible := strings.IndexFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e }) < 0
	return key, visible && key != "" && len(key) <= 255
}

// unquote reads to the closing quote, after which nothing may follow. Only a quote and a backslash can be escaped.
func unquote(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i == len(s)-1
		case '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", false
}

// createOnce creates the customer under the request's key, if it has one. The ID is chosen here: a customer with another one was made
// before.
func (c *call) createOnce(draft customer.Draft, key string) (record customer.Customer, replayed bool, err error) {
	if key != "" {
		draft.IdempotencyKey, draft.ID = key, customer.NewID()
	}
	record, err = c.store.Create(c.r.Context(), draft)
	return record, key != "" && record.ID != draft.ID, err
}
