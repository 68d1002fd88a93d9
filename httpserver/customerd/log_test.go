package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
)

// In a bubble, so that closing waits for the log on a machine of any speed.
func TestALogThatNobodyReadsStopsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		log, closeLog := newLogger(config{logFormat: logJSON}, w)
		// More than two queues hold: as much as one may be on its way to the reader, whenever that began.
		const length = 64 << 10
		const lines = 2*maxLogQueue/length + 50
		for range lines {
			log.Info(strings.Repeat("x", length))
		}
		done := make(chan []byte)
		go func() {
			text, _ := io.ReadAll(r)
			done <- text
		}()
		closeLog()
		w.Close()
		var whole int
		var lost float64
		decoder := json.NewDecoder(bytes.NewReader(<-done))
		for decoder.More() {
			var line map[string]any
			if err := decoder.Decode(&line); err != nil {
				t.Fatal(err)
			}
			if n, ok := line["lines"].(float64); ok {
				lost += n
			} else {
				whole++
			}
		}
		if whole == 0 || lost == 0 || whole+int(lost) != lines {
			t.Errorf("got %d lines, and %v told as lost, of %d", whole, lost, lines)
		}
	})
}

func TestTheFormOfTheLog(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		c    config
		want string
	}{
		"JSON where it is read by programs": {config{logFormat: logAuto}, `"msg":"m"`},
		"JSON":                              {config{logFormat: logJSON}, `"msg":"m"`},
		"text":                              {config{logFormat: logText}, `msg=m`},
		"nothing below the level":           {config{logFormat: logText, logLevel: slog.LevelWarn}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				log, closeLog := newLogger(tc.c, &out)
				log.Info("m")
				closeLog()
				if !strings.Contains(out.String(), tc.want) || tc.want == "" && out.Len() > 0 {
					t.Errorf("got %q", out.String())
				}
			})
		})
	}
}
