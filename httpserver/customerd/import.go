package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
	"example.com/customer/postgres"
)

// importConfig is what the flags and the environment say of an import.
type importConfig struct {
	place                            location
	files                            []string
	mode, onConflict, match, unknown choice
	columns                          list
	raw                              bool
	rejects                          string
	quiet                            bool

	fields map[string]string // by column
}

// stdinName is standard input among files.
const stdinName = "-"

func (c *importConfig) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c.place.flags(flags)
	flags.BoolVar(&c.place.noMigrate, "no-migrate", false, "")
	c.mode = choice{string(bulk.Commit), []string{string(bulk.Commit), string(bulk.Validate)}}
	c.onConflict = choice{string(bulk.Refuse), []string{string(bulk.Refuse), string(bulk.Skip), string(bulk.Update)}}
	c.match = choice{"", []string{string(customer.EmailKey), string(customer.ExternalIDKey)}}
	c.unknown = choice{"metadata", []string{"metadata", "refuse"}}
	c.columns = list{separator: "\n"}
	flags.Var(&c.mode, "mode", "")
	flags.Var(&c.onConflict, onConflictFlag, "")
	flags.Var(&c.match, "match", "")
	flags.Var(&c.unknown, "unknown", "")
	flags.Var(&c.columns, "map", "")
	flags.BoolVar(&c.raw, "raw", false, "")
	flags.StringVar(&c.rejects, rejectsFlag, "", "")
	flags.BoolVar(&c.quiet, "quiet", false, "")
	return flags
}

const (
	onConflictFlag = "on-conflict"
	rejectsFlag    = "rejects"
)

// parseImport finds the mistakes that show before anything is opened.
func parseImport(args, env []string, stdin *os.File) (c importConfig, unknown []string, err error) {
	if c.files, unknown, err = c.place.parse(c.flags(), new(importConfig).flags(), args, env); err != nil {
		return c, nil, err
	}
	if len(c.files) == 0 && isPiped(stdin) {
		c.files = []string{stdinName}
	}
	switch {
	case len(c.files) == 0:
		return c, nil, usage("import needs a file, as in customerd import customers.csv; - is standard input")
	case c.onConflict.value == string(bulk.Update) && c.match.value == "":
		return c, nil, usage("--on-conflict update needs --match email or --match external_id: how a row knows its customer")
	case !c.place.named() && c.mode.value == string(bulk.Commit):
		return c, nil, usage("import needs to know where to: --database-url postgres://user:password@host:5432/database, or --server" +
			" http://localhost:8080; without either, --mode validate checks the files by themselves")
	}
	if c.fields, err = parseColumns(c.columns.values); err != nil {
		return c, nil, err
	}
	if err := checkFiles(c.files); err != nil {
		return c, nil, err
	}
	return c, unknown, checkRejects(c.rejects, c.files, stdin)
}

// isPiped reports a file or a pipe: neither a terminal nor nothing at all.
func isPiped(stdin *os.File) bool {
	info, err := stdin.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice == 0
}

func parseColumns(values []string) (map[string]string, error) {
	fields := make(map[string]string, len(values))
	for _, value := range values {
		// No field has a = in its name.
		at := strings.LastIndex(value, "=")
		if at < 1 {
			return nil, usage("--map takes a column and a field, as in --map Kundenname=name")
		}
		fields[value[:at]] = value[at+1:]
	}
	return fields, nil
}

func checkFiles(names []string) error {
	stdin := 0
	for _, name := range names {
		if name == stdinName {
			if stdin++; stdin > 1 {
				return usage("standard input can be read once, and - is given twice")
			}
			continue
		}
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return usage("there is no file %s", name)
		case err != nil:
			return usage("%s cannot be read: %s", name, errors.Unwrap(err))
		case info.IsDir():
			return usage("%s is a directory: name the files in it, as in %s", name, filepath.Join(name, "*.csv"))
		}
	}
	return nil
}

// open returns the store that the files are for. A dry run goes without one where there is none yet: it would not so much as make the schema.
func (c *importConfig) open(ctx context.Context, stderr io.Writer) (store customer.Store, closeStore func(), err error) {
	dry := c.mode.value == string(bulk.Validate)
	store, closeStore, err = c.place.open(ctx, !dry, stderr)
	if server, ok := store.(*remote); ok {
		if err := server.probeImport(ctx); err != nil {
			closeStore()
			return nil, nil, err
		}
	}
	switch {
	case dry && errors.Is(err, postgres.ErrSchemaMissing):
		fmt.Fprintln(stderr, "customerd: the database has no schema yet: the files are checked as for an empty one")
		return memstore.New(), func() {}, nil
	case err == nil && store == nil:
		fmt.Fprintln(stderr, "customerd: neither a database nor a server is named: the files are checked by themselves, as for an empty store")
		store = memstore.New()
	}
	return store, closeStore, err
}

// importFiles is the command: it brings one file after the other into the store. Summaries go to standard output, all else to standard error.
func importFiles(ctx context.Context, args, env []string, stdin *os.File, stdout, stderr io.Writer) error {
	c, unknown, err := parseImport(args, env, stdin)
	if errors.Is(err, errHelp) {
		return say(stdout, importHelp)
	}
	if err != nil {
		return err
	}
	hint(stderr, unknown)
	store, closeStore, err := c.open(ctx, stderr)
	if err != nil {
		return err
	}
	defer closeStore()
	job := importJob{
		importer: bulk.Importer{
			Store: store, Mode: bulk.Mode(c.mode.value), OnConflict: bulk.Policy(c.onConflict.value), Match: customer.Key(c.match.value),
		},
		options: bulk.ReaderOptions{Map: c.fields, RefuseUnknown: c.unknown.value == "refuse", Raw: c.raw},
		rejects: rejects{name: c.rejects},
		quiet:   c.quiet, stdin: stdin, stdout: stdout, stderr: stderr,
	}
	for _, name := range c.files {
		if err := job.file(ctx, name); err != nil {
			return job.stopped(err, len(c.files), args, env)
		}
	}
	return job.end(len(c.files))
}
