// Package sigmoid_norm is length-normalized dpo: logistic loss on log-ratios per token.
//
//   - Formula: −log σ(β·(h₊/|y₊| − h₋/|y₋|))
//   - Paper: Tulu 3: Pushing Frontiers in Open Language Model Post-Training, arXiv 2411.15124
//   - Betas: 5
package sigmoid_norm

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	perToken := b.LogRatioChosen().Div(b.ChosenLen).Sub(b.LogRatioRejected().Div(b.RejectedLen))
	return perToken.Mul(b.Beta).Neg().Softplus()
}
