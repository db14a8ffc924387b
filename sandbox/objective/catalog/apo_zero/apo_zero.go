// Package apo_zero is anchored preference optimization: chosen up, rejected down.
//
//   - Formula: σ(−β·h₊) + σ(β·h₋)
//   - Paper: Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment, arXiv 2408.06266
//   - Betas: 0.1
package apo_zero

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.LogRatioChosen().Mul(b.Beta).Neg().Sigmoid()
	rejected := b.LogRatioRejected().Mul(b.Beta).Sigmoid()
	return chosen.Add(rejected)
}
