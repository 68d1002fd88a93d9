package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// outFile is a file that gets its name when it is complete, so that what stands under the name is never half of it. Only its owner can read it,
// unless it replaces a file that others could read. What is no regular file, such as /dev/null or a pipe, is written to as it is.
type outFile struct {
	file  *os.File
	name  string
	aside bool  // under another name
	err   error // of the first write that failed: it can no more be complete
}

func createFile(name string) (*outFile, error) {
	mode := fs.FileMode(0o600)
	switch info, err := os.Stat(name); {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a directory", name)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &outFile{file: f, name: name}, nil
	case err == nil:
		mode = info.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	// The name has no part in it, which may be as long as names can be.
	f, err := os.CreateTemp(filepath.Dir(name), ".customerd-*.part")
	if err != nil {
		return nil, named(err, name)
	}
	out := &outFile{file: f, name: name, aside: true}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(err, out.drop())
	}
	return out, nil
}

func (f *outFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	if err != nil && f.err == nil {
		f.err = named(err, f.name)
	}
	return n, f.err
}

// named is err with the name that the file will have.
func named(err error, name string) error {
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: failure.Op, Path: name, Err: failure.Err}
	}
	return err
}

// commit gives the file its name, if it could be written to its end.
func (f *outFile) commit() error {
	if f.err != nil {
		return errors.Join(f.err, f.drop())
	}
	if !f.aside {
		return f.file.Close()
	}
	err := errors.Join(f.file.Sync(), f.file.Close())
	if err == nil {
		err = os.Rename(f.file.Name(), f.name)
	}
	if err != nil {
		return errors.Join(named(err, f.name), os.Remove(f.file.Name()))
	}
	return nil
}

// drop leaves what stands under the name as it was.
func (f *outFile) drop() error {
	err := f.file.Close()
	if f.aside {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return err
}

// remains says what stands under the name of a file that was not written to its end.
func remains(name string) string {
	if isDevice(name) {
		return "what came to " + name + " is not all"
	}
	if _, err := os.Stat(name); err != nil {
		return "there is no " + name
	}
	return name + " is as it was before"
}

// isDevice reports what is written to as it is, such as a pipe.
func isDevice(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}
