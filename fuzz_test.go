package customer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
)

func FuzzFold(f *testing.F) {
	for _, s := range slices.Concat(someNames, someEmails, somePhones, nastyValues) {
		f.Add(s, " "+s)
	}
	f.Add("\xff\u0301", "\u0345\u0308x\ufdfa")
	f.Add("\xf7\u0177", " has:x")
	f.Fuzz(func(t *testing.T, a, b string) {
		once := customer.Fold(a)
		if customer.Fold(once) != once || !utf8.ValidString(once) || strings.TrimSpace(once) != once || strings.Contains(once, "  ") {
			t.Errorf("Fold(%+q) = %+q, and of that %+q", a, once, customer.Fold(once))
		}
		if space := customer.Fold(a + " " + b); space != strings.TrimSpace(once+" "+customer.Fold(b)) {
			t.Errorf("Fold of %+q and %+q with a space between is %+q", a, b, space)
		}
		words := customer.KeysOf(customer.Customer{Name: a}).Words
		if words != strings.TrimRight(words, " ") || words != "" && words[0] != ' ' || strings.Contains(words, "  ") {
			t.Errorf("the words of %+q are %+q", a, words)
		}
	})
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{
		"", "ada love", "ada -tag:churned created_at:>=2026-01-01 (country:NL OR has:phone) metadata.plan:gold,silver", `name:="Ann Lee"`, "name:an*",
		"name:*ee", "email:~a", "NOT (a OR b) AND c", "((((a))))", "-(-(a))", `"a\"b\\"`, "“x”", "created_at:2026-01-01..2026-01-31", "created_at:..2026-01-31",
		`created_at:"2026-01-01","2026-01-03"`, "id:01970000-0000-7000-8000-000000000001", "status:active,archived", "@acme.com", "a@b", "has:metadata.k",
		"metadata.ȺȺȺȺȺȺȺȺȺȺ:x", "OR", "a AND NOT", "089 -0877310", "한글", "㌖", "tag:vip tag:b2b", "foo:bar", "name:~a,b", "phone:+49",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := customer.ParseText(text)
		if err != nil {
			fault, ok := errors.AsType[*customer.QueryError](err)
			if !ok || fault.Param != "q" || fault.Offset < 0 || fault.Offset > len(text) || filter != nil {
				t.Errorf("ParseText(%q) = %v, %v", text, filter, err)
			}
			return
		}
		if diff := cmp.Diff(customer.Normalize(filter), filter, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("ParseText(%q) is not normal (-want +got):\n%s", text, diff)
		}
		if err := (customer.Query{Where: customer.ActiveUnlessNamed(filter)}).Validate(); err != nil {
			t.Errorf("ParseText(%q) returns what is invalid: %v", text, err)
		}
		again, err := customer.FormatText(filter)
		if errors.Is(err, errors.ErrUnsupported) {
			return // longer than its source, by quotes and whole names
		}
		back, parseErr := customer.ParseText(again)
		if err != nil || parseErr != nil {
			t.Fatalf("%q is written as %q: %v, %v", text, again, err, parseErr)
		}
		if diff := cmp.Diff(filter, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q is written as %q (-want +got):\n%s", text, again, diff)
		}
	})
}

