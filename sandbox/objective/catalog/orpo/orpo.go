// Package orpo is odds ratio preference optimization: likelihood of the chosen completion and log odds ratio, no reference.
//
//   - Formula: −log π(y₊)/|y₊| − β·log σ(log(1 − exp(log π(y₋)/|y₋|)) − log π(y₋)/|y₋| + log π(y₊)/|y₊| − log(1 − exp(log π(y₊)/|y₊|)))
//   - Paper: ORPO: Monolithic Preference Optimization without Reference Model, arXiv 2403.07691
//   - Betas: 0.1
//
// Beta is the weight that the paper calls lambda; a smaller one does not loosen a pull towards a reference.
package orpo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	chosen := b.PolicyChosen.Div(b.ChosenLen)
	rejected := b.PolicyRejected.Div(b.RejectedLen)
	logOddsChosen := chosen.Sub(chosen.Exp().Neg().Log1p())
	logOddsRejected := rejected.Sub(rejected.Exp().Neg().Log1p())
	penalty := logOddsRejected.Sub(logOddsChosen).Softplus()
	return penalty.Mul(b.Beta).Sub(chosen)
}
