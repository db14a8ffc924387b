// Package savage is the Savage loss: squared probability of ranking the pair wrongly.
//
//   - Formula: σ(−β·h)²
//   - Paper: Generalized Preference Optimization: A Unified Approach to Offline Alignment, arXiv 2402.05749
//   - Betas: 0.1 (not fixed by the paper)
package savage

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().Sigmoid().Square()
}
