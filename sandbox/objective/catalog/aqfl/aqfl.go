// Package aqfl is the adaptive quantile feedback loss: logistic far from a quantile of the margins, half hinge near it.
//
//   - Formula: σ(−u)·relu(1 − β·h) − σ(u)·log σ(β·h) where u = 0.1·abs(β·h/tau − 0.95·std(β·h/tau)·mean(σ(−β·h/tau)) − 0.05·σ(mean(β·h/tau))), tau = 0.05
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package aqfl

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	scaled := x.Div(objective.Param("tau", 0.05))
	spread := scaled.Std().Mul(scaled.Neg().Sigmoid().Mean())
	quantile := spread.Add(scaled.Mean().Sigmoid().Sub(spread).Scale(0.05))
	mix := scaled.Sub(quantile).Abs().Scale(0.1).Sigmoid()
	logistic := x.Neg().Softplus()
	hinge := x.Neg().AddConst(1).ReLU()
	return logistic.Mul(mix).Add(hinge.Mul(mix.Neg().AddConst(1)))
}
