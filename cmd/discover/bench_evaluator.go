package main

import (
	"context"
	"fmt"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// How much doctor --bench measures.
const (
	benchCells  = 9
	benchTrials = 50
	benchBeta   = .1
)

// benchSeeds are those of the verdict that is measured.
const benchSeeds = 3

// evaluatorBench is what the evaluator costs on one core of this machine, and the screen
// on all.
type evaluatorBench struct {
	Tier     string         `json:"tier"`
	Peak     float64        `json:"peak_gflops"` // fused multiply-adds in registers
	Products []productBench `json:"products"`
	Cells    []proxy.Cost   `json:"cells"`
	Verdict  float64        `json:"verdict_seconds"` // CPU time of the cells below
	Trained  int            `json:"verdict_cells"`
	Screen   []screenBench  `json:"screen"`
}

type productBench struct {
	kernel.Product
	GFLOPs float64 `json:"gflops"`
	Share  float64 `json:"share_of_peak"`
}

func benchEvaluator(ctx context.Context, c checker) (evaluatorBench, error) {
	b := evaluatorBench{Tier: kernel.Tier(), Peak: kernel.MeasurePeak()}
	for _, p := range kernel.Products {
		rate := p.Measure(benchTrials)
		b.Products = append(b.Products, productBench{p, rate, rate / b.Peak})
	}
	plan, err := dpoPlan()
	if err != nil {
		return b, err
	}
	for _, task := range []string{"reviews", "reviews-flip", "bandit"} {
		cost, err := proxy.Source{}.Measure(ctx, task, plan, benchBeta, benchCells)
		if err != nil {
			return b, err
		}
		b.Cells = append(b.Cells, cost)
	}
	if b.Verdict, b.Trained, err = benchVerdict(ctx, evaluator.DefaultTasks()); err != nil {
		return b, err
	}
	b.Screen, err = benchScreen(ctx, c, benchPrograms)
	return b, err
}

// benchVerdict scores lrml on some tasks and returns the CPU time and the number of
// its cells: beyond the seven betas of each task and seed those that spend the
// budgets, and those beyond the sweep where a budget lies there. dpo's cells, which
// are trained once for all objectives and cached, do not count.
func benchVerdict(ctx context.Context, tasks []string) (seconds float64, cells int, err error) {
	lrml, err := knownGraph("lrml")
	if err != nil {
		return 0, 0, err
	}
	effort := evaluator.Effort{Tasks: tasks, MinSeeds: benchSeeds, MaxSeeds: benchSeeds, NoScreen: true}
	metrics, failure, err := newEvaluator(1, 0).Evaluate(ctx, lrml, effort, nil, nil)
	if err != nil {
		return 0, 0, err
	}
	if failure != nil {
		return 0, 0, fmt.Errorf("lrml failed at %s: %s", failure.Stage, failure.Reason)
	}
	for _, c := range metrics.Cells {
		seconds += c.Seconds
	}
	return seconds, len(metrics.Cells), nil
}

func dpoPlan() (*graph.Plan, error) {
	g, err := knownGraph("dpo")
	if err != nil {
		return nil, err
	}
	return graph.Compile(g)
}

// knownGraph is the graph of a loss of the catalog.
func knownGraph(name string) (*graph.Graph, error) {
	entry, ok := catalog.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("the catalog has no %s", name)
	}
	return entry.Graph()
}

// rows returns a printed table.
func (b evaluatorBench) rows() [][]string {
	rows := [][]string{{"SIMD tier " + b.Tier, fmt.Sprintf("%.1f GFLOP/s peak", b.Peak), "one core"}}
	for _, p := range b.Products {
		rows = append(rows, []string{"  " + p.Use, fmt.Sprintf("%.1f GFLOP/s", p.GFLOPs), fmt.Sprintf("%.0f %% of the peak, %d×%d×%d", 100*p.Share, p.M, p.N, p.K)})
	}
	for _, c := range b.Cells {
		rows = append(rows, []string{"cell of " + c.Task, milliseconds(c.Train + c.Evaluate),
			fmt.Sprintf("%s to train, %s to evaluate, %d allocations", milliseconds(c.Train), milliseconds(c.Evaluate), c.Allocs)})
	}
	rows = append(rows, []string{"verdict on lrml", fmt.Sprintf("%.1f s", b.Verdict), fmt.Sprintf("%d cells of %d tasks and %d seeds", b.Trained, len(evaluator.DefaultTasks()), benchSeeds)})
	for _, s := range b.Screen {
		rows = append(rows, s.row())
	}
	return rows
}

// milliseconds formats CPU seconds.
func milliseconds(seconds float64) string { return fmt.Sprintf("%.1f ms", 1000*seconds) }
