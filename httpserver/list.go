package httpserver

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/customer"
)

// maxTotal is where count=true stops counting.
const maxTotal = 10_000

func (s *Server) list(c *call) error {
	page, body, err := c.search(c.params)
	if err != nil {
		return err
	}
	c.w.Header().Set("Link", links(c.params, page.Next))
	c.write(http.StatusOK, jsonType, body)
	return nil
}

// search is list with its parameters in the body, where no log and no history keeps them.
func (s *Server) search(c *call) error {
	params, err := parseParams(string(c.body))
	if err != nil {
		return err
	}
	_, body, err := c.search(params)
	if err != nil {
		return err
	}
	c.write(http.StatusOK, jsonType, body)
	return nil
}

// search returns a page and the body that shows it.
func (c *call) search(params url.Values) (page customer.Page, body []byte, err error) {
	q, err := parseList(params)
	if err != nil {
		return page, nil, err
	}
	ctx := c.r.Context()
	if page, err = c.store.Search(ctx, q.Query); err != nil {
		return page, nil, err
	}
	if body, err = appendPage(page); err != nil {
		return page, nil, err
	}
	if q.count != "" {
		limit := maxTotal
		if q.count == "exact" {
			limit = 0
		}
		total, err := c.store.Count(ctx, q.Where, limit)
		if err != nil {
			return page, nil, err
		}
		body = fmt.Appendf(body, `,"total":{"value":%d,"exact":%t}`, total.Value, total.Exact)
	}
	return page, append(body, '}'), nil
}

// appendPage returns the body of a page without its closing brace.
func appendPage(page customer.Page) ([]byte, error) {
	b := append(make([]byte, 0, 256+768*len(page.Customers)), `{"items":[`...)
	for i, record := range page.Customers {
		if i > 0 {
			b = append(b, ',')
		}
		b = record.AppendJSON(b)
	}
	return jsontext.AppendQuote(append(b, `],"next_cursor":`...), page.Next)
}

// links returns where the first page and the next one are (RFC 8288).
func links(params url.Values, next customer.Cursor) string {
	params = maps.Clone(params)
	delete(params, "cursor")
	first := `<` + strings.TrimSuffix("/v1/customers?"+params.Encode(), "?") + `>; rel="first"`
	if next == "" {
		return first
	}
	params.Set("cursor", string(next))
	return `</v1/customers?` + params.Encode() + `>; rel="next", ` + first
}
