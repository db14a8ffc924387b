package evaluator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// Baseline is dpo on one task and seed: what every objective is compared with.
type Baseline struct {
	Task      string  `json:"task"`
	Seed      uint64  `json:"seed"`
	BetaScale float64 `json:"beta_scale"` // the task trains at this multiple of an effort's betas
	Reference float64 `json:"reference"`  // the reference's reward
	Cells     []Cell  `json:"cells"`      // the dense grid and the budgets, ascending in beta
}

// cell finds what dpo did at a beta of the effort.
func (b Baseline) cell(beta float64) (Cell, error) {
	for _, c := range b.Cells {
		if c.Beta != beta*b.BetaScale {
			continue
		}
		if c.BlewUp {
			return c, fmt.Errorf("task %q, seed %d: dpo blew up at beta %g, so there is nothing to compare with", b.Task, b.Seed, c.Beta)
		}
		return c, nil
	}
	return Cell{}, fmt.Errorf("task %q, seed %d: no baseline at beta %g", b.Task, b.Seed, beta)
}

// denseBetas is the grid of dpo's frontier: the default sweep with one beta in
// each gap of a factor of 2 and two in each gap of 2.5, evenly in the
// logarithm, so that neighbours differ by a factor of 1.36 to 1.41.
var denseBetas = []float64{
	.01, .01357, .01842, .025, .03536, .05, .07071, .1,
	.1357, .1842, .25, .3536, .5, .7071, 1,
}

// baselineBetas is the dense grid and the budgets, ascending.
func baselineBetas(budgets []float64) []float64 {
	betas := slices.Concat(denseBetas, budgets)
	slices.Sort(betas)
	return slices.Compact(betas)
}

// dpo is the baseline objective, −log σ(β·margin) (Rafailov et al. 2023,
// arXiv 2305.18290, equation 7).
func dpo() *graph.Graph {
	return &graph.Graph{Version: graph.Version, Output: 10, Nodes: []graph.Node{
		{Op: graph.PolicyChosen},
		{Op: graph.RefChosen},
		{Op: graph.Sub, Args: []int{0, 1}},
		{Op: graph.PolicyRejected},
		{Op: graph.RefRejected},
		{Op: graph.Sub, Args: []int{3, 4}},
		{Op: graph.Sub, Args: []int{2, 5}},
		{Op: graph.Beta},
		{Op: graph.Mul, Args: []int{6, 7}},
		{Op: graph.LogSigmoid, Args: []int{8}},
		{Op: graph.Neg, Args: []int{9}},
	}}
}

// baselineKey says everything a stored baseline depends on.
func baselineKey(identity, objective string, seed uint64, betas []float64) string {
	return fmt.Sprintf("baseline 1\n%s\n%s\nseed %d\nbetas %v", identity, objective, seed, betas)
}

// storedBaseline reads a baseline from the cache. Besides being undamaged, it
// must be what this program would compute: one of its cells is trained again
// and must come out bit for bit, which no cache of an older program does whose
// tasks have since changed without a new version.
func (e *Evaluator) storedBaseline(ctx context.Context, key string, plan *graph.Plan, jobs []job) (Baseline, bool) {
	data, ok := e.Cache.Load(key)
	if !ok {
		return Baseline{}, false
	}
	var b Baseline
	if err := json.Unmarshal(data, &b); err != nil || len(b.Cells) != len(jobs) {
		return Baseline{}, false
	}
	middle := len(jobs) / 2
	again, err := e.train(ctx, plan, jobs[middle:middle+1], nil, func(Cell, bool) {})
	if err != nil {
		return Baseline{}, false
	}
	again[0].Seconds = b.Cells[middle].Seconds
	return b, again[0] == b.Cells[middle]
}

// storeBaseline may fail: that loses time in the next process, nothing else.
func (c *Cache) storeBaseline(key string, b Baseline) {
	if data, err := json.Marshal(b); err == nil {
		_ = c.Store(key, data)
	}
}
