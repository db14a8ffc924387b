package graph

import (
	"math"
	"slices"
	"strconv"
)

// match compares target to the known objective, which known runs, at the best scale of
// beta near the start.
func (s start) match(target *behaviour, known *Runner) Match {
	if s.factor == 1 {
		return s.refine(target, known, func(*behaviour) float64 { return 1 })
	}
	return s.refine(target, known, target.factor)
}

const (
	quickSteps = 6    // of the search for the best scale: to a hundredth of an octave
	wholeSteps = 29   // to a millionth of the interval
	promising  = 0.02 // the distance below which the whole search is worth it
)

// refine finds the scale of beta near the start at which the known objective
// times factor is closest to target.
func (s start) refine(target *behaviour, known *Runner, factor func(*behaviour) float64) Match {
	b := &behaviour{}
	at := func(scale float64) (Match, float64) {
		b.observe(known, scale, nil)
		f := factor(b)
		m := Match{Name: s.family.name, BetaScale: scale, Factor: f, Distance: target.distance(b, f)}
		return m, m.Distance + target.tieBreak(b, f)
	}
	cost := func(e float64) float64 { _, d := at(math.Exp2(e)); return d }
	best, least := at(s.scale())
	lo, hi := s.neighbours()
	try := func(scale, enough float64) {
		if m, c := at(scale); c <= max(least, enough) {
			best, least = m, c
		}
	}
	if least > 0 {
		try(math.Exp2(goldenSection(lo, hi, quickSteps, cost)), 0)
	}
	if least > 0 && least < promising {
		try(math.Exp2(goldenSection(lo, hi, wholeSteps, cost)), 0)
		try(round(best.BetaScale, 4), SameDistance)
	}
	return best
}

// withViews returns the distance of a match, over the views of target, whose
// objective is that of r, and of the known objective as well.
func (s start) withViews(m Match, target *behaviour, r, known *Runner) float64 {
	seen := target.beyond
	for _, v := range s.family.views {
		if !slices.ContainsFunc(seen, func(u under) bool { return u.view == v }) {
			seen = append(seen, under{v, v.observe(r, 1, nil)})
		}
	}
	total := m.Distance
	for _, u := range seen {
		total += u.seen.distance(u.observe(known, m.BetaScale, nil), m.Factor)
	}
	return total / float64(1+len(seen))
}

// neighbours returns log2 of the scales on either side of the start.
func (s start) neighbours() (lo, hi float64) {
	points := s.family.points
	return points[max(0, s.at-1)].octave, points[min(s.at+1, len(points)-1)].octave
}

// round keeps so many significant digits.
func round(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// goldenSection returns a point of [lo, hi] near which f has a minimum, to within
// 1.62^−steps of the interval.
func goldenSection(lo, hi float64, steps int, f func(float64) float64) float64 {
	const ratio = 1 / math.Phi
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range steps {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
