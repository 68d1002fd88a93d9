package bulk

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// scanAll returns the cells of every record, or false where a record or the file is refused.
func scanAll(src io.Reader, comma byte) (records [][]string, ok bool) {
	s := csvScanner{in: newInput(src, 0), comma: comma}
	for {
		rec, err := s.next()
		if err == io.EOF {
			return records, true
		}
		if err != nil || rec.reason != "" {
			return records, false
		}
		records = append(records, splitCells(nil, rec.raw, comma, 1<<20))
	}
}

// nasty are cells of what a reader could stumble over.
func nasty() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("'=+-@\t\r\n\",;# aä\x00"))))
}

func TestCellsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]byte(separators)).Draw(t, "separator")
		want := rapid.SliceOfN(rapid.SliceOfN(nasty(), 2, 5), 0, 5).Draw(t, "records")
		var file []byte
		for _, cells := range want {
			for i, cell := range cells {
				if i > 0 {
					file = append(file, comma)
				}
				file = appendCell(file, cell, comma)
			}
			file = append(file, '\n')
		}
		got, ok := scanAll(iotest.OneByteReader(bytes.NewReader(file)), comma)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); !ok || diff != "" {
			t.Fatalf("%q was not read back (-want +got):\n%s", file, diff)
		}
	})
}

func TestFormulaGuardIsExactlyUndone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := nasty().Draw(t, "cell")
		for name, guarded := range map[string]string{"guard": guard(cell), "guardPhone": guardPhone(cell)} {
			if got := unguard(guarded); got != cell {
				t.Fatalf("%s wrote %q as %q, which is read as %q", name, cell, guarded, got)
			}
			if strings.TrimLeft(guarded, formulaStarts) != guarded && name == "guard" {
				t.Fatalf("%q begins as a formula", guarded)
			}
		}
	})
}

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, cell, text, phone string }{
		{"a formula", "=1+1", "'=1+1", "'=1+1"},
		{"a formula behind apostrophes", "''@x", "'''@x", "'''@x"},
		{"a phone is left alone where phones are", "+49 711 28", "'+49 711 28", "+49 711 28"},
		{"a command that begins as a phone", "+49|cmd", "'+49|cmd", "'+49|cmd"},
		{"a name with an apostrophe", "'Ada", "'Ada", "'Ada"},
		{"a hyphen inside", "a-b", "a-b", "a-b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := guard(tt.cell); got != tt.text {
				t.Errorf("guard(%q) = %q, want %q", tt.cell, got, tt.text)
			}
			if got := guardPhone(tt.cell); got != tt.phone {
				t.Errorf("guardPhone(%q) = %q, want %q", tt.cell, got, tt.phone)
			}
		})
	}
}

// What Go's own strict reader takes is read alike, but for a carriage return inside quotes, which it drops.
func FuzzCSVAgreesWithGo(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "\"a\r\nb\",\n\n\"\"", "a\rb,c\r", ",,\n,", "\"a\",b\n\"c\n", "a\"b,c\n", "\r\n\r"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		r := csv.NewReader(strings.NewReader(file))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			return
		}
		got, ok := scanAll(iotest.HalfReader(strings.NewReader(file)), ',')
		if !ok {
			t.Fatalf("%q is refused", file)
		}
		for _, cells := range got {
			for i, cell := range cells {
				cells[i] = strings.ReplaceAll(cell, "\r\n", "\n")
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", file, diff)
		}
	})
}

// No record above the limit is kept, and the lines are those of the file.
func FuzzCSVLines(f *testing.F) {
	f.Add("a\n\"b\nc\",d\ne\"\n\"f\"g\n")
	f.Fuzz(func(t *testing.T, file string) {
		s := csvScanner{in: newInput(iotest.OneByteReader(strings.NewReader(file)), 0), comma: ','}
		lines := strings.SplitAfter(file, "\n")
		for last := 0; ; {
			rec, err := s.next()
			if err != nil {
				return
			}
			if rec.line <= last || rec.line > len(lines) {
				t.Fatalf("record on line %d after line %d of %d", rec.line, last, len(lines))
			}
			first, _, _ := strings.Cut(rec.raw, "\n")
			if rest := lines[rec.line-1]; !strings.HasPrefix(rest, first) {
				t.Fatalf("line %d is %q and the record begins with %q", rec.line, rest, first)
			}
			last = rec.line
		}
	})
}

func TestTallyCountsEqualHashes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tally tally
		seen := map[string]int{}
		for range rapid.IntRange(0, 5000).Draw(t, "texts") {
			// Hashes that differ in their first eight bytes, the last bit aside.
			hash := strings.Repeat("0", 12) + rapid.StringMatching(`[0-9a-f]{3}0`).Draw(t, "hash") + strings.Repeat("0", 48)
			if got := tally.add(hash); got != seen[hash] {
				t.Fatalf("%s came %d times, counted %d", hash, seen[hash], got)
			}
			seen[hash]++
		}
	})
}
