package httpserver

const (
	maxInFlight = 512  // requests under /v1 that are worked at, at once
	maxWaiting  = 2048 // requests under /v1 that wait for their clients besides
	maxImports  = 8    // each holds its body
	maxExports  = 16   // each holds a page
)

// enter takes a place among the requests that are worked at. Those that take long have places of their own.
func (c *call) enter(places chan struct{}) error {
	select {
	case places <- struct{}{}:
		c.place = places
		return nil
	default:
		return &problem{code: codeOverloaded, detail: "The server is answering as many requests as it can; try again in a moment."}
	}
}

// stepAside is called before waiting for the client, who may be slow on purpose: a request that is not worked at must not keep others from
// it. Where too many wait already it keeps its place, so that what they hold stays bounded.
func (c *call) stepAside() {
	if c.place == nil || c.place != c.server.working {
		return
	}
	select {
	case c.server.waiting <- struct{}{}:
		c.leave()
		c.place = c.server.waiting
	default:
	}
}

// stepBack takes a place again after [call.stepAside].
func (c *call) stepBack() error {
	if c.place != c.server.waiting {
		return nil
	}
	c.leave()
	return c.enter(c.server.working)
}

func (c *call) leave() {
	if c.place != nil {
		<-c.place
		c.place = nil
	}
}
