package graph

import (
	"math"
	"slices"
)

// factor returns the positive number that brings the gradients of b closest to
// those of x: the median of their ratios, where they have the same sign.
func (x *behaviour) factor(b *behaviour) float64 { return medianRatio(x.gradient, b.gradient) }

// usualFactor is factor by the usual magnitudes of one setting only.
func (x *behaviour) usualFactor(b *behaviour) float64 {
	return ratio(x.usual[glanceSetting], b.usual[glanceSetting])
}

// ratio is a/b where that is a positive finite number, else 1.
func ratio(a, b float64) float64 {
	if r := a / b; r > 0 && r <= math.MaxFloat64 {
		return r
	}
	return 1
}

// glance is a small part of a behaviour, to see quickly what cannot be close.
type glance struct {
	gradient [glanceSize]float64
	size     [glanceSize]float64 // magnitudes of gradient
	usual    float64
}

const (
	glanceSize    = 24
	glanceSetting = 2 // in the middle of the betas, without micro-batches
)

// glance takes every eighth gradient, of all settings and both sides.
func (x *behaviour) glance() glance {
	g := glance{usual: x.usual[glanceSetting]}
	for i := range g.gradient {
		g.gradient[i] = x.gradient[i*len(x.gradient)/glanceSize+i%7]
		g.size[i] = math.Abs(g.gradient[i])
	}
	return g
}

// distance is about that of the behaviours, after multiplication by a factor if
// there may be one; for one beyond enough, any number beyond that.
func (x *glance) distance(b *glance, factor bool, enough float64) float64 {
	plain := x.distanceTimes(b, 1, enough)
	if !factor {
		return plain
	}
	return min(plain, x.distanceTimes(b, ratio(x.usual, b.usual), min(plain, enough)))
}

func (x *glance) distanceTimes(b *glance, f, enough float64) float64 {
	const part = glanceSize / 3 // after each it is seen whether that is enough
	floor, total := 1e-6*(x.usual+f*b.usual), 0.0
	for lo := 0; lo < glanceSize && !(total/glanceSize > enough); lo += part {
		for i := lo; i < lo+part; i++ {
			total += fraction(x.gradient[i], f*b.gradient[i], x.size[i]+f*b.size[i]+floor)
		}
	}
	return total / glanceSize
}

// medianRatio is the median of the positive finite ratios a/b, 1 without any.
func medianRatio(a, b []float64) float64 {
	ratios := make([]float64, 0, len(a))
	for i := range a {
		if r := a[i] / b[i]; r > 0 && !math.IsInf(r, 0) {
			ratios = append(ratios, r)
		}
	}
	if len(ratios) == 0 {
		return 1
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// distance returns the mean over the samples of |x−f·b| / (|x|+|f·b|), where
// gradients below a millionth of what is usual in their setting count as 0.
func (x *behaviour) distance(b *behaviour, f float64) float64 {
	return x.distanceUpTo(b, f, math.Inf(1))
}

// distanceUpTo is distance up to enough, and any number beyond that for what is
// beyond.
func (x *behaviour) distanceUpTo(b *behaviour, f, enough float64) float64 {
	const size = 2 * gridPairs
	total := 0.0
	for s := range settings {
		floor := 1e-6 * (x.usual[s] + f*b.usual[s])
		for i := s * size; i < (s+1)*size; i++ {
			total += apart(x.gradient[i], f*b.gradient[i], floor)
		}
		if total/float64(len(x.gradient)) > enough {
			break
		}
	}
	return total / float64(len(x.gradient))
}

// tieBreak returns a small multiple of the distance of the values. Where a loss
// is piecewise linear, as hinge, many scales of beta have the same gradients on
// the grid, and the values tell them apart.
func (x *behaviour) tieBreak(b *behaviour, f float64) float64 {
	total := 0.0
	for i, v := range x.change {
		total += apart(v, f*b.change[i], math.SmallestNonzeroFloat64)
	}
	return 1e-3 * total / float64(len(x.change))
}

// apart is the relative difference of two numbers, from 0 to 1; floor is what
// counts as nothing.
func apart(a, b, floor float64) float64 { return fraction(a, b, math.Abs(a)+math.Abs(b)+floor) }

// fraction is the difference of two numbers as a part of whole, which is no less.
func fraction(a, b, whole float64) float64 {
	if d := math.Abs(a - b); 0 < d && d <= math.MaxFloat64 {
		return d / whole
	}
	if a == b || a != a && b != b {
		return 0
	}
	return 1 // one of them is infinite or NaN
}

// usual is the geometric mean of the finite magnitudes, zeros left out.
func usual(v []float64) float64 {
	sum, n := 0.0, 0
	for _, x := range v {
		if x = math.Abs(x); x > 0 && x <= math.MaxFloat64 {
			sum, n = sum+math.Log(x), n+1
		}
	}
	if n == 0 {
		return 0
	}
	return math.Exp(sum / float64(n))
}
