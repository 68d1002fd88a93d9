package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// privateServer returns the URL of the server that the test processes of this user share, starting it if there is none.
var privateServer = sync.OnceValues(func() (string, error) {
	bin, err := programs()
	if err != nil {
		return "", err
	}
	s := server{bin: bin, dir: filepath.Join(os.TempDir(), fmt.Sprintf("customer-postgrestest-%d", os.Getuid()))}
	unlock, err := lockFile(s.dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	for range 3 {
		if dsn, err := s.join(); err == nil {
			return dsn, nil
		}
		if dsn, err := s.start(); err == nil {
			return dsn, nil
		} else if !errors.Is(err, errRetry) {
			return "", err
		}
	}
	return "", errors.New("the private PostgreSQL server does not start; see " + s.dir + "/log")
})

var errRetry = errors.New("try again")

// lockFile keeps other processes out until unlock, or until this one ends.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// programs finds the directory of initdb and postgres, the newest where there are several.
func programs() (string, error) {
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb", "/usr/local/opt/postgresql*/bin/initdb",
		"/usr/local/pgsql/bin/initdb", "/Applications/Postgres.app/Contents/Versions/*/bin/initdb",
	} {
		matches, _ := filepath.Glob(pattern)
		found = append(found, matches...)
	}
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = append(found, path)
	}
	found = slices.DeleteFunc(found, func(path string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres"))
		return err != nil
	})
	if len(found) == 0 {
		install := "PostgreSQL 13 or later with its contrib modules"
		switch runtime.GOOS {
		case "linux":
			install += " (Debian, Ubuntu: apt-get install postgresql)"
		case "darwin":
			install += " (brew install postgresql)"
		}
		return "", fmt.Errorf("there is no PostgreSQL to test with: install %s, or name a server in %s", install, EnvDSN)
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// server is a data directory, the URL of the server on it, and a file for every process that uses it.
type server struct{ bin, dir string }

// join enters this process among the users of a server that runs.
func (s server) join() (string, error) {
	if err := os.WriteFile(s.userFile(), nil, 0o600); err != nil {
		return "", err
	}
	dsn, err := os.ReadFile(filepath.Join(s.dir, "dsn"))
	if err != nil {
		return "", err
	}
	// A server that others use may be busy, or full for a moment: it must not be taken for a dead one, which is replaced.
	return string(dsn), await(string(dsn), func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) })
}

func (s server) userFile() string { return filepath.Join(s.dir, "users", strconv.Itoa(os.Getpid())) }

// patience is for machines that have much else to do.
const patience = time.Minute

func ping(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// start makes a server in place of one that is dead or none.
func (s server) start() (string, error) {
	if err := s.clear(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "users"), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(s.userFile(), nil, 0o600); err != nil {
		return "", err
	}
	attr, owner, err := unprivileged()
	if err != nil {
		return "", err
	}
	data := filepath.Join(s.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return "", err
	}
	if owner != nil {
		if err := errors.Join(os.Chown(data, owner.uid, owner.gid), os.Chown(s.dir, owner.uid, owner.gid),
			os.Chown(filepath.Join(s.dir, "users"), owner.uid, owner.gid)); err != nil {
			return "", err
		}
	}
	if err := initialise(s.bin, data, attr); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	command, err := s.run(data, port, attr)
	if err != nil {
		return "", err
	}
	dsn := dsnOf(port)
	if err := await(dsn, func(error) bool { return ended(command) }); err != nil {
		return "", errRetry
	}
	return dsn, os.WriteFile(filepath.Join(s.dir, "dsn"), []byte(dsn), 0o600)
}

// initialise makes a data directory.
func initialise(bin, data string, attr *syscall.SysProcAttr) error {
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--lc-ctype", ctype(), "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, "/"
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// dsnOf gives connecting more time than programs do: a test that opens many connections at once may have to wait for them.
func dsnOf(port int) string {
	return fmt.Sprintf("postgres://postgres:postgres@127.0.0.1:%d/postgres?sslmode=disable&connect_timeout=%d", port, int(patience.Seconds()))
}

// await returns once a server answers, or when gone says of the error that it never will.
func await(dsn string, gone func(err error) bool) error {
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if err := ping(dsn); err == nil || gone(err) || time.Since(begun) > patience {
			return err
		}
	}
}

// ended reports whether a process that this one started is no more.
func ended(command *exec.Cmd) bool {
	pid, err := syscall.Wait4(command.Process.Pid, nil, syscall.WNOHANG, nil)
	return pid == command.Process.Pid || errors.Is(err, syscall.ECHILD)
}

// clear removes what a server that did not end well left, stopping it if it runs without users.
func (s server) clear() error {
	if pid, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid")); err == nil {
		n, err := strconv.Atoi(strings.SplitN(string(pid), "\n", 2)[0])
		// The number may be another process's by now.
		if cwd, linkErr := os.Readlink(fmt.Sprintf("/proc/%d/cwd", n)); err == nil && linkErr == nil && cwd == filepath.Join(s.dir, "data") {
			_ = syscall.Kill(n, syscall.SIGQUIT)
		}
	}
	return os.RemoveAll(s.dir)
}

// supervise starts the server and ends it, and with it its directory, once no user has been alive for some seconds. It is a process of its own, so
// that it does so however the tests end. Renaming the directory first keeps new users out; for one that came in between it goes on under its new name.
const supervise = `
dir=$1; shift
"$@" >"$dir/log" 2>&1 &
server=$!
idle=0
ending=
while kill -0 $server 2>/dev/null; do
  sleep 1
  idle=$((idle + 1))
  for file in "$dir"/users/*; do
    if kill -0 "${file##*/}" 2>/dev/null || [ -e "/proc/${file##*/}" ]; then idle=0; break; fi
  done
  if [ $idle -ge 5 ]; then
    [ -z "$ending" ] || break
    ending=$dir.ending.$$
    mv "$dir" "$ending" || break
    dir=$ending
    idle=4
  fi
done
kill -QUIT $server 2>/dev/null
wait $server
[ -z "$ending" ] || rm -rf "$ending"
`

func (s server) run(data string, port int, attr *syscall.SysProcAttr) (*exec.Cmd, error) {
	command := exec.Command("/bin/sh", "-c", supervise, "sh", s.dir, filepath.Join(s.bin, "postgres"), "-D", data,
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(port), "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=1000",
		"-c", "shared_buffers=256MB", "-c", "random_page_cost=1.1", "-c", "autovacuum_naptime=5s")
	own := syscall.SysProcAttr{Setsid: true}
	if attr != nil {
		own.Credential = attr.Credential
	}
	command.SysProcAttr, command.Dir = &own, "/"
	return command, command.Start()
}

// ctype is a locale under which letters beyond ASCII make trigrams.
func ctype() string {
	if runtime.GOOS == "linux" {
		return "C.UTF-8"
	}
	return "en_US.UTF-8"
}

// freePort finds one below the range that systems connect from: a client that tries while no server listens could otherwise be given the server's port,
// connect to itself and keep the server out.
func freePort() (int, error) {
	for range 100 {
		port := 15_000 + rand.IntN(15_000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port")
}

type owner struct{ uid, gid int }

// unprivileged says as whom to run the programs of PostgreSQL, which refuse to run as root.
func unprivileged() (*syscall.SysProcAttr, *owner, error) {
	if os.Getuid() != 0 {
		return nil, nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 != nil || err2 != nil || uid == 0 {
			continue
		}
		credential := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return &syscall.SysProcAttr{Credential: credential}, &owner{uid, gid}, nil
	}
	return nil, nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}
