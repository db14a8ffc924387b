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
		next := func(t *trial) ([]float64, error) { return t.beyond(v.effort.Budgets) }
		trained, err := v.more(ctx, stage, trials, next, func(t *trial, c Cell) { t.extended = append(t.extended, c) })
		if err != nil || trained == 0 {
			return err
		}
	}
	return nil
}

// beyond returns the beta, as trained, to try next for the budgets that the
// cells miss; none if there is none worth trying. KL falls as beta grows, for
// losses with which it does anything.
func (t *trial) beyond(budgets []float64) ([]float64, error) {
	cells := slices.SortedFunc(slices.Values(slices.Concat(t.cells, t.extended)), func(a, b Cell) int { return cmp.Compare(a.Beta, b.Beta) })
	least, most, learns := math.Inf(1), 0.0, false
	for _, c := range cells {
		if !c.BlewUp {
			least, most, learns = min(least, c.KL), max(most, c.KL), learns || c.Reward > t.baseline.Reference
		}
	}
	if len(cells) < 2 || !learns {
		return nil, nil
	}
	low, high, err := t.budgetRange(budgets)
	if err != nil {
		return nil, err
	}
	first, last := cells[:2], cells[len(cells)-2:]
	switch tooMuch := least > low*(1+near); {
	case tooMuch && falling(last[0], last[1]):
		return []float64{last[1].Beta * extendFactor}, nil
	case !tooMuch && most < high*(1-near) && falling(first[0], first[1]):
		return []float64{first[0].Beta / extendFactor}, nil
	}
	return nil, nil
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
