// Package truncated_quadratic is the squared hinge loss on the margin.
//
//   - Formula: relu(1 − β·h)²
//   - Paper: Generalized Preference Optimization: A Unified Approach to Offline Alignment, arXiv 2402.05749
//   - Betas: 0.1 (not fixed by the paper)
package truncated_quadratic

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().AddConst(1).ReLU().Square()
}
