// Package fdpo_jsd is f-dpo with the Jensen–Shannon divergence.
//
//   - Formula: −log σ(β·(log σ(h₊) − log σ(h₋)))
//   - Paper: Beyond Reverse KL: Generalizing Direct Preference Optimization with Diverse Divergence Constraints, arXiv 2309.16240
//   - Betas: 0.1
package fdpo_jsd

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	score := b.LogRatioChosen().LogSigmoid().Sub(b.LogRatioRejected().LogSigmoid())
	return score.Mul(b.Beta).Neg().Softplus()
}
