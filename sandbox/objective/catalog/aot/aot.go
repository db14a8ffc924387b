// Package aot is alignment by optimal transport, paired: sorted margins of policy against sorted margins of reference.
//
//   - Formula: −log σ(β·(sort(log π(y₊) − log π(y₋)) − sort(log π_ref(y₊) − log π_ref(y₋))))
//   - Paper: Distributional Preference Alignment of LLMs via Optimal Transport, arXiv 2406.05882
//   - Betas: 0.01
package aot

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	policy := b.PolicyChosen.Sub(b.PolicyRejected).Sort()
	reference := b.RefChosen.Sub(b.RefRejected).Sort()
	return policy.Sub(reference).Mul(b.Beta).Neg().Softplus()
}
