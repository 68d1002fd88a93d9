package main

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// newLogger writes text for people, who sit at a terminal, and JSON for programs. The log goes out behind the requests' backs: close waits for
// what is left.
func newLogger(c config, w io.Writer) (log *slog.Logger, close func()) {
	handler := func(to io.Writer) slog.Handler {
		options := &slog.HandlerOptions{Level: c.logLevel}
		file, isFile := w.(*os.File)
		if c.logFormat == logText || c.logFormat == logAuto && isFile && term.IsTerminal(int(file.Fd())) {
			return slog.NewTextHandler(to, options)
		}
		return slog.NewJSONHandler(to, options)
	}
	queue := &logQueue{w: w, own: slog.New(handler(w)), done: make(chan struct{})}
	queue.filled.L = &queue.mu
	go queue.drain()
	return slog.New(handler(queue)), queue.close
}

// The queue of the log holds what a reader of it that has stopped for a moment still gets; longer than the close time nobody waits for it.
const (
	maxLogQueue  = 4 << 20 // bytes
	logCloseTime = time.Second
)

// logQueue keeps requests from waiting for whoever reads the log: a pipe that nobody empties would stop the server. What finds the queue full
// is lost, and the loss is logged.
type logQueue struct {
	w    io.Writer
	own  *slog.Logger
	done chan struct{}

	mu      sync.Mutex
	filled  sync.Cond
	pending []byte
	lost    int
	closed  bool
}

func (q *logQueue) Write(line []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.pending)+len(line) > maxLogQueue {
		q.lost++
	} else {
		q.pending = append(q.pending, line...)
	}
	q.filled.Signal()
	return len(line), nil
}

func (q *logQueue) drain() {
	defer close(q.done)
	var writing []byte
	for {
		q.mu.Lock()
		for len(q.pending) == 0 && q.lost == 0 && !q.closed {
			q.filled.Wait()
		}
		writing, q.pending = q.pending, writing[:0]
		lost, closed := q.lost, q.closed
		q.lost = 0
		q.mu.Unlock()
		if len(writing) > 0 {
			// A log that cannot be written has nowhere to say so.
			_, _ = q.w.Write(writing)
		}
		if lost > 0 {
			q.own.Warn("lines of the log are lost: it is written faster than it is read", "lines", lost)
		}
		if closed && len(writing) == 0 {
			return
		}
	}
}

func (q *logQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.filled.Signal()
	select {
	case <-q.done:
	case <-time.After(logCloseTime):
	}
}
