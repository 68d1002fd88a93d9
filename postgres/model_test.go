package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
	"example.com/customer/postgres/postgrestest"
)

// Each sequence has a tenant of its own, so that thousands fit one database.
var sequences = flag.Int("sequences", 1500, "random sequences of operations on both stores")

// twins are the two stores of one sequence, fed the same clock and IDs, and what has happened to them.
type twins struct {
	*rand.Rand
	memory, database customer.Store
	ids              []customer.ID
	cursors          []customer.Query
	log              []string
}

// source gives both stores the same sequence of values, each at its own pace.
func source[T any](next func(n int) T) func() T {
	n := -1
	return func() T { n++; return next(n) }
}

func newTwins(seed uint64, tenant string, pool postgres.DB) *twins {
	// The clock often stands still, so that creation times tie, and sometimes goes back.
	clock := func(n int) time.Time { return epoch.Add(time.Duration(n/5*5-n%3) * time.Millisecond) }
	id := func(n int) customer.ID {
		return customer.ID{0: byte(seed), 1: byte(n * 37), 2: byte(n >> 8), 15: byte(n)}
	}
	return &twins{
		Rand:     rand.New(rand.NewPCG(seed, 0)),
		memory:   memstore.New(memstore.WithClock(source(clock)), memstore.WithIDs(source(id))).Tenant(tenant),
		database: postgres.New(pool, postgres.WithClock(source(clock)), postgres.WithIDs(source(id))).Tenant(tenant),
	}
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// Few values that collide often, many of them hard: cases, accents, scripts, what LIKE and JSON give a meaning.
func (w *twins) name() string {
	return pick(w.Rand, "", "Ada Lovelace", "ada LOVELACE", "José Ångström", "jose angstrom", "Straße 50%", "a_b", `back\slash`, "O'Reilly", "東京 太郎", "हिंदी", "パン", "Łódź", "İstanbul", "ﬁne", `"quoted"`)
}

func (w *twins) email() string {
	return pick(w.Rand, "", "", "ada@example.com", "ADA@Example.com", "bob@exämple.de", "bob@xn--exmple-cua.de", "ü@example.com", "ü@example.com", "ß@example.com", "ss@example.com")
}

func (w *twins) word() string {
	return pick(w.Rand, "ada", "jose", "lov", "a", "50", "o'reilly", "oreilly", "東", "example", "ada@ex", "@example.com", "0711", "497112842222", "हि", "100%", "a_b", `back\s`, "lodz", "istanbul")
}

func (w *twins) tags() []string {
	return pick(w.Rand, nil, []string{"vip"}, []string{"VIP", "b2b"}, []string{"Straße", "日本"})
}

func (w *twins) id() customer.ID {
	if len(w.ids) == 0 || w.IntN(20) == 0 {
		return customer.ID{99}
	}
	return pick(w.Rand, w.ids...)
}

func (w *twins) version() customer.Version {
	return pick[customer.Version](w.Rand, customer.AnyVersion, customer.AnyVersion, 1, 2, 3, 0)
}

func (w *twins) draft() customer.Draft {
	return customer.Draft{
		Name: w.name(), Email: w.email(), ExternalID: pick(w.Rand, "", "", "X-1", "x-1", "Ä"), Phone: pick(w.Rand, "", "+49 (0)711 2842222", "555-5555", "x"),
		Company: w.name(), Tags: w.tags(), IdempotencyKey: pick(w.Rand, "", "", "", "k1", "k2"),
		Metadata: pick(w.Rand, nil, map[string]string{"plan": "gold"}, map[string]string{"plan": `g"\<>`, "n": "1"}),
		Address:  customer.Address{City: pick(w.Rand, "", "Köln", "koln"), Country: pick(w.Rand, "", "DE", "Deutschland")},
	}
}

// record returns a whole record, of a customer that is there or of one that is not, now and then one that cannot be.
func (w *twins) record() customer.Customer {
	id := w.id()
	if w.IntN(3) > 0 {
		id = customer.ID{0: 0xee, 15: byte(w.IntN(200))}
		w.ids = append(w.ids, id)
	}
	c, err := w.draft().Build(id, epoch)
	if err != nil {
		return c
	}
	if c.Version, c.UpdatedAt = customer.Version(w.IntN(5)), epoch.Add(time.Duration(w.IntN(40))*time.Millisecond); w.IntN(3) == 0 {
		c.Status, c.ArchivedAt = customer.Archived, c.UpdatedAt
	}
	return c
}

// answers are what came of each item of a call.
func answers(customers []customer.Customer, errs []error) []string {
	list := make([]string, len(errs))
	for i, err := range errs {
		if list[i] = outcome(err); err == nil {
			list[i] = string(customers[i].AppendJSON(nil))
		}
	}
	return list
}

func (w *twins) patch() customer.Patch {
	switch w.IntN(8) {
	case 0:
		return customer.Patch{Status: new(pick(w.Rand, customer.Active, customer.Archived))}
	case 1:
		return customer.Patch{Email: new(w.email())}
	case 2:
		return customer.Patch{Name: new(w.name()), Company: new(w.name())}
	case 3:
		return customer.Patch{AddTags: w.tags(), RemoveTags: []string{"b2b"}}
	case 4:
		return customer.Patch{Tags: new(w.tags())}
	case 5:
		return customer.Patch{Metadata: map[string]*string{"plan": new(pick(w.Rand, "", "gold", "silver")), "n": nil}, ReplaceMetadata: w.IntN(2) == 0}
	case 6:
		return customer.Patch{ExternalID: new(pick(w.Rand, "", "X-1", "x-1")), Address: customer.AddressPatch{City: new("")}}
	}
	return customer.Patch{}
}

func (w *twins) filter(depth int) customer.Filter {
	field := pick(w.Rand, customer.TextFields()...)
	at := epoch.Add(time.Duration(w.IntN(80)) * time.Millisecond)
	leaves := []func() customer.Filter{
		func() customer.Filter { return customer.Text(w.word()) },
		func() customer.Filter { return customer.Text(w.word() + " " + w.word()) },
		func() customer.Filter {
			return customer.Match{Field: field, Op: pick(w.Rand, customer.Is, customer.Prefix, customer.Suffix, customer.Contains), Values: []string{w.word(), w.name()}}
		},
		func() customer.Filter { return field.Contains(w.word()) },
		func() customer.Filter { return customer.HasStatus(pick(w.Rand, customer.Active, customer.Archived)) },
		func() customer.Filter { return customer.HasStatus() },
		func() customer.Filter { return customer.HasID(w.id(), w.id()) },
		func() customer.Filter { return customer.HasAnyTag(w.tags()...) },
		func() customer.Filter { return customer.HasAllTags(w.tags()...) },
		func() customer.Filter { return customer.HasMetadata("plan", "gold", `g"\<>`) },
		func() customer.Filter {
			return customer.Has(pick(w.Rand, "notes", "address", "tag", "metadata", "metadata.n", "archived_at", "email", "email_domain", "external_id"))
		},
		func() customer.Filter { return pick(w.Rand, customer.TimeFields()...).Since(at) },
		func() customer.Filter {
			return pick(w.Rand, customer.TimeFields()...).Between(at, at.Add(30*time.Millisecond))
		},
	}
	if depth > 1 || w.IntN(2) == 0 {
		return pick(w.Rand, leaves...)()
	}
	inner := func() customer.Filter { return w.filter(depth + 1) }
	switch w.IntN(3) {
	case 0:
		return customer.And(inner(), inner())
	case 1:
		return customer.Or(inner(), inner())
	}
	return customer.Not(inner())
}

// outcome is what a caller can tell of an error.
func outcome(err error) string {
	var (
		conflict *customer.ConflictError
		stale    *customer.StaleError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &conflict), errors.As(err, &stale):
		return err.Error()
	}
	for _, class := range []error{customer.ErrInvalid, customer.ErrNotFound, customer.ErrArchived, customer.ErrKeyReused} {
		if errors.Is(err, class) {
			return err.Error()
		}
	}
	return "unexpected: " + err.Error()
}

