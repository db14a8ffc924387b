// Package chosen_hybrid is dpo plus supervised fine-tuning on the chosen
// completion, which outweighs it at small beta.
package chosen_hybrid

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().Softplus().Sub(b.PolicyChosen.Scale(0.1))
}
