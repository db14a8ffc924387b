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

// benchPause is long enough for the next child to get ready. In a search a reply of
// a model or a training run comes between two checks, which takes longer.
const benchPause = 50 * time.Millisecond

// sandboxBench is what a check costs on this machine.
type sandboxBench struct {
	Accepted []checkCost `json:"accepted"` // with a pause before each
	Unpaused []checkCost `json:"unpaused"` // the same, one right after the other
	Rejected checkCost   `json:"rejected"` // by the gate, so without a child
	Catalog  catalogCost `json:"catalog"`
}

// checkCost is the cost of checking one candidate: medians, in seconds.
type checkCost struct {
	Name      string  `json:"name"`
	Seconds   float64 `json:"seconds"`       // from source to graph or rejection
	Wait      float64 `json:"wait_seconds"`  // of these, until a child was ready
	Child     float64 `json:"child_seconds"` // of these, from then to the child's end
	ChildCPU  float64 `json:"child_cpu_seconds"`
	PerSecond float64 `json:"per_second"` // checks, by the median
}

// catalogCost is the cost of checking every known objective.
type catalogCost struct {
	Objectives int     `json:"objectives"`
	Seconds    float64 `json:"seconds"`
}

// benchSandbox measures checks of each kind.
func benchSandbox(ctx context.Context, c *sandbox.Checker, checks int) (b sandboxBench, err error) {
	for _, name := range []string{"dpo", "lrml"} {
		known, _ := catalog.Lookup(name)
		m := measurement{name: name, source: known.Source, accept: true, checks: checks, pause: benchPause}
		paused, err := m.run(ctx, c)
		if err != nil {
			return b, err
		}
		m.pause = 0
		unpaused, err := m.run(ctx, c)
		if err != nil {
			return b, err
		}
		b.Accepted, b.Unpaused = append(b.Accepted, paused), append(b.Unpaused, unpaused)
	}
	lrml, _ := catalog.Lookup("lrml")
	m := measurement{name: "lrml with a goroutine", source: withGoroutine(lrml.Source), checks: checks}
	if b.Rejected, err = m.run(ctx, c); err != nil {
		return b, err
	}
	begun := time.Now()
	for _, known := range catalog.All() {
		m := measurement{name: known.Name, source: known.Source, accept: true, checks: 1}
		if _, err := m.run(ctx, c); err != nil {
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

// measurement is a number of checks of one source.
type measurement struct {
	name, source string
	accept       bool // what must come of it
	checks       int
	pause        time.Duration // before each
}

func (m measurement) run(ctx context.Context, c *sandbox.Checker) (checkCost, error) {
	var whole, wait, child, cpu []time.Duration
	for range m.checks {
		time.Sleep(m.pause)
		var t sandbox.Timing
		begun := time.Now()
		_, rejection, err := c.CheckTimed(ctx, m.source, &t)
		if err != nil {
			return checkCost{}, fmt.Errorf("check %s: %w", m.name, err)
		}
		if (rejection == nil) != m.accept {
			return checkCost{}, fmt.Errorf("check %s: unexpected result: %v", m.name, rejection)
		}
		whole, wait, child, cpu = append(whole, time.Since(begun)), append(wait, t.Wait), append(child, t.Child), append(cpu, t.CPU)
	}
	seconds := medianSeconds(whole)
	return checkCost{m.name, seconds, medianSeconds(wait), medianSeconds(child), medianSeconds(cpu), 1 / seconds}, nil
}

func medianSeconds(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

// rows returns a printed table.
func (b sandboxBench) rows() [][]string {
	rows := [][]string{{"sandbox", "median", "with a pause before each check, in which a child gets ready"}}
	for _, c := range b.Accepted {
		rows = append(rows, c.row("  source to graph, "+c.Name))
	}
	for _, c := range b.Unpaused {
		rows = append(rows, c.row("  without pause, "+c.Name))
	}
	return append(rows,
		[]string{"  rejected by the gate", fmt.Sprintf("%.3f ms", 1000*b.Rejected.Seconds), fmt.Sprintf("%.0f a second", b.Rejected.PerSecond)},
		[]string{"  the whole catalog", milliseconds(b.Catalog.Seconds), fmt.Sprintf("%d objectives, without pause", b.Catalog.Objectives)})
}

func (c checkCost) row(what string) []string {
	return []string{what, milliseconds(c.Seconds), fmt.Sprintf("waits %s for the child, which takes %s (%.0f %%), %s of processor time with its start",
		milliseconds(c.Wait), milliseconds(c.Child), 100*c.Child/c.Seconds, milliseconds(c.ChildCPU))}
}
