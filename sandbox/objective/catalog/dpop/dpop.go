// Package dpop is dpo-positive: dpo with a penalty where the chosen completion loses probability.
//
//   - Formula: −log σ(β·(h − lambda·relu(−h₊))) where lambda = 5
//   - Paper: Smaug: Fixing Failure Modes of Preference Optimisation with DPO-Positive, arXiv 2402.13228
//   - Betas: 0.3
//
// The paper has lambda 50.
package dpop

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	penalty := b.LogRatioChosen().Neg().ReLU().Mul(objective.Param("lambda", 5))
	return b.Margin().Sub(penalty).Mul(b.Beta).Neg().Softplus()
}
