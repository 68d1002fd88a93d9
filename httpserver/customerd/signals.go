package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// untilStopped returns a context that ends with the first signal that stops the command of args. A second one ends the process at once, but for one
// that comes with the first: timeout(1) sends two.
func untilStopped(args []string) context.Context {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if len(args) > 0 && (args[0] == "import" || args[0] == "export") {
		signals = append(signals, terminalSignals()...)
	}
	if len(args) > 0 && args[0] == "import" {
		// What is in is in, whether anybody reads of it or not; so the rest, and the file of the refused rows, shall be there too.
		signal.Ignore(syscall.SIGPIPE)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() { time.AfterFunc(500*time.Millisecond, stop) })
	return ctx
}

// terminalSignals are what the end of a terminal sends, unless nohup(1) keeps it off.
func terminalSignals() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	return []os.Signal{syscall.SIGHUP}
}

// holdPipeSignal keeps the process alive when it writes a message that nobody reads, until release is called.
func holdPipeSignal() (release func()) {
	held := make(chan os.Signal, 1)
	signal.Notify(held, syscall.SIGPIPE)
	return func() { signal.Stop(held) }
}
