package evaluator

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// refine trains every trial at the betas that spend the budgets, so that the
// frontier is read where it was measured. Without it the cubic between betas
// that differ by a factor of 2 or 2.5 is wrong by .0015 in reward on
// reviews-flip, where frontiers are wavy: enough to tell dpo from dpo at another
// scale. With it the error is below .0001.
func (v *evaluation) refine(ctx context.Context, stage string, trials []trial) error {
	var jobs []job
	var owners []*trial
	for i := range trials {
		own, err := v.refinement(ctx, &trials[i])
		if err != nil {
			return err
		}
		jobs = append(jobs, own...)
		owners = append(owners, slices.Repeat([]*trial{&trials[i]}, len(own))...)
	}
	v.expect(len(jobs))
	cells, err := v.train(ctx, v.plan, jobs, v.memo, v.report(stage, false))
	for i, cell := range cells {
		owners[i].refined = append(owners[i].refined, cell)
	}
	return err
}

func (v *evaluation) refinement(ctx context.Context, t *trial) ([]job, error) {
	betas, err := t.onBudgets(v.effort.Budgets)
	if err != nil {
		return nil, err
	}
	task, seed := t.baseline.Task, t.baseline.Seed
	instance, info, err := v.instance(ctx, task, seed)
	if err != nil {
		return nil, err
	}
	return sweepJobs(v.hash, task, info, instance, seed, betas), nil
}

// onBudgets returns the betas, as trained, at which the objective should spend
// just the budgets, as far as its sweep brackets them.
func (t *trial) onBudgets(budgets []float64) ([]float64, error) {
	cells := slices.DeleteFunc(slices.Concat(t.cells, t.extended), func(c Cell) bool { return c.BlewUp })
	slices.SortFunc(cells, func(a, b Cell) int { return cmp.Compare(a.KL, b.KL) })
	var betas []float64
	for _, budget := range budgets {
		spent, err := t.baseline.cell(budget)
		if err != nil {
			return nil, err
		}
		if beta, ok := betaSpending(cells, spent.KL); ok && !slices.Contains(betas, beta) {
			betas = append(betas, beta)
		}
	}
	return betas, nil
}

// near is the relative distance in KL within which a cell lies on a budget.
const near = 2e-3

// betaSpending interpolates log β in √KL between the two cells, ascending in
// KL, that bracket kl. It is false if no two do, or if one lies there already.
func betaSpending(cells []Cell, kl float64) (float64, bool) {
	for i := 1; i < len(cells); i++ {
		a, b := cells[i-1], cells[i]
		if kl < a.KL || kl > b.KL {
			continue
		}
		if kl < a.KL*(1+near) || kl > b.KL*(1-near) {
			return 0, false
		}
		share := (math.Sqrt(kl) - math.Sqrt(a.KL)) / (math.Sqrt(b.KL) - math.Sqrt(a.KL))
		return a.Beta * math.Pow(b.Beta/a.Beta, share), true
	}
	return 0, false
}
