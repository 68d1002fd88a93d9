package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"example.com/customer/bulk"
)

const (
	maxToldColumns = 20 // of each kind
	maxToldName    = 64 // bytes
)

// columnsLine tells how the columns of a file were understood, and whether some of them are kept as metadata. It is "" for a file without columns.
func columnsLine(columns []bulk.Column) (text string, metadata bool) {
	var known, kept, passed []string
	for i, c := range columns {
		name := shortName(c.Name)
		if name == "" && c.Field != "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		switch {
		case strings.HasPrefix(c.Field, "metadata."):
			kept = append(kept, name)
		case c.Field != "":
			known = append(known, name+" is "+c.Field)
		case name != "":
			passed = append(passed, name)
		}
	}
	var parts []string
	for _, part := range []struct {
		begins string
		names  []string
	}{{"", known}, {"kept as metadata: ", kept}, {"passed over: ", passed}} {
		if more := len(part.names) - maxToldColumns; more > 0 {
			part.names = append(part.names[:maxToldColumns], fmt.Sprintf("and %d more", more))
		}
		if len(part.names) > 0 {
			parts = append(parts, part.begins+strings.Join(part.names, ", "))
		}
	}
	return strings.Join(parts, "; "), len(kept) > 0
}

// shortName is the name as a message has it: that of a broken file may be as long as a row.
func shortName(name string) string {
	name = strings.TrimSpace(name)
	if len(name) > maxToldName {
		cut := maxToldName
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	return printable(name)
}
