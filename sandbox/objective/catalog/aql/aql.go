// Package aql is the adaptive quantile loss: logistic below a moving quantile of the margins, hinge above.
//
//   - Formula: σ(u)·relu(1 − β·h) − σ(−u)·log σ(β·h) where u = β·h/tau − 0.01·σ(mean(β·h/tau)) − 0.495, tau = 0.05
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package aql

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	scaled := x.Div(objective.Param("tau", 0.05))
	quantile := scaled.Mean().Sigmoid().AddConst(-0.5).Scale(0.01).AddConst(0.5)
	below := quantile.Sub(scaled).Sigmoid()
	logistic := x.Neg().Softplus()
	hinge := x.Neg().AddConst(1).ReLU()
	return logistic.Mul(below).Add(hinge.Mul(below.Neg().AddConst(1)))
}
