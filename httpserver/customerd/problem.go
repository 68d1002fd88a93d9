package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.com/customer"
)

// problem is what a server says in an answer that is no success (RFC 9457).
type problem struct {
	Code     string
	Detail   string
	Errors   []fault
	Existing struct{ ID customer.ID }
}

// fault is one thing that is wrong with what was sent.
type fault struct{ Pointer, Code, Detail string }

func (a reply) isProblem() bool {
	return strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json")
}

// failure returns the error that the answer is, as a store would have returned it where there is one.
func (a reply) failure() error {
	var p problem
	if a.isProblem() {
		// What cannot be read leaves the status.
		_ = json.Unmarshal(a.body, &p)
	}
	switch p.Code {
	case "not_found":
		return customer.ErrNotFound
	case "archived":
		return customer.ErrArchived
	case "referenced":
		return customer.ErrReferenced
	case "version_mismatch":
		return &customer.StaleError{Have: versionOf(a.header.Get("ETag"))}
	case "idempotency_key_reused":
		return customer.ErrKeyReused
	case "email_taken", "external_id_taken", "id_taken":
		return &customer.ConflictError{Field: strings.TrimSuffix(p.Code, "_taken"), Holder: p.Existing.ID}
	case "validation_failed":
		if len(p.Errors) > 0 {
			return validationError(p.Errors)
		}
	}
	return p.refusal(a.status)
}

// refusal says what to do about an answer that no store gives.
func (p *problem) refusal(status int) error {
	said := fmt.Sprintf("the server answers %d %s", status, http.StatusText(status))
	if p.Detail != "" {
		said += ": " + p.Detail
	}
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("the server does not accept the token: give one with --token or --token-file, as customerd token new made it (%s)", said)
	case status == http.StatusForbidden:
		return fmt.Errorf("the server does not allow it: import needs a token with the scopes read and write, export one with read (%s)", said)
	case status >= 300 && status < 400:
		return errors.New("the server sends on to another address, to which nothing is sent: give that one with --server")
	case isBusy(status):
		return fmt.Errorf("%w: %s", customer.ErrUnavailable, said)
	}
	return errors.New(said)
}

func validationError(faults []fault) error {
	err := &customer.ValidationError{}
	for _, f := range faults {
		err.Fields = append(err.Fields, customer.FieldError{Field: fieldAt(f.Pointer), Code: customer.Code(f.Code), Message: f.Detail})
	}
	return err
}

// fieldAt is the inverse of [customer.FieldError.Pointer].
func fieldAt(pointer string) string {
	path, err := url.PathUnescape(strings.TrimPrefix(strings.TrimPrefix(pointer, "#"), "/"))
	if err != nil {
		return ""
	}
	if key, ok := strings.CutPrefix(path, "metadata/"); ok {
		return "metadata." + strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
	}
	return strings.ReplaceAll(path, "/", ".")
}

func versionOf(etag string) customer.Version {
	n, err := strconv.ParseInt(strings.Trim(etag, `"`), 10, 64)
	if err != nil {
		return 0
	}
	return customer.Version(n)
}
