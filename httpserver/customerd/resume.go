package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"example.com/customer"
	"example.com/customer/bulk"
)

// fileError is why a file could not be imported to its end.
type fileError struct {
	name string
	sum  bulk.Summary
	err  error
}

func (e *fileError) Error() string {
	if file, ok := errors.AsType[*bulk.FileError](e.err); ok {
		return fmt.Sprintf("%s:%d: %s", e.name, file.Line, file.Message)
	}
	return fmt.Sprintf("%s: %s", e.name, strings.TrimPrefix(e.err.Error(), "customer: "))
}

func (e *fileError) Unwrap() error { return e.err }

// stopped says what is in and how to go on.
func stopped(err error, imp bulk.Importer, args []string) error {
	file, ok := errors.AsType[*fileError](err)
	if !ok {
		return err
	}
	text := file.Error()
	if errors.Is(err, context.Canceled) {
		text = file.name + ": stopped"
	}
	_, broken := errors.AsType[*bulk.FileError](err)
	if imp.Mode != bulk.Commit || broken && file.sum.Rows == 0 {
		return &failure{2, text}
	}
	text += "\ncustomerd: " + fmt.Sprintf("%d rows are done", file.sum.Rows)
	switch {
	case broken:
		text += "; correct the file and run"
	case errors.Is(err, context.Canceled), errors.Is(err, customer.ErrUnavailable):
		text += ", and of those behind them each is in as a whole or not at all; to go on run"
	default:
		text += ", and of those behind them each is in as a whole or not at all; when the cause is repaired run"
	}
	return &failure{2, text + "\n  " + again(args)}
}

// again returns the command that goes on with an import: the same one, but that rows which are in are passed over, whatever key of theirs is taken. A
// secret is not in it.
func again(args []string) string {
	var c importConfig
	flags := c.flags()
	words, err := parseMixed(flags, args)
	if err != nil {
		words = nil
	}
	command, skips := []string{"customerd", "import"}, c.onConflict.value == string(bulk.Refuse)
	flags.Visit(func(f *flag.Flag) {
		values := []string{f.Value.String()}
		switch value, isList := f.Value.(*list); {
		case isList:
			values = value.values
		case f.Name == "token":
			command = append(command, "--token", `"$CUSTOMER_TOKEN"`)
			return
		case skips && (f.Name == onConflictFlag || f.Name == "match"):
			return
		}
		for _, value := range values {
			command = append(command, "--"+f.Name+"="+quoted(secretIn.ReplaceAllString(value, "$1$3…$2")))
		}
	})
	if skips {
		command = append(command, "--"+onConflictFlag+"="+string(bulk.Skip))
	}
	for _, word := range words {
		command = append(command, quoted(word))
	}
	return strings.Join(command, " ")
}

// quoted returns the word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
