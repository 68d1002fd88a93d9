package main

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable quotes what would command a terminal, or reorder or part what it shows: control characters, line breaks among them, marks of direction,
// and bytes that are not UTF-8. Names of files and columns come from others.
func printable(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, commands) < 0 {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if commands(r) || r == utf8.RuneError && size == 1 {
			quoted := strconv.QuoteToASCII(text[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

// printableLines is printable for a message of several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

func commands(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
