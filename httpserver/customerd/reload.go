package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"example.com/customer/httpserver"
)

// tokens are those that count now.
type tokens struct {
	now atomic.Pointer[httpserver.Tokens]
}

func hold(read *httpserver.Tokens) *tokens {
	t := new(tokens)
	t.now.Store(read)
	return t
}

func (t *tokens) authenticate(r *http.Request) (httpserver.Principal, error) {
	return t.now.Load().Authenticate(r)
}

// onHangup has SIGHUP read the file of tokens again, so that one can be taken back without a restart. A file that cannot be read changes nothing.
// Where there is none, SIGHUP ends the context: a terminal that closes takes the program with it. stop ends all that.
func onHangup(ctx context.Context, c config, log *slog.Logger) (_ context.Context, t *tokens, stop func()) {
	t = hold(c.tokens)
	ctx, cancel := context.WithCancel(ctx)
	if c.tokensFile == "" && signal.Ignored(syscall.SIGHUP) {
		return ctx, t, cancel // nohup(1) keeps the end of a terminal off
	}
	hangups, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer close(done)
		for range hangups {
			if c.tokensFile == "" {
				cancel()
				continue
			}
			t.reload(c.tokensFile, log)
		}
	}()
	return ctx, t, func() {
		signal.Stop(hangups)
		close(hangups)
		<-done
		cancel()
	}
}

func (t *tokens) reload(file string, log *slog.Logger) {
	var read *httpserver.Tokens
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		// What is not may have no end.
		err = errors.New("the file is no regular file any more, or never was")
	}
	if err == nil {
		read, err = parseTokens("", file)
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	if err != nil {
		log.Error("the tokens stay as they are", "error", err)
		return
	}
	t.now.Store(read)
	log.Info("the tokens are read again")
}
