package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"example.com/customer/bulk"
)

// checkComplete reads an export that says how many rows it has before the first of them is written: one that has not so many is refused as a whole,
// as over HTTP. Other files, and what can be read but once, are only read on the way in.
func checkComplete(ctx context.Context, in *os.File, o bulk.ReaderOptions) error {
	rows, err := bulk.NewReader(endedFile(in), bulk.Detect, o)
	if err != nil {
		// The import meets it again, where it has no end either.
		return nil
	}
	for _, err := range rows.Rows() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if file, ok := errors.AsType[*bulk.FileError](err); ok {
			return file
		}
	}
	return nil
}

const (
	endBytes   = 256      // hold the last line of an export
	blankBytes = 64 << 10 // may stand behind it: rows of empty cells, as spreadsheets write them
)

// endedFile is what is still to be read of a file, or nothing if that seems not to end as an export does.
func endedFile(in *os.File) io.Reader {
	none := bytes.NewReader(nil)
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return none
	}
	from, err := in.Seek(0, io.SeekCurrent)
	if err != nil {
		return none
	}
	end := make([]byte, min(endBytes+blankBytes, max(0, info.Size()-from)))
	if _, err := in.ReadAt(end, info.Size()-int64(len(end))); err != nil && err != io.EOF {
		return none
	}
	end = bytes.TrimRight(end, ",;\" \t\r\n")
	end = end[max(0, len(end)-endBytes):]
	if !bytes.Contains(end, []byte("#end")) && !bytes.Contains(end, []byte(`"end"`)) {
		return none
	}
	return io.NewSectionReader(in, from, info.Size()-from)
}
