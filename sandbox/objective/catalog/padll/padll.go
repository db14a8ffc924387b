// Package padll is the performance adaptive decay logistic loss: dpo with half the weight on pairs ranked wrongly.
//
//   - Formula: −(0.9 − 0.45·[h < 0])·log σ(β·h)
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package padll

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	margin := b.Margin()
	mismatch := margin.LessConst(0)
	decay := mismatch.Scale(-0.5).AddConst(1).Scale(0.9)
	return margin.Mul(b.Beta).Neg().Softplus().Mul(decay)
}
