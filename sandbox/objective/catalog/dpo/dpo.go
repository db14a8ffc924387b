// Package dpo is direct preference optimization: logistic loss on the margin.
//
//   - Formula: −log σ(β·h)
//   - Paper: Direct Preference Optimization: Your Language Model is Secretly a Reward Model, arXiv 2305.18290
//   - Betas: 0.05, 0.1, 0.5, 1, 5
package dpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).LogSigmoid().Neg()
}
