// Package linear is minus the margin: nothing stops the policy from leaving the
// reference.
package linear

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).Neg() }
