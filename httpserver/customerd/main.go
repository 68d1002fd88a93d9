// Command customerd serves customer records as JSON over HTTP, and brings them from files and into files. See customerd --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"example.com/customer"
)

func main() {
	os.Exit(run(untilStopped(os.Args[1:]), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// usageError is a mistake in the command line or the environment.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// usage leaves out passwords: what stands in the wrong place may be the URL of a database.
func usage(format string, args ...any) error {
	for i, arg := range args {
		args[i] = printable(secretIn.ReplaceAllString(fmt.Sprint(arg), "$1$3…$2"))
	}
	return &usageError{fmt.Sprintf(format, args...)}
}

// secretIn finds the password in either form of a DSN.
var secretIn = regexp.MustCompile(`(?i)(://)\S*(@)|(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|\S*)`)

// failure is an error with an exit status of its own. Without a message all has been said.
type failure struct {
	status  int
	message string
}

func (e *failure) Error() string { return e.message }

// failed gives the errors of import and export their exit status: 1 is for refused rows there. Whoever closes the pipe that is written to wants
// no more, and no message about it.
func failed(err error) error {
	_, isUsage := errors.AsType[*usageError](err)
	_, isFailure := errors.AsType[*failure](err)
	file, isFile := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil || isUsage || isFailure:
		return err
	case isFile && errors.Is(file, syscall.EPIPE):
		return &failure{status: 2}
	}
	return &failure{2, err.Error()}
}

// run is the program: it returns when the command is done or ctx is, with the exit status 0, 1 for a failure or 2 for wrong usage; of import and
// export 1 is for refused rows and 2 for a failure too.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	err := command(ctx, args, env, stdout, stderr)
	if err == nil {
		return 0
	}
	if err.Error() != "" {
		fmt.Fprintln(stderr, "customerd: "+printableLines(err.Error()))
	}
	if failure, ok := errors.AsType[*failure](err); ok {
		return failure.status
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return 2
	}
	return 1
}

func command(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	name := "serve"
	if len(args) > 0 && (!strings.HasPrefix(args[0], "-") || args[0] == "--version") {
		name, args = strings.TrimPrefix(args[0], "--"), args[1:]
	}
	switch name {
	case "serve":
		return serve(ctx, args, env, stdout, stderr)
	case "import":
		return failed(importFiles(ctx, args, env, os.Stdin, stdout, stderr))
	case "export":
		return failed(export(ctx, args, env, stdout, stderr))
	case "token":
		return token(args, stdout, stderr)
	case "migrate":
		return migrate(ctx, args, env, stdout)
	case "version", "help":
		if name == "help" && len(args) == 1 {
			return helpFor(stdout, args[0])
		}
		if len(args) > 0 {
			return usage("%s takes no arguments", name)
		}
		if name == "help" {
			return say(stdout, help)
		}
		return say(stdout, fmt.Sprintf("customerd %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
	}
	if near := customer.Suggest(name, []string{"serve", "import", "export", "token", "migrate", "version", "help"}); near != "" {
		return usage("unknown command %q; did you mean customerd %s?", name, near)
	}
	return usage("unknown command %q; there are serve, import, export, token, migrate, version and help", name)
}

// helpFor prints the help that has the flags of a command.
func helpFor(w io.Writer, name string) error {
	text, ok := map[string]string{
		"import": importHelp, "export": exportHelp, "serve": help, "token": help, "migrate": help, "version": help, "help": help,
	}[name]
	if !ok {
		return usage("unknown command %q; see customerd help", name)
	}
	return say(w, text)
}

func say(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// version is what the build recorded: a tag, or the commit.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
