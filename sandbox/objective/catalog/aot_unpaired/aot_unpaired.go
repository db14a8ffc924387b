// Package aot_unpaired is alignment by optimal transport, unpaired: sorted chosen against sorted rejected log-ratios.
//
//   - Formula: −log σ(β·(sort(h₊) − sort(h₋)))
//   - Paper: Distributional Preference Alignment of LLMs via Optimal Transport, arXiv 2406.05882
//   - Betas: 0.01
package aot_unpaired

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.LogRatioChosen().Sort()
	rejected := b.LogRatioRejected().Sort()
	return chosen.Sub(rejected).Mul(b.Beta).Neg().Softplus()
}
