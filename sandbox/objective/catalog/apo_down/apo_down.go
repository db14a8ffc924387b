// Package apo_down is anchored preference optimization: both down, rejected further.
//
//   - Formula: σ(β·h₊) + σ(−β·h)
//   - Paper: Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment, arXiv 2408.06266
//   - Betas: 0.1
package apo_down

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.LogRatioChosen().Mul(b.Beta).Sigmoid()
	rejected := b.Margin().Mul(b.Beta).Neg().Sigmoid()
	return chosen.Add(rejected)
}
