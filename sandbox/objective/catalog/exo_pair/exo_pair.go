// Package exo_pair is efficient exact optimization: reverse KL to smoothed labels, two completions.
//
//   - Formula: σ(β·h)·(log σ(β·h) − log(1 − epsilon)) + σ(−β·h)·(log σ(−β·h) − log(epsilon)) where epsilon = 0.1
//   - Paper: Towards Efficient and Exact Optimization of Language Model Alignment, arXiv 2402.00856
//   - Betas: 0.1
package exo_pair

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	epsilon := objective.Param("epsilon", 0.1)
	right := x.Sigmoid().Mul(x.LogSigmoid().Sub(epsilon.Neg().Log1p()))
	wrong := x.Neg().Sigmoid().Mul(x.Neg().LogSigmoid().Sub(epsilon.Log()))
	return right.Add(wrong)
}
