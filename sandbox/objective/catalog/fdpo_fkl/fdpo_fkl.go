// Package fdpo_fkl is f-dpo with the forward KL divergence.
//
//   - Formula: −log σ(β·(exp(−h₋) − exp(−h₊)))
//   - Paper: Beyond Reverse KL: Generalizing Direct Preference Optimization with Diverse Divergence Constraints, arXiv 2309.16240
//   - Betas: 0.1
package fdpo_fkl

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	score := b.LogRatioRejected().Neg().Exp().Sub(b.LogRatioChosen().Neg().Exp())
	return score.Mul(b.Beta).Neg().Softplus()
}
