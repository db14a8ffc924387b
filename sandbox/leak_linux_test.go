package sandbox

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/objdisco/discover/sandbox/isolate"
)

var checks = flag.Int("checks", 40, "checks of the leak test")

// held is what this process holds.
type held struct {
	goroutines, descriptors, threads int
	heap, resident                   uint64 // bytes
}

// measure counts descriptors before it collects garbage, which would close those
// that were forgotten.
func measure(t *testing.T) held {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseUint(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return held{runtime.NumGoroutine(), len(fds), len(tasks), m.HeapAlloc, pages * uint64(os.Getpagesize())}
}

// killSpare kills the child that waits, if any does, as a machine short of memory
// would.
func killSpare(c *Checker) {
	for _, p := range c.spares.waiting {
		<-p.ready
		isolate.Kill(p.cmd.Process)
	}
}

// TestNothingIsLeft makes many checks of every kind and then looks for what they
// left behind: goroutines, descriptors, processes, memory.
func TestNothingIsLeft(t *testing.T) {
	sources := []string{
		dpo, lrml, "not Go", "package candidate\n\nfunc Loss(b objective.Batch) objective.Vec { for { } }",
		"func Loss(b objective.Batch) objective.Vec { return b.Nothing() }", "func Loss(b objective.Batch) objective.Vec { return b.Beta }",
	}
	round := func(n int) {
		checker := &Checker{}
		defer checker.Close()
		misbehaving := []*Checker{
			{childArgs: []string{fakeName, "panics"}},
			{childArgs: []string{fakeName, "floods its error output"}},
			{childArgs: []string{fakeName, "ends at once"}},
			{childArgs: []string{fakeName, "dies, leaves a grandchild"}, Timeout: 20 * time.Millisecond},
		}
		for _, c := range misbehaving {
			defer c.Close()
		}
		for i := range n {
			checker.Check(t.Context(), sources[i%len(sources)])
			if i%10 == 0 {
				c := misbehaving[i/10%len(misbehaving)]
				c.Check(t.Context(), dpo)
			}
			if i%10 == 5 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*time.Millisecond)
				checker.Check(ctx, dpo)
				cancel()
			}
			if i%100 == 50 {
				killSpare(checker)
			}
		}
	}
	round(20)
	before := measure(t)
	round(*checks)
	after := measure(t)
	t.Logf("before %+v, after %d checks %+v", before, *checks, after)
	if after.goroutines > before.goroutines || after.descriptors > before.descriptors {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if after.threads > before.threads+8 { // the runtime keeps threads for reuse
		t.Errorf("%d threads before, %d after", before.threads, after.threads)
	}
	if after.heap > before.heap+128<<10 || after.resident > before.resident+8<<20 {
		t.Errorf("memory before %+v, after %+v", before, after)
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a child is left: pid %d, %v", pid, err)
	}
}
