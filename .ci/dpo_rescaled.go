package candidate

import "objective"

// Loss is dpo with a quarter of beta: the fitness must call it the same as dpo.
func Loss(b objective.Batch) objective.Vec {
	return b.Margin().Mul(b.Beta).Scale(0.25).LogSigmoid().Neg()
}
