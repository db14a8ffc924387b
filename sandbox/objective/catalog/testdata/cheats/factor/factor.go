// Package factor is dpo times a huge constant, so that every gradient is
// clipped.
package factor

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().Softplus().Scale(1e6)
}
