package httpserver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/memstore"
)

// link returns the target with the relation in a Link header, "" if there is none.
func (g answer) link(rel string) string {
	for item := range strings.SplitSeq(g.header.Get("Link"), ", ") {
		if target, ok := strings.CutSuffix(item, `>; rel="`+rel+`"`); ok {
			return strings.TrimPrefix(target, "<")
		}
	}
	return ""
}

func (a api) fill(n int) {
	for i := range n {
		a.create(fmt.Sprintf(`{"name":"Name %03d","email":"n%d@example.com","tags":["t%d"]}`, (i*7)%n, i, i%3))
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.fill(23)
	for _, query := range []string{"sort=name&limit=5", "limit=1", "sort=-email&limit=22", "sort=company&limit=23", "limit=200", "q=name&sort=-name&limit=4", "tag=t1&tag=t2&limit=3"} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			whole := a.send("GET", "/v1/customers?limit=200&"+without(t, query, "limit"), "").want(http.StatusOK).page()
			var byLink, byCursor []string
			for target := "/v1/customers?" + query; target != ""; {
				got := a.do("GET", target, "").want(http.StatusOK)
				byLink = append(byLink, got.page().names()...)
				if (got.link("next") == "") != (got.page().Next == "") {
					t.Fatalf("next_cursor %q and Link %q disagree", got.page().Next, got.header.Get("Link"))
				}
				if first := a.do("GET", got.link("first"), "").want(http.StatusOK).page(); first.names()[0] != whole.names()[0] {
					t.Errorf("rel=first leads to %s", first.names()[0])
				}
				target = got.link("next")
			}
			for body := query; body != ""; {
				got := a.do("POST", "/v1/search", body).want(http.StatusOK)
				byCursor = append(byCursor, got.page().names()...)
				if body = ""; got.page().Next != "" {
					body = query + "&cursor=" + url.QueryEscape(got.page().Next)
				}
			}
			if diff := cmp.Diff(whole.names(), byLink); diff != "" {
				t.Errorf("by Link (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(whole.names(), byCursor); diff != "" {
				t.Errorf("by cursor (-want +got)\n%s", diff)
			}
		})
	}
}

func without(t *testing.T, query, name string) string {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	values.Del(name)
	return values.Encode()
}

func TestAListIsNewestFirstAndOf50(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.fill(51)
	got := a.send("GET", "/v1/customers", "").want(http.StatusOK).page()
	if len(got.Items) != 50 || got.Next == "" {
		t.Fatalf("got %d items and cursor %q", len(got.Items), got.Next)
	}
	if !slices.IsSortedFunc(got.Items, func(a, b customer.Customer) int { return customer.Compare(a, b, customer.NewestFirst) }) {
		t.Errorf("not newest first: %v", got.names())
	}
}

