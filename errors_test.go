package customer_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/customer"
)

func TestDetailedErrorsUnwrapToTheirClass(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		err   error
		class error
		text  string
	}{
		{"validation", &customer.ValidationError{Fields: []customer.FieldError{{Field: "name", Code: customer.CodeTooLong, Message: "must be short"}, {Message: "needs a name"}}}, customer.ErrInvalid, "customer: invalid: name must be short; needs a name"},
		{"a query", &customer.QueryError{Param: "sort", Code: customer.CodeInvalidParameter, Message: "must be name"}, customer.ErrInvalid, "customer: sort: invalid_parameter: must be name"},
		{"a text query", &customer.QueryError{Param: "q", Offset: 7, Code: customer.CodeInvalidQuery, Message: "needs a word"}, customer.ErrInvalid, "customer: q: invalid_query at byte 7: needs a word"},
		{"a conflict", &customer.ConflictError{Field: "email", Holder: someID}, customer.ErrConflict, "customer: email is taken by " + someIDText},
		{"staleness", &customer.StaleError{ID: someID, Want: 2, Have: 5}, customer.ErrStale, "customer: " + someIDText + " is at version 5, not 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !errors.Is(tt.err, tt.class) {
				t.Errorf("%v is not %v", tt.err, tt.class)
			}
			if tt.err.Error() != tt.text {
				t.Errorf("text %q, want %q", tt.err, tt.text)
			}
		})
	}
}

func TestClassesOfErrorsAreDistinct(t *testing.T) {
	t.Parallel()
	classes := []error{
		customer.ErrInvalid, customer.ErrNotFound, customer.ErrStale, customer.ErrArchived, customer.ErrConflict, customer.ErrReferenced,
		customer.ErrKeyReused, customer.ErrUnavailable,
	}
	for i, a := range classes {
		for j, b := range classes {
			if errors.Is(a, b) != (i == j) {
				t.Errorf("errors.Is(%v, %v) is %t", a, b, errors.Is(a, b))
			}
		}
	}
}

// canaryDraft has the canary in every field.
func canaryDraft(canary string) customer.Draft {
	return customer.Draft{
		ExternalID: canary, Name: canary, Email: canary + "@" + canary + ".com", Phone: "5550100", Company: canary, Notes: canary,
		Address: customer.Address{Line1: canary, Line2: canary, City: canary, Region: canary, PostalCode: canary, Country: canary},
		Tags:    []string{canary}, Metadata: map[string]string{"k": canary},
	}
}

func TestNoErrorTextHoldsAValue(t *testing.T) {
	t.Parallel()
	const canary = "canary7746"
	var errs []error
	keep := func(err error) {
		if err == nil {
			t.Error("a value with a fault is accepted")
		}
		errs = append(errs, err)
	}
	for _, fault := range []string{"\x00", "\u202e", "\xff", strings.Repeat("x", 5000)} {
		d := canaryDraft(canary + fault)
		d.Phone, d.IdempotencyKey = canary+fault, canary+" "
		_, err := build(d)
		keep(err)
		d.Metadata = map[string]string{canary + " " + fault: canary}
		_, err = build(d)
		keep(err)
		_, _, err = customer.Patch{
			Name: &d.Name, Email: &d.Email, Notes: &d.Notes, AddTags: d.Tags, RemoveTags: d.Tags, Metadata: map[string]*string{canary + fault: &d.Name},
		}.Apply(stored(t), noon)
		keep(err)
		_, _, err = customer.Patch{Name: &d.Name, AddTags: d.Tags, Metadata: map[string]*string{"k": &d.Name}}.Apply(stored(t), noon)
		keep(err)
		keep(customer.CheckTenant(canary + fault))
		keep(new(customer.ID).UnmarshalText([]byte(canary + fault)))
		for _, f := range []customer.Filter{
			customer.ByName.Is(d.Name), customer.ByEmail.Is(d.Email), customer.ByExternalID.Prefix(d.Name), customer.HasAnyTag(d.Name),
			customer.HasMetadata("k", d.Name), customer.HasMetadata(d.Name+" ", "v"), customer.HasStatus(customer.Status(d.Name)),
			customer.Has(d.Name), customer.Text(d.Name), customer.TextField(d.Name).Is("x"), customer.TimeField(d.Name).Since(noon),
			customer.Match{Field: customer.ByName, Op: customer.MatchOp(d.Name), Values: []string{"x"}},
		} {
			_, err := customer.Compile(f)
			keep(err)
		}
		keep(customer.Query{OrderBy: customer.Order(d.Name)}.Validate())
		_, _, err = customer.Query{After: customer.Cursor(d.Name)}.Position("")
		keep(err)
	}
	for _, text := range []string{
		canary + ":x", "nam:" + canary, "x " + canary + ":", `"` + canary, `name:"` + canary, "email:" + canary, "email:=" + canary + "*", "name:*" + canary + "*",
		"status:" + canary, "id:" + canary, "has:" + canary, "created_at:" + canary, "created_at:>=" + canary, "metadata." + canary + ":~x",
		"metadata." + canary + "!:x", "tag:~" + canary, "phone:x" + strings.Trim(canary, "0123456789"), canary + ", x", canary + ")", "(" + canary, "name:<" + canary,
		canary + "\x00", canary + strings.Repeat("x", 512), canary + "\xff", `tag:"` + canary + `,"`,
	} {
		_, err := customer.ParseText(text)
		keep(err)
	}
	for _, text := range []string{canary, "2026-01-01" + canary} {
		_, _, err := customer.ParseTime(text)
		keep(err)
	}
	for _, err := range errs {
		if err != nil && strings.Contains(err.Error(), canary[:6]) {
			t.Errorf("an error text holds a value: %v", err)
		}
	}
}

func TestAMisspeltFieldIsShownToItsAuthorOnly(t *testing.T) {
	t.Parallel()
	_, err := customer.ParseText("nmae:canary")
	fault, ok := errors.AsType[*customer.QueryError](err)
	if !ok || !strings.Contains(fault.Message, "did you mean name:") || strings.Contains(err.Error(), "nmae") {
		t.Errorf("got %v", err)
	}
}
