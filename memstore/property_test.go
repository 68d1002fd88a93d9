package memstore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/memstore"
)

// A small vocabulary, so that words, emails and keys meet. Some words are common among old customers only, and some stand in a text in
// parts that are no words of it.
var (
	someNames   = []string{"Ada Lovelace", "ada", "Lovelace Adams", "José Ñandú", "jose nandu", "Bjørn O’Reilly", "o'reilly", "ΟΔΥΣΣΕΥΣ", "हिंदी", "パハ", "王小明", "小明 王", "Łódź", "a", "???", "ana banana", "nanana"}
	somePhones  = []string{"", "+49 0711 2842222", "+497112842222", "555-0100 x5", "(030) 5555", "0042", "٠١٢٣"}
	someDomains = []string{"example.com", "exämple.de", "xn--exmple-cua.de", "acme.co.uk", "b.ie"}
	somePlaces  = []string{"", "Köln", "koln", "New York", "York", "NY-1", "10 115"}
	someTags    = []string{"vip", "b2b", "zwei worte"}
	someKeys    = []string{"plan", "Plan", "seats"}
	someValues  = []string{"gold", "Gold", "0"}
	firstDay    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// source draws from a seed, which is quicker than from rapid and as good where nothing is to be shrunk.
type source struct{ *rand.Rand }

func (s source) of(list []string) string { return list[s.IntN(len(list))] }

// draft returns the nth of the customers that a store is filled with.
func (s source) draft(n int) customer.Draft {
	d := customer.Draft{
		Name: s.of(someNames), Phone: s.of(somePhones), CreatedAt: firstDay.Add(time.Duration(n/3) * time.Hour),
		Address: customer.Address{City: s.of(somePlaces), Region: s.of(somePlaces), PostalCode: s.of(somePlaces), Country: s.of([]string{"", "DE", "de", "NL"})},
	}
	if s.IntN(4) > 0 {
		d.Email = fmt.Sprintf("%s.%d@%s", s.of([]string{"ada", "Jose", "ü", "_x"}), n, s.of(someDomains))
	}
	if s.IntN(2) > 0 {
		d.ExternalID = fmt.Sprintf("%s%07d", s.of([]string{"crm-", "CRM_", "é"}), n)
	}
	if n < 100 || s.IntN(20) == 0 {
		d.Company = "Oldtimer " + s.of(someNames)
	}
	for range s.IntN(3) {
		d.Tags = append(d.Tags, s.of(someTags))
		d.Metadata = map[string]string{s.of(someKeys): s.of(someValues)}
	}
	return d
}

// machine runs a store beside the model.
type machine struct {
	source
	store *memstore.Store
	model *model
	now   time.Time
	next  uint64
	ids   []customer.ID // of all customers ever, and one that never was
	pages []customer.Query
}

// newID returns IDs in no order, that repeat when rewound.
func (m *machine) newID() (id customer.ID) {
	m.next++
	binary.LittleEndian.PutUint64(id[:], m.next*0x9e3779b97f4a7c15)
	id[15] = 1
	return id
}

func (m *machine) peekID() customer.ID {
	ahead := machine{next: m.next}
	return ahead.newID()
}

// customers are more than wait to be indexed, so that searches meet both kinds.
const filled = 400

func newMachine(t *rapid.T) *machine {
	m := &machine{source: source{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}, model: newModel(), now: firstDay, ids: []customer.ID{{1}}}
	m.store = memstore.New(memstore.WithClock(func() time.Time { return m.now }), memstore.WithIDs(m.newID)).Tenant("acme")
	for n := range filled {
		c, err := m.store.Create(t.Context(), m.draft(n))
		if err != nil {
			t.Fatalf("Create: %v", err)
		}
		m.model.put(c)
		m.ids = append(m.ids, c.ID)
		if m.IntN(6) == 0 {
			m.update(t, m.ids[len(m.ids)-1], customer.AnyVersion, customer.Patch{Status: new(customer.Archived)})
		}
	}
	return m
}

func same(t *rapid.T, what string, got, want any, err, wantErr error) {
	t.Helper()
	if got, want := fmt.Sprintf("%T %v", err, err), fmt.Sprintf("%T %v", wantErr, wantErr); got != want {
		t.Fatalf("%s: error %s, want %s", what, got, want)
	}
	if reflect.DeepEqual(got, want) {
		return // nearly always, and much faster than to look for a difference
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: (-want +got)\n%s", what, diff)
	}
}

func (m *machine) create(t *rapid.T, d customer.Draft) {
	id := m.peekID()
	got, err := m.store.Create(t.Context(), d)
	want, wantErr := m.model.create(d, id, m.now)
	same(t, fmt.Sprintf("Create(%+v)", d), got, want, err, wantErr)
	if err == nil {
		m.ids = append(m.ids, got.ID)
	}
}

func (m *machine) update(t *rapid.T, id customer.ID, v customer.Version, p customer.Patch) {
	got, err := m.store.Update(t.Context(), id, v, p)
	want, wantErr := m.model.update(id, v, p, m.now)
	same(t, fmt.Sprintf("Update(%s, %d, %+v)", id, v, p), got, want, err, wantErr)
}

func (m *machine) search(t *rapid.T, q customer.Query) {
	got, err := m.store.Search(t.Context(), q)
	want, wantErr := m.model.search(q, "acme")
	same(t, fmt.Sprintf("Search(%#v)", q), got, want, err, wantErr)
	if got.Next != "" {
		q.After = got.Next
		m.pages = append(m.pages, q)
	}
}

func (m *machine) count(t *rapid.T, f customer.Filter, limit int) {
	got, err := m.store.Count(t.Context(), f, limit)
	matches, wantErr := m.model.matches(f)
	want := customer.Total{Value: len(matches), Exact: wantErr == nil}
	if limit > 0 && len(matches) > limit {
		want = customer.Total{Value: limit}
	}
	same(t, fmt.Sprintf("Count(%#v, %d)", f, limit), got, want, err, wantErr)
}

func (m *machine) actions() map[string]func(*rapid.T) {
	anyID := func(t *rapid.T) customer.ID { return rapid.SampledFrom(m.ids).Draw(t, "id") }
	anyVersion := func(t *rapid.T) customer.Version {
		return rapid.SampledFrom([]customer.Version{customer.AnyVersion, 1, 1, 2, 3, 0}).Draw(t, "version")
	}
	anyQuery := func(t *rapid.T) customer.Query {
		return customer.Query{
			Where: m.drawFilter(t), OrderBy: rapid.SampledFrom(customer.Orders()).Draw(t, "order"),
			Limit: rapid.SampledFrom([]int{0, 1, 1, 2, 7, 200}).Draw(t, "limit"),
		}
	}
	return map[string]func(*rapid.T){
		"create": func(t *rapid.T) {
			d := m.draft(rapid.IntRange(0, filled+20).Draw(t, "n"))
			d.IdempotencyKey = rapid.SampledFrom([]string{"", "", "k1", "k2"}).Draw(t, "key")
			if rapid.IntRange(0, 9).Draw(t, "own ID") == 0 {
				d.ID = anyID(t)
			}
			m.create(t, d)
		},
		"create again": func(t *rapid.T) {
			m.create(t, customer.Draft{Name: rapid.SampledFrom(someNames).Draw(t, "name"), IdempotencyKey: "k3"})
		},
		"update": func(t *rapid.T) {
			m.now = m.now.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "hours")) * time.Hour)
			m.update(t, anyID(t), anyVersion(t), m.drawPatch(t))
		},
		"delete": func(t *rapid.T) {
			id, v := anyID(t), anyVersion(t)
			same(t, "Delete", nil, nil, m.store.Delete(t.Context(), id, v), m.model.delete(id, v))
		},
		"search":     func(t *rapid.T) { m.search(t, anyQuery(t)) },
		"search too": func(t *rapid.T) { m.search(t, anyQuery(t)) },
		"next page": func(t *rapid.T) {
			if len(m.pages) > 0 {
				m.search(t, rapid.SampledFrom(m.pages).Draw(t, "page"))
			}
		},
		"count": func(t *rapid.T) {
			m.count(t, m.drawFilter(t), rapid.SampledFrom([]int{0, 1, 10}).Draw(t, "limit"))
		},
		"": func(t *rapid.T) {
			id := anyID(t)
			got, err := m.store.Get(t.Context(), id)
			want, ok := m.model.customers[id]
			if !ok && !errors.Is(err, customer.ErrNotFound) || ok && err != nil {
				t.Fatalf("Get(%s): %v", id, err)
			}
			same(t, "Get", got, want, nil, nil)
		},
	}
}

