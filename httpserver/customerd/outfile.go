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
	*os.File
	name  string
	aside bool // under another name
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
		return &outFile{File: f, name: name}, nil
	case err == nil:
		mode = info.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return nil, err
	}
	out := &outFile{f, name, true}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(err, out.drop())
	}
	return out, nil
}

// commit gives the file its name.
func (f *outFile) commit() error {
	if !f.aside {
		return f.Close()
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), f.name)
}

// drop leaves what stands under the name as it was.
func (f *outFile) drop() error {
	err := f.Close()
	if f.aside {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
