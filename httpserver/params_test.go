package httpserver

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }

// The law of the contract: a filter means the same however it is spelled. Each row is equal after Normalize.
func TestTheSpellingsOfAFilterAreEqual(t *testing.T) {
	t.Parallel()
	id := customer.NewID()
	for name, tc := range map[string]struct {
		params string
		texts  []string
		want   customer.Filter
	}{
		"status one of":       {"status=active&status=archived", []string{"status:active,archived"}, customer.HasStatus(customer.Active, customer.Archived)},
		"not tagged":          {"tag.not=churned", []string{"-tag:churned", "NOT tag:churned"}, customer.Not(customer.HasAnyTag("churned"))},
		"both tags":           {"tag.all=vip&tag.all=b2b", []string{"tag:vip tag:b2b", "tag:vip AND tag:b2b"}, customer.HasAllTags("vip", "b2b")},
		"part of a name":      {"name.contains=ann", []string{"name:ann", "name:~ann"}, customer.ByName.Contains("ann")},
		"the whole name":      {"name=Ann+Lee", []string{`name:="Ann Lee"`}, customer.ByName.Is("Ann Lee")},
		"January":             {"created_at.gte=2026-01-01&created_at.lte=2026-01-31", []string{"created_at:2026-01-01..2026-01-31"}, customer.ByCreatedAt.Between(day(1, 1), day(2, 1))},
		"domain":              {"email_domain=example.com", []string{"email_domain:example.com", "@example.com"}, customer.ByEmailDomain.Is("example.com")},
		"metadata":            {"metadata.plan=gold", []string{"metadata.plan:gold"}, customer.HasMetadata("plan", "gold")},
		"either":              {"q=%28tag%3Avip+OR+country%3ANL%29+-has%3Aphone", []string{"(tag:vip OR country:NL) -has:phone"}, customer.And(customer.Or(customer.HasAnyTag("vip"), customer.ByCountry.Contains("NL")), customer.Not(customer.ByPhone.Present()))},
		"a day":               {"created_at=2026-01-31", []string{"created_at:2026-01-31"}, customer.ByCreatedAt.Between(day(1, 31), day(2, 1))},
		"either day":          {"created_at=2026-01-31&created_at=2026-03-01", []string{"created_at:2026-03-01 OR created_at:2026-01-31"}, customer.Or(customer.ByCreatedAt.Between(day(1, 31), day(2, 1)), customer.ByCreatedAt.Between(day(3, 1), day(3, 2)))},
		"after a day":         {"created_at.gt=2026-01-31", []string{"created_at:>2026-01-31"}, customer.ByCreatedAt.Since(day(2, 1))},
		"before a day":        {"updated_at.lt=2026-01-31", []string{"updated_at:<2026-01-31"}, customer.ByUpdatedAt.Before(day(1, 31))},
		"an offset":           {"created_at.gte=2026-01-01T01:00:00+01:00", []string{"created_at:>=2026-01-01T00:00:00Z"}, customer.ByCreatedAt.Since(day(1, 1))},
		"after an instant":    {"created_at.gt=2026-01-01T00:00:00Z", []string{"created_at:>2026-01-01T00:00:00Z"}, customer.ByCreatedAt.Since(day(1, 1).Add(time.Microsecond))},
		"archived until":      {"archived_at.lte=2026-01-30", []string{"archived_at:<=2026-01-30"}, customer.ByArchivedAt.Before(day(1, 31))},
		"none of the names":   {"name.not=Ann&name.not=Bob", nil, customer.Not(customer.ByName.Is("Bob", "Ann"))},
		"any of the tags":     {"tag=vip&tag=B2B", []string{"tag:vip,b2b"}, customer.HasAnyTag("b2b", "vip")},
		"any prefix":          {"email.prefix=ada", []string{"email:ada*"}, customer.ByEmail.Prefix("ada")},
		"a suffix":            {"phone.suffix=2222", []string{"phone:*2222"}, customer.ByPhone.Suffix("2222")},
		"an id":               {"id=" + id.String(), []string{"id:" + id.String()}, customer.HasID(id)},
		"not an id":           {"id.not=" + id.String(), []string{"-id:" + id.String()}, customer.Not(customer.HasID(id))},
		"not a status":        {"status.not=archived", []string{"-status:archived"}, customer.Not(customer.HasStatus(customer.Archived))},
		"not a value":         {"metadata.plan.not=gold", []string{"-metadata.plan:gold"}, customer.Not(customer.HasMetadata("plan", "gold"))},
		"a key called not":    {"metadata.not=x", []string{"metadata.not:x"}, customer.HasMetadata("not", "x")},
		"both are there":      {"has=email&has=metadata.plan", []string{"has:email has:metadata.plan"}, customer.And(customer.Has("email"), customer.Has("metadata.plan"))},
		"neither is there":    {"has.not=email&has.not=phone", []string{"-has:email -has:phone"}, customer.And(customer.Not(customer.Has("email")), customer.Not(customer.Has("phone")))},
		"everything together": {"q=ada+lee&city=Rome&tag.not=x", []string{"lee city:=Rome ada -tag:x"}, customer.And(customer.Text("ada lee"), customer.ByCity.Is("Rome"), customer.Not(customer.HasAnyTag("x")))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := customer.Normalize(tc.want)
			values, err := url.ParseQuery(tc.params)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := parseFilter(values)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, customer.Normalize(got)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tc.params, diff)
			}
			for _, text := range tc.texts {
				parsed, err := customer.ParseText(text)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, parsed); diff != "" {
					t.Errorf("%s (-want +got)\n%s", text, diff)
				}
			}
		})
	}
}

