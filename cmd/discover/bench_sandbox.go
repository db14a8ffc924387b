package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// benchChecks is how many checks of each kind doctor --bench makes.
const benchChecks = 50

// sandboxBench is what a check costs, one after the other, on this machine.
type sandboxBench struct {
	Accepted []checkCost `json:"accepted"`
	Rejected checkCost   `json:"rejected"` // by the gate, so without a child
	Catalog  catalogCost `json:"catalog"`
}

// checkCost is the cost of checking one candidate: medians, in seconds.
type checkCost struct {
	Name      string  `json:"name"`
	Seconds   float64 `json:"seconds"`       // from source to graph or rejection
	Child     float64 `json:"child_seconds"` // of these, from the child's start to its end
	ChildCPU  float64 `json:"child_cpu_seconds"`
	PerSecond float64 `json:"per_second"` // checks, by the median
}

// catalogCost is the cost of checking every known objective.
type catalogCost struct {
	Objectives int     `json:"objectives"`
	Seconds    float64 `json:"seconds"`
}

// benchSandbox measures checks of each kind.
func benchSandbox(ctx context.Context, c *sandbox.Checker, checks int) (sandboxBench, error) {
	var b sandboxBench
	for _, name := range []string{"dpo", "lrml"} {
		known, _ := catalog.Lookup(name)
		cost, err := measureCheck(ctx, c, name, known.Source, checks, true)
		if err != nil {
			return b, err
		}
		b.Accepted = append(b.Accepted, cost)
	}
	lrml, _ := catalog.Lookup("lrml")
	var err error
	if b.Rejected, err = measureCheck(ctx, c, "lrml with a goroutine", withGoroutine(lrml.Source), checks, false); err != nil {
		return b, err
	}
	begun := time.Now()
	for _, known := range catalog.All() {
		if _, err := measureCheck(ctx, c, known.Name, known.Source, 1, true); err != nil {
			return b, err
		}
	}
	b.Catalog = catalogCost{len(catalog.All()), time.Since(begun).Seconds()}
	return b, nil
}

// withGoroutine returns source with a statement that the gate refuses, after
// everything else.
func withGoroutine(source string) string {
	return strings.TrimRight(source, "}\n") + "\n\tgo x()\n}\n"
}

// measureCheck checks source a number of times; accept says what must come of it.
func measureCheck(ctx context.Context, c *sandbox.Checker, name, source string, checks int, accept bool) (checkCost, error) {
	var whole, child, cpu []time.Duration
	for range checks {
		var t sandbox.Timing
		begun := time.Now()
		_, rejection, err := c.CheckTimed(ctx, source, &t)
		if err != nil {
			return checkCost{}, fmt.Errorf("check %s: %w", name, err)
		}
		if (rejection == nil) != accept {
			return checkCost{}, fmt.Errorf("check %s: unexpected result: %v", name, rejection)
		}
		whole, child, cpu = append(whole, time.Since(begun)), append(child, t.Child), append(cpu, t.CPU)
	}
	seconds := medianSeconds(whole)
	return checkCost{name, seconds, medianSeconds(child), medianSeconds(cpu), 1 / seconds}, nil
}

func medianSeconds(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

// rows returns a printed table.
func (b sandboxBench) rows() [][]string {
	rows := [][]string{{"sandbox", "median", "one check after the other"}}
	for _, c := range b.Accepted {
		rows = append(rows, []string{"  source to graph, " + c.Name, milliseconds(c.Seconds),
			fmt.Sprintf("child %s (%.0f %%), its processor time %s", milliseconds(c.Child), 100*c.Child/c.Seconds, milliseconds(c.ChildCPU))})
	}
	return append(rows,
		[]string{"  rejected by the gate", fmt.Sprintf("%.3f ms", 1000*b.Rejected.Seconds), fmt.Sprintf("%.0f a second", b.Rejected.PerSecond)},
		[]string{"  the whole catalog", milliseconds(b.Catalog.Seconds), fmt.Sprintf("%d objectives", b.Catalog.Objectives)})
}
