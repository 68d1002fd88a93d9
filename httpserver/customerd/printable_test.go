package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"plain text":                {`Größe "x" \ 'y' %s`, `Größe "x" \ 'y' %s`},
		"a joiner between letters":  {"می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬"},
		"an escape sequence":        {"\x1b[31mred", `\x1b[31mred`},
		"a bell, a DEL and a NUL":   {"\a\x7f\x00", `\a\x7f\x00`},
		"line breaks and tabs":      {"a\r\n\tb", `a\r\n\tb`},
		"a control character of C1": {"\u009b31m", `\u009b31m`},
		"a byte of C1":              {"\x9b31m", `\x9b31m`},
		"marks of direction":        {"\u202egpj\u2066\u200f", `\u202egpj\u2066\u200f`},
		"a separator of lines":      {"a\u2028b", `a\u2028b`},
		"the replacement character": {"\ufffd", "\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := printable(tc.text); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// What a terminal would obey does not come to it, whichever name has it.
func TestNamesDoNotCommandTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b]0;owned\a\u009b\u202e\x9b"
	server := memory(t)
	dir := t.TempDir()
	odd := filepath.Join(dir, evil+".csv")
	if err := os.WriteFile(odd, []byte("name,email\nAda,none\nBob,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken"+evil+".csv")
	if err := os.WriteFile(broken, []byte("name\nAda\n\"Bob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	valid := strings.TrimSuffix(evil, "\x9b")
	for name, args := range map[string][]string{
		"a member":                 {file(t, "a.ndjson", `{"`+strings.NewReplacer("\x1b", `\u001b`, "\a", `\u0007`).Replace(valid)+`":"x"}`)},
		"a member that is no JSON": {file(t, "a.ndjson", `{"name":"Ada","`+valid+`":"x"}`)},
		"a column that is refused": {file(t, "a.csv", "name,"+valid+"\nAda,\n"), "--unknown=refuse"},
		"a column twice":           {file(t, "a.csv", "name,"+valid+","+valid+"\nAda,,\n")},
		"a column that is mapped":  {file(t, "a.csv", "name\nAda\n"), "--map", valid + "=name"},
		"a file":                   {odd, "--rejects", filepath.Join(dir, evil+"-r.csv")},
		"a file that is not there": {odd + "x"},
		"a file that breaks off":   {broken},
		"a flag":                   {"--" + evil},
		"a server":                 {"a.csv", "--server=http://x/" + evil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, stdout, stderr := runCommand(t, append([]string{"import", server}, args...)...)
			if text := stdout + stderr; printableLines(text) != text {
				t.Errorf("got %q", text)
			}
		})
	}
}

// A shell makes the same word of what is printed.
func TestAWordWithControlCharactersIsPasted(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"a\x1bb", "it's\a 100%\\n", "\u202e\x9b$HOME", "a\nb"} {
		quotedWord := quoted(word)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+quotedWord).Output()
		if err != nil || string(out) != word || printable(quotedWord) != quotedWord {
			t.Errorf("%v: %q comes out of %q as %q", err, word, quotedWord, out)
		}
	}
}
