package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/isolate"
)

// fakeSpares are children whose behaviour differs between spares and others, or
// between before and after they are asked. The argument is a path of no file.
var fakeSpares = map[string]func(f *fake){
	"honest the second time": func(f *fake) {
		if first(os.Args[2]) {
			time.Sleep(time.Hour)
		}
		f.answer(newGraph(node(graph.PolicyChosen)))
	},
	"works before it is asked": func(f *fake) {
		for used := time.Duration(0); used < 150*time.Millisecond; {
			var usage syscall.Rusage
			syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
			used = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
		f.answer(newGraph(node(graph.PolicyChosen)))
	},
}

// waitingOf returns the children that wait for c, once they are ready.
func waitingOf(c *Checker) []*process {
	c.spares.mu.Lock()
	defer c.spares.mu.Unlock()
	for _, p := range c.spares.waiting {
		<-p.ready
	}
	return c.spares.waiting
}

// TestSpareJudgesAlike: a child that waited comes to the verdicts of one that was
// started for the source.
func TestSpareJudgesAlike(t *testing.T) {
	fresh, spare := &Checker{Checks: 1}, &Checker{}
	defer fresh.Close()
	defer spare.Close()
	fresh.Check(t.Context(), dpo) // from now on there are no spares
	for _, source := range []string{
		dpo, lrml,
		"func Loss(b objective.Batch) objective.Vec { return b.Nothing() }",
		"func Loss(b objective.Batch) objective.Vec { for { } }",
		"func Loss(b objective.Batch) objective.Vec { return b.Beta }",
		"func Loss(b objective.Batch) objective.Vec { return b.Margin().Log() }",
		"func Loss(b objective.Batch) objective.Vec { x := []objective.Vec{}; return x[1] }",
	} {
		want, wantRejection, err := fresh.Check(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		spare.Prepare()
		p := waitingOf(spare)[0]
		got, rejection, err := spare.Check(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantRejection, rejection); diff != "" {
			t.Errorf("rejection of %s: %s", source, diff)
		}
		if diff := cmp.Diff(marshal(t, want), marshal(t, got)); diff != "" {
			t.Errorf("graph of %s: %s", source, diff)
		}
		if p.cmd.ProcessState == nil {
			t.Errorf("the spare was not used, or is not reaped")
		}
	}
}

// TestEachSpareServesOnce: no child sees two sources.
func TestEachSpareServesOnce(t *testing.T) {
	var c Checker
	defer c.Close()
	seen := map[int]bool{}
	for range 5 {
		c.Prepare()
		pid := waitingOf(&c)[0].cmd.Process.Pid
		if seen[pid] {
			t.Errorf("child %d waits again", pid)
		}
		seen[pid] = true
		if _, rejection, err := c.Check(t.Context(), dpo); rejection != nil || err != nil {
			t.Error(rejection, err)
		}
	}
}

// TestDeadSpare: a spare that died is replaced, whether that was noticed before it
// is asked or not.
func TestDeadSpare(t *testing.T) {
	for name, noticed := range map[string]bool{"noticed": true, "not noticed": false} {
		t.Run(name, func(t *testing.T) {
			var c Checker
			defer c.Close()
			for range 10 {
				c.Prepare()
				p := waitingOf(&c)[0]
				if err := isolate.Kill(p.cmd.Process); err != nil {
					t.Fatal(err)
				}
				if noticed {
					<-p.ended
				}
				if _, rejection, err := c.Check(t.Context(), dpo); rejection != nil || err != nil {
					t.Errorf("rejection %v, error %v", rejection, err)
				}
			}
		})
	}
}

// TestSpareNotReady: a spare that does not get ready in time is replaced by a
// child that does.
func TestSpareNotReady(t *testing.T) {
	c := Checker{childArgs: []string{fakeName, "honest the second time", filepath.Join(t.TempDir(), "first")}, startTimeout: 2 * time.Second}
	defer c.Close()
	c.Prepare()
	waitingOf(&c) // until it is given up
	if _, rejection, err := c.Check(t.Context(), dpo); rejection != nil || err != nil {
		t.Errorf("rejection %v, error %v", rejection, err)
	}
}

// TestTimeCountsFromTheSource: what a child used before it was asked is not
// charged to the candidate.
func TestTimeCountsFromTheSource(t *testing.T) {
	c := Checker{childArgs: []string{fakeName, "works before it is asked"}, Timeout: 100 * time.Millisecond}
	defer c.Close()
	for range 2 { // one is fresh, one is spare
		if _, rejection, err := c.Check(t.Context(), dpo); rejection != nil || err != nil {
			t.Errorf("rejection %v, error %v", rejection, err)
		}
	}
}

// TestCancelWhileWaiting: a check that waits for a spare ends with its context.
func TestCancelWhileWaiting(t *testing.T) {
	c := Checker{childArgs: []string{fakeName, "never gets ready"}}
	defer c.Close()
	c.Prepare()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, rejection, err := c.Check(ctx, dpo); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("rejection %v, error %v", rejection, err)
	}
}

// TestNumberOfSpares: two for whoever makes one check after the other, no more
// than a few for many at once, none that cannot be needed, and none once closed.
func TestNumberOfSpares(t *testing.T) {
	for _, tt := range []struct {
		name       string
		checks     int // of the Checker
		make       int // checks at once, twice
		begun      int // children started at least and at most
		most, wait int
	}{
		{"one by one", 0, 1, 3, 4, 2},
		{"many at once", 0, 3 * maxSpares, 3 * maxSpares, 7 * maxSpares, maxSpares},
		{"one check", 1, 1, 2, 2, 0},
		{"two checks", 2, 1, 2, 2, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Checker{Checks: tt.checks}
			for range 2 {
				var group sync.WaitGroup
				for range tt.make {
					group.Go(func() { c.Check(t.Context(), dpo) })
				}
				group.Wait()
			}
			waiting := waitingOf(&c)
			if c.spares.begun < tt.begun || c.spares.begun > tt.most || len(waiting) > tt.wait || tt.checks == 0 && len(waiting) == 0 || c.spares.busy != 0 {
				t.Errorf("%d children started, %d wait, %d checks go on", c.spares.begun, len(waiting), c.spares.busy)
			}
			c.Close()
			c.Close()
			for _, p := range waiting {
				if p.cmd.ProcessState == nil {
					t.Error("Close left a child")
				}
			}
			c.Prepare()
			if _, rejection, err := c.Check(t.Context(), dpo); rejection != nil || err != nil || len(c.spares.waiting) > 0 {
				t.Errorf("after Close: rejection %v, error %v, %d wait", rejection, err, len(c.spares.waiting))
			}
		})
	}
}

// leaveSpare prints the number of a child that waits and forgets it.
func leaveSpare() {
	var c Checker
	c.Prepare()
	fmt.Println(waitingOf(&c)[0].cmd.Process.Pid)
}

// TestForgottenSpare: a program that does not call Close ends all the same, and
// its spare with it.
func TestForgottenSpare(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{fakeName, "has a spare"}
	out, err := cmd.Output() // waits for the end of all that hold its output
	if err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	line, _, _ := bufio.ScanLines(out, true)
	pid, err := strconv.Atoi(strings.TrimSpace(string(out[:line])))
	if err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	for alive(pid) {
		time.Sleep(time.Millisecond)
	}
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
