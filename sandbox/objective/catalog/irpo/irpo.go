// Package irpo is iterative reasoning preference optimization: dpo plus likelihood per token of the chosen completion.
//
//   - Formula: −log σ(β·h) − alpha·log π(y₊)/|y₊| where alpha = 1
//   - Paper: Iterative Reasoning Preference Optimization, arXiv 2404.19733
//   - Betas: 0.1
package irpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	alpha := objective.Param("alpha", 1)
	likelihood := b.PolicyChosen.Div(b.ChosenLen)
	return b.Margin().Mul(b.Beta).Neg().Softplus().Sub(likelihood.Mul(alpha))
}
