// Package cdpo is conservative dpo: logistic loss with smoothed labels.
//
//   - Formula: (1 − epsilon)·softplus(−β·h) + epsilon·softplus(β·h) with epsilon = 0.1
//   - Paper: A note on DPO with noisy preferences & relationship to IPO, https://ericmitchell.ai/cdpo.pdf
//   - Betas: 0.1 (the default of TRL)
package cdpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	epsilon := objective.Param("epsilon", 0.1)
	right := x.Neg().Softplus()
	wrong := x.Softplus()
	return right.Add(epsilon.Mul(wrong.Sub(right)))
}
