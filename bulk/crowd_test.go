package bulk_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// crowd makes the rows of a file, the same for one seed: names that few or many share, a third of the mailboxes at one provider, and one row in a
// hundred that cannot be imported.
type crowd struct {
	rng   *rand.Rand
	names *rand.Zipf
	next  int
	email string // of the row before

	clean   bool // no row is bad
	changed int  // of so many rows one has new notes; 0: none
}

const crowdSeed = 1

const crowdHeader = "customer_id,name,email,phone,company,street,city,zip,country,tags,plan,ref,notes\n"

// newCrowd begins with the row numbered first.
func newCrowd(first int) *crowd {
	rng := rand.New(rand.NewPCG(crowdSeed, uint64(first)))
	return &crowd{rng: rng, names: rand.NewZipf(rng, 1.3, 20, 20_000), next: first}
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

// isBad reports the rows that are refused.
func isBad(i int) bool { return i%100 == 37 }

func crowdID(i int) string { return fmt.Sprintf("CRM-%08d", i) }

// row returns the next line of the file.
func (c *crowd) row() string {
	i := c.next
	c.next++
	name, phone := word(c.names.Uint64())+" "+word(c.names.Uint64()), fmt.Sprintf("+1 555 %07d", c.rng.IntN(10_000_000))
	domain, company, tags := word(uint64(c.rng.IntN(5000)))+".example.com", "", ""
	if c.rng.Float64() < 0.35 {
		domain = "gmail.com"
	}
	if c.rng.Float64() < 0.3 {
		company = word(c.names.Uint64()) + " Ltd"
	}
	if c.rng.Float64() < 0.2 {
		tags = `"b2b,vip"`
	}
	email := fmt.Sprintf("%s%d@%s", word(uint64(i)), i, domain)
	notes := ""
	if c.changed > 0 && i%c.changed == 0 {
		notes = "called"
	}
	end := ",US," + tags + fmt.Sprintf(",%s,r%d,%s\n", []string{"free", "gold"}[i%2], i, notes)
	if isBad(i) && !c.clean {
		switch i / 100 % 6 {
		case 0:
			email = "nobody"
		case 1:
			phone = "none"
		case 2:
			name = strings.Repeat("n", 201)
		case 3:
			end = "\n"
		case 4:
			email = c.email
		case 5:
			name = "\xff"
		}
	}
	c.email = email
	return fmt.Sprintf("%s,%s,%s,%s,%s,%d Main Street,%s,%d", crowdID(i), name, email, phone, company, i%900, word(uint64(i%500)), 10_000+i%80_000) + end
}

// writeTo writes a file of n rows.
func (c *crowd) writeTo(w io.Writer, n int) error {
	out := bufio.NewWriter(w)
	out.WriteString(crowdHeader)
	for range n {
		out.WriteString(c.row())
	}
	return out.Flush()
}
