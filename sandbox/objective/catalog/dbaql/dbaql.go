// Package dbaql is the dynamic blended adaptive quantile loss: logistic and exponential, mixed by the variance of the margins.
//
//   - Formula: σ(−u)·exp(−temperature·β·h) − σ(u)·log σ(β·h/temperature) where u = var(β·h/tau), temperature = 0.9, tau = 0.05
//   - Paper: Discovering Preference Optimization Algorithms with and for Large Language Models, arXiv 2406.08414
//   - Betas: 0.025, 0.05, 0.1, 0.25, 0.5, 1
package dbaql

import "github.com/objdisco/discover/sandbox/objective"

// Loss returns the loss of each pair.
func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta)
	temperature := objective.Param("temperature", 0.9)
	mix := x.Div(objective.Param("tau", 0.05)).Var().Sigmoid()
	logistic := x.Div(temperature).Neg().Softplus()
	exponential := x.Mul(temperature).Neg().Exp()
	return logistic.Mul(mix).Add(exponential.Mul(mix.Neg().AddConst(1)))
}
