package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/memstore"
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

// A row that was added to an export, or lost from it, is found before the first one is written, where the file can be read twice.
func TestAnExportWhoseEndDoesNotFitBringsNothing(t *testing.T) {
	t.Parallel()
	three := memstore.New()
	for _, name := range []string{"Ada", "Bob", "Cyd"} {
		if _, err := three.Create(t.Context(), customer.Draft{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	source := serveStore(t, three)
	for name, tc := range map[string]struct {
		format string
		change func(lines []string) []string
		says   string
	}{
		"a row too few":        {"ndjson", func(l []string) []string { return l[1:] }, ":3: the last line says that there are 3 rows, and there are 2; if that is meant"},
		"a row too few in CSV": {"csv", func(l []string) []string { return slices.Delete(l, 1, 2) }, ":4: the last line says that there are 3 rows, and there are 2"},
		"a row too many":       {"ndjson", func(l []string) []string { return slices.Insert(l, 0, "{\"name\":\"Gus\"}\n") }, ":5: the last line says"},
		"saved by a spreadsheet": {"csv", func(l []string) []string {
			return append(slices.Delete(l, 3, 5), `"#end","3"`+strings.Repeat(",", 18)+"\r\n\r\n")
		}, ":4: the last line says that there are 3 rows, and there are 2"},
		"the end sorted to the top":    {"csv", func(l []string) []string { return slices.Concat(l[:1], l[4:], l[1:4]) }, ":2: the last line of an export, which counts its rows, stands before others, as after sorting"},
		"a quote at the end":           {"csv", func(l []string) []string { l[3] = "\"" + l[3]; return l }, "a quote is opened"},
		"an end of JSON in the middle": {"ndjson", func(l []string) []string { return slices.Concat(l[:3], l[3:], l[3:]) }, ":4: the last line of an export, which counts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exported, _ := want(t, 0, "export", source, "--format", tc.format)
			changed := file(t, "exported", strings.Join(tc.change(slices.Collect(strings.Lines(exported))), ""))
			behind := memstore.New()
			_, stderr := want(t, 2, "import", changed, serveStore(t, behind))
			if got := contents(t, behind); got != nil || !strings.Contains(stderr, tc.says) {
				t.Errorf("%d customers are in; got %s", len(got), stderr)
			}
		})
	}
}

// Standard input may be a file of which another program has read a part.
func TestAnExportOnStandardInput(t *testing.T) {
	t.Parallel()
	exported, _ := want(t, 0, "export", serveStore(t, people(t)), "--format", "csv")
	const passed = "# from the old shop\n"
	for text, status := range map[string]int{exported: 0, strings.Replace(exported, "#end,3", "#end,4", 1): 2} {
		in, err := os.Open(file(t, "exported.csv", passed+text))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if _, err := in.Seek(int64(len(passed)), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		behind := memstore.New()
		var stdout, stderr bytes.Buffer
		err = importFiles(t.Context(), []string{"-", serveStore(t, behind)}, nil, in, &stdout, &stderr)
		if (err == nil) != (status == 0) || (len(contents(t, behind)) == 0) != (status == 2) {
			t.Errorf("%d customers are in: %v\n%s%s", len(contents(t, behind)), err, &stdout, &stderr)
		}
	}
}
