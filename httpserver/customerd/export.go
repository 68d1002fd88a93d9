package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"example.com/customer"
	"example.com/customer/bulk"
)

// stdoutName is standard output as a file.
const stdoutName = "-"

// exportConfig is what the flags and the environment say of an export.
type exportConfig struct {
	place  location
	text   string // of the filter
	filter customer.Filter
	format choice
	raw    bool
	bom    bool
	output string
	quiet  bool
}

func (c *exportConfig) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c.place.flags(flags)
	c.format = choice{"", []string{string(bulk.NDJSON), string(bulk.CSV)}}
	flags.Var(&c.format, "format", "")
	flags.BoolVar(&c.raw, "raw", false, "")
	flags.BoolVar(&c.bom, "bom", false, "")
	flags.StringVar(&c.output, "output", "", "")
	flags.StringVar(&c.output, "o", "", "")
	flags.BoolVar(&c.quiet, "quiet", false, "")
	return flags
}

func parseExport(args, env []string) (c exportConfig, unknown []string, err error) {
	words, unknown, err := c.place.parse(c.flags(), new(exportConfig).flags(), args, env)
	if mistake, ok := errors.AsType[*usageError](err); ok && strings.HasPrefix(mistake.message, "unknown flag") {
		return c, nil, usage("%s; a filter that begins with - comes after --, as in customerd export -- -tag:churned", mistake.message)
	}
	if err != nil {
		return c, nil, err
	}
	if !c.place.named() {
		return c, nil, usage("export needs to know where from: --database-url postgres://user:password@host:5432/database, or --server" +
			" http://localhost:8080")
	}
	if c.text = strings.TrimSpace(strings.Join(words, " ")); c.text != "" {
		if c.filter, err = customer.ParseText(c.text); err != nil {
			return c, nil, filterError(err)
		}
	}
	if c.format.value == "" {
		c.format.value = string(bulk.NDJSON)
		if strings.HasSuffix(strings.ToLower(c.output), ".csv") {
			c.format.value = string(bulk.CSV)
		}
	}
	if c.bom && c.format.value != string(bulk.CSV) {
		return c, nil, usage("--bom is for --format csv: JSON has no byte order mark")
	}
	return c, unknown, nil
}

func filterError(err error) error {
	if query, ok := errors.AsType[*customer.QueryError](err); ok {
		return usage("the filter, at byte %v: %s", query.Offset, query.Message)
	}
	return err
}

// export is the command: it writes the customers that match to standard output or a file.
func export(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	c, unknown, err := parseExport(args, env)
	if errors.Is(err, errHelp) {
		return say(stdout, exportHelp)
	}
	if err != nil {
		return err
	}
	if !c.toStdout() {
		defer holdPipeSignal()()
	}
	hint(stderr, unknown)
	store, closeStore, err := c.place.open(ctx, false, stderr)
	if err != nil {
		return err
	}
	defer closeStore()
	var from customer.Searcher = store
	if server, ok := store.(*remote); ok {
		stream, err := server.export(ctx, c.text)
		if err != nil {
			return c.stopped(ctx, 0, err)
		}
		defer stream.Close()
		from = stream
	}
	if c.toStdout() {
		return c.write(ctx, from, stdout, stderr)
	}
	file, err := createFile(c.output)
	if err != nil {
		return err
	}
	if err := c.write(ctx, from, file, stderr); err != nil {
		return errors.Join(err, file.drop())
	}
	return file.commit()
}

func (c *exportConfig) toStdout() bool { return c.output == "" || c.output == stdoutName }

func (c *exportConfig) write(ctx context.Context, from customer.Searcher, w, stderr io.Writer) error {
	file, isFile := w.(*os.File)
	// Customers that run over a terminal are progress enough.
	progress := newProgress(stderr, c.quiet || isFile && term.IsTerminal(int(file.Fd())), "export", 0)
	if c.bom {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	n, err := bulk.Export(ctx, from, c.filter, w, bulk.Format(c.format.value), bulk.ExportOptions{
		Raw: c.raw, Flushed: func(n int) error { progress.done(n); return nil },
	})
	progress.clear()
	if err != nil {
		return c.stopped(ctx, n, fmt.Errorf("the export broke off after %s: %w", count(n, "customer"), err))
	}
	return nil
}

// stopped is the error of an export that did not come to its end. That of a signal may be by any name.
func (c *exportConfig) stopped(ctx context.Context, n int, err error) error {
	if ctx.Err() == nil {
		return err
	}
	left := "what was written is not all"
	if !c.toStdout() {
		left = printable(remains(c.output))
	}
	return fmt.Errorf("stopped after %s: %s", count(n, "customer"), left)
}