func (m *machine) drawPatch(t *rapid.T) customer.Patch {
	d := m.draft(rapid.IntRange(0, filled+20).Draw(t, "n"))
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		return customer.Patch{Name: &d.Name, Email: &d.Email}
	case 1:
		return customer.Patch{Company: &d.Company, Phone: &d.Phone}
	case 2:
		return customer.Patch{ExternalID: &d.ExternalID}
	case 3:
		return customer.Patch{Address: customer.AddressPatch{City: &d.Address.City, Country: &d.Address.Country}}
	case 4:
		return customer.Patch{AddTags: d.Tags, Metadata: map[string]*string{m.of(someKeys): new(m.of(someValues)), m.of(someKeys): nil}}
	case 5:
		return customer.Patch{Status: new(customer.Active)}
	case 6:
		return customer.Patch{Name: new(""), Email: new(""), Company: new(""), Phone: new("")}
	}
	return customer.Patch{Status: new(customer.Archived)}
}

func (m *machine) drawFilter(t *rapid.T) customer.Filter {
	valid := func(f customer.Filter) bool { return customer.Query{Where: f}.Validate() == nil }
	return rapid.Custom(func(t *rapid.T) customer.Filter { return m.drawNode(t, 3) }).Filter(valid).Draw(t, "filter")
}

