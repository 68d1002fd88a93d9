package postgrestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server of one test's own, which the test may crash. It is used by one goroutine.
type Server struct {
	tb      testing.TB
	bin     string
	data    string
	port    int
	attr    *syscall.SysProcAttr
	set     []string
	command *exec.Cmd
}

// StartServer starts a server with durable writes, PostgreSQL's default, and these settings ("name=value"). It ends with the test.
func StartServer(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	attr, owner, err := unprivileged()
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	dir, err := os.MkdirTemp("", "customer-crash")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if owner != nil {
		if err := os.Chown(dir, owner.uid, owner.gid); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{tb: t, bin: bin, data: filepath.Join(dir, "data"), attr: attr, set: settings}
	if err := initialise(bin, s.data, attr); err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	if s.port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	s.Start()
	return s
}

// DSN returns the URL of the server's own database, the same before and after a crash.
func (s *Server) DSN() string { return dsnOf(s.port) }

// outlive ends a server whose test process has died, and removes what it wrote.
const outlive = `
test=$1; dir=$2; shift 2
"$@" &
server=$!
while kill -0 $server 2>/dev/null; do
  if ! kill -0 $test 2>/dev/null && [ ! -e /proc/$test ]; then
    kill -QUIT $server
    wait $server
    rm -rf "$dir"
  fi
  sleep 1
done
`

// Start starts the server again after [Server.Crash] and returns when it has recovered.
func (s *Server) Start() {
	s.tb.Helper()
	var err error
	// What a killed server held in the kernel may outlive it for a moment, and a new one then gives up.
	for begun := time.Now(); time.Since(begun) < patience; {
		s.command = exec.Command("/bin/sh", "-c", outlive, "sh", strconv.Itoa(os.Getpid()), filepath.Dir(s.data), filepath.Join(s.bin, "postgres"), "-D", s.data, "-c", "listen_addresses=127.0.0.1",
			"-c", "port="+strconv.Itoa(s.port), "-c", "unix_socket_directories=")
		for _, setting := range s.set {
			s.command.Args = append(s.command.Args, "-c", setting)
		}
		own := syscall.SysProcAttr{Setpgid: true}
		if s.attr != nil {
			own.Credential = s.attr.Credential
		}
		s.command.SysProcAttr, s.command.Dir = &own, "/"
		if err = s.command.Start(); err != nil {
			break
		}
		if err = await(s.DSN(), func(error) bool { return ended(s.command) }); err == nil {
			return
		}
		s.kill()
	}
	s.tb.Fatalf("postgrestest: the server does not start: %v", err)
}

// Crash ends every process of the server with SIGKILL, in the middle of whatever it does.
func (s *Server) Crash() {
	s.tb.Helper()
	s.kill()
}

func (s *Server) kill() {
	if s.command == nil || s.command.Process == nil {
		return
	}
	_ = syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
	_ = s.command.Wait()
	s.command = nil
	// What a killed server leaves behind names a process that may live on under the same number.
	_ = os.Remove(filepath.Join(s.data, "postmaster.pid"))
}
