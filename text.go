package customer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// cleanText returns s in NFC without white space at its ends; text of nothing but white space and format characters is absent.
func cleanText(s string, maxRunes int, multiline bool) (string, Code) {
	if !utf8.ValidString(s) {
		return "", CodeInvalidText
	}
	blank := true
	for _, r := range s {
		if forbidden(r, multiline) {
			return "", CodeInvalidText
		}
		blank = blank && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r))
	}
	if blank {
		return "", ""
	}
	s = strings.TrimFunc(nfc(s), unicode.IsSpace)
	if len(s) > 4*maxRunes || utf8.RuneCountInString(s) > maxRunes {
		return "", CodeTooLong
	}
	return s, ""
}

// forbidden refuses what has no place in a record: controls, line breaks in one-line text, noncharacters, and the format characters
// beyond those that scripts and emoji need, which keeps bidi overrides (UAX #9) out.
func forbidden(r rune, multiline bool) bool {
	switch {
	case r >= ' ' && r <= '~':
		return false
	case multiline && (r == '\t' || r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029):
		return false
	case r == 0xad || r == 0x61c || r >= 0x200c && r <= 0x200f || r >= 0xe0020 && r <= 0xe007f:
		return false
	case r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp)
}

// cleanTag returns a tag in stored form; "" is no tag.
func cleanTag(s string) (string, Code) {
	// Measured below: spaces inside collapse, and lower case may be longer than what it came from.
	s, code := cleanText(s, len(s), false)
	if code != "" {
		return "", code
	}
	s = nfc(strings.ToLower(strings.Join(strings.Fields(s), " ")))
	if strings.Contains(s, ",") {
		return "", CodeInvalidText
	}
	if len(s) > 4*maxTagRunes || utf8.RuneCountInString(s) > maxTagRunes {
		return "", CodeTooLong
	}
	return s, ""
}

// nfc returns s in NFC. Package norm parts a run of more than 30 marks with a U+034F (UAX #15, stream-safe text), which would change the
// text and its length; such runs are composed here.
func nfc(s string) string {
	const grapheme = "\u034f"
	out := norm.NFC.String(s)
	if strings.Count(out, grapheme) == strings.Count(s, grapheme) {
		return out
	}
	var marks []mark
	for _, r := range s {
		for _, d := range norm.NFD.String(string(r)) {
			marks = append(marks, mark{d, norm.NFD.PropertiesString(string(d)).CCC()})
		}
	}
	for from := range marks {
		if marks[from].class == 0 || from > 0 && marks[from-1].class != 0 {
			continue
		}
		to := from
		for to < len(marks) && marks[to].class != 0 {
			to++
		}
		slices.SortStableFunc(marks[from:to], func(a, b mark) int { return int(a.class) - int(b.class) })
	}
	return compose(marks)
}

// mark is a code point of decomposed text with its combining class, 0 for a letter.
type mark struct {
	r     rune
	class uint8
}

// compose is the canonical composition of Unicode (section 3.11, D117).
func compose(marks []mark) string {
	out, starter := make([]rune, 0, len(marks)), -1
	var last uint8
	for _, m := range marks {
		if starter >= 0 && (starter == len(out)-1 || last < m.class) {
			if one := []rune(norm.NFC.String(string([]rune{out[starter], m.r}))); len(one) == 1 {
				out[starter] = one[0]
				continue
			}
		}
		if m.class == 0 {
			starter = len(out)
		}
		out, last = append(out, m.r), m.class
	}
	return string(out)
}
