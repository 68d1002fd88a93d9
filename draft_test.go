package customer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
)

var (
	someID = customer.ID{0x01, 0x97, 0x00, 0x00, 0x00, 0x00, 0x70, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}
	noon   = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
)

func build(d customer.Draft) (customer.Customer, error) { return d.Build(someID, noon) }

// wantFaults compares the faults of a *ValidationError, each as its field and code: "email invalid_email", " identity_required".
func wantFaults(t *testing.T, err error, want ...customer.Code) {
	t.Helper()
	var got []customer.Code
	if invalid, ok := errors.AsType[*customer.ValidationError](err); ok {
		for _, f := range invalid.Fields {
			got = append(got, customer.Code(f.Field)+" "+f.Code)
		}
	} else if err != nil {
		t.Errorf("error %v is no *ValidationError", err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
