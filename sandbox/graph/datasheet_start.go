package graph

import (
	"math"
	"sync"
)

// firstStep measures the gradient where the policy is the reference.
func firstStep(r *Runner) Start {
	var slopes, chosen, rejected []float64
	for _, beta := range shapeBetas {
		c, j := atReference(r, beta, 0)
		for i := range c {
			slopes = append(slopes, (c[i]-j[i])/2)
		}
		chosen, rejected = append(chosen, c...), append(rejected, j...)
	}
	at := func(offset float64) *float64 {
		c, j := atReference(r, datasheetBeta, offset)
		sum := 0.0
		for i := range c {
			sum += (c[i] - j[i]) / 2
		}
		return finite(round(sum/float64(len(c)), 6))
	}
	return Start{
		Direction: oneOf(slopes, "right", "none", "wrong"),
		Slope:     at(0), SlopeLeft: at(-1e-7), SlopeRight: at(1e-7),
		Chosen:   oneOf(chosen, "up", "still", "down"),
		Rejected: oneOf(rejected, "up", "still", "down"),
	}
}

// referenceGrid is the grid before training: all log-ratios are 0.
var referenceGrid = sync.OnceValue(func() *Batch { return gridOf(gridPairs, 0) })

// atReference returns the gradients, per unit of beta times the log-probability,
// of pairs with different references whose margin times beta is offset.
func atReference(r *Runner, beta, offset float64) (chosen, rejected []float64) {
	b := r.scratch.copyOf(referenceGrid())
	for i := range gridPairs {
		b.PolicyChosen[i] += offset / beta / 2
		b.PolicyRejected[i] -= offset / beta / 2
	}
	b.Beta, b.Progress = beta, 0
	res := r.look(b, 2)
	chosen, rejected = make([]float64, 0, gridPairs), make([]float64, 0, gridPairs)
	for i := range gridPairs {
		chosen = append(chosen, res.GradChosen[i]*gridPairs/beta)
		rejected = append(rejected, res.GradRejected[i]*gridPairs/beta)
	}
	return chosen, rejected
}

// oneOf names the sign of v, zeros left out.
func oneOf(v []float64, negative, zero, positive string) string {
	const noise = 1e-12
	below, above, undefined := 0, 0, 0
	for _, x := range v {
		switch {
		case x < -noise:
			below++
		case x > noise:
			above++
		case math.IsNaN(x):
			undefined++
		}
	}
	switch {
	case undefined > 0 || below > 0 && above > 0:
		return "varies"
	case below > 0:
		return negative
	case above > 0:
		return positive
	}
	return zero
}

// finite returns a pointer to x, or nil for infinities and NaN, which JSON does
// not have.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
