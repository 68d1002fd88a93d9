package main

import (
	"fmt"
	"strings"
	"testing"
)

// Who tries a file out sees what its columns are taken for; who imports one does if something of it goes where nobody may look for it.
func TestHowColumnsWereUnderstoodIsTold(t *testing.T) {
	t.Parallel()
	many := make([]string, 50)
	for i := range many {
		many[i] = fmt.Sprintf("c%d", i)
	}
	for name, tc := range map[string]struct {
		header      string
		args        []string
		dry, commit string
	}{
		"fields and others":    {"Name,E-Mail,Zip,Plan,Größe", nil, "Name is name, E-Mail is email, Zip is address.postal_code; kept as metadata: Plan, Größe", "Name is name, E-Mail is email, Zip is address.postal_code; kept as metadata: Plan, Größe"},
		"fields alone":         {"Name,First Name", nil, "Name is name; kept as metadata: First Name", "Name is name; kept as metadata: First Name"},
		"known columns alone":  {"First Name,Last Name,tags", nil, "First Name is first_name, Last Name is last_name, tags is tags", ""},
		"columns passed over":  {"Name,Plan,reason", []string{"--map", "Plan=-"}, "Name is name; passed over: Plan, reason", ""},
		"a column without one": {"Name,", nil, "Name is name", ""},
		"numbered rows":        {",Name", nil, "Name is name; kept as metadata: column 1", "Name is name; kept as metadata: column 1"},
		"many columns":         {"Name," + strings.Join(many, ","), nil, "Name is name; kept as metadata: " + strings.Join(many[:20], ", ") + ", and 30 more", "Name is name; kept as metadata: " + strings.Join(many[:20], ", ") + ", and 30 more"},
		"a long name":          {"Name," + strings.Repeat("ö", 40), []string{"--map", strings.Repeat("ö", 40) + "=notes"}, "Name is name, " + strings.Repeat("ö", 32) + "… is notes", ""},
		"a name with an ESC":   {"Name,\x1b[1m", []string{"--map", "\x1b[1m=phone"}, `Name is name, \x1b[1m is phone`, ""},
		"quiet":                {"Name,Plan", []string{"--quiet"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			customers := file(t, "customers.csv", tc.header+"\n")
			for mode, line := range map[string]string{"validate": tc.dry, "commit": tc.commit} {
				if line != "" {
					line = customers + ": " + line + "\n"
				}
				if _, stderr := want(t, 0, append([]string{"import", customers, memory(t), "--mode", mode}, tc.args...)...); stderr != line {
					t.Errorf("%s: got %q, want %q", mode, stderr, line)
				}
			}
		})
	}
}
