package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/customer/bulk"
)

// rejects are the files with the refused rows: one for each file that has some, the first under the name itself, the next ones with -2 and so on
// before the ending, since their columns differ. It gets its name when the import of its file is over, complete or not, so none of the names may be
// one of a file that is imported: the rows that were not read would be gone.
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

func (r *rejects) current() string { return rejectsName(r.name, r.files) }

// rejectsName is the name of the nth file with rejects.
func rejectsName(name string, n int) string {
	if n < 2 {
		return name
	}
	ending := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ending), n, ending)
}

func checkRejects(name string, files []string, stdin *os.File) error {
	if name == "" {
		return nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return usage("--rejects names a file, and %s is a directory", name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return usage("--rejects names a file in a directory that is not there: %s", filepath.Dir(name))
	}
	for n := range files {
		replaced := rejectsName(name, n+1)
		info, err := os.Stat(replaced)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if isAmong(info, files, stdin) {
			ending := filepath.Ext(name)
			return usage("--rejects would replace %s, which is imported: name another file, as in --rejects %s-rejected%s",
				replaced, strings.TrimSuffix(name, ending), ending)
		}
	}
	return nil
}

// isAmong reports whether one of the files is the one of info, under whatever name.
func isAmong(info fs.FileInfo, files []string, stdin *os.File) bool {
	for _, name := range files {
		stat := func() (fs.FileInfo, error) { return os.Stat(name) }
		if name == stdinName {
			stat = stdin.Stat
		}
		if other, err := stat(); err == nil && os.SameFile(info, other) {
			return true
		}
	}
	return false
}

// end returns the name of the file with the rejects, "" if there are none.
func (r *rejects) end() (name string, err error) {
	if r.out == nil {
		return "", nil
	}
	return r.current(), r.out.commit()
}
