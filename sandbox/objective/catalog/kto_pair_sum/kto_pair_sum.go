// Package kto_pair_sum is Kahneman–Tversky optimization on pairs: sum of the chosen and the rejected half.
//
//   - Formula: σ(−β·(h₊ − relu(mean(h₋)))) + σ(β·(h₋ − relu(mean(h₊))))
//   - Paper: KTO: Model Alignment as Prospect Theoretic Optimization, arXiv 2402.01306
//   - Betas: 0.1
//
// Each half estimates its KL from the other half, as TRL did for pairs.
package kto_pair_sum

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen, rejected := b.LogRatioChosen(), b.LogRatioRejected()
	chosenKL := chosen.Mean().ClampMin(0)
	rejectedKL := rejected.Mean().ClampMin(0)
	gain := chosen.Sub(rejectedKL).Mul(b.Beta).Sigmoid()
	relief := chosenKL.Sub(rejected).Mul(b.Beta).Sigmoid()
	return gain.Neg().AddConst(1).Add(relief.Neg().AddConst(1))
}
