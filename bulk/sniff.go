package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Format is how customers stand in a file.
type Format string

// The formats. NDJSON is one JSON object a line and loses nothing; CSV is for spreadsheets.
const (
	Detect Format = "" // by the first character, a brace being JSON
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

func (f Format) check(detect bool) error {
	if f == CSV || f == NDJSON || detect && f == Detect {
		return nil
	}
	return fmt.Errorf("bulk: a format other than csv and ndjson: %w", errors.ErrUnsupported)
}

// detect looks at the first character that is not white space.
func detect(in *input) (Format, error) {
	head, text := beginning(in)
	switch {
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		return NDJSON, nil
	case len(text) > 0 || len(head) > firstRead:
		return CSV, nil
	case in.err == io.EOF:
		return "", &FileError{Line: 1, Reason: Empty, Message: "the file is empty"}
	}
	return "", in.err
}

// beginning returns the start of the file, and the part of it from the first character that is not white space, which may be far off.
func beginning(in *input) (head, text []byte) {
	for n := 512; ; n *= 2 {
		head = in.peek(n)
		text = bytes.TrimLeft(head, " \t\r\n")
		if len(text) > 0 || n > firstRead || len(head) < n {
			return head, text
		}
	}
}

// refuseDocument refuses JSON that is not one object a line, of whose lines some may look like rows: an array, and objects on several lines each.
func refuseDocument(in *input) error {
	head, text := beginning(in)
	line := 1 + bytes.Count(head[:len(head)-len(text)], []byte{'\n'})
	if bytes.HasPrefix(text, []byte("[")) {
		return &FileError{Line: line, Reason: Malformed, Message: "the file is a JSON array; write one object a line, for instance with: jq -c '.[]'"}
	}
	if opensAlone(text) && bytes.IndexByte(text, '\n') < 0 {
		at := len(head) - len(text)
		text = in.peek(at + firstRead)[at:]
	}
	if opensAlone(text) {
		return &FileError{Line: line, Reason: Malformed, Message: "an object begins on a line of its own; write one object a line, for instance with: jq -c ."}
	}
	return nil
}

// opensAlone reports a first line of nothing but a brace.
func opensAlone(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return string(bytes.Trim(line, " \t\r")) == "{"
}

// separators of cells, the likeliest first.
const separators = ",;\t|"

// pipe counts where a header has no other separator, since it is also used inside of names.
const pipe = '|'

// sniffComma returns the separator of a header: what stands outside quotes most often. A first line sep=; as Excel writes it says so itself.
func sniffComma(in *input) byte {
	head := in.peek(firstRead)
	if line, ok := bytes.CutPrefix(head, []byte("sep=")); ok && len(line) > 1 && (line[1] == '\n' || line[1] == '\r') && bytes.IndexByte([]byte(separators), line[0]) >= 0 {
		if end := bytes.IndexByte(head, '\n'); end >= 0 {
			in.use(end + 1)
			return line[0]
		}
	}
	head = bytes.TrimLeft(head, "\r\n")
	var seen [256]int
	inQuotes := false
	for _, b := range head {
		switch {
		case b == '"':
			inQuotes = !inQuotes
		case inQuotes:
			continue
		case b == '\n':
			return mostSeen(&seen)
		}
		seen[b]++
	}
	return mostSeen(&seen)
}

func mostSeen(seen *[256]int) byte {
	best := separators[0]
	for _, b := range []byte(separators) {
		if seen[b] > seen[best] && (b != pipe || seen[best] == 0) {
			best = b
		}
	}
	return best
}
