package customer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/customer"
)

// foreign is a node that this version of the package does not know: embedding is the one way to make one.
type foreign struct{ customer.Filter }

func TestAnUnknownNodeIsUnsupported(t *testing.T) {
	t.Parallel()
	for _, f := range []customer.Filter{
		foreign{},
		foreign{customer.HasAnyTag("vip")},
		customer.And(customer.Or(customer.Not(foreign{}))), &customer.Match{}, (*customer.AllOf)(nil),
		customer.Match{Field: customer.ByName, Op: "sounds like", Values: []string{"ada"}},
	} {
		_, compileErr := customer.Compile(f)
		_, matchErr := customer.Matches(f, customer.Customer{})
		_, formatErr := customer.FormatText(f)
		for _, err := range []error{compileErr, matchErr, formatErr, customer.Query{Where: f}.Validate()} {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%T: %v, want ErrUnsupported", f, err)
			}
		}
		customer.Normalize(customer.ActiveUnlessNamed(f))
	}
}

func TestAFaultyFilterNamesItsParameter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5001)
	for _, tt := range []struct {
		name  string
		f     customer.Filter
		param string
		code  customer.Code
	}{
		{"a nil inside And", customer.And(nil), "filter", customer.CodeInvalidQuery},
		{"a nil inside Or", customer.Or(customer.HasAnyTag("a"), nil), "filter", customer.CodeInvalidQuery},
		{"a nil inside Not", customer.Not(nil), "filter", customer.CodeInvalidQuery},
		{"a nil deep inside", customer.And(customer.Or(customer.Not(customer.Or(nil)))), "filter", customer.CodeInvalidQuery},
		{"a text field that does not exist", customer.TextField("nickname").Is("a"), "filter", customer.CodeInvalidQuery},
		{"no value", customer.ByName.Is(), "name", customer.CodeInvalidParameter},
		{"an empty value", customer.ByName.Contains("a", ""), "name", customer.CodeInvalidParameter},
		{"a value of spaces", customer.ByName.Contains(" \u3000"), "name", customer.CodeInvalidParameter},
		{"a phone without digits", customer.ByPhone.Contains("+"), "phone", customer.CodeInvalidParameter},
		{"a value with a control", customer.ByCity.Is("a\x00"), "city", customer.CodeInvalidParameter},
		{"a value that is no UTF-8", customer.ByCity.Is("a\xff"), "city", customer.CodeInvalidParameter},
		{"a name longer than any", customer.ByName.Is(strings.Repeat("x", 201)), "name", customer.CodeInvalidParameter},
		{"an email longer than any", customer.ByEmail.Prefix(strings.Repeat("x", 255)), "email", customer.CodeInvalidParameter},
		{"a domain longer than any", customer.ByEmailDomain.Prefix(strings.Repeat("x", 254)), "email_domain", customer.CodeInvalidParameter},
		{"a postal code longer than any", customer.ByPostalCode.Prefix(strings.Repeat("x", 21)), "postal_code", customer.CodeInvalidParameter},
		{"a time field that does not exist", customer.TimeField("born").Since(noon), "filter", customer.CodeInvalidQuery},
		{"a span without ends", customer.Span{Field: customer.ByCreatedAt}, "created_at", customer.CodeInvalidParameter},
		{"a span before 1900", customer.ByCreatedAt.Since(time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC)), "created_at", customer.CodeInvalidParameter},
		{"a span after 9999", customer.ByUpdatedAt.Before(time.Date(10000, 1, 1, 0, 0, 0, 1000, time.UTC)), "updated_at", customer.CodeInvalidParameter},
		{"a status that does not exist", customer.HasStatus("gone"), "status", customer.CodeInvalidParameter},
		{"an empty tag", customer.HasAnyTag("vip", " "), "tag", customer.CodeInvalidParameter},
		{"a tag with a comma", customer.HasAllTags("a,b"), "tag", customer.CodeInvalidParameter},
		{"a tag of 65", customer.HasAllTags(strings.Repeat("x", 65)), "tag", customer.CodeInvalidParameter},
		{"a metadata key with a dot", customer.HasMetadata("a.b", "c"), "metadata", customer.CodeInvalidParameter},
		{"no metadata value", customer.HasMetadata("k"), "metadata.k", customer.CodeInvalidParameter},
		{"an empty metadata value", customer.HasMetadata("k", ""), "metadata.k", customer.CodeInvalidParameter},
		{"a metadata value of 1,001", customer.HasMetadata("k", long[:1001]), "metadata.k", customer.CodeInvalidParameter},
		{"presence of a field that does not exist", customer.Has("nickname"), "has", customer.CodeInvalidParameter},
		{"presence of created_at", customer.Has("created_at"), "has", customer.CodeInvalidParameter},
		{"presence of a bad metadata key", customer.Has("metadata.a b"), "has", customer.CodeInvalidParameter},
		{"a text without a word", customer.Text("!? @"), "q", customer.CodeInvalidQuery},
		{"an empty text", customer.Text(""), "q", customer.CodeInvalidQuery},
		{"a text of marks only", customer.Text("\u0301"), "q", customer.CodeInvalidQuery},
		{"a text with a control", customer.Text("a\tb"), "q", customer.CodeInvalidQuery},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := customer.Compile(customer.And(customer.HasAnyTag("vip"), tt.f))
			fault, ok := errors.AsType[*customer.QueryError](err)
			if !ok || fault.Param != tt.param || fault.Code != tt.code || !errors.Is(err, customer.ErrInvalid) {
				t.Errorf("Compile: %v, want %s of %s", err, tt.code, tt.param)
			}
			customer.Normalize(tt.f)
		})
	}
}

