// Package pfl is the policy focused loss: half logistic where the policy ranks the pair rightly, twice hinge elsewhere.
//
//   - Formula: where(log π(y₊) > log π(y₋), −log σ(β·h)/2, 2·relu(1 − β·h))
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package pfl

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	right := b.PolicyChosen.Greater(b.PolicyRejected)
	logistic := x.Neg().Softplus().Scale(0.5)
	hinge := x.Neg().AddConst(1).ReLU().Scale(2)
	return objective.Where(right, logistic, hinge)
}
