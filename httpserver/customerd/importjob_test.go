package main

import (
	"strings"
	"testing"
)

// An export without its last line is imported, and it is said that there may have been more. Its other faults are told as ever.
func TestAnExportWithoutItsLastLine(t *testing.T) {
	t.Parallel()
	const (
		warning = "looks like an export without its last line: it may have been cut off"
		ada     = `{"id":"01970000-0000-7000-8000-000000000001","version":1,"status":"active","name":"Ada",` +
			`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}` + "\n"
		columns = "id,version,name,created_at\n"
		bob     = "01970000-0000-7000-8000-000000000002,1,Bob,2026-01-01T00:00:00.000000Z\n"
	)
	for name, tc := range map[string]struct {
		text   string
		status int
		warns  bool
	}{
		"a record":                        {ada, 0, true},
		"a record and a row that is none": {ada + "{}\n", 1, true},
		"a record and the end":            {ada + `{"end":true,"count":1}`, 0, false},
		"a record that was refused once":  {`{"reason":"x",` + ada[1:], 0, false},
		"a draft":                         {`{"name":"Ada"}`, 0, false},
		"a row of CSV":                    {columns + bob, 0, true},
		"a row of CSV and the end":        {columns + bob + "#end,1,,\n", 0, false},
		"a row of any other CSV":          {"id,name\n1,Bob\n", 0, false},
		"an end that does not fit":        {ada + `{"end":true,"count":2}`, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exported := file(t, "exported", tc.text)
			_, stderr := want(t, tc.status, "import", exported, memory(t))
			if got := strings.Contains(stderr, exported+" "+warning+"\n"); got != tc.warns {
				t.Errorf("got a warning: %t, want %t in\n%s", got, tc.warns, stderr)
			}
		})
	}
}

func TestArchivedCustomersInCSVAreNotPassedOverInSilence(t *testing.T) {
	t.Parallel()
	const row = ",1,archived,Ada,2026-01-01T00:00:00.000000Z\n"
	exported := file(t, "exported.csv", "id,version,status,name,created_at\n01970000-0000-7000-8000-000000000001"+row+"01970000-0000-7000-8000-000000000002"+row+"#end,2\n")
	stdout, stderr := want(t, 0, "import", exported, memory(t))
	if stdout != exported+": 2 rows, 2 skipped\n" || !strings.Contains(stderr, exported+": archived customers were skipped (2)") || !strings.Contains(stderr, "NDJSON") {
		t.Errorf("got %s%s", stdout, stderr)
	}
}

func TestAFileWithoutTheColumnToMatchBy(t *testing.T) {
	t.Parallel()
	misspelt := file(t, "misspelt.csv", "name,Mail adr\nAda,ada@example.com\n")
	server := memory(t)
	_, stderr := want(t, 1, "import", misspelt, server, "--match", "email", "--on-conflict", "update")
	if !strings.Contains(stderr, misspelt+":2: the row has no email") {
		t.Errorf("got %s", stderr)
	}
	want(t, 0, "import", misspelt, server, "--match", "email", "--on-conflict", "update", "--map", "Mail adr=email")
}
