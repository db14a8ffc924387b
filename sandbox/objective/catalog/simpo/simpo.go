// Package simpo is simple preference optimization: log-probabilities per token, no reference, a target margin.
//
//   - Formula: −log σ(β·(log π(y₊)/|y₊| − log π(y₋)/|y₋|) − gamma) where gamma = 0.5
//   - Paper: SimPO: Simple Preference Optimization with a Reference-Free Reward, arXiv 2405.14734
//   - Betas: 2, 2.5
package simpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	perToken := b.PolicyChosen.Div(b.ChosenLen).Sub(b.PolicyRejected.Div(b.RejectedLen))
	gamma := objective.Param("gamma", 0.5)
	return perToken.Mul(b.Beta).Sub(gamma).Neg().Softplus()
}
