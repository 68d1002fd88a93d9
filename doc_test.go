package customer_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/customer"
)

// What the manual shows of the language of filters must be legal.
func TestTheManualShowsFiltersThatParse(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "//\tada lovelace ")
	block, _, _ := strings.Cut("ada lovelace "+rest, "\n//\n")
	lines := strings.Split(block, "\n")
	if len(lines) < 15 {
		t.Fatalf("found %d lines of examples", len(lines))
	}
	for _, line := range lines {
		columns := regexp.MustCompile(`\s{2,}`).Split(strings.TrimPrefix(line, "//\t"), -1)
		for _, text := range columns[:max(1, len(columns)-1)] {
			if _, err := customer.ParseText(text); err != nil {
				t.Errorf("ParseText(%s): %v", text, err)
			}
		}
	}
}