func TestEveryLimitOfAFilterHoldsAtItsEdge(t *testing.T) {
	t.Parallel()
	several := func(n int) []customer.Filter {
		out := make([]customer.Filter, n)
		for i := range out {
			out[i] = customer.ByName.Is(fmt.Sprint("name", i))
		}
		return out
	}
	deep := func(n int) customer.Filter {
		f := customer.Text("x")
		for i := range n - 1 {
			if i%2 == 0 {
				f = customer.And(customer.HasAnyTag("a"), f)
			} else {
				f = customer.Or(customer.HasAnyTag("a"), f)
			}
		}
		return f
	}
	values := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint("v", i)
		}
		return out
	}
	twice := func(f func(n int) customer.Filter) func(n int) customer.Filter {
		return func(n int) customer.Filter { return customer.And(f(n), customer.Not(customer.Not(f(n)))) }
	}
	nodes := func(n int) customer.Filter { return customer.Or(several(n - 1)...) }
	for _, tt := range []struct {
		name string
		max  int
		of   func(n int) customer.Filter
	}{
		{"nodes", customer.MaxNodes, nodes},
		{"nodes below Not", customer.MaxNodes, func(n int) customer.Filter { return customer.NoneOf(several(n - 2)) }},
		{"nodes measured after Normalize", customer.MaxNodes, twice(nodes)},
		{"nodes beside the status that a list adds", customer.MaxNodes, func(n int) customer.Filter { return customer.ActiveUnlessNamed(nodes(n)) }},
		{"nodes of an And beside the status that a list adds", customer.MaxNodes, func(n int) customer.Filter { return customer.ActiveUnlessNamed(customer.And(several(n - 1)...)) }},
		{"depth", customer.MaxDepth, deep},
		{"depth measured after Normalize", customer.MaxDepth, twice(deep)},
		{"depth beside the status that a list adds", customer.MaxDepth, func(n int) customer.Filter { return customer.ActiveUnlessNamed(deep(n)) }},
		{"values of one text field", customer.MaxValues, func(n int) customer.Filter { return customer.ByCity.Contains(values(n)...) }},
		{"values in all", customer.MaxValues, func(n int) customer.Filter {
			return customer.Or(customer.ByCity.Is(values(n-3)...), customer.HasStatus(customer.Active), customer.HasID(someID), customer.HasMetadata("k", "v"))
		}},
		{"values measured after Normalize", customer.MaxValues, func(n int) customer.Filter { return customer.HasAnyTag(append(values(n), "v0", " V0")...) }},
		{"words", customer.MaxValues, func(n int) customer.Filter { return customer.Text(strings.Join(values(n), " ")) }},
		{"bytes of text", customer.MaxTextBytes, func(n int) customer.Filter { return customer.Text(strings.Repeat("x", n)) }},
		{"characters of a name", 200, func(n int) customer.Filter { return customer.ByName.Is(strings.Repeat("\U0001f600", n)) }},
		{"characters of a tag", 64, func(n int) customer.Filter { return customer.HasAnyTag(strings.Repeat("ü", n)) }},
		{"characters of a metadata value", 1000, func(n int) customer.Filter { return customer.HasMetadata("k", strings.Repeat("ü", n)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{tt.max - 1, tt.max, tt.max + 1} {
				err := customer.Query{Where: tt.of(n)}.Validate()
				if tooBig := n > tt.max; tooBig != errors.Is(err, customer.ErrInvalid) || !tooBig && err != nil {
					t.Errorf("%d of at most %d: %v", n, tt.max, err)
				}
			}
		})
	}
}

func TestQueryValidatesOrderAndLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		q     customer.Query
		param string
	}{
		{"the zero query", customer.Query{}, ""},
		{"the largest page", customer.Query{Limit: 200}, ""},
		{"the smallest page", customer.Query{Limit: 1}, ""},
		{"a page too large", customer.Query{Limit: 201}, "limit"},
		{"a negative page", customer.Query{Limit: -1}, "limit"},
		{"an order that does not exist", customer.Query{OrderBy: "phone"}, "sort"},
		{"an order with two signs", customer.Query{OrderBy: "--name"}, "sort"},
		{"a sign alone", customer.Query{OrderBy: "-"}, "sort"},
		{"SQL", customer.Query{OrderBy: "email;drop"}, "sort"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.q.Validate()
			fault, _ := errors.AsType[*customer.QueryError](err)
			switch {
			case tt.param == "" && err != nil:
				t.Errorf("Validate: %v", err)
			case tt.param != "" && (fault == nil || fault.Param != tt.param || fault.Code != customer.CodeInvalidParameter):
				t.Errorf("Validate: %v, want a fault of %s", err, tt.param)
			}
		})
	}
	for _, o := range append(customer.Orders(), "") {
		if err := (customer.Query{OrderBy: o}).Validate(); err != nil {
			t.Errorf("order %q: %v", o, err)
		}
	}
	if got := (customer.Query{}).PageSize(); got != 50 {
		t.Errorf("the default page has %d customers, want 50", got)
	}
	if got := (customer.Query{Limit: 7}).PageSize(); got != 7 {
		t.Errorf("a page of 7 has %d customers", got)
	}
}
