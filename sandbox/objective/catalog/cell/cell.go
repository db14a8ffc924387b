// Package cell is the combined exponential and logistic loss, half each.
//
//   - Formula: exp(−β·h)/2 − log σ(β·h)/2
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package cell

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	return x.Neg().Exp().Scale(0.5).Add(x.Neg().Softplus().Scale(0.5))
}
