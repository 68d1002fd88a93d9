package httpserver

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"time"
)

// The deadlines of imports and exports, which take as long as they have to.
const (
	streamDeadline = 15 * time.Minute
	streamIdle     = 30 * time.Second // without progress
)

// streaming gives the request the deadlines of a stream instead of those of an answer: [call.progress] must be called in time.
func (c *call) streaming(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, streamDeadline)
	idle := time.AfterFunc(streamIdle, cancel)
	control := http.NewResponseController(c.w)
	c.progress = func() {
		idle.Reset(streamIdle)
		// Writers that have no deadlines, as in tests, do without.
		_ = control.SetReadDeadline(time.Now().Add(streamIdle))
		_ = control.SetWriteDeadline(time.Now().Add(streamIdle + requestDeadline)) // for the answer to a body that does not come
	}
	c.progress()
	return ctx, func() {
		idle.Stop()
		cancel()
	}
}

// progressReader tells of every read.
type progressReader struct {
	io.ReadCloser
	progress func()
}

func (r progressReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 {
		r.progress()
	}
	return n, err
}

// stream is an answer whose length nobody knows. The status goes out with the first bytes: until then the answer can still be a problem. What a
// client that has gone does not take is lost, which broken tells.
type stream struct {
	c           *call
	broken      error
	contentType string
	buffer      *bufio.Writer
	room        []byte // for the next line
}

func (c *call) stream(contentType string) *stream {
	s := &stream{c: c, contentType: contentType}
	s.buffer = bufio.NewWriterSize(s, 32<<10)
	return s
}

// Write passes on what the buffer held.
func (s *stream) Write(p []byte) (int, error) {
	s.begin()
	n, err := s.c.w.Write(p)
	if err == nil {
		s.c.progress()
	} else if s.broken == nil {
		s.broken = err
	}
	return n, err
}

func (s *stream) begin() {
	if s.c.answered {
		return
	}
	s.c.answered, s.c.status = true, http.StatusOK
	s.c.w.Header().Set("Content-Type", s.contentType)
	s.c.w.WriteHeader(http.StatusOK)
}

// scratch returns room for a line, for the next call of [stream.line].
func (s *stream) scratch() []byte { return s.room[:0] }

// line writes one line of NDJSON.
func (s *stream) line(text []byte) {
	s.room = append(text, '\n')
	_, _ = s.buffer.Write(s.room)
	s.c.progress()
}

// flush sends what there is on its way.
func (s *stream) flush() error {
	if err := s.buffer.Flush(); err != nil {
		return err
	}
	s.begin()
	_ = http.NewResponseController(s.c.w).Flush()
	return nil
}

// end sends the rest.
func (s *stream) end() {
	s.begin()
	_ = s.buffer.Flush()
}
