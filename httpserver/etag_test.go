package httpserver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// atVersion3 returns a customer that has been changed twice.
func atVersion3(a api) (target string) {
	target = "/v1/customers/" + a.create(field("name", "one")).ID.String()
	a.do("PATCH", target, field("name", "two")).want(http.StatusOK)
	a.do("PATCH", target, field("name", "three")).want(http.StatusOK)
	return target
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header []string
		status int
		code   string
	}{
		"absent":                             {nil, 200, ""},
		"the current version":                {[]string{`If-Match: "3"`}, 200, ""},
		"any version":                        {[]string{`If-Match: *`}, 200, ""},
		"an older version":                   {[]string{`If-Match: "2"`}, 412, "version_mismatch"},
		"a version to come":                  {[]string{`If-Match: "4"`}, 412, "version_mismatch"},
		"a list with the current one":        {[]string{`If-Match: "1", "3"`}, 200, ""},
		"a list with empty elements":         {[]string{`If-Match: ,, "3" ,`}, 200, ""},
		"a list on two lines":                {[]string{`If-Match: "1"`, `If-Match: "3"`}, 200, ""},
		"a list without the current one":     {[]string{`If-Match: "1", "2"`}, 412, "version_mismatch"},
		"a list with a strange tag":          {[]string{`If-Match: "abc,def", "3"`}, 200, ""},
		"a weak tag":                         {[]string{`If-Match: W/"3"`}, 412, "weak_etag"},
		"a weak tag of another version":      {[]string{`If-Match: W/"2"`}, 412, "weak_etag"},
		"a weak tag beside the current one":  {[]string{`If-Match: W/"2", "3"`}, 200, ""},
		"a tag that is no version":           {[]string{`If-Match: "abc"`}, 412, "version_mismatch"},
		"a leading zero":                     {[]string{`If-Match: "03"`}, 412, "version_mismatch"},
		"a sign":                             {[]string{`If-Match: "+3"`}, 412, "version_mismatch"},
		"an empty tag":                       {[]string{`If-Match: ""`}, 412, "version_mismatch"},
		"version 0":                          {[]string{`If-Match: "0"`}, 412, "version_mismatch"},
		"the version that means any in Go":   {[]string{`If-Match: "-1"`}, 412, "version_mismatch"},
		"a number beyond 64 bits":            {[]string{`If-Match: "99999999999999999999"`}, 412, "version_mismatch"},
		"no quotes":                          {[]string{`If-Match: 3`}, 400, "invalid_header"},
		"one quote":                          {[]string{`If-Match: "3`}, 400, "invalid_header"},
		"nothing":                            {[]string{`If-Match: `}, 400, "invalid_header"},
		"only commas":                        {[]string{`If-Match: ,,`}, 400, "invalid_header"},
		"a star in a list":                   {[]string{`If-Match: *, "3"`}, 400, "invalid_header"},
		"a star in quotes":                   {[]string{`If-Match: "*"`}, 412, "version_mismatch"},
		"a small w":                          {[]string{`If-Match: w/"3"`}, 400, "invalid_header"},
		"tags without a comma":               {[]string{`If-Match: "2" "3"`}, 400, "invalid_header"},
		"a space in a tag":                   {[]string{`If-Match: "3 "`}, 400, "invalid_header"},
		"single quotes":                      {[]string{`If-Match: '3'`}, 400, "invalid_header"},
		"a header of the longest legal size": {[]string{`If-Match: ` + strings.Repeat(`"1",`, 4000) + `"3"`}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for action, body := range map[string]string{"": `{"notes":"x"}`, "/archive": "", "/restore": "", "/tags": `{"add":["x"]}`} {
				a := open(t)
				target := atVersion3(a)
				method := map[bool]string{true: "PATCH", false: "POST"}[action == ""]
				checkPrecondition(t, a.do(method, target+action, body, tc.header...).want(tc.status), tc.code)
			}
			if tc.header != nil {
				a := open(t)
				target := atVersion3(a)
				status := map[int]int{200: 204}[tc.status]
				checkPrecondition(t, a.send("DELETE", target, "", tc.header...).want(max(status, tc.status)), tc.code)
			}
		})
	}
}

func checkPrecondition(t *testing.T, got answer, code string) {
	t.Helper()
	if code != "" {
		got.wantCode(got.status, code)
	}
	if got.status == http.StatusPreconditionFailed && got.header.Get("ETag") != `"3"` {
		t.Errorf("got ETag %q, want the current one", got.header.Get("ETag"))
	}
	if code == "invalid_header" && !strings.Contains(got.problem().Detail, `"3"`) {
		t.Errorf("the detail does not show a quoted tag: %s", got.body)
	}
}

