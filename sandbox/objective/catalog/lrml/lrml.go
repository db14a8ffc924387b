// Package lrml is the log-ratio modulated loss (DiscoPOP): logistic for small margins, exponential for large ones.
//
//   - Formula: σ(β·h/tau)·exp(−β·h) − σ(−β·h/tau)·log σ(β·h) where tau = 0.05
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package lrml

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	mix := x.Div(objective.Param("tau", 0.05)).Sigmoid()
	logistic := x.Neg().Softplus()
	exponential := x.Neg().Exp()
	return logistic.Mul(mix.Neg().AddConst(1)).Add(exponential.Mul(mix))
}
