package bulk_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// drawRecord returns a whole record of any content, or false where what was drawn is none.
func drawRecord(t *rapid.T, n int) (customer.Customer, bool) {
	text := rapid.OneOf(rapid.StringN(0, 12, -1), rapid.StringOfN(rapid.RuneFrom([]rune(`'=+-@",;#\aä😀<&`)), 0, 8, -1), rapid.Just(""))
	pick := func(label string) string { return text.Draw(t, label) }
	d := customer.Draft{
		Name: pick("name"), Company: pick("company"), ExternalID: pick("external id"), Notes: pick("notes") + rapid.SampledFrom([]string{"", "a\nb", "a\r\nb\tc\r"}).Draw(t, "line break"),
		Phone:    rapid.SampledFrom([]string{"", "+49 711 28", "-123", "(030) 5", "#12*3"}).Draw(t, "phone"),
		Address:  customer.Address{Line1: pick("line1"), Line2: pick("line2"), City: pick("city"), Region: pick("region"), PostalCode: pick("postal code"), Country: pick("country")},
		Metadata: map[string]string{},
	}
	if rapid.Bool().Draw(t, "has an email") {
		d.Email = fmt.Sprintf("=%d@ä.co", n)
	}
	for range rapid.IntRange(0, 3).Draw(t, "tags") {
		d.Tags = append(d.Tags, pick("tag"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "metadata") {
		d.Metadata[rapid.StringMatching(`[A-Za-z0-9_-]{1,3}`).Draw(t, "key")] = pick("value")
	}
	at := noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "created")) * time.Microsecond)
	c, err := d.Build(customer.ID{0: byte(n), 15: 1}, at)
	if err == nil && rapid.Bool().Draw(t, "archived") {
		c, _, err = customer.Patch{Status: new(customer.Archived)}.Apply(c, at.Add(time.Hour))
	}
	return c, err == nil
}

func drawRecords(t *rapid.T) (s *memstore.Store) {
	s = memstore.New()
	for n := range rapid.IntRange(0, 6).Draw(t, "records") {
		if c, ok := drawRecord(t, n); ok {
			if _, err := s.Load(context.Background(), []customer.Customer{c}); err != nil {
				t.Fatalf("load: %v", err)
			}
		}
	}
	return s
}

func TestNDJSONLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := export(t, drawRecords(t), bulk.NDJSON, bulk.ExportOptions{})
		s := memstore.New()
		for _, word := range run(t, bulk.Importer{Store: s, Mode: bulk.Commit}, first) {
			if !strings.HasSuffix(word, " created") {
				t.Fatalf("%s of\n%s", word, first)
			}
		}
		equal(t, "second export", export(t, s, bulk.NDJSON, bulk.ExportOptions{}), first)
	})
}

func TestCSVKeepsAllThatCanBeWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := drawRecords(t)
		raw := rapid.Bool().Draw(t, "raw")
		var active bytes.Buffer
		n, err := bulk.Export(context.Background(), from, customer.HasStatus(customer.Active), &active, bulk.CSV, bulk.ExportOptions{Raw: raw})
		if err != nil {
			t.Fatalf("export: %v", err)
		}
		r, err := bulk.NewReader(&active, bulk.CSV, bulk.ReaderOptions{Raw: raw})
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		to := memstore.New()
		sum, err := bulk.Importer{Store: to, Mode: bulk.Commit}.Run(context.Background(), r.Rows(), nil)
		if err != nil || sum.Created != n {
			t.Fatalf("%+v of %d, %v", sum, n, err)
		}
		want := slices.DeleteFunc(all(t, from), func(c customer.Customer) bool { return c.Status != customer.Active })
		equal(t, "customers", all(t, to), want)
	})
}

func TestExport(t *testing.T) {
	t.Parallel()
	ada, err := customer.Draft{
		ID: customer.ID{15: 1}, ExternalID: "7", Name: "=Ada", Phone: "+49 711 28", Notes: "a\n\"b\"", Tags: []string{"b2b", "vip"}, Metadata: map[string]string{"plan": "gold"},
		Address: customer.Address{City: "Ulm, DE"},
	}.Build(customer.ID{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	if _, err := s.Load(t.Context(), []customer.Customer{ada}); err != nil {
		t.Fatal(err)
	}
	t.Run("CSV", func(t *testing.T) {
		t.Parallel()
		got := export(t, s, bulk.CSV, bulk.ExportOptions{})
		want := "id,version,status,external_id,name,email,phone,company,notes,address_line1,address_line2,address_city,address_region,address_postal_code,address_country,tags,metadata,created_at,updated_at,archived_at\n" +
			"00000000-0000-0000-0000-000000000001,1,active,7,'=Ada,,+49 711 28,,\"a\n\"\"b\"\"\",,,\"Ulm, DE\",,,,\"b2b,vip\",\"{\"\"plan\"\":\"\"gold\"\"}\",2026-03-14T12:00:00.000000Z,2026-03-14T12:00:00.000000Z,\n" +
			"#end,1\n"
		equal(t, "file", got, want)
		r := csv.NewReader(strings.NewReader(got))
		r.FieldsPerRecord = -1
		if _, err := r.ReadAll(); err != nil {
			t.Errorf("Go's own reader: %v", err)
		}
	})
	t.Run("raw CSV", func(t *testing.T) {
		t.Parallel()
		if got := export(t, s, bulk.CSV, bulk.ExportOptions{Raw: true}); !strings.Contains(got, ",=Ada,") {
			t.Errorf("a raw export guards formulas:\n%s", got)
		}
	})
	t.Run("NDJSON", func(t *testing.T) {
		t.Parallel()
		equal(t, "file", export(t, s, bulk.NDJSON, bulk.ExportOptions{}), string(ada.AppendJSON(nil))+"\n{\"end\":true,\"count\":1}\n")
	})
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		equal(t, "file", export(t, memstore.New(), bulk.NDJSON, bulk.ExportOptions{}), "{\"end\":true,\"count\":0}\n")
	})
	t.Run("an unknown format", func(t *testing.T) {
		t.Parallel()
		if _, err := bulk.Export(t.Context(), s, nil, &bytes.Buffer{}, "xlsx", bulk.ExportOptions{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("error %v, want ErrUnsupported", err)
		}
	})
}

func TestExportFlushesPages(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	for range 450 {
		if _, err := s.Create(t.Context(), customer.Draft{Name: "Ada"}); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	var flushed []int
	n, err := bulk.Export(t.Context(), s, nil, &out, bulk.NDJSON, bulk.ExportOptions{Flushed: func(n int) error {
		if lines := bytes.Count(out.Bytes(), []byte("\n")); lines < n {
			t.Errorf("%d customers flushed and %d lines written", n, lines)
		}
		flushed = append(flushed, n)
		return nil
	}})
	if err != nil || n != 450 {
		t.Fatalf("%d customers, %v; want 450", n, err)
	}
	equal(t, "flushed", flushed, []int{200, 400, 450})
	n, err = bulk.Export(t.Context(), s, nil, &out, bulk.NDJSON, bulk.ExportOptions{Flushed: func(int) error { return errStop }})
	if !errors.Is(err, errStop) || n != 200 {
		t.Errorf("%d customers, %v; want the first page and the error", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n, err = bulk.Export(ctx, s, nil, &out, bulk.CSV, bulk.ExportOptions{Flushed: func(int) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || n != 200 {
		t.Errorf("%d customers, %v; want the first page and context.Canceled", n, err)
	}
}
