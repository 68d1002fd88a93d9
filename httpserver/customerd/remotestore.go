package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"example.com/customer"
)

// Get implements [customer.Store].
func (r *remote) Get(ctx context.Context, id customer.ID) (customer.Customer, error) {
	return r.record(ctx, request{method: "GET", path: pathOf(id)})
}

func pathOf(id customer.ID) string { return "/v1/customers/" + id.String() }

// record asks for one customer.
func (r *remote) record(ctx context.Context, q request) (c customer.Customer, err error) {
	a, err := r.ask(ctx, q, nil)
	switch {
	case err != nil:
		return customer.Customer{}, err
	case a.status != http.StatusOK:
		return customer.Customer{}, a.failure()
	}
	if err = json.Unmarshal(a.body, &c); err != nil {
		return customer.Customer{}, r.noServer(a.status)
	}
	return c, nil
}

// Update implements [customer.Store], without changes of status and of single tags. A change whose answer was lost is stale when it is sent again.
func (r *remote) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	if p.Status != nil || len(p.AddTags)+len(p.RemoveTags) > 0 {
		return customer.Customer{}, errors.ErrUnsupported
	}
	var before map[string]string
	if p.ReplaceMetadata {
		// A merge patch removes only the keys that it names. That they are all is sure by the version.
		have, err := r.Get(ctx, id)
		if err == nil {
			err = v.Check(have)
		}
		if err != nil {
			return customer.Customer{}, err
		}
		before, v = have.Metadata, have.Version
	}
	body, err := json.Marshal(mergePatch(&p, before))
	if err != nil {
		return customer.Customer{}, err
	}
	c, err := r.record(ctx, request{
		method: "PATCH", path: pathOf(id), body: body, header: map[string]string{"Content-Type": patchType, "If-Match": tagOf(v)},
	})
	if stale, ok := errors.AsType[*customer.StaleError](err); ok {
		stale.ID, stale.Want = id, v
	}
	return c, err
}

func tagOf(v customer.Version) string {
	if v == customer.AnyVersion {
		return "*"
	}
	return strconv.Quote(strconv.FormatInt(int64(v), 10))
}

// mergePatch returns the patch in the form of RFC 7396. before is the metadata that goes unless the patch has it.
func mergePatch(p *customer.Patch, before map[string]string) map[string]any {
	body := map[string]any{}
	put := func(into map[string]any, name string, value *string) {
		if value != nil {
			into[name] = *value
		}
	}
	put(body, "external_id", p.ExternalID)
	put(body, "name", p.Name)
	put(body, "email", p.Email)
	put(body, "phone", p.Phone)
	put(body, "company", p.Company)
	put(body, "notes", p.Notes)
	address := map[string]any{}
	put(address, "line1", p.Address.Line1)
	put(address, "line2", p.Address.Line2)
	put(address, "city", p.Address.City)
	put(address, "region", p.Address.Region)
	put(address, "postal_code", p.Address.PostalCode)
	put(address, "country", p.Address.Country)
	if len(address) > 0 {
		body["address"] = address
	}
	if p.Tags != nil {
		body["tags"] = *p.Tags
	}
	metadata := map[string]*string{}
	for key := range before {
		metadata[key] = nil
	}
	for key, value := range p.Metadata {
		metadata[key] = value
	}
	if len(metadata) > 0 {
		body["metadata"] = metadata
	}
	return body
}

// Delete implements [customer.Store].
func (r *remote) Delete(ctx context.Context, id customer.ID, v customer.Version) error {
	a, err := r.ask(ctx, request{method: "DELETE", path: pathOf(id), header: map[string]string{"If-Match": tagOf(v)}}, nil)
	if err == nil && a.status != http.StatusNoContent {
		err = a.failure()
	}
	return err
}

// Count implements [customer.Store]. It is not supported.
func (r *remote) Count(context.Context, customer.Filter, int) (customer.Total, error) {
	return customer.Total{}, errors.ErrUnsupported
}

// Search implements [customer.Searcher].
func (r *remote) Search(ctx context.Context, q customer.Query) (customer.Page, error) {
	params := url.Values{}
	if err := addParams(params, q.Where); err != nil {
		return customer.Page{}, err
	}
	if !params.Has("status") && !params.Has("id") && !params.Has("external_id") {
		// The server would imply active customers.
		params["status"] = []string{string(customer.Active), string(customer.Archived)}
	}
	for name, value := range map[string]string{"sort": string(q.OrderBy), "cursor": string(q.After)} {
		if value != "" {
			params.Set(name, value)
		}
	}
	if q.Limit != 0 {
		params.Set("limit", strconv.Itoa(q.Limit))
	}
	a, err := r.ask(ctx, request{
		method: "POST", path: "/v1/search", body: []byte(params.Encode()), header: map[string]string{"Content-Type": formType},
	}, nil)
	switch {
	case err != nil:
		return customer.Page{}, err
	case a.status != http.StatusOK:
		return customer.Page{}, a.failure()
	}
	var page struct {
		Items      []customer.Customer `json:"items"`
		NextCursor customer.Cursor     `json:"next_cursor"`
	}
	if json.Unmarshal(a.body, &page) != nil {
		return customer.Page{}, r.noServer(a.status)
	}
	return customer.Page{Customers: page.Items, Next: page.NextCursor}, nil
}

// addParams adds the parameters that say the filter. Repeated ones would mean any of them.
func addParams(params url.Values, f customer.Filter) error {
	var name string
	var values []string
	switch f := f.(type) {
	case nil:
		return nil
	case customer.AllOf:
		for _, part := range f {
			if err := addParams(params, part); err != nil {
				return err
			}
		}
		return nil
	case customer.Match:
		if f.Op == customer.Is && (f.Field == customer.ByEmail || f.Field == customer.ByExternalID) {
			name, values = string(f.Field), f.Values
		}
	case customer.StatusIn:
		name = "status"
		for _, status := range f {
			values = append(values, string(status))
		}
	case customer.IDIn:
		name = "id"
		for _, id := range f {
			values = append(values, id.String())
		}
	}
	if len(values) == 0 || params.Has(name) {
		return fmt.Errorf("a filter other than by email, external id, id and status: %w", errors.ErrUnsupported)
	}
	params[name] = values
	return nil
}
