// Package rdpo is length-regularized dpo: the reward of each token is lowered by alpha.
//
//   - Formula: −log σ(β·h + alpha·(|y₊| − |y₋|)) where alpha = 0.05
//   - Paper: Disentangling Length from Quality in Direct Preference Optimization, arXiv 2403.19159
//   - Betas: 0.01, 0.05, 0.1 (grid of the comparison in arXiv 2405.14734)
package rdpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	excess := b.ChosenLen.Sub(b.RejectedLen).Mul(objective.Param("alpha", 0.05))
	return b.Margin().Mul(b.Beta).Add(excess).Neg().Softplus()
}
