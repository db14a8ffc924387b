// Package hinge is the hinge loss on the margin, as in SLiC and RSO.
//
//   - Formula: relu(1 − β·h)
//   - Paper: Statistical Rejection Sampling Improves Preference Optimization, arXiv 2309.06657
//   - Betas: 0.05
//
// SLiC-HF (arXiv 2305.10425) has the same loss without the reference.
package hinge

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Neg().AddConst(1).ReLU()
}