func TestACursorServesItsOwnQueryOnly(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.fill(9)
	cursor := a.send("GET", "/v1/customers?limit=2&sort=name&tag=t1", "").want(http.StatusOK).page().Next
	flipped := []byte(cursor)
	flipped[len(flipped)/2] ^= 1
	for query, want := range map[string]string{
		"sort=name&tag=t1&limit=7&cursor=" + cursor:      "",
		"tag=t1&sort=name&cursor=" + cursor:              "",
		"q=tag:t1&sort=name&cursor=" + cursor:            "",
		"sort=-name&tag=t1&cursor=" + cursor:             "cursor_mismatch",
		"tag=t1&cursor=" + cursor:                        "cursor_mismatch",
		"sort=name&cursor=" + cursor:                     "cursor_mismatch",
		"sort=name&tag=t2&cursor=" + cursor:              "cursor_mismatch",
		"sort=name&tag=t1&cursor=" + cursor + "%3D":      "invalid_cursor",
		"sort=name&tag=t1&cursor=" + cursor[1:]:          "invalid_cursor",
		"sort=name&tag=t1&cursor=" + string(flipped):     "invalid_cursor",
		"sort=name&tag=t1&cursor=" + cursor + "&cursor=": "repeated_parameter",
	} {
		got := a.send("GET", "/v1/customers?"+query, "")
		if want == "" {
			got.want(http.StatusOK)
			continue
		}
		got.wantCode(http.StatusBadRequest, want)
		if diff := cmp.Diff([]string{"cursor " + want}, got.faults()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
		if strings.Contains(string(got.body), cursor) {
			t.Error("the answer repeats the cursor")
		}
	}
}

func TestCountIsOfAllPages(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.fill(4)
	for query, want := range map[string]int{"count=true": 4, "count=exact": 4, "count=true&limit=1": 4, "count=exact&tag=t0": 2, "count=true&name=nobody": 0} {
		got := a.send("GET", "/v1/customers?"+query, "").want(http.StatusOK).page()
		if got.Total == nil || got.Total.Value != want || !got.Total.Exact {
			t.Errorf("%s: got %+v, want %d", query, got.Total, want)
		}
	}
	if got := a.send("GET", "/v1/customers", "").want(http.StatusOK).page(); got.Total != nil {
		t.Errorf("got %+v without asking", got.Total)
	}
}

func TestCountStopsAt10000(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	a := over(t, store)
	for n := range 10_001 {
		if n == 9_999 || n == 10_000 {
			a.wantTotal(n, n, true)
		}
		if _, err := store.Create(t.Context(), customer.Draft{Name: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	a.wantTotal(10_000, 10_001, false)
}

// wantTotal checks both ways to count.
func (a api) wantTotal(capped, all int, exact bool) {
	a.t.Helper()
	if got := a.do("GET", "/v1/customers?limit=1&count=true", "").want(http.StatusOK).page().Total; got.Value != capped || got.Exact != exact {
		a.t.Errorf("count=true: got %+v, want %d, %t", *got, capped, exact)
	}
	if got := a.do("GET", "/v1/customers?limit=1&count=exact", "").want(http.StatusOK).page().Total; got.Value != all || !got.Exact {
		a.t.Errorf("count=exact: got %+v, want %d", *got, all)
	}
}

func TestListsShowActiveCustomersUnlessTheFilterSaysOtherwise(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.create(`{"name":"active","external_id":"1"}`)
	old := a.create(`{"name":"archived","external_id":"2"}`).ID.String()
	a.send("POST", "/v1/customers/"+old+"/archive", "").want(http.StatusOK)
	for query, want := range map[string]string{
		"":                              "active",
		"has=name":                      "active",
		"q=has:name":                    "active",
		"created_at.gte=2020-01-01":     "active",
		"external_id.not=1":             "archived",
		"external_id=2":                 "archived",
		"status=archived":               "archived",
		"status.not=active":             "archived",
		"status=active&status=archived": "active archived",
		"q=status:active,archived":      "active archived",
		"q=archived OR status:active":   "active archived",
		"id=" + old:                     "archived",
		"has=archived_at":               "archived",
		"has.not=archived_at":           "active",
		"archived_at.gte=2020-01-01":    "archived",
		"has=external_id":               "active archived",
	} {
		got := a.send("POST", "/v1/search", strings.ReplaceAll(query, " ", "+")+"&sort=name").want(http.StatusOK).page()
		if diff := cmp.Diff(want, strings.Join(got.names(), " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
	}
}

// A filter may be as large as the limit says, whatever the server adds to it.
func TestTheLimitsOfAFilterAreThoseOfTheCaller(t *testing.T) {
	t.Parallel()
	a := open(t)
	names := []string{"name", "company", "email", "phone", "city", "region", "postal_code", "country", "email_domain"}
	var conditions []string
	for _, op := range []string{"", ".contains", ".prefix", ".suffix"} {
		for _, name := range names {
			conditions = append(conditions, name+op+"=1")
		}
	}
	for n, want := range map[int]int{customer.MaxNodes - 2: 200, customer.MaxNodes - 1: 200, customer.MaxNodes: 400} {
		got := a.send("POST", "/v1/search", strings.Join(conditions[:n], "&")).want(want)
		if want == 400 {
			got.wantCode(400, "invalid_query")
		}
	}
	for n, want := range map[int]int{99: 200, 100: 200, 101: 400} {
		a.send("POST", "/v1/search", strings.Repeat("&tag.all=x", n)).want(200)
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "&tag=t%d", i)
		}
		a.send("POST", "/v1/search", b.String()[1:]).want(want)
	}
	for n, want := range map[int]int{511: 200, 512: 200, 513: 400} {
		a.send("GET", "/v1/customers?q="+strings.Repeat("a", n), "").want(want)
	}
	for n, want := range map[string]int{"1": 200, "199": 200, "200": 200, "201": 400} {
		a.send("GET", "/v1/customers?limit="+n, "").want(want)
	}
}

func TestPeopleFindCustomersAsTheyType(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.create(`{"name":"José O'Neill","email":"jose+x@example.com","phone":"+49 (0)711 284-2222","company":"Bücher & Söhne","tags":["vip","b2b"],"metadata":{"plan":"gold"},"address":{"city":"Köln","country":"DE"}}`)
	a.create(`{"name":"Ann Lee","email":"ann@example.org","address":{"country":"NL"}}`)
	for query, want := range map[string]string{
		"name=jose o'neill":                             "José O'Neill",
		"name.contains=ann":                             "Ann Lee",
		"name.prefix=JOS":                               "José O'Neill",
		"name.suffix=lee":                               "Ann Lee",
		"name.not=Ann Lee":                              "José O'Neill",
		"email=JOSE%2Bx@example.com":                    "José O'Neill",
		"email_domain=example.org":                      "Ann Lee",
		"phone.suffix=2222":                             "José O'Neill",
		"phone.contains=711-284":                        "José O'Neill",
		"tag=vip&tag=none":                              "José O'Neill",
		"tag.all=vip&tag.all=b2b":                       "José O'Neill",
		"tag.not=vip":                                   "Ann Lee",
		"metadata.plan=gold":                            "José O'Neill",
		"metadata.plan.not=gold":                        "Ann Lee",
		"city=koln":                                     "José O'Neill",
		"country=NL&country=BE":                         "Ann Lee",
		"has=phone&has=company":                         "José O'Neill",
		"has.not=phone":                                 "Ann Lee",
		"has=metadata.plan":                             "José O'Neill",
		"company=bucher %26 sohne":                      "José O'Neill",
		"q=oneill":                                      "José O'Neill",
		"q=(tag:vip OR country:NL) -has:phone":          "Ann Lee",
		"q=@example.org":                                "Ann Lee",
		"created_at.gte=2020-01-01T00:00:00 02:00&q=an": "Ann Lee",
	} {
		target := "/v1/customers?" + strings.ReplaceAll(query, " ", "+")
		if got := a.send("GET", target, "").want(http.StatusOK).page().names(); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %v, want %s", query, got, want)
		}
	}
}
