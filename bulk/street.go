package bulk

import "strings"

// partStreet leaves the first line of a street on several lines where it is, and the others to Line2 unless that has text.
func (r *Row) partStreet() {
	a := &r.Draft.Address
	if !strings.ContainsAny(a.Line1, "\r\n") || strings.TrimSpace(a.Line2) != "" {
		return
	}
	if a.Line1, a.Line2 = streetLines(a.Line1); a.Line2 != "" {
		r.Fields |= Line2
	}
}

// streetLines parts a street that other programs keep on several lines of one cell.
func streetLines(text string) (line1, line2 string) {
	var lines []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "", ""
	}
	return lines[0], strings.Join(lines[1:], ", ")
}

// behindStreet puts the number of a house behind its street, unless it is there.
func behindStreet(street, number string) string {
	street = strings.TrimSpace(street)
	if strings.HasSuffix(street, " "+number) {
		return street
	}
	return strings.TrimSpace(street + " " + number)
}
