package httpserver_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

// auditLine is what the log holds of a committed change.
type auditLine struct {
	Level, Msg, Action, Customer, Token string
	VersionFrom                         int      `json:"version_from"`
	VersionTo                           int      `json:"version_to"`
	Fields                              []string `json:"fields"`
	RequestID                           string   `json:"request_id"`
}

func TestCreatingIsAuditedWithTheFieldsThatTheCustomerHas(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"every field": `{"name":"n","email":"e@example.com","phone":"+1 555","company":"c","notes":"n","external_id":"x",` +
			`"address":{"line1":"1","line2":"2","city":"c","region":"r","postal_code":"p","country":"US"},"tags":["b","a"],"metadata":{"z":"1","a":"2"}}`,
		"one field":                         `{"phone":"+1 555"}`,
		"fields of nothing but white space": `{"name":"n","notes":" ","address":{"city":" "},"tags":[" "],"metadata":{"a":" ","b":"1"}}`,
		"fields that are null":              `{"name":"n","email":null,"address":null,"tags":null,"metadata":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			server := httpserver.New(memstore.New(), httpserver.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
			w := httptest.NewRecorder()
			server.ServeHTTP(w, request("POST", "/v1/customers", body))
			var created customer.Customer
			if err := json.Unmarshal(w.Body.Bytes(), &created); err != nil || w.Code != 201 {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			var got auditLine
			if err := json.NewDecoder(&log).Decode(&got); err != nil {
				t.Fatal(err)
			}
			want := auditLine{
				Level: "INFO", Msg: "audit", Action: "create", Customer: created.ID.String(), VersionTo: 1,
				Fields: changed(t, created), RequestID: w.Header().Get("X-Request-Id"),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("audit line (-want +got):\n%s", diff)
			}
		})
	}
}

// changed returns the names that a change to c from nothing has in an audit line.
func changed(t *testing.T, c customer.Customer) []string {
	t.Helper()
	a := c.Address
	p := customer.Patch{
		Name: &c.Name, Email: &c.Email, Phone: &c.Phone, Company: &c.Company, Notes: &c.Notes, ExternalID: &c.ExternalID, Tags: &c.Tags,
		Address:  customer.AddressPatch{Line1: &a.Line1, Line2: &a.Line2, City: &a.City, Region: &a.Region, PostalCode: &a.PostalCode, Country: &a.Country},
		Metadata: map[string]*string{},
	}
	for key, value := range c.Metadata {
		p.Metadata[key] = &value
	}
	_, names, err := p.Apply(customer.Customer{Status: customer.Active}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return names
}
