package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"example.com/customer"
	"example.com/customer/bulk"
)

// exportStream is the export of a server, read page by page as if it were a store. It knows one query, the one that the server was asked.
type exportStream struct {
	body io.Closer
	wait *patience
	tail *tailReader
	rows *bulk.Reader
}

// export asks the server for everything that matches.
func (r *remote) export(ctx context.Context, filter string) (*exportStream, error) {
	params := url.Values{"format": {string(bulk.NDJSON)}}
	if filter != "" {
		params.Set("q", filter)
	}
	wait := newPatience(ctx)
	var response *http.Response
	err := wait.during(func() (err error) {
		response, err = r.send(wait.ctx, request{method: "GET", path: "/v1/export?" + params.Encode(), header: map[string]string{"Accept": ndjsonType}})
		return err
	})
	if err != nil {
		wait.end(nil)
		return nil, err
	}
	body := &patientReader{response.Body, wait}
	if response.StatusCode != http.StatusOK {
		defer wait.end(nil)
		defer response.Body.Close()
		a := reply{status: response.StatusCode, header: response.Header}
		if a.body, err = io.ReadAll(io.LimitReader(body, maxAnswer)); err != nil {
			return nil, errBroken
		}
		return nil, a.failure()
	}
	s := &exportStream{body: response.Body, wait: wait, tail: &tailReader{r: body}}
	if s.rows, err = bulk.NewReader(s.tail, bulk.NDJSON, bulk.ReaderOptions{}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the export.
func (s *exportStream) Close() error {
	s.wait.end(nil)
	return s.body.Close()
}

// Search returns the next customers, whatever it is asked.
func (s *exportStream) Search(_ context.Context, q customer.Query) (page customer.Page, err error) {
	for len(page.Customers) < q.Limit {
		row, err := s.rows.Read()
		switch {
		case err == io.EOF && !s.tail.isEnd():
			return customer.Page{}, errors.New("the answer of the server was cut off: its last line is missing")
		case err == io.EOF:
			return page, nil
		case err != nil:
			return customer.Page{}, err
		case row.Err != nil || row.Record == nil:
			return customer.Page{}, fmt.Errorf("line %d of the server's answer is no customer that this program knows: is the server of another version?", row.Line)
		}
		page.Customers = append(page.Customers, *row.Record)
	}
	page.Next = "more"
	return page, nil
}

// tailReader remembers the last bytes read: an export that was cut off before its first customer is like an empty one but for its end.
type tailReader struct {
	r    io.Reader
	last []byte
}

const tailBytes = 64

func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.last = append(t.last, p[max(0, n-tailBytes):n]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-tailBytes):]...)
	return n, err
}

func (t *tailReader) isEnd() bool {
	text := bytes.TrimRight(t.last, "\n")
	return bytes.HasPrefix(text[bytes.LastIndexByte(text, '\n')+1:], []byte(`{"end":true,`))
}
