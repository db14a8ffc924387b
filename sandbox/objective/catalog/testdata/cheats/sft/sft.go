// Package sft is supervised fine-tuning on the chosen completion: it ignores the
// preference and the reference.
package sft

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec { return b.PolicyChosen.Neg() }
