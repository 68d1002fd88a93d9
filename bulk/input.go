package bulk

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxRowBytes is the length of the longest row that is read: above it no record is legal, however its text is quoted and escaped.
const MaxRowBytes = 256 << 10

const (
	firstRead = 64 << 10
	maxBuffer = MaxRowBytes + firstRead
)

// input is the part of a file that was read and not yet used. It never holds more than maxBuffer bytes.
type input struct {
	src      io.Reader
	buf      []byte
	from, to int // the unused part of buf
	line     int // of the byte at from
	left     int64
	limit    int64
	err      error // io.EOF at the end
}

func newInput(src io.Reader, maxBytes int64) *input {
	return &input{src: src, buf: make([]byte, firstRead), line: 1, left: maxBytes, limit: maxBytes}
}

func (in *input) unread() []byte { return in.buf[in.from:in.to] }

// more reads on and reports whether anything came; if not, in.err says why.
func (in *input) more() bool {
	if in.err != nil {
		return false
	}
	if in.from > 0 {
		in.to = copy(in.buf, in.unread())
		in.from = 0
	}
	if in.to == len(in.buf) {
		in.buf = append(in.buf, make([]byte, min(len(in.buf), maxBuffer-len(in.buf)))...)
	}
	for range 100 {
		n, err := in.src.Read(in.buf[in.to:])
		in.to += n
		in.err = err
		if in.limit > 0 {
			if in.left -= int64(n); in.left < 0 {
				in.err = &FileError{Line: in.line, Reason: TooLarge, Message: fmt.Sprintf("the file has more than %d bytes", in.limit)}
				return false
			}
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	in.err = io.ErrNoProgress
	return false
}

// use takes n bytes off the front.
func (in *input) use(n int) {
	in.line += bytes.Count(in.buf[in.from:in.from+n], []byte{'\n'})
	in.from += n
}

// peek returns up to n bytes of what comes next.
func (in *input) peek(n int) []byte {
	for in.to-in.from < n && in.more() {
	}
	return in.buf[in.from:min(in.to, in.from+n)]
}

// binaries are the beginnings of files that are no text and are taken for one, and what to do about them.
var binaries = []struct{ magic, advice string }{
	{"PK\x03\x04", "an Excel workbook or another ZIP archive; save the workbook as CSV UTF-8, or unpack the archive"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV UTF-8"},
	{"\x1f\x8b", "compressed by gzip; unpack it: gzip -d"},
	{"\x89PNG", "a PNG image; customers are read from CSV and NDJSON"},
	{"%PDF", "a PDF document; customers are read from CSV and NDJSON"},
}

// start takes a byte order mark off and refuses what is not UTF-8 from the first bytes on.
func (in *input) start(f Format) error {
	head := in.peek(4)
	for _, b := range binaries {
		if bytes.HasPrefix(head, []byte(b.magic)) {
			return &FileError{Line: 1, Reason: NotUTF8, Message: "the file is " + b.advice}
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		in.use(3)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), len(head) == 4 && utf16Text(head):
		if first := bytes.Trim(head, "\xff\xfe\x00"); bytes.HasPrefix(first, []byte("{")) || bytes.HasPrefix(first, []byte("[")) {
			f = NDJSON
		}
		return &FileError{Line: 1, Reason: NotUTF8, Message: "the file is in UTF-16; " + inUTF8(f, "UTF-16")}
	}
	if in.err != nil && in.err != io.EOF {
		return in.err
	}
	return nil
}

// utf16Text reports two ASCII characters in UTF-16 of either byte order.
func utf16Text(b []byte) bool {
	return b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0 || b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0
}

// foreign returns advice on text that is not UTF-8. Windows-1252 has characters where Latin-1 has controls that nobody writes.
func foreign(text string, f Format) string {
	encoding, name := "ISO-8859-1", "Latin-1"
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 && text[i] < 0xa0 {
			encoding, name = "WINDOWS-1252", "Windows-1252"
			break
		}
		i += size
	}
	return "is not UTF-8 but probably " + name + "; " + inUTF8(f, encoding)
}

// inUTF8 says how a file in another encoding becomes readable.
func inUTF8(f Format, encoding string) string {
	advice := "save the file as CSV UTF-8, or convert it"
	if f == NDJSON {
		advice = "JSON is written in UTF-8; convert the file"
	}
	return advice + ": iconv -f " + encoding + " -t UTF-8"
}