func TestIfMatchStarNeedsACustomer(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + customer.NewID().String()
	for _, header := range []string{`If-Match: *`, `If-Match: "1"`, `If-Match: W/"1"`, `If-Match: "x"`} {
		a.send("PATCH", target, `{}`, header).wantCode(http.StatusNotFound, "not_found")
		a.send("DELETE", target, "", header).wantCode(http.StatusNotFound, "not_found")
	}
}

func TestIfNoneMatch(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := atVersion3(a)
	for header, want := range map[string]int{
		`If-None-Match: "3"`:        304,
		`If-None-Match: W/"3"`:      304,
		`If-None-Match: "1", "3"`:   304,
		`If-None-Match: *`:          304,
		`If-None-Match: "2"`:        200,
		`If-None-Match: "abc"`:      200,
		`If-None-Match: 3`:          400,
		`If-None-Match: "3`:         400,
		`If-Match: "2"`:             200,
		`If-Modified-Since: Sat, 1`: 200,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			got := a.send(method, target, "", header).want(want)
			if want != 400 && got.header.Get("ETag") != `"3"` {
				t.Errorf("%s %s: got ETag %q", method, header, got.header.Get("ETag"))
			}
		}
	}
	a.send("GET", "/v1/customers/"+customer.NewID().String(), "", `If-None-Match: *`).want(http.StatusNotFound)
	if got := a.send("GET", "/v1/customers", "", `If-None-Match: *`).want(http.StatusOK); got.header.Get("ETag") != "" {
		t.Error("a list has an ETag")
	}
}

func TestIfNoneMatchOfAChangeIsRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := atVersion3(a)
	for _, value := range []string{"*", `"3"`, `"1"`, "junk"} {
		header := "If-None-Match: " + value
		for _, r := range []struct{ method, target, body string }{
			{"PATCH", target, field("name", "four")},
			{"DELETE", target, ""},
			{"POST", target + "/archive", ""},
			{"POST", target + "/tags", `{"add":["x"]}`},
			{"POST", "/v1/customers", field("name", "new")},
		} {
			got := a.do(r.method, r.target, r.body, header, `If-Match: "3"`).wantCode(http.StatusBadRequest, "invalid_header").problem()
			if !strings.Contains(got.Detail, "If-Match") {
				t.Errorf("%s %s: detail %q", r.method, r.target, got.Detail)
			}
		}
	}
	if c := a.do("GET", target, "").want(http.StatusOK).customer(); c.Version != 3 {
		t.Errorf("the customer is at version %d, want 3", c.Version)
	}
	if n := len(a.do("GET", "/v1/customers", "").page().Items); n != 1 {
		t.Errorf("%d customers are there, want 1", n)
	}
	a.do("POST", "/v1/search", "q=x", "Content-Type: application/x-www-form-urlencoded", `If-None-Match: "1"`).want(http.StatusOK)
}

func TestIfMatchCanBeRequiredOnEveryChange(t *testing.T) {
	t.Parallel()
	a := open(t, httpserver.RequireIfMatch())
	target := "/v1/customers/" + a.create(field("name", "x")).ID.String()
	for action, body := range map[string]string{"": `{"notes":"x"}`, "/archive": "", "/restore": "", "/tags": `{"add":["x"]}`} {
		method := map[bool]string{true: "PATCH", false: "POST"}[action == ""]
		a.send(method, target+action, body).wantCode(http.StatusPreconditionRequired, "if_match_required")
		a.send(method, target+action, body, "If-Match: *").want(http.StatusOK)
	}
}

// racing changes the customer between every read and the update that follows.
type racing struct {
	*memstore.Store
	times, races int
}

func (r *racing) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	if r.times > 0 {
		r.times--
		r.races++
		if _, err := r.Store.Update(ctx, id, customer.AnyVersion, customer.Patch{Notes: new(strings.Repeat("n", r.races))}); err != nil {
			return customer.Customer{}, err
		}
	}
	return r.Store.Update(ctx, id, v, p)
}

func TestAChangeThatLosesARaceIsRepeatedUnlessAVersionWasNamed(t *testing.T) {
	t.Parallel()
	store := &racing{Store: memstore.New()}
	a := over(t, store)
	c := a.create(field("name", "x"))
	target := "/v1/customers/" + c.ID.String()

	store.times = 3
	got := a.send("PATCH", target, `{"id":"`+c.ID.String()+`","company":"y"}`).want(http.StatusOK).customer()
	if got.Company != "y" || got.Notes != "nnn" || got.Version != 5 {
		t.Errorf("got %+v", got)
	}
	store.times = 1
	a.send("PATCH", target, `{"id":"`+c.ID.String()+`","company":"z"}`, `If-Match: "5"`).wantCode(http.StatusPreconditionFailed, "version_mismatch")
	store.times = 1
	a.send("PATCH", target, `{"company":"z"}`, `If-Match: "6", "7"`).want(http.StatusOK)
}
