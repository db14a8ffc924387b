package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// benchPrograms is how many programs of each kind doctor --bench screens.
const benchPrograms = 12

// screenBench is what it costs to put programs of a kind through the first rung of the
// screen, the bandit, one after the other on all cores. dpo's cells and what is drawn for the
// task do not count.
type screenBench struct {
	Kind      string  `json:"kind"`
	Programs  int     `json:"programs"`
	Dropped   int     `json:"dropped"`
	Cells     int     `json:"cells"`
	CPU       float64 `json:"cpu_seconds"` // of a program, mean
	PerMinute float64 `json:"per_minute"`  // programs, by the clock
}

// benchScreen screens random programs and programs made from known losses, the same ones
// each time.
func benchScreen(ctx context.Context, c checker, programs int) ([]screenBench, error) {
	e := newEvaluator(0, 0)
	dpo, err := knownGraph("dpo")
	if err != nil {
		return nil, err
	}
	if _, err := screenAll(ctx, e, []*graph.Graph{dpo}); err != nil { // prepares the task
		return nil, err
	}
	known, err := knownPriors()
	if err != nil {
		return nil, err
	}
	var all []screenBench
	for _, kind := range []struct {
		name     string
		proposer discover.Proposer
		ranked   []propose.Prior
	}{{"random programs", propose.Random{}, nil}, {"edits of known losses", propose.Evolve{}, known}} {
		graphs, err := tracedPrograms(ctx, c, kind.proposer, kind.ranked, programs)
		if err != nil {
			return nil, err
		}
		b, err := screenAll(ctx, e, graphs)
		if err != nil {
			return nil, err
		}
		b.Kind = kind.name
		all = append(all, b)
	}
	return all, nil
}

// knownPriors are the losses of the catalog as a proposer sees them.
func knownPriors() ([]propose.Prior, error) {
	var priors []propose.Prior
	for _, known := range catalog.All() {
		g, err := known.Graph()
		if err != nil {
			return nil, err
		}
		priors = append(priors, propose.Prior{ID: known.Name, Origin: "catalog", Name: known.Name, Code: known.Source, Graph: g, Scored: true})
	}
	return priors, nil
}

// tracedPrograms draws programs that the sandbox accepts.
func tracedPrograms(ctx context.Context, c checker, p discover.Proposer, ranked []propose.Prior, programs int) ([]*graph.Graph, error) {
	var graphs []*graph.Graph
	for id := uint64(1); len(graphs) < programs; id++ {
		request := propose.Request{ID: fmt.Sprint(id), Rand: rand.New(rand.NewPCG(1, id)), Ranked: ranked}
		proposal, err := p.Propose(ctx, request)
		if err != nil {
			return nil, err
		}
		compiled, rejection, err := c.Check(ctx, proposal.Code)
		if err != nil {
			return nil, err
		}
		if rejection == nil {
			graphs = append(graphs, compiled.Graph)
		}
	}
	return graphs, nil
}

// screenAll screens objectives one after the other.
func screenAll(ctx context.Context, e *evaluator.Evaluator, graphs []*graph.Graph) (screenBench, error) {
	b := screenBench{Programs: len(graphs)}
	count := func(event evaluator.Event) {
		if !event.Baseline {
			b.Cells++
			b.CPU += event.Cell.Seconds / float64(len(graphs))
		}
	}
	begun := time.Now()
	for _, g := range graphs {
		failure, err := e.Screen(ctx, g, evaluator.Effort{}, nil, count)
		if err != nil {
			return b, err
		}
		if failure != nil {
			b.Dropped++
		}
	}
	b.PerMinute = float64(len(graphs)) / time.Since(begun).Minutes()
	return b, nil
}

// row returns a line of a printed table.
func (b screenBench) row() []string {
	return []string{"screen, " + b.Kind, fmt.Sprintf("%.0f a minute", b.PerMinute),
		fmt.Sprintf("%s each in %.0f cells of bandit, %d of %d dropped", milliseconds(b.CPU), float64(b.Cells)/float64(b.Programs), b.Dropped, b.Programs)}
}
