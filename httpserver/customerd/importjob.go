package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"example.com/customer/bulk"
)

// importJob imports files and tells what becomes of them.
type importJob struct {
	importer       bulk.Importer
	options        bulk.ReaderOptions
	rejects        rejects
	quiet          bool
	stdin          *os.File
	stdout, stderr io.Writer

	total  bulk.Summary
	told   int   // refused rows
	unsaid error // why a summary could not be written
}

// maxTold is how many refused rows are told one by one.
const maxTold = 20

func (j *importJob) file(ctx context.Context, name string) (err error) {
	in := j.stdin
	if name != stdinName {
		if in, err = os.Open(name); err != nil {
			return err
		}
		defer in.Close()
	} else {
		name = "standard input"
	}
	name = printable(name)
	if j.importer.Mode == bulk.Commit {
		if err := checkComplete(ctx, in, j.options); err != nil {
			return &fileError{name, bulk.Summary{}, err}
		}
	}
	if sum, err := j.run(ctx, name, in); err != nil {
		return &fileError{name, sum, err}
	}
	return nil
}

// run imports what is in a file that has been opened.
func (j *importJob) run(ctx context.Context, name string, in *os.File) (bulk.Summary, error) {
	progress := newProgress(j.stderr, j.quiet, name, sizeOf(in))
	rows, err := bulk.NewReader(progress.reader(in), bulk.Detect, j.options)
	if err != nil {
		return bulk.Summary{}, err
	}
	if text, metadata := columnsLine(rows.Columns()); text != "" && !j.quiet && (metadata || j.importer.Mode == bulk.Validate) {
		fmt.Fprintf(j.stderr, "%s: %s\n", name, text)
	}
	j.rejects.begin(rows)
	running, stop := context.WithCancel(ctx)
	defer stop()
	done, told, archived := 0, j.told, 0
	sum, err := j.importer.Run(running, rows.Rows(), func(res bulk.Result) error {
		done++
		progress.done(done)
		if res.Reason == bulk.Archived && res.ID.IsZero() {
			archived++
		}
		if res.Outcome == bulk.Refused && j.refused(name, res, progress) != nil {
			// The rows that are done with this one are told first.
			stop()
		}
		return nil
	})
	progress.clear()
	if j.rejects.failed != nil {
		err = j.rejects.failed
	}
	if err == nil {
		j.warn(name, rows, archived)
	}
	return sum, errors.Join(err, j.summarize(name, sum, sum.Refused-(j.told-told)))
}

// sizeOf is the size of a regular file, 0 for what has none, such as a pipe.
func sizeOf(in *os.File) int64 {
	if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

// refused tells a refused row, if it is one of the first, and adds it to the rejects.
func (j *importJob) refused(name string, res bulk.Result, progress *progress) error {
	if j.told < maxTold {
		j.told++
		progress.clear()
		fmt.Fprintf(j.stderr, "%s:%d: %s\n", name, res.Line, why(res))
	}
	return j.rejects.write(res)
}

// warn tells what the summary of a file does not show.
func (j *importJob) warn(name string, rows *bulk.Reader, archived int) {
	if archived > 0 {
		fmt.Fprintf(j.stderr, "%s: archived customers were skipped (%d): CSV would bring them back as active; an export in NDJSON keeps the state\n", name, archived)
	}
	if !rows.Complete() {
		fmt.Fprintf(j.stderr, "%s looks like an export without its last line: it may have been cut off\n", name)
	}
}

// why is the reason of a refused row. It holds no value of the row.
func why(res bulk.Result) string {
	if len(res.Errors) == 0 {
		if !res.ID.IsZero() {
			return printable(res.Detail) + ": " + res.ID.String()
		}
		return printable(res.Detail)
	}
	faults := make([]string, len(res.Errors))
	for i, fault := range res.Errors {
		faults[i] = printable(fault.Error())
	}
	return strings.Join(faults, "; ")
}

// summarize tells what became of a file and gives its rejects their name.
func (j *importJob) summarize(name string, sum bulk.Summary, untold int) error {
	if untold > 0 {
		text := count(untold, "more row") + " were refused"
		if untold == 1 {
			text = "1 more row was refused"
		}
		if j.rejects.name == "" {
			text += "; --rejects FILE writes all of them"
		}
		fmt.Fprintf(j.stderr, "%s: %s\n", name, text)
	}
	j.add(sum)
	rejected, err := j.rejects.end()
	if rejected != "" {
		fmt.Fprintf(j.stderr, "%s: the refused rows are in %s: correct them there and import that file\n", name, printable(rejected))
	}
	j.say(name + ": " + j.line(sum) + "\n")
	return err
}

// say writes a summary. The files go on without it, and nobody who has gone misses one.
func (j *importJob) say(text string) {
	if err := say(j.stdout, text); err != nil && !errors.Is(err, syscall.EPIPE) {
		j.unsaid = err
	}
}

func (j *importJob) add(sum bulk.Summary) {
	t := &j.total
	t.Rows, t.Created, t.Updated, t.Unchanged = t.Rows+sum.Rows, t.Created+sum.Created, t.Updated+sum.Updated, t.Unchanged+sum.Unchanged
	t.Skipped, t.Refused = t.Skipped+sum.Skipped, t.Refused+sum.Refused
}

func (j *importJob) line(sum bulk.Summary) string {
	text := count(sum.Rows, "row")
	for _, part := range []struct {
		n    int
		word bulk.Outcome
	}{
		{sum.Created, bulk.Created}, {sum.Updated, bulk.Updated}, {sum.Unchanged, bulk.Unchanged}, {sum.Skipped, bulk.Skipped}, {sum.Refused, bulk.Refused},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.word)
		}
	}
	if j.importer.Mode == bulk.Validate {
		text += " (nothing was written)"
	}
	return text
}

// end tells the totals of more than one file.
func (j *importJob) end(files int) error {
	if files > 1 {
		j.say(fmt.Sprintf("%d files: %s\n", files, j.line(j.total)))
	}
	if j.unsaid != nil {
		return fmt.Errorf("%s; the import is done, but its summary could not be written: %w", j.line(j.total), j.unsaid)
	}
	if j.total.Refused > 0 {
		return &failure{status: 1}
	}
	return nil
}
