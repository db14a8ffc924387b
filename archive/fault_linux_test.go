package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// withoutPrivilege runs fn on a thread for which file permissions hold even for the
// superuser, and ends the thread.
func withoutPrivilege(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		err := unix.Capset(&header, &none[0])
		if err == nil {
			fn()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	dir := plant(t, story(t))
	want := must(readAll(dir))(t)
	path := filepath.Join(dir, "run", fileName)
	for _, err := range []error{os.Chmod(path, 0o444), os.Chmod(filepath.Join(dir, "run"), 0o555), os.Chmod(dir, 0o555)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(dir, 0o755)
	defer os.Chmod(filepath.Join(dir, "run"), 0o755)
	withoutPrivilege(t, func() {
		if _, err := Create(dir, "new", settings()); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "--runs") {
			t.Errorf("create: %v", err)
		}
		if _, err := Open(dir, "run"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "check the permissions") {
			t.Errorf("open: %v", err)
		}
		if err := Check(dir, "run"); err != nil {
			t.Errorf("check: %v", err)
		}
		if got, err := readAll(dir); err != nil || got != want {
			t.Errorf("read: %v", err)
		}
	})
}

// A run whose directory cannot be written goes on without a socket, saying why.
func TestServeInReadOnlyDirectory(t *testing.T) {
	a, dir := create(t)
	apply(t, a, scored(1, 1))
	if err := os.Chmod(filepath.Join(dir, "run"), 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(filepath.Join(dir, "run"), 0o755)
	withoutPrivilege(t, func() {
		if err := a.Serve(); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("serve: %v", err)
		}
	})
	apply(t, a, scored(2, 1))
}

// limitFiles limits the size of the files that this process writes: the write that
// crosses it is cut short and all beyond are refused, as on a full disk.
func limitFiles(bytes uint64) error {
	signal.Ignore(unix.SIGXFSZ)
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes})
}

// processTime returns the CPU time of this process so far.
func processTime() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func TestFullDisk(t *testing.T) {
	whole := plant(t, story(t))
	want := must(readAll(whole))(t)
	for _, limit := range []int{60_001, 100_003, 130_000} {
		dir := t.TempDir()
		a := must(Create(dir, "run", settings()))(t)
		apply(t, a, rejected(1)) // the file grows beyond the limit
		a.Close()
		cmd := storyteller(dir)
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", writerLimit, limit))
		out, _ := cmd.Output()
		acks := strings.Split(strings.TrimSpace(string(out)), "\n")
		said := acks[len(acks)-1]
		if strings.Count(said, "file too large: what was saved before is safe") != 2 {
			t.Errorf("limit %d: the writer said %q", limit, said)
		}
		if err := Check(dir, "run"); err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
		r := must(OpenReadOnly(dir, "run"))(t)
		for _, ack := range acks[:len(acks)-1] {
			requireAck(t, r, ack)
		}
		r.Close()
		if len(acks) < 5 {
			t.Errorf("limit %d: only %d calls were acknowledged", limit, len(acks)-1)
		}
	}
	// Space is freed: the run resumes and ends as if nothing had happened.
	dir := t.TempDir()
	a := must(Create(dir, "run", settings()))(t)
	a.Close()
	cmd := storyteller(dir)
	cmd.Env = append(cmd.Env, writerLimit+"=100003")
	cmd.Run()
	if out, err := storyteller(dir).Output(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := must(readAll(dir))(t); got != want {
		t.Error("the resumed story differs")
	}
}
