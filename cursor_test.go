package customer_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
)

func TestCursorLeadsBackToItsCustomerInEveryOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCustomer(t)
		q := customer.Query{
			Where: drawFilter(t), OrderBy: rapid.SampledFrom(append(customer.Orders(), "")).Draw(t, "order"),
			Limit: rapid.IntRange(0, customer.MaxLimit).Draw(t, "limit"),
		}
		tenant := rapid.SampledFrom([]string{"", "acme", "a-b_c"}).Draw(t, "tenant")
		q.After = customer.NextCursor(q, tenant, c)
		q.Limit = rapid.IntRange(0, customer.MaxLimit).Draw(t, "another limit")
		got, ok, err := q.Position(tenant)
		if err != nil || !ok {
			t.Fatalf("Position: %t, %v", ok, err)
		}
		if diff := cmp.Diff(customer.PositionOf(q.OrderBy, c), got); diff != "" {
			t.Fatalf("position (-want +got):\n%s", diff)
		}
		if got.Compare(customer.PositionOf(q.OrderBy, c), q.OrderBy) != 0 {
			t.Fatal("the position is not that of the customer")
		}
	})
}

func TestCursorServesEverySpellingOfItsFilter(t *testing.T) {
	t.Parallel()
	c := customer.Customer{ID: someID, Name: "Ada", CreatedAt: noon}
	q := customer.Query{Where: customer.And(customer.HasAnyTag("B2B", "vip"), customer.Text("Love Ada"))}
	q.After = customer.NextCursor(q, "", c)
	q.Where = customer.And(customer.And(customer.Text("ada"), customer.Text("love")), customer.HasAnyTag("vip", "b2b", "vip"))
	q.OrderBy, q.Limit = customer.NewestFirst, 7
	if _, ok, err := q.Position(""); !ok || err != nil {
		t.Errorf("Position = %t, %v", ok, err)
	}
}

func TestFirstPageHasNoPosition(t *testing.T) {
	t.Parallel()
	if pos, ok, err := (customer.Query{}).Position("acme"); pos != (customer.Position{}) || ok || err != nil {
		t.Errorf("Position = %v, %t, %v", pos, ok, err)
	}
}

func TestCursorOfAnotherQueryIsRefused(t *testing.T) {
	t.Parallel()
	c := customer.Customer{ID: someID, Name: "Ada", CreatedAt: noon, UpdatedAt: noon}
	q := customer.Query{Where: customer.HasAnyTag("vip"), OrderBy: customer.NameAZ}
	q.After = customer.NextCursor(q, "acme", c)
	for _, tt := range []struct {
		name, tenant string
		change       func(*customer.Query)
	}{
		{"another filter", "acme", func(q *customer.Query) { q.Where = customer.HasAnyTag("b2b") }},
		{"no filter", "acme", func(q *customer.Query) { q.Where = nil }},
		{"the complement", "acme", func(q *customer.Query) { q.Where = customer.Not(q.Where) }},
		{"another key", "acme", func(q *customer.Query) { q.OrderBy = customer.CompanyAZ }},
		{"another direction", "acme", func(q *customer.Query) { q.OrderBy = customer.NameZA }},
		{"the default order", "acme", func(q *customer.Query) { q.OrderBy = "" }},
		{"another tenant", "globex", func(*customer.Query) {}},
		{"the unnamed tenant", "", func(*customer.Query) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := q
			tt.change(&q)
			wantCursorFault(t, q, tt.tenant, customer.CodeCursorMismatch)
		})
	}
}

func TestCursorThatIsDamagedIsInvalid(t *testing.T) {
	t.Parallel()
	for _, o := range customer.Orders() {
		q := customer.Query{OrderBy: o}
		good := string(customer.NextCursor(q, "", customer.Customer{ID: someID, Name: "Ada", Email: "a@b.co", CreatedAt: noon, UpdatedAt: noon}))
		b, err := base64.RawURLEncoding.DecodeString(good)
		if err != nil {
			t.Fatal(err)
		}
		bad := []string{
			"x", "null", good + "=", good + "==", good + " ", " " + good, good + "\n", good[:4] + "\r\n" + good[4:], good[:len(good)-1], good + good,
			good + "A", base64.URLEncoding.EncodeToString(b[:len(b)-1]) + "=", strings.Repeat("A", 60), strings.Repeat("A", 1<<20), "\x00", "é",
			base64.StdEncoding.EncodeToString(append([]byte{1, 0xfb, 0xef, 0xff}, b...)),
		}
		for i := range 8 * len(b) {
			flipped := []byte(string(b))
			flipped[i/8] ^= 1 << (i % 8)
			bad = append(bad, base64.RawURLEncoding.EncodeToString(flipped))
		}
		for i := range good {
			for bit := range 8 {
				bad = append(bad, good[:i]+string([]byte{good[i] ^ 1<<bit})+good[i+1:])
			}
		}
		for _, token := range bad {
			q.After = customer.Cursor(token)
			wantCursorFault(t, q, "", customer.CodeInvalidCursor)
		}
	}
}

// The checksums are no secret: whoever computes them still cannot bring a store what no customer has.
func TestCursorMadeByHandHoldsNothingAStoreCouldChokeOn(t *testing.T) {
	t.Parallel()
	forge := func(o customer.Order, key string) customer.Query {
		q := customer.Query{OrderBy: o}
		c := customer.Customer{ID: someID, CreatedAt: noon, UpdatedAt: noon}
		b, err := base64.RawURLEncoding.DecodeString(string(customer.NextCursor(q, "", c)))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b[:1+8+16], key...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
		q.After = customer.Cursor(base64.RawURLEncoding.EncodeToString(b))
		return q
	}
	micros := func(t time.Time) string { return string(binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro()))) }

	if _, ok, err := forge(customer.NameAZ, "ada").Position(""); !ok || err != nil {
		t.Fatalf("a well-made cursor: %t, %v", ok, err)
	}
	if _, ok, err := forge(customer.OldestFirst, micros(noon)).Position(""); !ok || err != nil {
		t.Fatalf("a well-made cursor: %t, %v", ok, err)
	}
	for _, key := range []string{"a\x00b", "\xff", "\xed\xa0\x80", strings.Repeat("k", 2001)} {
		for _, o := range []customer.Order{customer.NameAZ, customer.EmailZA, customer.CompanyAZ} {
			wantCursorFault(t, forge(o, key), "", customer.CodeInvalidCursor)
		}
	}
	for _, key := range []string{
		"", "1234567", "123456789", "\x7f\xff\xff\xff\xff\xff\xff\xff", "\x80\x00\x00\x00\x00\x00\x00\x00",
		micros(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), micros(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		for _, o := range []customer.Order{"", customer.OldestFirst, customer.UpdatedLast} {
			wantCursorFault(t, forge(o, key), "", customer.CodeInvalidCursor)
		}
	}
}

func wantCursorFault(t *testing.T, q customer.Query, tenant string, code customer.Code) {
	t.Helper()
	pos, ok, err := q.Position(tenant)
	fault, is := errors.AsType[*customer.QueryError](err)
	if !is || fault.Code != code || fault.Param != "cursor" || ok || pos != (customer.Position{}) {
		t.Errorf("Position of %.40q for %q = %v, %t, %v, want %s", q.After, tenant, pos, ok, err, code)
	}
	if err != nil && len(q.After) > 4 && strings.Contains(err.Error(), string(q.After)) {
		t.Errorf("the error repeats the cursor: %v", err)
	}
}
