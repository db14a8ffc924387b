// Package nca_pair is noise contrastive alignment for pairs.
//
//   - Formula: −log σ(β·h₊) − log σ(−β·h₊)/2 − log σ(−β·h₋)/2
//   - Paper: Noise Contrastive Alignment of Language Models with Explicit Rewards, arXiv 2402.05369
//   - Betas: 0.01
package nca_pair

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.LogRatioChosen().Mul(b.Beta)
	rejected := b.LogRatioRejected().Mul(b.Beta)
	attract := chosen.Neg().Softplus()
	repel := chosen.Softplus().Add(rejected.Softplus()).Scale(0.5)
	return attract.Add(repel)
}