func FuzzCursor(f *testing.F) {
	c := customer.Customer{ID: someID, Name: "Ada", Email: "a@b.co", CreatedAt: noon, UpdatedAt: noon}
	for i, o := range customer.Orders() {
		f.Add(string(customer.NextCursor(customer.Query{OrderBy: o}, "acme", c)), uint8(i), "acme")
	}
	f.Add("AAAA", uint8(0), "")
	f.Add("=", uint8(3), "")
	f.Fuzz(func(t *testing.T, token string, order uint8, tenant string) {
		q := customer.Query{OrderBy: customer.Orders()[int(order)%10], After: customer.Cursor(token)}
		pos, ok, err := q.Position(tenant)
		if fault, is := errors.AsType[*customer.QueryError](err); err != nil {
			if !is || fault.Param != "cursor" || ok || pos != (customer.Position{}) {
				t.Errorf("Position(%q) = %v, %t, %v", token, pos, ok, err)
			}
			return
		}
		if ok != (token != "") {
			t.Errorf("Position(%q) is %t", token, ok)
		}
		if !ok {
			return
		}
		if !utf8.ValidString(pos.Key) || strings.Contains(pos.Key, "\x00") || pos.Time.Year() > 9999 {
			t.Errorf("Position(%q) = %v", token, pos)
		}
		named := customer.Customer{ID: pos.ID, Name: pos.Key, Company: pos.Key, Email: pos.Key, CreatedAt: pos.Time, UpdatedAt: pos.Time}
		if customer.PositionOf(q.OrderBy, named) == pos && customer.NextCursor(q, tenant, named) != q.After {
			t.Errorf("two cursors lead to one place: %q and %q", token, customer.NextCursor(q, tenant, named))
		}
	})
}

func FuzzApply(f *testing.F) {
	f.Add("Ada", "a@b.co", "112", "a,b", "c", "plan", "gold", uint16(0xffff))
	f.Add(" ", "", "x", "VIP", "vip", "k", "", uint16(0x0ff0))
	f.Add("\u0301", "ü@exämple.de", "+٠١٢", "H\u0331", "\x00", "", "\u200d", uint16(0x7a5a))
	f.Fuzz(func(t *testing.T, name, email, phone, add, remove, key, value string, flags uint16) {
		on := func(bit int) bool { return flags>>bit&1 == 1 }
		var p customer.Patch
		for bit, set := range []func(){
			func() { p.Name = &name }, func() { p.Email = &email }, func() { p.Phone = &phone }, func() { p.Notes = &value },
			func() { p.Address.City = &name }, func() { p.AddTags = strings.Split(add, ",") }, func() { p.RemoveTags = strings.Split(remove, ",") },
			func() { p.Tags = &[]string{add, remove} }, func() { p.Metadata = map[string]*string{key: &value, "plan": nil} },
			func() { p.ReplaceMetadata = true }, func() { p.Status = new(customer.Archived) }, func() { p.Company = new("") },
		} {
			if on(bit) {
				set()
			}
		}
		c := stored(t)
		if on(12) {
			c = archived(t)
		}
		before := c.Clone()
		next, changed, err := p.Apply(c, noon.Add(time.Hour))
		if diff := cmp.Diff(before, c); diff != "" {
			t.Fatalf("Apply changed its argument (-want +got):\n%s", diff)
		}
		if err != nil {
			if !errors.Is(err, customer.ErrInvalid) && !(errors.Is(err, customer.ErrArchived) && c.Status == customer.Archived) {
				t.Errorf("Apply: %v", err)
			}
			return
		}
		if (next.Version == c.Version+1) != (len(changed) > 0) || !slices.IsSorted(changed) || len(changed) == 0 && !cmp.Equal(c, next) {
			t.Errorf("version %d to %d with %q", c.Version, next.Version, changed)
		}
		again, more, err := p.Apply(next, noon.Add(2*time.Hour))
		if err != nil || more != nil || !cmp.Equal(next, again) {
			t.Errorf("the second time changes %q, %v (-want +got):\n%s", more, err, cmp.Diff(next, again))
		}
		if next.Status == customer.Active {
			checkStored(t, next)
		}
	})
}

