package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"example.com/customer/bulk"
)

// rejects are the files with the refused rows: one for each file that has some, the first under the name itself, the next ones with -2 and so on
// before the ending, since their columns differ. It gets its name when the import of its file is over, so that the file that is imported may be the
// one that it replaces.
type rejects struct {
	name  string // "" for none
	files int

	rows *bulk.Reader
	out  *outFile
	w    *bulk.RejectWriter
}

func (r *rejects) begin(rows *bulk.Reader) { r.rows, r.out, r.w = rows, nil, nil }

func (r *rejects) write(res bulk.Result) error {
	if r.name == "" {
		return nil
	}
	if r.out == nil {
		r.files++
		out, err := createFile(r.current())
		if err != nil {
			return fmt.Errorf("the refused rows cannot be written: %w", err)
		}
		r.out, r.w = out, bulk.NewRejectWriter(out, r.rows)
	}
	return r.w.Write(res)
}

func (r *rejects) current() string {
	if r.files < 2 {
		return r.name
	}
	ending := filepath.Ext(r.name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(r.name, ending), r.files, ending)
}

// end returns the name of the file with the rejects, "" if there are none.
func (r *rejects) end() (name string, err error) {
	if r.out == nil {
		return "", nil
	}
	return r.current(), r.out.commit()
}
