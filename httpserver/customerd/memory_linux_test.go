package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// peak returns the most memory that the program has held so far, in KiB.
func (p *program) peak() (kib int) {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(status), "VmHWM:")
	if !ok {
		p.t.Fatalf("no peak in\n%s", status)
	}
	if _, err := fmt.Sscanf(after, "%d kB", &kib); err != nil {
		p.t.Fatal(err)
	}
	return kib
}

// What a busy machine does not bring together in time is measured again.
func TestTheLargestBodiesTogetherStayUnder256MiB(t *testing.T) {
	for range 5 {
		p := startProgram(t)
		idle := p.peak()
		together := sendLargest(t, strings.TrimPrefix(p.base, "http://"), 200)
		got := p.peak()
		t.Logf("200 bodies of 256 KiB at once: %d MiB at most, %d MiB when idle", got>>10, idle>>10)
		if got >= 256<<10 {
			t.Errorf("got %d MiB, want less than 256", got>>10)
		}
		if together || t.Failed() {
			return
		}
	}
	t.Error("five times in a row the bodies were not all answered in time")
}
