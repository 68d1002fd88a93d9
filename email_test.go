package customer_test

import "strings"

// emailOf returns a valid address of size bytes with a local part of so many, as long as the domain can be that long.
func emailOf(local, size int) string {
	domain := ""
	for rest := size - local - 1; rest > 0; rest = size - local - 1 - len(domain) {
		switch {
		case rest > 65:
			domain += strings.Repeat("d", 63) + "."
		case rest > 63:
			domain += strings.Repeat("d", 31) + "."
		default:
			domain += strings.Repeat("d", rest)
		}
	}
	return strings.Repeat("l", local) + "@" + domain
}
