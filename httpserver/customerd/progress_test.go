package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestProgressIsALineNowAndThen(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		quiet bool
		size  int64
		want  string
	}{
		"of a known length":    {false, 400, "a.csv: 500 rows, 25 %, 100/s\na.csv: 1000 rows, 50 %, 100/s\n"},
		"of an unknown length": {false, 0, "a.csv: 500 rows, 100/s\na.csv: 1000 rows, 100/s\n"},
		"unless it is quiet":   {true, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := newProgress(&out, tc.quiet, "a.csv", tc.size)
				r := p.reader(strings.NewReader(strings.Repeat("x", 1000)))
				for second := range 12 {
					time.Sleep(time.Second)
					if _, err := io.CopyN(io.Discard, r, 20); err != nil {
						t.Fatal(err)
					}
					p.done(100 * (second + 1))
				}
				p.clear()
				if diff := cmp.Diff(tc.want, out.String()); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestProgressOnATerminalIsABar(t *testing.T) {
	t.Parallel()
	for size, shown := range map[int64][]string{1 << 20: {"a.csv", "50%", "512 KiB/1.0 MiB", "[1s:1s]"}, 0: {"a.csv", "2000", "rows/s"}} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p := &progress{out: &out, name: "a.csv", size: size, bar: newBar(&out, "a.csv", size)}
			r := p.reader(strings.NewReader(strings.Repeat("x", 1<<19)))
			p.done(0)
			time.Sleep(time.Second)
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Fatal(err)
			}
			p.done(2000)
			for _, text := range shown {
				if !strings.Contains(out.String(), text) {
					t.Errorf("got %q, want it to hold %q", &out, text)
				}
			}
			p.clear()
			lines := strings.Split(strings.TrimRight(out.String(), "\r"), "\r")
			if last := lines[len(lines)-1]; strings.TrimSpace(last) != "" || !strings.HasSuffix(out.String(), "\r") {
				t.Errorf("a message would follow %q", last)
			}
		})
	}
}

// A rate of the first instant would be one of millions.
func TestNoRateIsToldOfLessThanASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &progress{out: &out, name: "export", began: time.Now(), bar: newBar(&out, "export", 0)}
		for range 9 {
			time.Sleep(100 * time.Millisecond)
			p.done(200)
		}
		p.clear()
		if strings.Contains(out.String(), "rows/s") {
			t.Errorf("got %q", &out)
		}
		time.Sleep(100 * time.Millisecond)
		p.done(2000)
		if !strings.Contains(out.String(), "2000 rows/s") {
			t.Errorf("got %q", &out)
		}
	})
}
