package bulk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/postgres"
)

// envJob makes the test binary a program that imports one file.
const envJob = "CUSTOMER_BULK_TEST_JOB"

// job is an import by a process of its own. With turns, it stops after every so many rows, says so with a line, and goes on when it reads one.
type job struct {
	DSN, File, Rejects string
	OnConflict         bulk.Policy
	Match              customer.Key
	Turn               int
}

// done is what the process says at the end.
type done struct {
	Summary bulk.Summary
	Peak    int // KiB of memory; 0 where the system does not tell
	Error   string

	cpu time.Duration // of the process, its start included
}

func importAsTold(text string) {
	var (
		j     job
		sum   bulk.Summary
		err   = json.Unmarshal([]byte(text), &j)
		stdin = bufio.NewReader(os.Stdin)
	)
	if err == nil {
		sum, err = j.run(context.Background(), func() error {
			fmt.Println()
			_, err := stdin.ReadString('\n')
			return err
		})
	}
	_ = json.NewEncoder(os.Stdout).Encode(done{Summary: sum, Peak: peakMemory(), Error: errorText(err)})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (j job) run(ctx context.Context, turn func() error) (sum bulk.Summary, err error) {
	pool, err := postgres.Open(ctx, j.DSN)
	if err != nil {
		return sum, err
	}
	defer pool.Close()
	file, err := os.Open(j.File)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	r, err := bulk.NewReader(file, bulk.Detect, bulk.ReaderOptions{})
	if err != nil {
		return sum, err
	}
	rejected, err := os.Create(j.Rejects)
	if err != nil {
		return sum, err
	}
	defer rejected.Close()
	rejects, n := bulk.NewRejectWriter(rejected, r), 0
	return bulk.Importer{Store: postgres.New(pool), Mode: bulk.Commit, OnConflict: j.OnConflict, Match: j.Match}.Run(ctx, r.Rows(), func(res bulk.Result) error {
		if err := rejects.Write(res); err != nil {
			return err
		}
		if n++; j.Turn == 0 || n%j.Turn != 0 {
			return nil
		}
		return turn()
	})
}

// peakMemory returns the most memory that this process has held.
func peakMemory() (kib int) {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscanf(after, "%d kB", &kib)
	return kib
}

// start runs the job and calls turn between its turns. Wait returns what the process says at the end.
func (j job) start(tb testing.TB, turn func()) (process *os.Process, wait func() done) {
	tb.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		tb.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), envJob+"="+string(text)), os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	return command.Process, func() (d done) {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() && lines.Text() == "" {
			turn()
			if _, err := stdin.Write([]byte{'\n'}); err != nil {
				break
			}
		}
		_ = json.Unmarshal(lines.Bytes(), &d)
		_ = command.Wait()
		d.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
		return d
	}
}