func (m *machine) drawNode(t *rapid.T, depth int) customer.Filter {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return m.drawLeaf(t)
	}
	parts := make([]customer.Filter, rapid.SampledFrom([]int{2, 2, 2, 3, 1, 0}).Draw(t, "operands"))
	for i := range parts {
		parts[i] = m.drawNode(t, depth-1)
	}
	switch rapid.IntRange(0, 3).Draw(t, "group") {
	case 0:
		return customer.AnyOf(parts)
	case 1:
		return customer.NoneOf(parts)
	}
	return customer.AllOf(parts)
}

func (m *machine) drawLeaf(t *rapid.T) customer.Filter {
	all := rapid.Bool().Draw(t, "all")
	switch rapid.IntRange(0, 11).Draw(t, "node") {
	case 0:
		return customer.StatusIn(rapid.SliceOfN(rapid.SampledFrom([]customer.Status{customer.Active, customer.Archived}), 0, 2).Draw(t, "statuses"))
	case 1:
		return customer.IDIn(rapid.SliceOfN(rapid.SampledFrom(m.ids), 0, 3).Draw(t, "ids"))
	case 2:
		return customer.Tagged{Tags: rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 2).Draw(t, "tags"), All: all}
	case 3:
		return customer.MetadataIn{Key: rapid.SampledFrom(someKeys).Draw(t, "key"), Values: rapid.SliceOfN(rapid.SampledFrom(someValues), 1, 2).Draw(t, "values")}
	case 4:
		fields := []string{"notes", "address", "tag", "metadata", "metadata.plan", "archived_at"}
		for _, f := range customer.TextFields() {
			fields = append(fields, string(f))
		}
		return customer.Has(rapid.SampledFrom(fields).Draw(t, "present"))
	case 5:
		at := rapid.Custom(func(t *rapid.T) time.Time {
			return firstDay.Add(time.Duration(rapid.IntRange(0, filled/3).Draw(t, "hours")) * time.Hour)
		})
		span := customer.Span{Field: rapid.SampledFrom(customer.TimeFields()).Draw(t, "field"), From: at.Draw(t, "from")}
		if all {
			span.From, span.To = time.Time{}, span.From
		} else if rapid.Bool().Draw(t, "closed") {
			span.To = at.Draw(t, "to")
		}
		return span
	case 6, 7, 8:
		return customer.Text(m.drawValue(t) + " " + m.drawValue(t))
	}
	op := rapid.SampledFrom([]customer.MatchOp{customer.Is, customer.Prefix, customer.Suffix, customer.Contains}).Draw(t, "op")
	values := []string{m.drawValue(t), m.drawValue(t)}
	return customer.Match{Field: rapid.SampledFrom(customer.TextFields()).Draw(t, "field"), Op: op, Values: values[:rapid.IntRange(1, 2).Draw(t, "values")]}
}

// drawValue returns the text of a field of some customer, or a run of it.
func (m *machine) drawValue(t *rapid.T) string {
	d := m.draft(rapid.IntRange(0, filled).Draw(t, "n"))
	text := []rune(rapid.SampledFrom([]string{d.Name, d.Company, d.Email, d.Phone, d.ExternalID, d.Address.City, d.Address.Region, d.Email[strings.IndexByte(d.Email, '@')+1:], "a", "0", "00", "xn"}).Draw(t, "text"))
	if rapid.Bool().Draw(t, "whole") {
		return string(text)
	}
	from := rapid.IntRange(0, len(text)).Draw(t, "from")
	return string(text[from:rapid.IntRange(from, len(text)).Draw(t, "to")])
}

func TestStoreEqualsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { t.Repeat(newMachine(t).actions()) })
}
