package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/customer/bulk"
)

// rejects are the files with the refused rows: one for each file that has some, the first under the name itself, the next ones with -2 and so on
// before the ending, since their columns differ. It gets its name when the import of its file is over, complete or not, so none of the names may be
// one of a file that is imported: the rows that were not read would be gone.
type rejects struct {
	name  string // "" for none
	files int
	kept  []string // the files that have their names

	rows   *bulk.Reader
	out    *outFile
	w      *bulk.RejectWriter
	failed *rejectsError
}

// rejectsError is why not all refused rows of a file are written.
type rejectsError struct {
	name string
	err  error
}

func (e *rejectsError) Error() string { return "the refused rows cannot be written: " + e.err.Error() }

func (e *rejectsError) Unwrap() error { return e.err }

func (r *rejects) begin(rows *bulk.Reader) { r.rows, r.out, r.w = rows, nil, nil }

// write adds a row. Once it has failed it adds none, and returns the same error.
func (r *rejects) write(res bulk.Result) error {
	switch {
	case r.name == "":
		return nil
	case r.failed != nil:
		return r.failed
	case r.out == nil:
		r.files++
		out, err := createFile(r.current())
		if err != nil {
			return r.fail(err)
		}
		r.out, r.w = out, bulk.NewRejectWriter(out, r.rows)
	}
	if err := r.w.Write(res); err != nil {
		return r.fail(err)
	}
	return nil
}

func (r *rejects) fail(err error) error {
	r.failed = &rejectsError{r.current(), err}
	return r.failed
}

func (r *rejects) current() string { return rejectsName(r.name, r.files) }

// next returns the name for the rejects of another run with so many files: neither one of its files nor one of taken's is there or is named so, so
// that those of no run are replaced. What is no regular file, such as a pipe, is the same one again.
func (r *rejects) next(files int, taken string) string {
	if isDevice(r.name) {
		return r.name
	}
	others := rejectsNames(taken, files)
	for n := 2; ; n++ {
		name := rejectsName(r.name, n)
		if !slices.ContainsFunc(rejectsNames(name, files), func(name string) bool {
			_, err := os.Lstat(name)
			return err == nil || slices.Contains(others, name)
		}) {
			return name
		}
	}
}

// rejectsName is the name of the nth file with rejects.
func rejectsName(name string, n int) string {
	if n < 2 {
		return name
	}
	ending := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ending), n, ending)
}

func rejectsNames(name string, files int) []string {
	names := make([]string, files)
	for i := range names {
		names[i] = rejectsName(name, i+1)
	}
	return names
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
	for _, replaced := range rejectsNames(name, len(files)) {
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
	return tryRejects(rejectsNames(name, len(files)))
}

// tryRejects makes files as for these names and takes them away, so that what is in the way shows before the first row is in.
func tryRejects(names []string) error {
	for _, name := range names {
		if isDevice(name) {
			// To open a pipe is to wait for a reader, and to close it is its end.
			continue
		}
		out, err := createFile(name)
		if err == nil {
			err = out.drop()
		}
		if err != nil {
			return usage("--rejects names a file that cannot be written: %v", err)
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
	switch {
	case r.out == nil:
		return "", nil
	case r.failed != nil:
		return "", r.out.drop()
	}
	if err := r.out.commit(); err != nil {
		return "", r.fail(err)
	}
	r.kept = append(r.kept, r.current())
	return r.current(), nil
}
