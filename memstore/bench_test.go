package memstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/memstore"
)

// crowd is a store of many customers.
type crowd struct {
	store *memstore.Store
	bytes float64 // of the store, per customer
	ids   []customer.ID
	texts func() []string // the folded ones, for want of an index to be scanned
}

// crowds are built when a benchmark needs them, once for all.
var crowds = map[int]func() *crowd{
	1_000:     sync.OnceValue(func() *crowd { return newCrowd(1_000) }),
	100_000:   sync.OnceValue(func() *crowd { return newCrowd(100_000) }),
	1_000_000: sync.OnceValue(func() *crowd { return newCrowd(1_000_000) }),
}

var crowdSizes = []int{1_000, 100_000, 1_000_000}

func newCrowd(n int) *crowd {
	c := &crowd{store: memstore.New(), ids: make([]customer.ID, n)}
	g := newCrowdSource(1)
	before := heap()
	for i := range n {
		made, err := c.store.Create(context.Background(), g.draft(i, n))
		if err != nil {
			panic(err)
		}
		c.ids[i] = made.ID
	}
	c.bytes = float64(heap()-before) / float64(n)
	c.texts = sync.OnceValue(func() []string {
		texts := make([]string, 0, n)
		for made := range customer.All(context.Background(), c.store, customer.Query{}) {
			texts = append(texts, customer.KeysOf(made).Words)
		}
		return texts
	})
	return c
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// plainMap is what one would have without the store: a map with a lock.
type plainMap struct {
	mu        sync.RWMutex
	customers map[customer.ID]*customer.Customer
}

func (c *crowd) plain(b *testing.B) *plainMap {
	p := &plainMap{customers: make(map[customer.ID]*customer.Customer, len(c.ids))}
	for _, id := range c.ids {
		made, err := c.store.Get(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		p.put(made)
	}
	return p
}

func (p *plainMap) get(id customer.ID) (customer.Customer, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.customers[id]
	if !ok {
		return customer.Customer{}, false
	}
	return c.Clone(), true
}

func (p *plainMap) put(c customer.Customer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.customers[c.ID] = new(c.Clone())
}

func (p *plainMap) delete(id customer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.customers, id)
}

// crowdSource makes customers whose words are as common as names and places are: few very, most hardly.
type crowdSource struct {
	*rand.Rand
	family *rand.Zipf
	words  []string
}

func newCrowdSource(seed uint64) *crowdSource {
	g := &crowdSource{Rand: rand.New(rand.NewPCG(seed, 0))}
	g.family = rand.NewZipf(g.Rand, 1.1, 4, 4999)
	syllables := strings.Fields("ka wal ski smi th lo ve lace hop per tur ing dijk stra gon zal ez mul ler sch nei der fis cher we ber mey wag ner hoff man ri sto jan sen an ders pet mar tin ro dri guez")
	words := rand.New(rand.NewPCG(0, 0))
	for range 5000 {
		word := ""
		for range 2 + words.IntN(2) {
			word += syllables[words.IntN(len(syllables))]
		}
		g.words = append(g.words, word)
	}
	return g
}

func (g *crowdSource) word() string { return g.words[g.IntN(len(g.words))] }

// draft returns the ith of n customers. Of the oldest, 2 % work for a pioneer and 35 % are veterans; one has a word of its own.
func (g *crowdSource) draft(i, n int) customer.Draft {
	family := g.words[g.family.Uint64()]
	domain := g.word() + ".com"
	switch g.IntN(10) {
	case 0, 1, 2, 3:
		domain = "gmail.com"
	case 4, 5:
		domain = "yahoo.com"
	}
	d := customer.Draft{
		Name: g.words[g.IntN(60)] + " " + family, ExternalID: fmt.Sprintf("cus_%06x%d", g.IntN(1<<24), i), Email: fmt.Sprintf("%s.%d@%s", family, i, domain),
		Phone:   fmt.Sprintf("+49 %03d %07d", g.IntN(1000), g.IntN(10_000_000)),
		Address: customer.Address{Line1: fmt.Sprintf("%s street %d", g.word(), g.IntN(200)), City: g.words[g.IntN(500)], PostalCode: fmt.Sprintf("%05d", g.IntN(100_000)), Country: "DE"},
		Tags:    []string{"newsletter", []string{"vip", "b2b", "trial", "churned"}[g.IntN(4)]}, Metadata: map[string]string{"plan": g.words[g.IntN(3)], "source": "web"},
		CreatedAt: firstDay.Add(time.Duration(i) * time.Second),
	}
	switch {
	case i == n/2:
		d.Company = "Qzyxwv"
	case i < n/50:
		d.Company = "Pioneer " + g.word()
	case i < n*35/100:
		d.Company = "Veteran " + g.word()
	case g.IntN(50) == 0:
		d.Company = g.word() + " Bakery"
	}
	return d
}

// atEverySize runs a benchmark at every size of a crowd and reports how much slower than at the first it is.
func atEverySize(b *testing.B, run func(b *testing.B, c *crowd)) {
	var first float64
	for _, n := range crowdSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := crowds[n]()
			runtime.GC()
			b.ReportAllocs()
			run(b, c)
			perOp := float64(b.Elapsed()) / float64(b.N)
			if n == crowdSizes[0] {
				first = perOp
			} else if first > 0 {
				b.ReportMetric(perOp/first, "x-of-1000")
			}
		})
	}
}

