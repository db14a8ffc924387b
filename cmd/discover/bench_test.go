package main

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// TestBenchSandbox: the figures are of checks that were made, and the parts are
// no more than the whole.
func TestBenchSandbox(t *testing.T) {
	var c sandbox.Checker
	defer c.Close()
	b, err := benchSandbox(t.Context(), &c, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Accepted) != 2 || len(b.Unpaused) != 2 || b.Catalog.Objectives != len(catalog.All()) || b.Catalog.Seconds <= 0 {
		t.Errorf("incomplete: %+v", b)
	}
	for _, c := range append(b.Accepted, b.Unpaused...) {
		if c.Child <= 0 || c.Wait <= 0 || c.Child > c.Seconds || c.Wait > c.Seconds || c.ChildCPU <= 0 || c.PerSecond <= 0 {
			t.Errorf("impossible cost of an accepted candidate: %+v", c)
		}
	}
	if b.Rejected.Seconds <= 0 || b.Rejected.Wait != 0 || b.Rejected.Child != 0 || b.Rejected.ChildCPU != 0 {
		t.Errorf("a candidate that the gate rejects started a child: %+v", b.Rejected)
	}
}

// TestBenchNeedsItsVerdicts: a measurement of something else is an error.
func TestBenchNeedsItsVerdicts(t *testing.T) {
	m := measurement{name: "prose", source: "not Go", accept: true, checks: 1}
	if _, err := m.run(t.Context(), &sandbox.Checker{}); err == nil {
		t.Error("a rejected candidate was measured as an accepted one")
	}
}

// TestBenchVerdict: what is counted and timed are the cells of a verdict, more than
// the sweep has.
func TestBenchVerdict(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	seconds, cells, err := benchVerdict(t.Context(), []string{"bandit"})
	if err != nil {
		t.Fatal(err)
	}
	if sweep := benchSeeds * len(evaluator.DefaultBetas()); cells <= sweep || cells > 2*sweep || seconds <= 0 {
		t.Errorf("%d cells in %v s, want more than the %d of the sweep", cells, seconds, sweep)
	}
}

// TestBenchScreen: what is counted and timed are programs that were screened, the sweep of
// two seeds at least, and edits of known losses are not all hopeless.
func TestBenchScreen(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var c sandbox.Checker
	defer c.Close()
	kinds, err := benchScreen(t.Context(), &c, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) != 2 || kinds[1].Dropped == kinds[1].Programs {
		t.Errorf("incomplete: %+v", kinds)
	}
	for _, b := range kinds {
		if b.Programs != 2 || b.Cells < 2*2*len(evaluator.DefaultBetas()) || b.CPU <= 0 || b.PerMinute <= 0 {
			t.Errorf("impossible cost of screening: %+v", b)
		}
	}
}

// BenchmarkScreen reports the CPU time that the bandit's rung takes for a program of each kind.
func BenchmarkScreen(b *testing.B) {
	var c sandbox.Checker
	defer c.Close()
	for b.Loop() {
		kinds, err := benchScreen(b.Context(), &c, benchPrograms)
		if err != nil {
			b.Fatal(err)
		}
		for _, k := range kinds {
			b.ReportMetric(1000*k.CPU, "ms/"+strings.Fields(k.Kind)[0])
		}
	}
}
