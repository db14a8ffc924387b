package main

import (
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
