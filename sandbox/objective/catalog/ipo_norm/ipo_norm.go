// Package ipo_norm is identity preference optimization on length-normalized log-ratios.
//
//   - Formula: (h₊/|y₊| − h₋/|y₋| − 1/(2·β))²
//   - Paper: A General Theoretical Paradigm to Understand Learning from Human Preferences, arXiv 2310.12036
//   - Betas: 0.1 (the default of TRL)
//
// TRL divides by the lengths on the advice of the authors of the paper.
package ipo_norm

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	perToken := b.LogRatioChosen().Div(b.ChosenLen).Sub(b.LogRatioRejected().Div(b.RejectedLen))
	target := b.Beta.Scale(2).Reciprocal()
	return perToken.Sub(target).Square()
}
