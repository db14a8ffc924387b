package main

import (
	"context"
	"fmt"

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

// verdictCells is what a full verdict trains: 7 betas of 3 seeds, on each of the
// two tasks of the fitness.
const verdictCells = 7 * 3

// evaluatorBench is what the evaluator costs on one core of this machine.
type evaluatorBench struct {
	Tier     string         `json:"tier"`
	Peak     float64        `json:"peak_gflops"` // fused multiply-adds in registers
	Products []productBench `json:"products"`
	Cells    []proxy.Cost   `json:"cells"`
	Verdict  float64        `json:"verdict_seconds"` // 42 cells
}

type productBench struct {
	kernel.Product
	GFLOPs float64 `json:"gflops"`
	Share  float64 `json:"share_of_peak"`
}

func benchEvaluator(ctx context.Context) (evaluatorBench, error) {
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
		if task != "bandit" {
			b.Verdict += verdictCells * (cost.Train + cost.Evaluate)
		}
	}
	return b, nil
}

func dpoPlan() (*graph.Plan, error) {
	dpo, _ := catalog.Lookup("dpo")
	g, err := dpo.Graph()
	if err != nil {
		return nil, err
	}
	return graph.Compile(g)
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
	return append(rows, []string{"verdict", fmt.Sprintf("%.1f s", b.Verdict), fmt.Sprintf("%d cells", 2*verdictCells)})
}

// milliseconds formats CPU seconds.
func milliseconds(seconds float64) string { return fmt.Sprintf("%.1f ms", 1000*seconds) }
