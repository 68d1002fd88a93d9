package storetest

import (
	"math/rand/v2"
	"sync"
	"time"

	"example.com/customer"
)

// clock stands still until it is moved. It is not in UTC and finer than a microsecond, so that a store has something to cut.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.FixedZone("", 5*60*60+30*60))}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// move turns the clock, back where d is negative.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// idSource makes IDs in no order, the same for every case.
type idSource struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

func newIDSource() *idSource { return &idSource{rnd: rand.New(rand.NewPCG(1, 2))} }

func (s *idSource) next() customer.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id customer.ID
	for i := range id {
		id[i] = byte(s.rnd.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}
