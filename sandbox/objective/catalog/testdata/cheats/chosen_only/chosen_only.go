// Package chosen_only is dpo with the rejected completion left out.
package chosen_only

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.LogRatioChosen().Mul(b.Beta).Neg().Softplus()
}
