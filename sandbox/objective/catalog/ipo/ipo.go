// Package ipo is identity preference optimization: regress the margin to 1/(2β).
//
//   - Formula: (h − 1/(2·β))²
//   - Paper: A General Theoretical Paradigm to Understand Learning from Human Preferences, arXiv 2310.12036
//   - Betas: 0.1 (the default of TRL)
package ipo

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	target := b.Beta.Scale(2).Reciprocal()
	return b.Margin().Sub(target).Square()
}