func BenchmarkMemory(b *testing.B) {
	for _, n := range crowdSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportMetric(crowds[n]().bytes, "bytes/customer")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkGet(b *testing.B) {
	b.Run("store", func(b *testing.B) {
		atEverySize(b, func(b *testing.B, c *crowd) {
			for b.Loop() {
				if _, err := c.store.Get(b.Context(), c.ids[rand.IntN(len(c.ids))]); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("map", func(b *testing.B) {
		atEverySize(b, func(b *testing.B, c *crowd) {
			p := c.plain(b)
			runtime.GC()
			for b.Loop() {
				if _, ok := p.get(c.ids[rand.IntN(len(c.ids))]); !ok {
					b.Fatal("not found")
				}
			}
		})
	})
}

// benchWrites calls write with drafts of customers who are not in the crowd, and now and then undo, outside the time, with what it returned.
func benchWrites(b *testing.B, c *crowd, write func(d customer.Draft) customer.ID, undo func(id customer.ID)) {
	const atOnce = 1024
	g, n := newCrowdSource(2), len(c.ids)
	drafts, made := make([]customer.Draft, 0, atOnce), make([]customer.ID, 0, atOnce)
	clear := func() {
		for _, id := range made {
			undo(id)
		}
		made = made[:0]
	}
	for b.Loop() {
		if len(made) == len(drafts) {
			b.StopTimer()
			clear()
			drafts = drafts[:0]
			for range atOnce {
				n++
				drafts = append(drafts, g.draft(n, len(c.ids)))
			}
			b.StartTimer()
		}
		made = append(made, write(drafts[len(made)]))
	}
	clear()
}

func BenchmarkCreate(b *testing.B) {
	b.Run("store", func(b *testing.B) {
		atEverySize(b, func(b *testing.B, c *crowd) {
			benchWrites(b, c, func(d customer.Draft) customer.ID {
				made, err := c.store.Create(b.Context(), d)
				if err != nil {
					b.Fatal(err)
				}
				return made.ID
			}, func(id customer.ID) {
				if err := c.store.Delete(b.Context(), id, customer.AnyVersion); err != nil {
					b.Fatal(err)
				}
			})
		})
	})
	b.Run("map", func(b *testing.B) {
		atEverySize(b, func(b *testing.B, c *crowd) {
			p := c.plain(b)
			runtime.GC()
			benchWrites(b, c, func(d customer.Draft) customer.ID {
				made, err := d.Build(customer.NewID(), time.Now())
				if err != nil {
					b.Fatal(err)
				}
				p.put(made)
				return made.ID
			}, p.delete)
		})
	})
}

func BenchmarkUpdate(b *testing.B) {
	for _, field := range []string{"notes", "name"} {
		b.Run(field, func(b *testing.B) {
			atEverySize(b, func(b *testing.B, c *crowd) {
				g := newCrowdSource(3)
				for i := 0; b.Loop(); i++ {
					p := customer.Patch{Notes: new(fmt.Sprint("change ", i))}
					if field == "name" {
						p = customer.Patch{Name: new(g.word() + " " + g.word())}
					}
					if _, err := c.store.Update(b.Context(), c.ids[rand.IntN(len(c.ids))], customer.AnyVersion, p); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, order := range []customer.Order{customer.NewestFirst, customer.NameAZ} {
		for _, depth := range []string{"first", "middle"} {
			b.Run(fmt.Sprintf("%s/%s", order, depth), func(b *testing.B) {
				atEverySize(b, func(b *testing.B, c *crowd) {
					q := customer.Query{OrderBy: order}
					if depth == "middle" {
						last, err := c.store.Get(b.Context(), c.ids[len(c.ids)/2])
						if err != nil {
							b.Fatal(err)
						}
						q.After = customer.NextCursor(q, "", last)
					}
					benchSearch(b, c, q)
				})
			})
		}
	}
}

func benchSearch(b *testing.B, c *crowd, q customer.Query) {
	b.Helper()
	found := 0
	for b.Loop() {
		page, err := c.store.Search(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		found = len(page.Customers)
	}
	b.ReportMetric(float64(found), "found")
}

// BenchmarkSearch reports each search as a part of what it takes to scan the folded texts of all customers for one of its words.
func BenchmarkSearch(b *testing.B) {
	active := func(f customer.Filter) customer.Filter { return customer.And(f, customer.HasStatus(customer.Active)) }
	for _, shape := range []struct {
		name, word string
		query      customer.Query
	}{
		{"one has it", "qzyxwv", customer.Query{Where: customer.Text("qzyxwv")}},
		{"nobody has it", "qqzzqq", customer.Query{Where: customer.Text("qqzzqq")}},
		{"2 %", "bakery", customer.Query{Where: customer.Text("bakery")}},
		{"40 %", "gmail", customer.Query{Where: customer.Text("gmail")}},
		{"all", "com", customer.Query{Where: customer.Text("com")}},
		{"2 %, the oldest", "pioneer", customer.Query{Where: customer.Text("pioneer")}},
		{"35 %, the oldest", "veteran", customer.Query{Where: customer.Text("veteran")}},
		{"35 %, the oldest, by name", "veteran", customer.Query{Where: customer.Text("veteran"), OrderBy: customer.NameZA}},
		{"35 %, the oldest, by last change", "veteran", customer.Query{Where: customer.Text("veteran"), OrderBy: customer.UpdatedLast}},
		{"a letter", "s", customer.Query{Where: customer.Text("s")}},
		{"a letter of few", "q", customer.Query{Where: customer.Text("q")}},
		{"two words", "gmail", customer.Query{Where: customer.Text("gmail kowalski")}},
		{"two common words, nobody has both", "gmail", customer.Query{Where: customer.Text("gmail yahoo")}},
		{"the end of a phone", "4711", customer.Query{Where: customer.Text("4711")}},
		{"zeros", "0000", customer.Query{Where: customer.Text("000000")}},
		{"part of a name", "wal", customer.Query{Where: customer.ByName.Contains("wal")}},
		{"word, tag, metadata, status, span, not", "veteran", customer.Query{OrderBy: customer.NameAZ, Where: active(customer.And(
			customer.Text("veteran"), customer.HasAnyTag("vip"), customer.HasMetadata("source", "web"), customer.ByCreatedAt.Since(firstDay),
			customer.Not(customer.ByEmailDomain.Is("gmail.com")),
		))}},
		{"by email", "gmail", customer.Query{Where: active(customer.ByEmail.Is("nobody@gmail.com"))}},
		{"a day, by name", "s", customer.Query{Where: customer.ByCreatedAt.Between(firstDay, firstDay.Add(24*time.Hour)), OrderBy: customer.NameAZ}},
		{"no index", "s", customer.Query{Where: customer.ByCountry.Suffix("x")}},
	} {
		b.Run(shape.name, func(b *testing.B) {
			atEverySize(b, func(b *testing.B, c *crowd) {
				benchSearch(b, c, shape.query)
				b.StopTimer()
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(scanTime(c.texts(), shape.word)), "of-scan")
			})
		})
	}
}

// scanTime returns what one scan takes, the quickest of a few.
func scanTime(texts []string, word string) time.Duration {
	var times []time.Duration
	for len(times) < 3 || len(times) < 1000 && len(texts) == 1000 {
		start, found := time.Now(), 0
		for _, text := range texts {
			if strings.Contains(text, word) {
				found++
			}
		}
		times = append(times, time.Since(start))
		runtime.KeepAlive(found)
	}
	return slices.Min(times)
}

func BenchmarkCount(b *testing.B) {
	for _, shape := range []struct {
		name  string
		where customer.Filter
	}{
		{"everyone", nil},
		{"tag", customer.HasAnyTag("vip")},
		{"word of 40 %", customer.Text("gmail")},
		{"a day", customer.ByCreatedAt.Between(firstDay, firstDay.Add(24*time.Hour))},
	} {
		b.Run(shape.name, func(b *testing.B) {
			atEverySize(b, func(b *testing.B, c *crowd) {
				for b.Loop() {
					if _, err := c.store.Count(b.Context(), shape.where, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
