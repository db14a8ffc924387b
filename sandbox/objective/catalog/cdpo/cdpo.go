// Package cdpo is conservative dpo: logistic loss with smoothed labels.
//
//   - Formula: −(1 − epsilon)·log σ(β·h) − epsilon·log σ(−β·h) where epsilon = 0.1
//   - Paper: A note on DPO with noisy preferences & relationship to IPO, https://ericmitchell.ai/cdpo.pdf
//   - Betas: 0.1 (the default of TRL)
package cdpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	epsilon := objective.Param("epsilon", 0.1)
	keep := epsilon.Neg().AddConst(1)
	right := x.Neg().Softplus().Mul(keep)
	wrong := x.Softplus().Mul(epsilon)
	return right.Add(wrong)
}
