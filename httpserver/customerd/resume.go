package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"example.com/customer"
	"example.com/customer/bulk"
)

// fileError is why a file could not be imported to its end.
type fileError struct {
	name string // printable
	sum  bulk.Summary
	err  error
}

func (e *fileError) Error() string {
	if file, ok := errors.AsType[*bulk.FileError](e.err); ok {
		return fmt.Sprintf("%s:%d: %s", e.name, file.Line, printable(file.Message))
	}
	return fmt.Sprintf("%s: %s", e.name, strings.TrimPrefix(e.err.Error(), "customer: "))
}

func (e *fileError) Unwrap() error { return e.err }

// stopped says how many rows are in, and how to go on: with the same files, whose rows that are in are passed over.
func (j *importJob) stopped(err error, files int, args, env []string) error {
	file, ok := errors.AsType[*fileError](err)
	if !ok {
		return err
	}
	text := file.Error()
	if errors.Is(err, context.Canceled) {
		text = file.name + ": stopped"
	}
	_, broken := errors.AsType[*bulk.FileError](err)
	skips := j.importer.Mode == bulk.Commit && j.importer.OnConflict == bulk.Refuse && j.total.Rows > 0
	rejects := "" // of the next run, if not the same
	if len(j.rejects.kept) > 0 {
		rejects = j.rejects.next(files, "")
	}
	if lost, ok := errors.AsType[*rejectsError](err); ok {
		first := cmp.Or(rejects, j.rejects.name)
		text += "\ncustomerd: " + printable(remains(lost.name)) + ": rows of this file that were refused are in no file; " + refusedAgain(skips, first, args, env)
		if skips {
			rejects = j.rejects.next(files, first)
		}
	}
	if j.importer.Mode != bulk.Commit || broken && j.total.Rows == 0 {
		return &failure{2, text}
	}
	text += "\ncustomerd: " + count(file.sum.Rows, "row") + are(file.sum.Rows) + " done"
	if !broken {
		text += ", and of those behind them each is in as a whole or not at all"
	}
	if len(j.rejects.kept) > 0 && rejects != j.rejects.name {
		text += "\ncustomerd: what was refused so far stays in " + printable(strings.Join(j.rejects.kept, ", ")) + ", and what is refused then comes into another file"
	}
	if skips {
		text += "\ncustomerd: what follows skips rows whose email or external id is taken, also where somebody else has it"
	}
	switch {
	case broken:
		text += "; correct the file and run"
	case errors.Is(err, context.Canceled), errors.Is(err, customer.ErrUnavailable):
		text += "; to go on run"
	default:
		text += "; when the cause is repaired run"
	}
	return &failure{2, text + "\n  " + again(args, env, skips, setting{rejectsFlag, rejects})}
}

// refusedAgain says how to get refused rows that are in no file. An import that skips does not refuse them again, but a dry run before it does.
func refusedAgain(skips bool, rejects string, args, env []string) string {
	if !skips {
		return "run again with --rejects where there is room, it refuses them again"
	}
	return "a dry run with --rejects where there is room has them, among the rows that are in by now and so are taken:\n  " +
		again(args, env, false, setting{"mode", string(bulk.Validate)}, setting{rejectsFlag, rejects})
}

func are(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// setting is a flag and its value.
type setting struct{ name, value string }

// again returns the command that goes on with an import: the same one with other settings, those without a value left as they are, or, if it skips,
// one that passes over rows which are in, whatever key of theirs is taken. A secret is not in it.
func again(args, env []string, skips bool, others ...setting) string {
	var c importConfig
	flags := c.flags()
	words, err := parseMixed(flags, args)
	if err != nil {
		words = nil
	}
	others = slices.DeleteFunc(others, func(s setting) bool { return s.value == "" })
	if skips {
		others = append([]setting{{onConflictFlag, string(bulk.Skip)}}, others...)
	}
	command := []string{"customerd", "import"}
	if skips && slices.ContainsFunc(env, func(pair string) bool { return strings.HasPrefix(pair, matchVariable) }) {
		// With a match a row that is in and has but the other key would be refused.
		command = append([]string{matchVariable}, command...)
	}
	flags.Visit(func(f *flag.Flag) {
		values := []string{f.Value.String()}
		switch value, isList := f.Value.(*list); {
		case isList:
			values = value.values
		case secretVariables[f.Name] != "":
			command = append(command, "--"+f.Name, `"$`+secretVariables[f.Name]+`"`)
			return
		case skips && f.Name == "match", slices.ContainsFunc(others, func(s setting) bool { return s.name == f.Name }):
			return
		}
		for _, value := range values {
			command = append(command, "--"+f.Name+"="+quoted(value))
		}
	})
	for _, other := range others {
		command = append(command, "--"+other.name+"="+quoted(other.value))
	}
	if slices.ContainsFunc(words, func(word string) bool { return word != stdinName && strings.HasPrefix(word, "-") }) {
		command = append(command, "--")
	}
	for _, word := range words {
		command = append(command, quoted(word))
	}
	return strings.Join(command, " ")
}

const matchVariable = envPrefix + "MATCH="

// secretVariables stand in place of the flags whose values are not shown.
var secretVariables = map[string]string{databaseFlag: databaseVariable, "token": envPrefix + "TOKEN"}

// quoted returns the word as a shell takes it, printable.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	if printable(word) == word {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for _, c := range []byte(word) {
		if plain(rune(c)) && c != '%' {
			b.WriteByte(c)
		} else {
			// What every shell knows: three digits in base 8.
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return `"$(printf -- '` + b.String() + `')"`
}
