package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/customer"
)

// A generated table has one tenant with nine customers in ten and a thousand small ones that share the rest. Of the big tenant's customers a third
// has gmail, smith is the name of 2 %, kowalski of 0.25 %, gesky of 0.13 %, and one in a thousand has a mailbox nobody else has the beginning of;
// methuselah is a word of 2 % of them, the oldest only. One in ten is archived.
const (
	bigTenant    = "big"
	smallTenants = 1000
)

var epoch = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)

// generator makes customers that are the same for one seed.
type generator struct {
	rng   *rand.Rand
	names *rand.Zipf
	n     int
}

func newGenerator(n int) *generator {
	rng := rand.New(rand.NewPCG(1, 2))
	return &generator{rng, rand.NewZipf(rng, 1.3, 20, 20_000), n}
}

// word turns a number into a name that is pronounceable and of its own.
func word(n uint64) string {
	var b strings.Builder
	for n += 7; n > 0; n /= 60 {
		b.WriteByte("bcdfgklmnprt"[n%12])
		b.WriteByte("aeiou"[n/12%5])
	}
	return b.String()
}

func (g *generator) tenant(i int) string {
	if i%10 != 0 {
		return bigTenant
	}
	return fmt.Sprintf("small%d", i/10%smallTenants)
}

func (g *generator) surname() string {
	switch r := g.rng.Float64(); {
	case r < 0.018:
		return "Smith"
	case r < 0.0205:
		return "Kowalski"
	case r < 0.0218:
		return "Gesky"
	}
	return word(g.names.Uint64())
}

func (g *generator) customer(i int) (tenant string, c customer.Customer, err error) {
	d := customer.Draft{
		CreatedAt:  epoch.Add(time.Duration(i) * 90 * time.Second),
		ExternalID: fmt.Sprintf("CRM-%07d", i),
		Name:       word(g.names.Uint64()) + " " + g.surname(),
		Phone:      fmt.Sprintf("+1 555 %07d", g.rng.IntN(10_000_000)),
		Address:    customer.Address{Line1: fmt.Sprintf("%d Main Street", i%900), City: word(uint64(i % 500)), PostalCode: fmt.Sprint(10000 + i%80000), Country: "US"},
		Metadata:   map[string]string{"plan": []string{"free", "gold"}[i%2], "ref": fmt.Sprintf("r%d", i)},
	}
	domain := fmt.Sprintf("%s.example.com", word(uint64(g.rng.IntN(5000))))
	if g.rng.Float64() < 0.35 {
		domain = "gmail.com"
	}
	d.Email = fmt.Sprintf("%s%d@%s", word(uint64(i)), i, domain)
	if g.rng.Float64() < 0.3 {
		d.Company = word(g.names.Uint64()) + " Ltd"
	}
	if i < g.n/50 {
		d.Company = "Methuselah " + d.Company
	}
	if g.rng.Float64() < 0.2 {
		d.Tags = append(d.Tags, "vip")
	}
	if g.rng.Float64() < 0.0005 {
		d.Tags = append(d.Tags, "rare")
	}
	c, err = d.Build(customer.ID{0: 1, 4: byte(i >> 24), 5: byte(i >> 16), 6: byte(i >> 8), 7: byte(i)}, d.CreatedAt)
	if err == nil && i%10 == 3 {
		c, _, err = customer.Patch{Status: new(customer.Archived)}.Apply(c, d.CreatedAt)
	}
	return g.tenant(i), c, err
}

func copyColumns() []string {
	return strings.Split("tenant, id, version, status, external_id, name, email, phone, company, notes, line1, line2, city, region, postal_code, country, "+
		"tags, metadata, created_at, updated_at, archived_at, name_key, email_key, domain_key, company_key, phone_key, city_key, region_key, postal_key, "+
		"country_key, words, key_version, key_hash, draft_hash", ", ")
}

// copyRow returns the values of copyColumns.
func copyRow(tenant string, c customer.Customer) []any {
	k, tags := customer.KeysOf(c), c.Tags
	if tags == nil {
		tags = []string{}
	}
	return []any{
		tenant, [16]byte(c.ID), int64(c.Version), string(c.Status), c.ExternalID, c.Name, c.Email, c.Phone, c.Company, c.Notes,
		c.Address.Line1, c.Address.Line2, c.Address.City, c.Address.Region, c.Address.PostalCode, c.Address.Country,
		tags, c.Metadata, c.CreatedAt, c.UpdatedAt, c.ArchivedAt,
		k.Name, k.Email, k.Domain, k.Company, k.Phone, k.City, k.Region, k.PostalCode, k.Country, k.Words, int16(customer.KeysVersion), "", "",
	}
}

// generate loads n customers and leaves the table as it is long after: analysed, its pending lists merged, its pages known to be visible.
func generate(tb testing.TB, pool *pgxpool.Pool, n int) {
	tb.Helper()
	ctx, g := context.Background(), newGenerator(n)
	var words string
	if err := pool.QueryRow(ctx, "SELECT indexdef FROM pg_indexes WHERE indexname = 'customers_words'").Scan(&words); err != nil {
		tb.Fatal(err)
	}
	steps := []string{"DROP INDEX customers_words", words, "VACUUM ANALYZE customers"}
	if _, err := pool.Exec(ctx, steps[0]); err != nil {
		tb.Fatal(err)
	}
	i := 0
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"customers"}, copyColumns(), pgx.CopyFromFunc(func() ([]any, error) {
		if i == n {
			return nil, nil
		}
		tenant, c, err := g.customer(i)
		i++
		return copyRow(tenant, c), err
	}))
	if err != nil {
		tb.Fatal(err)
	}
	for _, step := range steps[1:] {
		if _, err := pool.Exec(ctx, step); err != nil {
			tb.Fatal(err)
		}
	}
}
