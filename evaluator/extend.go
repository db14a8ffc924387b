package evaluator

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// How a sweep that misses a budget is extended. Four steps reach betas of 256
// and 1/25,600, beyond those of every known loss.
const (
	extendFactor = 4
	extendSteps  = 4
	// extendChange is the least relative change of KL from one beta to the next
	// at which it is worth going on.
	extendChange = .02
)

// extend trains trials at betas beyond the effort's, a factor of 4 at a time,
// for as long as a budget lies outside the KL they spend and another beta brings
// it nearer. Without it a loss that counts beta in other units than dpo is judged
// by its units: dpo at a sixty-fourth of beta would lose half of dpo's gain.
func (v *evaluation) extend(ctx context.Context, stage string, trials []trial) error {
	for range extendSteps {
		var jobs []job
		var owners []*trial
		for i := range trials {
			t := &trials[i]
			beta, ok, err := t.beyond(v.effort.Budgets)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			instance, info, err := v.instance(ctx, t.baseline.Task, t.baseline.Seed)
			if err != nil {
				return err
			}
			jobs = append(jobs, sweepJobs(v.hash, t.baseline.Task, info, instance, t.baseline.Seed, []float64{beta})...)
			owners = append(owners, t)
		}
		if len(jobs) == 0 {
			return nil
		}
		v.expect(len(jobs))
		cells, err := v.train(ctx, v.plan, jobs, v.memo, v.report(stage, false))
		if err != nil {
			return err
		}
		for i, cell := range cells {
			owners[i].extended = append(owners[i].extended, cell)
		}
	}
	return nil
}

// beyond returns the beta, as trained, to try next for the budgets that the
// cells miss. KL falls as beta grows, for losses with which it does anything.
func (t *trial) beyond(budgets []float64) (beta float64, ok bool, err error) {
	cells := slices.SortedFunc(slices.Values(slices.Concat(t.cells, t.extended)), func(a, b Cell) int { return cmp.Compare(a.Beta, b.Beta) })
	least, most, learns := math.Inf(1), 0.0, false
	for _, c := range cells {
		if !c.BlewUp {
			least, most, learns = min(least, c.KL), max(most, c.KL), learns || c.Reward > t.baseline.Reference
		}
	}
	if len(cells) < 2 || !learns {
		return 0, false, nil
	}
	low, high, err := t.budgetRange(budgets)
	if err != nil {
		return 0, false, err
	}
	n := len(cells)
	switch first, last := cells[:2], cells[n-2:]; {
	case least > low*(1+near):
		return last[1].Beta * extendFactor, falling(last[0], last[1]), nil
	case most < high*(1-near):
		return first[0].Beta / extendFactor, falling(first[0], first[1]), nil
	}
	return 0, false, nil
}

// falling reports whether KL falls from the cell at the smaller beta to that at
// the larger.
func falling(smaller, larger Cell) bool {
	return !smaller.BlewUp && !larger.BlewUp && larger.KL < smaller.KL*(1-extendChange)
}

// budgetRange is the least and the most KL that dpo spends at the budgets.
func (t *trial) budgetRange(budgets []float64) (low, high float64, err error) {
	low = math.Inf(1)
	for _, beta := range budgets {
		spent, err := t.baseline.cell(beta)
		if err != nil {
			return 0, 0, err
		}
		low, high = min(low, spent.KL), max(high, spent.KL)
	}
	return low, high, nil
}
