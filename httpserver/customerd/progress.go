package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const progressInterval = 5 * time.Second

// progress tells how far a file is: on a terminal with a bar, or with rows and rate where its length is unknown, elsewhere with a line now and then.
// But for its reader it is for one goroutine.
type progress struct {
	out         io.Writer
	name        string
	size        int64 // of the file in bytes, 0 if unknown
	began, told time.Time
	bar         *progressbar.ProgressBar
	quiet       bool

	read atomic.Int64
	rows int
}

func newProgress(stderr io.Writer, quiet bool, name string, size int64) *progress {
	p := &progress{out: stderr, name: name, size: size, quiet: quiet, began: time.Now(), told: time.Now()}
	if file, ok := stderr.(*os.File); !ok || quiet || !term.IsTerminal(int(file.Fd())) {
		return p
	}
	p.bar = newBar(stderr, name, size)
	return p
}

func newBar(w io.Writer, name string, size int64) *progressbar.ProgressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(name), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(24),
		// Of its own accord it would draw from a goroutine.
		progressbar.OptionSetSpinnerChangeInterval(0),
	}
	length := int64(-1)
	if size > 0 {
		length = size
		options = append(options, progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true))
	} else {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionShowTotalBytes(false),
			progressbar.OptionSetPredictTime(false))
	}
	bar := progressbar.NewOptions64(length, options...)
	// Otherwise its time begins when it is first drawn, and all that was done before counts as done at once.
	bar.StartWithoutRender()
	return bar
}

// reader counts what is read of r.
func (p *progress) reader(r io.Reader) io.Reader { return &countingReader{r, &p.read} }

type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// done tells that so many rows are done in all.
func (p *progress) done(rows int) {
	p.rows = rows
	switch {
	case p.quiet:
	case p.bar != nil && p.size > 0:
		// A file that grows meanwhile has more bytes than the bar.
		_ = p.bar.Set64(min(p.read.Load(), p.size-1))
	case p.bar != nil && time.Since(p.began) < time.Second:
		// There is no rate yet.
	case p.bar != nil:
		_ = p.bar.Set64(int64(rows))
	case time.Since(p.told) >= progressInterval:
		p.told = time.Now()
		fmt.Fprintln(p.out, p.line())
	}
}

func (p *progress) line() string {
	text := p.name + ": " + count(p.rows, "row")
	if p.size > 0 {
		text += fmt.Sprintf(", %d %%", min(p.read.Load()*100/p.size, 100))
	}
	if seconds := time.Since(p.began).Seconds(); seconds > 0 {
		text += fmt.Sprintf(", %.0f/s", float64(p.rows)/seconds)
	}
	return text
}

// count is so many of a thing, as "1 row" or "2 rows".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// clear makes room for a message, or for what follows the end.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
