package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// longestSilence is how long a server may send nothing of an export, whose length as a whole is not known.
const longestSilence = time.Minute

var errSilent = fmt.Errorf("the server has sent nothing for %.0f s", longestSilence.Seconds())

// patience ends its context when a server is silent for too long. The time in which nobody waits, since what was read is written, does not count.
type patience struct {
	ctx context.Context
	end context.CancelCauseFunc
}

func newPatience(ctx context.Context) *patience {
	ctx, end := context.WithCancelCause(ctx)
	return &patience{ctx, end}
}

// during runs a call that waits for the server, with the context.
func (p *patience) during(wait func() error) error {
	timer := time.AfterFunc(longestSilence, func() { p.end(errSilent) })
	defer timer.Stop()
	err := wait()
	if err != nil && err != io.EOF && context.Cause(p.ctx) == errSilent {
		return errSilent
	}
	return err
}

type patientReader struct {
	r    io.Reader
	wait *patience
}

func (r *patientReader) Read(b []byte) (n int, err error) {
	err = r.wait.during(func() (err error) {
		n, err = r.r.Read(b)
		return err
	})
	return n, err
}
