// Package cpo is contrastive preference optimization: dpo without the reference.
//
//   - Formula: −log σ(β·(log π(y₊) − log π(y₋)))
//   - Paper: Contrastive Preference Optimization: Pushing the Boundaries of LLM Performance in Machine Translation, arXiv 2401.08417
//   - Betas: 0.1
//
// The preference term of the paper; its likelihood term is left to the trainer.
package cpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.PolicyChosen.Sub(b.PolicyRejected).Mul(b.Beta).Neg().Softplus()
}
