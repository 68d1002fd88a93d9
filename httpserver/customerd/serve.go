package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
)

// stopTimeout is how long requests in flight may take after the signal to stop, drainTime how long before that /readyz tells those who ask that no
// more are wanted.
const (
	stopTimeout = 15 * time.Second
	drainTime   = time.Second
)

// serve answers requests until ctx is done, or until SIGHUP if there is no file of tokens to be read again.
func serve(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	c, unknown, err := parseConfig(args, env)
	if errors.Is(err, errHelp) {
		return say(stdout, help)
	}
	if err != nil {
		return err
	}
	log, closeLog := newLogger(c, stderr)
	defer closeLog()
	ctx, tokens, stop := onHangup(ctx, c, log)
	defer stop()
	listener, admin, err := listen(ctx, c)
	if err != nil {
		return err
	}
	defer listener.Close()
	if admin != nil {
		defer admin.Close()
	}
	counters := metrics.New(metrics.WithVersion(version()))
	backend, err := openBackend(ctx, c, log, counters)
	if err != nil && ctx.Err() != nil {
		// Whoever stops a program that has not begun knows why.
		log.Info("stopped before the database was ready")
		return nil
	}
	if err != nil {
		return err
	}
	defer backend.close()
	handler := httpserver.New(backend.store, slices.Concat(options(c, tokens, log, counters), backend.options)...)
	for _, hint := range unknown {
		log.Warn(hint)
	}
	log.Info("serving", "version", version(), "address", "http://"+listener.Addr().String(), "store", backend.name, "authentication", authentication(c))
	if admin != nil {
		operators := newServer(handler.Admin(counters.Handler()), log)
		go func() {
			if err := operators.Serve(admin); !errors.Is(err, http.ErrServerClosed) {
				log.Error("operators are served no more", "error", err)
			}
		}()
		defer operators.Close()
		log.Info("serving operators", "address", "http://"+admin.Addr().String())
	}
	return serveUntil(ctx, newServer(handler, log), handler, listener, log)
}

// options is what the flags say of the handler.
func options(c config, tokens *tokens, log *slog.Logger, counters *metrics.Metrics) []httpserver.Option {
	out := []httpserver.Option{
		httpserver.WithLogger(log), httpserver.WithVersion(version()), httpserver.WithObserver(counters),
		httpserver.WithTrustedProxies(c.proxies...),
	}
	if c.adminListen == "" {
		out = append(out, httpserver.WithMetrics(counters.Handler()))
	}
	if c.requireMatch {
		out = append(out, httpserver.RequireIfMatch())
	}
	if len(c.origins.values) > 0 {
		out = append(out, httpserver.WithCORS(c.origins.values...))
	}
	switch {
	case c.tokens != nil:
		out = append(out, httpserver.WithAuthenticator(tokens.authenticate))
	case c.insecure:
		out = append(out, httpserver.RefuseCrossOrigin())
	default:
		out = append(out, httpserver.LoopbackOnly())
	}
	return out
}

func authentication(c config) string {
	switch {
	case c.tokens != nil:
		return "tokens"
	case c.insecure:
		return "none, on any address"
	}
	return "none, this machine only"
}

// listen opens the listeners before anything else, so that a port that is taken is told at once.
func listen(ctx context.Context, c config) (listener, admin net.Listener, err error) {
	var how net.ListenConfig
	if listener, err = how.Listen(ctx, network(c.listen), c.listen); err != nil {
		return nil, nil, listenError("listen", c.listen, err)
	}
	if c.adminListen == "" {
		return listener, nil, nil
	}
	if admin, err = how.Listen(ctx, network(c.adminListen), c.adminListen); err != nil {
		return nil, nil, errors.Join(listenError("admin-listen", c.adminListen, err), listener.Close())
	}
	return listener, admin, nil
}

// network keeps 0.0.0.0 to what it says: to Go it would be every address of version 6 too.
func network(address string) string {
	if to, err := netip.ParseAddrPort(address); err == nil && to.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// newServer sets the limits that a client meets before the handler: a slow or endless one is cut off.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		Protocols:         protocols,
		// OPTIONS * goes the way of every request.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serveUntil stops in the order that lets nothing fail: not ready, no new connections, then the requests in flight.
func serveUntil(ctx context.Context, server *http.Server, handler *httpserver.Server, listener net.Listener, log *slog.Logger) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: requests in flight may finish", "timeout", stopTimeout)
	handler.Drain()
	select {
	case err := <-served:
		return err
	case <-time.After(drainTime):
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := server.Shutdown(deadline)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests still ran after %s and were cut off", stopTimeout), server.Close())
	}
	<-served
	log.Info("stopped")
	return err
}

// listenError says what to do.
func listenError(name, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use: stop the program that listens there, or choose another address, as in --%s 127.0.0.1:8081", address, name)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s needs rights that this user lacks: choose a port above 1023, as in --%s 127.0.0.1:8080", address, name)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: choose another, as in --%s 127.0.0.1:8080", address, name)
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}