// step does one random thing to both stores and returns how they differ.
func (w *twins) step() string {
	ctx := context.Background()
	both := func(what string, do func(s customer.Store) (any, error)) string {
		w.log = append(w.log, what)
		want, wantErr := do(w.memory)
		got, gotErr := do(w.database)
		if diff := cmp.Diff(outcome(wantErr), outcome(gotErr)); diff != "" {
			return "errors (-memory +postgres):\n" + diff
		}
		return cmp.Diff(want, got)
	}
	switch n := w.IntN(22); {
	case n == 20:
		drafts := make([]customer.Draft, w.IntN(6))
		for i := range drafts {
			if drafts[i] = w.draft(); w.IntN(6) == 0 {
				drafts[i].ID = w.id()
			}
		}
		return both(fmt.Sprintf("create batch %+v", drafts), func(s customer.Store) (any, error) {
			created, errs, err := s.(customer.BatchCreator).CreateBatch(ctx, drafts)
			return answers(created, errs), err
		})
	case n == 21:
		records := make([]customer.Customer, w.IntN(4))
		for i := range records {
			records[i] = w.record()
		}
		return both(fmt.Sprintf("load %+v", records), func(s customer.Store) (any, error) {
			errs, err := s.(customer.Loader).Load(ctx, records)
			return answers(records, errs), err
		})
	case n < 6:
		d := w.draft()
		return both(fmt.Sprintf("create %+v", d), func(s customer.Store) (any, error) {
			c, err := s.Create(ctx, d)
			if err == nil && !slices.Contains(w.ids, c.ID) {
				w.ids = append(w.ids, c.ID)
			}
			return c, err
		})
	case n < 10:
		id, v, p := w.id(), w.version(), w.patch()
		return both(fmt.Sprintf("update %s %d %+v", id, v, p), func(s customer.Store) (any, error) { return s.Update(ctx, id, v, p) })
	case n < 11:
		id, v := w.id(), w.version()
		return both(fmt.Sprintf("delete %s %d", id, v), func(s customer.Store) (any, error) { return nil, s.Delete(ctx, id, v) })
	case n < 12:
		id := w.id()
		return both(fmt.Sprintf("get %s", id), func(s customer.Store) (any, error) { return s.Get(ctx, id) })
	case n < 14:
		f, limit := w.filter(0), w.IntN(4)
		return both(fmt.Sprintf("count %+v %d", f, limit), func(s customer.Store) (any, error) { return s.Count(ctx, f, limit) })
	case n < 16 && len(w.cursors) > 0:
		// The next page of an earlier search, whatever has been written or deleted since.
		q := pick(w.Rand, w.cursors...)
		return both(fmt.Sprintf("next page %+v", q), func(s customer.Store) (any, error) { return s.Search(ctx, q) })
	}
	q := customer.Query{Where: w.filter(0), OrderBy: pick(w.Rand, customer.Orders()...), Limit: pick(w.Rand, 0, 1, 2, 3)}
	return both(fmt.Sprintf("search %+v", q), func(s customer.Store) (any, error) {
		page, err := s.Search(ctx, q)
		if page.Next != "" {
			next := q
			next.After = page.Next
			w.cursors = append(w.cursors, next)
		}
		return page, err
	})
}

// TestBothStoresAreOne runs random sequences of operations on memory and PostgreSQL side by side: results, errors, order and cursors are equal
// after each. A failure prints its seed and the steps.
func TestBothStoresAreOne(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	for seed := range uint64(*sequences) {
		w := newTwins(seed, fmt.Sprintf("t%d", seed), pool)
		for range 25 {
			if diff := w.step(); diff != "" {
				t.Errorf("seed %d, after %d steps the stores differ (-memory +postgres):\n%s", seed, len(w.log), diff)
				for _, line := range w.log {
					t.Log(line)
				}
				break
			}
		}
		if t.Failed() {
			return
		}
	}
}
