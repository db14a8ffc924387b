// Package robust is robust dpo: logistic loss unbiased under label flips.
//
//   - Formula: −((1 − epsilon)·log σ(β·h) − epsilon·log σ(−β·h))/(1 − 2·epsilon) where epsilon = 0.1
//   - Paper: Provably Robust DPO: Aligning Language Models with Noisy Feedback, arXiv 2403.00409
//   - Betas: 0.1
package robust

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	epsilon := objective.Param("epsilon", 0.1)
	keep := epsilon.Neg().AddConst(1)
	right := x.Neg().Softplus().Mul(keep)
	wrong := x.Softplus().Mul(epsilon)
	return right.Sub(wrong).Div(keep.Sub(epsilon))
}