// checkStored holds an active record against the rules: what follows them is what Build makes of it.
func checkStored(t *testing.T, c customer.Customer) {
	t.Helper()
	built, err := customer.Draft{
		ExternalID: c.ExternalID, Name: c.Name, Email: c.Email, Phone: c.Phone, Company: c.Company, Notes: c.Notes, Address: c.Address,
		Tags: c.Tags, Metadata: c.Metadata, CreatedAt: c.CreatedAt,
	}.Build(c.ID, c.UpdatedAt)
	built.Version = c.Version
	if diff := cmp.Diff(c, built); err != nil || diff != "" {
		t.Errorf("the record breaks the rules: %v (-want +got):\n%s", err, diff)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range append(someEmails, "a@ｅx.com", "\u212a@b.co", "H\u0331@b.co", "a@xn--fa-hia.de", "a@b。co", `"a b"@c.de`, "a@[::1]", "Bob <a@b.co>", "a@faß.de", "a@\u200db.co") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := customer.KeysOf(customer.Customer{Email: s}).Email
		c, err := build(customer.Draft{Email: s, Company: "Acme"})
		if err != nil || c.Email == "" {
			return
		}
		checkStored(t, c)
		if strings.Count(c.Email, "@") != 1 || strings.ContainsAny(c.Email, " \t\r\n,;:<>()[]\"\\\x00") || len(c.Email) > 254 {
			t.Errorf("%q is accepted", c.Email)
		}
		stored := customer.KeysOf(c)
		if trimmed := customer.KeysOf(customer.Customer{Email: strings.TrimSpace(s)}).Email; stored.Email != trimmed {
			t.Errorf("the key of %q is %q, of what was typed %q (%q)", c.Email, stored.Email, trimmed, key)
		}
		local, domain, _ := strings.Cut(stored.Email, "@")
		if again := customer.KeysOf(customer.Customer{Email: stored.Email}).Email; again != stored.Email || local == "" || domain != stored.Domain {
			t.Errorf("the key of %q is %q, and of that %q", c.Email, stored.Email, again)
		}
		if strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.Contains(domain, "..") || !strings.Contains(domain, ".") || len(domain) > 253 {
			t.Errorf("the domain of %q is %q", c.Email, domain)
		}
		for _, filter := range []customer.Filter{customer.ByEmail.Is(s), customer.ByEmail.Prefix(c.Email), customer.ByEmailDomain.Is(domain), customer.Text(c.Email)} {
			if ok, err := customer.Matches(filter, c); !ok || err != nil {
				t.Errorf("%#v does not find %q: %v", filter, c.Email, err)
			}
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.1234567+05:30", "2026-01-31T12:00:00 01:00", "9999-12-31", "1900-01-01", "T", "2026-01-31T1:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		from, to, err := customer.ParseTime(s)
		if err != nil {
			if !errors.Is(err, customer.ErrInvalid) || !from.IsZero() || !to.IsZero() {
				t.Errorf("ParseTime(%q) = %s, %s, %v", s, from, to, err)
			}
			return
		}
		if to.Before(from) || to.Sub(from) > 24*time.Hour || from.Year() < 1900 || from.Nanosecond()%1000 != 0 || to.Nanosecond()%1000 != 0 || from.Location() != time.UTC {
			t.Errorf("ParseTime(%q) = %s, %s", s, from, to)
		}
		if again, _, err := customer.ParseTime(from.Format(time.RFC3339Nano)); err != nil || !again.Equal(from) {
			t.Errorf("%s is read back as %s, %v", from, again, err)
		}
	})
}

func FuzzTags(f *testing.F) {
	for _, s := range someTags {
		f.Add(s, strings.ToUpper(s))
	}
	f.Add("İ", "i\u0307")
	f.Add("H\u0331", " \u1e96\u00a0")
	f.Fuzz(func(t *testing.T, a, b string) {
		c, err := build(customer.Draft{Name: "Ada", Tags: []string{a, b, a}})
		if err != nil {
			return
		}
		checkStored(t, c)
		for _, tag := range c.Tags {
			if strings.Contains(tag, ",") || strings.TrimSpace(tag) != tag || strings.ToLower(tag) != tag || utf8.RuneCountInString(tag) > 64 {
				t.Errorf("the tag %+q", tag)
			}
			if ok, err := customer.Matches(customer.HasAllTags(tag), c); !ok || err != nil {
				t.Errorf("%+q is not found: %v", tag, err)
			}
		}
		for _, raw := range []string{a, b} {
			if ok, err := customer.Matches(customer.HasAnyTag(raw), c); err == nil && !ok {
				t.Errorf("%+q does not find what it became: %+q", raw, c.Tags)
			}
		}
	})
}
