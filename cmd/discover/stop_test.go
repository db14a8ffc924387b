package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
)

// crowd is what a test does with the first requests of a search, which arrive at
// once: as many as the lag.
type crowd struct {
	mu      sync.Mutex
	arrived int
	all     chan struct{} // closed when they have arrived
	ended   chan struct{} // closed when the search is about to end
	served  int           // replies that were sent
}

const crowded = 4

func newCrowd() *crowd { return &crowd{all: make(chan struct{}), ended: make(chan struct{})} }

// enter waits for all and returns the number of this one, from 0.
func (c *crowd) enter(r *http.Request) int {
	c.mu.Lock()
	n := c.arrived
	if c.arrived++; c.arrived == crowded {
		close(c.all)
	}
	c.mu.Unlock()
	select {
	case <-c.all:
	case <-r.Context().Done():
	}
	return n
}

// leave waits until the search is about to end and reports whether the caller is
// still there.
func (c *crowd) leave(r *http.Request) bool {
	<-c.ended
	select {
	case <-r.Context().Done():
		return false
	case <-time.After(300 * time.Millisecond): // for the search to notice that it ends
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served++
	return true
}

// kept returns how many replies a run holds, and what it has counted.
func (h *harness) kept(t *testing.T, name string) (int, archive.Usage) {
	t.Helper()
	return len(h.stored(t, name)), totals(t, h.open(t, name)).Usage
}

// After Ctrl-C, or when its terminal is closed, the replies in flight have a moment to
// arrive. What does not is counted at the most that it can have cost.
func TestInterruptLetsRepliesArrive(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no interrupts can be sent on Windows")
	}
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP) // else the search inherits a nohup of the tests
	t.Cleanup(func() { signal.Stop(heard) })
	for name, signals := range map[string][]os.Signal{
		"Ctrl-C":          {os.Interrupt},
		"terminal closed": {syscall.SIGHUP, syscall.SIGHUP}, // by the system and by the shell
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interruptAmongReplies(t, signals)
		})
	}
}

func interruptAmongReplies(t *testing.T, signals []os.Signal) {
	c := newCrowd()
	model := newScriptedLLM(t, false)
	model.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if c.enter(r) == 0 {
			<-r.Context().Done()
			return true
		}
		return !c.leave(r)
	}
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: m\nreply_tokens: 5000\n", "OPENAI_API_KEY=sk-none-of-them")
	h.plant(t, "r", model.URL+"/v1")
	cmd := h.command(t.Context(), "resume", "r", "--candidates", "8")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-c.all
	for _, s := range signals {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // two at once would count as one
	}
	close(c.ended)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d\n%s", err, exitInterrupted, &out)
	}
	replies, counted := h.kept(t, "r")
	if c.served != crowded-1 || replies != c.served || counted.Calls != crowded || counted.OutputTokens != 100*c.served+5000 {
		t.Errorf("%d replies were sent, %d kept, counted %+v", c.served, replies, counted)
	}
	if want := "this reply is paid for"; bytes.Count(out.Bytes(), []byte(want)) != 1 {
		t.Errorf("a person is not told once: %s", &out)
	}
}

// Under nohup a search goes on when its terminal is closed.
func TestNohup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no nohup")
	}
	signal.Ignore(syscall.SIGHUP) // as a process that is started inherits
	defer signal.Reset(syscall.SIGHUP)
	arrived, closed := make(chan struct{}, 100), make(chan struct{})
	model := newScriptedLLM(t, false)
	model.before = func(http.ResponseWriter, *http.Request) bool {
		arrived <- struct{}{}
		<-closed
		return false
	}
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: m\n", "OPENAI_API_KEY=sk-none-of-them")
	h.plant(t, "r", model.URL+"/v1")
	cmd := h.command(t.Context(), "resume", "r", "--candidates", "6")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	err := cmd.Process.Signal(syscall.SIGHUP)
	close(closed)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// After kill -9 the calls that were in flight count, each as one: a server may have
// charged for them.
func TestKilledCallsCount(t *testing.T) {
	c := newCrowd()
	var killed atomic.Bool
	model := newScriptedLLM(t, false)
	model.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if killed.Load() {
			return false
		}
		c.enter(r)
		<-r.Context().Done()
		return true
	}
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: m\n", "OPENAI_API_KEY=sk-none-of-them")
	h.plant(t, "r", model.URL+"/v1")
	cmd := h.command(t.Context(), "resume", "r", "--candidates", "8")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-c.all
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the killed search ended well")
	}
	killed.Store(true)
	h.finish(t, "resume", "r", "--candidates", "8")
	replies, counted := h.kept(t, "r")
	if replies < 8 || counted.Calls != replies+crowded {
		t.Errorf("%d replies kept, %d calls counted, want %d more", replies, counted.Calls, crowded)
	}
}

// What stopped a run is kept, for whoever lists it later.
func TestListSaysWhyARunStopped(t *testing.T) {
	model := newScriptedLLM(t, false)
	model.before = func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, `{"error": {"message": "no such key"}}`, http.StatusUnauthorized)
		return true
	}
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: m\n", "OPENAI_API_KEY=sk-none-of-them")
	h.plant(t, "r", model.URL+"/v1")
	if err := h.command(t.Context(), "resume", "r", "--candidates", "8").Run(); err == nil {
		t.Error("a search with a wrong key ended well")
	}
	out, err := h.command(t.Context(), "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" stopped ", "wrong key", "no such key"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("list lacks %q:\n%s", want, out)
		}
	}
}
