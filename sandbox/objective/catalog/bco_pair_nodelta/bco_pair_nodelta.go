// Package bco_pair_nodelta is binary classifier optimization for pairs, without the reward shift.
//
//   - Formula: −log σ(β·h₊) − log σ(−β·h₋)
//   - Paper: Binary Classifier Optimization for Large Language Model Alignment, arXiv 2404.04656
//   - Betas: 0.01
//
// The paper shifts both rewards by their running mean, which is state that a loss cannot keep.
package bco_pair_nodelta

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.LogRatioChosen().Mul(b.Beta)
	rejected := b.LogRatioRejected().Mul(b.Beta)
	return chosen.Neg().Softplus().Add(rejected.Softplus())
}
