package httpserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

const ada = `{"name":"Ada Lovelace","email":"ada@example.com","phone":"+44 20 7946 0958","company":"Analytical Engines","notes":"a\nb",` +
	`"external_id":"A-1","address":{"line1":"12 St James's Square","city":"London","country":"GB"},"tags":["VIP","b2b"],"metadata":{"plan":"gold"}}`

func TestCreateAnswersWithTheWholeRecordAndWhereItIs(t *testing.T) {
	t.Parallel()
	a := open(t)
	got := a.send("POST", "/v1/customers", ada).want(http.StatusCreated)
	c := got.customer()
	if want := "/v1/customers/" + c.ID.String(); got.header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", got.header.Get("Location"), want)
	}
	if got.header.Get("ETag") != `"1"` {
		t.Errorf(`got ETag %s, want "1"`, got.header.Get("ETag"))
	}
	want := customer.Customer{
		ID: c.ID, ExternalID: "A-1", Version: 1, Status: customer.Active, Name: "Ada Lovelace", Email: "ada@example.com",
		Phone: "+44 20 7946 0958", Company: "Analytical Engines", Notes: "a\nb",
		Address: customer.Address{Line1: "12 St James's Square", City: "London", Country: "GB"},
		Tags:    []string{"b2b", "vip"}, Metadata: map[string]string{"plan": "gold"}, CreatedAt: c.CreatedAt, UpdatedAt: c.CreatedAt,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	read := a.send("GET", got.header.Get("Location"), "").want(http.StatusOK)
	if diff := cmp.Diff(string(got.body), string(read.body)); diff != "" {
		t.Errorf("reading gives another record (-created +read)\n%s", diff)
	}
}

