package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"example.com/customer/httpserver"
)

// stopTimeout is how long requests in flight may take after the signal to stop, drainTime how long before that /readyz tells those who ask that no
// more are wanted.
const (
	stopTimeout = 15 * time.Second
	drainTime   = time.Second
)

// serve answers requests until ctx is done.
func serve(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	c, unknown, err := parseConfig(args, env)
	if errors.Is(err, errHelp) {
		return say(stdout, help)
	}
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	options := []httpserver.Option{httpserver.WithLogger(log), httpserver.WithVersion(version()), httpserver.RefuseCrossOrigin()}
	if !c.insecure {
		options = append(options, httpserver.LoopbackOnly())
	}
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return listenError(c.listen, err)
	}
	defer listener.Close()
	backend, err := openBackend(ctx, c, log)
	if err != nil {
		return err
	}
	defer backend.close()
	handler := httpserver.New(backend.store, append(options, backend.options...)...)
	for _, hint := range unknown {
		log.Warn(hint)
	}
	log.Info("serving", "version", version(), "address", "http://"+listener.Addr().String(), "store", backend.name)
	return serveUntil(ctx, newServer(handler, log), handler, listener, log)
}

// newServer sets the limits that a client meets before the handler: a slow or endless one is cut off.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
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
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use: stop the program that listens there, or choose another address, as in --listen 127.0.0.1:8081", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s needs rights that this user lacks: choose a port above 1023, as in --listen 127.0.0.1:8080", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: choose another, as in --listen 127.0.0.1:8080", address)
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}
