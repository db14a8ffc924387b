package kernel

import "math"

// Adam holds the scalars of one Adam step (Kingma and Ba, arXiv 1412.6980, algorithm 1).
type Adam struct {
	Rate        float64 // learning rate of this step
	Beta1       float64 // decay of the first moment
	Beta2       float64 // decay of the second moment
	Epsilon     float64 // added to the corrected root of the second moment
	Correction1 float64 // 1 − Beta1ᵗ for the t-th step, t from 1
	Correction2 float64 // 1 − Beta2ᵗ
	GradScale   float64 // factor on the gradient, for clipping; 1 for none
}

// Step updates param and the two moments, all of the same length, from grad:
// with g = GradScale·grad, m = Beta1·m + (1−Beta1)·g, v = Beta2·v + (1−Beta2)·g²,
// param −= Rate · (m/Correction1) / (√(v/Correction2) + Epsilon).
func (s Adam) Step(param, grad, m, v []float32) {
	n := len(param)
	checkLen("grad", grad, n)
	checkLen("m", m, n)
	checkLen("v", v, n)
	factors := adamFactors{
		gradScale: float32(s.GradScale),
		keep1:     float32(s.Beta1), take1: float32(1 - s.Beta1),
		keep2: float32(s.Beta2), take2: float32(1 - s.Beta2),
		rate:    float32(s.Rate / s.Correction1),
		root:    float32(1 / math.Sqrt(s.Correction2)),
		epsilon: float32(s.Epsilon),
	}
	active().adamStep(param, grad, m, v, &factors)
}

// adamFactors is an Adam step with its constants folded, in the order that the
// assembly reads them.
type adamFactors struct {
	gradScale, keep1, take1, keep2, take2, rate, root, epsilon float32
}
