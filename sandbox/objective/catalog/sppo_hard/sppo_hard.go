// Package sppo_hard is self-play preference optimization with hard labels.
//
//   - Formula: (h₊ − 1/(2·β))² + (h₋ + 1/(2·β))²
//   - Paper: Self-Play Preference Optimization for Language Model Alignment, arXiv 2405.00675
//   - Betas: 0.001
package sppo_hard

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	target := b.Beta.Reciprocal().Scale(0.5)
	win := b.LogRatioChosen().Sub(target).Square()
	lose := b.LogRatioRejected().Add(target).Square()
	return win.Add(lose)
}