func TestEveryMemberIsAlwaysThere(t *testing.T) {
	t.Parallel()
	got := open(t).send("POST", "/v1/customers", `{"name":"<Ada> & \"Bob\""}`).want(http.StatusCreated)
	c := got.customer()
	at := c.CreatedAt.Format("2006-01-02T15:04:05.000000Z")
	want := `{"id":"` + c.ID.String() + `","external_id":"","version":1,"status":"active","name":"<Ada> & \"Bob\"","email":"","phone":"",` +
		`"company":"","notes":"","address":{"line1":"","line2":"","city":"","region":"","postal_code":"","country":""},"tags":[],` +
		`"metadata":{},"created_at":"` + at + `","updated_at":"` + at + `","archived_at":null}`
	if diff := cmp.Diff(want, string(got.body)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHeadHasTheHeadersOfGetAndNoBody(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.create(ada)
	for _, target := range []string{"/v1/customers", "/v1/customers?limit=1&count=true", "/v1/customers/" + c.ID.String(), "/v1/customers/" + customer.NewID().String(), "/v1/customers?limit=x", "/openapi.json", "/livez", "/readyz", "/version"} {
		get := a.send("GET", target, "", "X-Request-Id: same")
		head := a.send("HEAD", target, "", "X-Request-Id: same")
		if get.status != head.status || len(head.body) > 0 {
			t.Errorf("%s: got %d with %d bytes, want %d with none", target, head.status, len(head.body), get.status)
		}
		if diff := cmp.Diff(get.header, head.header); diff != "" {
			t.Errorf("%s: (-get +head)\n%s", target, diff)
		}
	}
}

func TestPatchMergesAsRFC7396Says(t *testing.T) {
	t.Parallel()
	type change = func(*customer.Customer)
	for name, tc := range map[string]struct {
		patch string
		want  change
	}{
		"an absent member stays":                    {`{}`, func(c *customer.Customer) { c.Version = 1 }},
		"a text replaces":                           {`{"name":"Ada"}`, func(c *customer.Customer) { c.Name = "Ada" }},
		"null clears a text":                        {`{"phone":null}`, func(c *customer.Customer) { c.Phone = "" }},
		"an empty text clears":                      {`{"phone":""}`, func(c *customer.Customer) { c.Phone = "" }},
		"an address merges line by line":            {`{"address":{"city":"Paris","line1":null}}`, func(c *customer.Customer) { c.Address.City, c.Address.Line1 = "Paris", "" }},
		"an empty address changes nothing":          {`{"address":{}}`, func(c *customer.Customer) { c.Version = 1 }},
		"null clears the address":                   {`{"address":null}`, func(c *customer.Customer) { c.Address = customer.Address{} }},
		"tags are replaced as a whole":              {`{"tags":["New"]}`, func(c *customer.Customer) { c.Tags = []string{"new"} }},
		"no tags clear the tags":                    {`{"tags":[]}`, func(c *customer.Customer) { c.Tags = nil }},
		"null clears the tags":                      {`{"tags":null}`, func(c *customer.Customer) { c.Tags = nil }},
		"metadata merges key by key":                {`{"metadata":{"size":"L"}}`, func(c *customer.Customer) { c.Metadata = map[string]string{"plan": "gold", "size": "L"} }},
		"null removes a key":                        {`{"metadata":{"plan":null}}`, func(c *customer.Customer) { c.Metadata = nil }},
		"null clears the metadata":                  {`{"metadata":null}`, func(c *customer.Customer) { c.Metadata = nil }},
		"the same value in other spelling is no-op": {`{"tags":["vip","b2b","VIP"],"name":" Ada Lovelace "}`, func(c *customer.Customer) { c.Version = 1 }},
		"several members at once":                   {`{"notes":"x","external_id":null,"company":"B"}`, func(c *customer.Customer) { c.Notes, c.ExternalID, c.Company = "x", "", "B" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			want := a.create(ada)
			got := a.send("PATCH", "/v1/customers/"+want.ID.String(), tc.patch).want(http.StatusOK)
			want.Version = 2
			tc.want(&want)
			c := got.customer()
			if c.UpdatedAt.Before(want.UpdatedAt) || c.Version == 1 && !c.UpdatedAt.Equal(want.UpdatedAt) {
				t.Errorf("updated_at went from %v to %v", want.UpdatedAt, c.UpdatedAt)
			}
			want.UpdatedAt = c.UpdatedAt
			if diff := cmp.Diff(want, c); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got.header.Get("ETag") != `"`+map[customer.Version]string{1: "1", 2: "2"}[c.Version]+`"` {
				t.Errorf("got ETag %s at version %d", got.header.Get("ETag"), c.Version)
			}
		})
	}
}

func TestPatchTakesBackAWholeRecord(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.create(ada)
	target := "/v1/customers/" + c.ID.String()
	whole := a.send("GET", target, "").body
	if got := a.send("PATCH", target, string(whole)).want(http.StatusOK); got.customer().Version != 1 {
		t.Errorf("sending a record back changed it: %s", got.body)
	}
	edited := strings.Replace(string(whole), "Ada Lovelace", "Ada King", 1)
	if got := a.send("PATCH", target, edited).want(http.StatusOK).customer(); got.Name != "Ada King" || got.Version != 2 {
		t.Errorf("got name %q at version %d", got.Name, got.Version)
	}
	archived := a.send("POST", target+"/archive", "").want(http.StatusOK)
	if got := a.send("PATCH", target, string(archived.body)).want(http.StatusOK); got.customer().Version != 3 {
		t.Errorf("sending an archived record back changed it: %s", got.body)
	}
}

func TestReadOnlyMembersMayOnlyBeRepeated(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		patch string
		want  []string
	}{
		"another id":                          {`{"id":"01970000-0000-7000-8000-000000000000"}`, []string{"#/id read_only"}},
		"an id that is none":                  {`{"id":7}`, []string{"#/id read_only"}},
		"another version":                     {`{"version":2}`, []string{"#/version read_only"}},
		"a version as text":                   {`{"version":"1"}`, []string{"#/version read_only"}},
		"another status":                      {`{"status":"archived"}`, []string{"#/status read_only"}},
		"an older time":                       {`{"created_at":"2020-01-01T00:00:00Z"}`, []string{"#/created_at read_only"}},
		"a time for null":                     {`{"archived_at":"2020-01-01T00:00:00Z"}`, []string{"#/archived_at read_only"}},
		"null for a time":                     {`{"updated_at":null}`, []string{"#/updated_at read_only"}},
		"an object":                           {`{"version":{"a":[1,2]}}`, []string{"#/version read_only"}},
		"several, with other faults, at once": {`{"version":9,"email":"nobody","status":"x"}`, []string{"#/version read_only", "#/status read_only", "#/email invalid_email"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			target := "/v1/customers/" + a.create(ada).ID.String()
			got := a.send("PATCH", target, tc.patch).wantCode(http.StatusUnprocessableEntity, "validation_failed")
			if diff := cmp.Diff(tc.want, got.faults()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	t.Run("the fault of a status names the paths that change it", func(t *testing.T) {
		t.Parallel()
		a := open(t)
		target := "/v1/customers/" + a.create(ada).ID.String()
		detail := a.send("PATCH", target, `{"status":"archived"}`).problem().Errors[0].Detail
		if !strings.Contains(detail, target+"/archive") || !strings.Contains(detail, target+"/restore") {
			t.Errorf("got %q", detail)
		}
	})
}

func TestArchiveAndRestore(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.create(ada)
	target := "/v1/customers/" + c.ID.String()
	archived := a.send("POST", target+"/archive", "{}").want(http.StatusOK).customer()
	if archived.Status != customer.Archived || archived.Version != 2 || archived.ArchivedAt.IsZero() {
		t.Errorf("got %v", archived)
	}
	if again := a.send("POST", target+"/archive", "").want(http.StatusOK).customer(); again.Version != 2 {
		t.Errorf("archiving twice went to version %d", again.Version)
	}
	a.send("PATCH", target, `{"name":"Eve"}`).wantCode(http.StatusConflict, "archived")
	a.send("PATCH", target, `{"name":"Eve","version":1}`).wantCode(http.StatusConflict, "archived")
	a.send("POST", target+"/tags", `{"add":["new"]}`).wantCode(http.StatusConflict, "archived")
	a.send("PATCH", target, `{"notes":null}`).want(http.StatusOK)

	holder := a.create(`{"email":"ADA@example.com"}`)
	taken := a.send("POST", target+"/restore", "").wantCode(http.StatusConflict, "email_taken").problem()
	if taken.Existing.ID != holder.ID || taken.Existing.Href != "/v1/customers/"+holder.ID.String() {
		t.Errorf("got existing %+v, want %s", taken.Existing, holder.ID)
	}
	a.send("DELETE", taken.Existing.Href, "", "If-Match: *").want(http.StatusNoContent)
	if restored := a.send("POST", target+"/restore", "").want(http.StatusOK).customer(); restored.Status != customer.Active || !restored.ArchivedAt.IsZero() {
		t.Errorf("got %v", restored)
	}
}

func TestARedactedCustomerCannotBeRestored(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(`{"name":"Ada"}`).ID.String()
	a.send("POST", target+"/archive", "").want(http.StatusOK)
	a.send("PATCH", target, `{"name":null}`).want(http.StatusOK)
	got := a.send("POST", target+"/restore", "").wantCode(http.StatusUnprocessableEntity, "validation_failed")
	if diff := cmp.Diff([]string{"# identity_required"}, got.faults()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTagsAreAddedAndRemovedOneByOne(t *testing.T) {
	t.Parallel()
	a := open(t)
	target := "/v1/customers/" + a.create(ada).ID.String() + "/tags"
	got := a.send("POST", target, `{"add":["New ","vip"],"remove":["B2B","absent"]}`).want(http.StatusOK).customer()
	if diff := cmp.Diff([]string{"new", "vip"}, got.Tags); diff != "" || got.Version != 2 {
		t.Errorf("at version %d (-want +got)\n%s", got.Version, diff)
	}
	if got := a.send("POST", target, `{"add":null}`).want(http.StatusOK).customer(); got.Version != 2 {
		t.Errorf("no change went to version %d", got.Version)
	}
	for body, want := range map[string][]string{
		`{"add":["x"],"remove":["X"]}`:    {"#/add invalid_text"},
		`{"add":["a,b"],"remove":[1]}`:    {"#/remove/0 wrong_type"},
		`{"add":["ok","a,b"]}`:            {"#/add/1 invalid_text"},
		`{"remove":["a,b"]}`:              {"#/remove/0 invalid_text"},
		`{"add":"vip"}`:                   {"#/add wrong_type"},
		`{"tags":["vip"]}`:                {"#/tags unknown_member"},
		`{"add":` + manyTags(t, 51) + `}`: {"#/add too_many"},
	} {
		got := a.send("POST", target, body).wantCode(http.StatusUnprocessableEntity, "validation_failed")
		if diff := cmp.Diff(want, got.faults()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func manyTags(t *testing.T, n int) string {
	t.Helper()
	tags := make([]string, n)
	for i := range tags {
		tags[i] = "t" + strings.Repeat("x", i)
	}
	b, err := json.Marshal(tags)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDeleteErasesForGood(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.create(ada)
	target := "/v1/customers/" + c.ID.String()
	a.send("DELETE", target, "").wantCode(http.StatusPreconditionRequired, "if_match_required")
	a.send("DELETE", "/v1/customers/"+customer.NewID().String(), "").wantCode(http.StatusPreconditionRequired, "if_match_required")
	a.send("DELETE", target, "", `If-Match: "2"`).wantCode(http.StatusPreconditionFailed, "version_mismatch")
	a.send("DELETE", target, "", `If-Match: "1"`).want(http.StatusNoContent)
	a.send("DELETE", target, "", `If-Match: "1"`).wantCode(http.StatusNotFound, "not_found")
	a.send("GET", target, "").wantCode(http.StatusNotFound, "not_found")
	a.create(ada)
}

func TestConflictsNameTheHolder(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.create(ada)
	for body, code := range map[string]string{
		`{"email":"Ada@EXAMPLE.com"}`:                     "email_taken",
		`{"name":"x","external_id":"A-1"}`:                "external_id_taken",
		`{"email":"ada@example.com","external_id":"A-1"}`: "external_id_taken",
	} {
		got := a.send("POST", "/v1/customers", body).wantCode(http.StatusConflict, code).problem()
		if got.Existing.ID != c.ID || got.Existing.Href != "/v1/customers/"+c.ID.String() {
			t.Errorf("%s: got existing %+v, want %s", body, got.Existing, c.ID)
		}
	}
}