// Every parameter with a legal value makes a filter, an order or a limit: none is read and forgotten.
func TestEveryParameterHasAnEffect(t *testing.T) {
	t.Parallel()
	legal := map[string]string{
		"q": "ada", "sort": "name", "limit": "7", "cursor": "x", "count": "true", "status": "active", "id": customer.NewID().String(),
		"email": "ada@example.com", "has": "email", "created_at": "2026-01-31", "updated_at": "2026-01-31", "archived_at": "2026-01-31",
	}
	seen := map[string]string{}
	for _, name := range append(paramNames(), "metadata.plan", "metadata.plan.not", "metadata.size") {
		field, _, _ := splitParam(name)
		value, ok := legal[field]
		if !ok {
			value = "1234"
		}
		if control, ok := legal[name]; ok {
			value = control
		}
		values := []string{value}
		if field == "tag" {
			values = append(values, "x") // all of one is any of one
		}
		filter, out, err := parseFilter(url.Values{name: values})
		if err != nil {
			t.Errorf("%s=%s: %v", name, value, err)
			continue
		}
		effect := cmp.Diff(listQuery{}, out, cmp.AllowUnexported(listQuery{})) + cmp.Diff(customer.Filter(customer.AllOf{}), customer.Normalize(filter))
		if other, ok := seen[effect]; ok {
			t.Errorf("%s does what %s does", name, other)
		}
		seen[effect] = name
	}
}

func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		"q=ada&limit=5&sort=-name", "name.contains=a&name.not=b", "created_at.gte=2026-01-01&created_at.lt=2026-01-01T00:00:00 01:00",
		"metadata.a.not=x&has=metadata.a", "id=01970000-0000-7000-8000-000000000000", "%zz", "a=1;b=2", "tag=a,b&status=&=&&&", "cursor=%00&count=exact",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := parseParams(raw)
		if err != nil {
			return
		}
		q, err := parseList(values)
		if err != nil {
			p, ok := err.(*problem)
			if !ok || kinds[p.code].status != 400 || len(p.errors) == 0 {
				t.Fatalf("got %#v", err)
			}
			return
		}
		// What was accepted is legal for a store, and survives being written again as in a link.
		if err := q.Validate(); err != nil {
			t.Fatal(err)
		}
		again, err := url.ParseQuery(values.Encode())
		if err != nil {
			t.Fatal(err)
		}
		same, err := parseList(again)
		if err != nil {
			t.Fatal(err)
		}
		q.Where, same.Where = customer.Normalize(q.Where), customer.Normalize(same.Where)
		if diff := cmp.Diff(q, same, cmp.AllowUnexported(listQuery{})); diff != "" {
			t.Errorf("(-first +again)\n%s", diff)
		}
	})
}
