package graph

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Known is a named objective to compare with.
type Known struct {
	Name  string
	Graph *Graph
}

// Match says which known objective another amounts to: the known one with beta
// multiplied by BetaScale and the loss by Factor.
type Match struct {
	Name      string  `json:"name"`
	BetaScale float64 `json:"beta_scale"`
	Factor    float64 `json:"factor"`
	// Distance is the mean relative difference of their gradients over the grid:
	// 0 where they are the same, 1 where they have nothing in common.
	Distance float64 `json:"distance"`
}

// SameDistance is the distance below which two objectives count as the same.
const SameDistance = 1e-6

// Same reports whether the match is exact, up to rounding.
func (m Match) Same() bool { return m.Distance < SameDistance }

// String words the match, as in "dpo with beta × 0.5".
func (m Match) String() string {
	s := m.Name
	if m.BetaScale != 1 {
		s += fmt.Sprintf(" with beta × %.4g", m.BetaScale)
	}
	if m.Factor != 1 {
		s += fmt.Sprintf(", times %.4g", m.Factor)
	}
	if !m.Same() {
		s = fmt.Sprintf("near %s (distance %.2g)", s, m.Distance)
	}
	return s
}

// Nearest returns the objective in known that g is closest to, after the best
// rescaling of beta and multiplication by a positive factor. Closeness is that
// of the gradients, so additive constants and whatever else training cannot
// notice do not count. A factor other than 1 is used only where it at least
// halves the distance, and beta is not scaled by more than about 8. The error names a graph that is not valid, or says that
// known is empty.
func Nearest(g *Graph, known []Known) (Match, error) {
	if len(known) == 0 {
		return Match{}, fmt.Errorf("graph: nothing to compare with")
	}
	self, err := Compile(g)
	if err != nil {
		return Match{}, err
	}
	starts, err := coarse(self, known)
	if err != nil {
		return Match{}, err
	}
	target := newSampler().observe(self.NewRunner(), 1)
	best := Match{Distance: math.Inf(1)}
	for _, s := range starts {
		if m := s.match(target); m.Distance < best.Distance {
			best = m
		}
		if best.Same() {
			break
		}
	}
	return best, nil
}

// start is a promising known objective and scale of beta.
type start struct {
	name     string
	plan     *Plan
	scale    float64
	distance float64
}

const (
	coarseStep   = 0.5 // of log2 of the scale of beta
	coarseLimit  = 10  // the same: scales from 1/1024 to 1024
	factorLimit  = 3   // the same: scales from 1/8 to 8 may have a factor
	coarseStarts = 4
)

// coarse compares g, with beta divided by each of a range of scales, to every
// known objective, and returns the closest starts, closest first.
func coarse(self *Plan, known []Known) ([]start, error) {
	runner, grid := self.NewRunner(), newSampler()
	var scales []float64
	var stretched []*behaviour
	for e := -float64(coarseLimit); e <= coarseLimit; e += coarseStep {
		scales = append(scales, math.Exp2(e))
		stretched = append(stretched, grid.observe(runner, math.Exp2(-e)))
	}
	var starts []start
	for _, k := range known {
		plan, err := Compile(k.Graph)
		if err != nil {
			return nil, fmt.Errorf("known objective %q: %w", k.Name, err)
		}
		b := grid.observe(plan.NewRunner(), 1)
		distances := make([]float64, len(stretched))
		for i, s := range stretched {
			f := 1.0
			if mayHaveFactor(scales[i]) {
				f = s.roughFactor(b)
			}
			distances[i] = s.distance(b, f)
		}
		for i, d := range distances {
			if scales[i] == 1 || isMinimum(distances, i) {
				starts = append(starts, start{k.Name, plan, scales[i], d})
			}
		}
	}
	slices.SortStableFunc(starts, closer)
	return starts[:min(coarseStarts, len(starts))], nil
}

// mayHaveFactor excludes extreme scales of beta, at which most losses look like
// a multiple of the margin.
func mayHaveFactor(scale float64) bool { return math.Abs(math.Log2(scale)) <= factorLimit }

// closer orders starts by distance; of equal ones, a scale of 1 comes first.
func closer(a, b start) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(math.Abs(math.Log(a.scale)), math.Abs(math.Log(b.scale))))
}

func isMinimum(d []float64, i int) bool {
	return (i == 0 || d[i] < d[i-1]) && (i == len(d)-1 || d[i] <= d[i+1])
}

// match compares target to the known objective at the best scale of beta near
// the start, without a factor and, unless that is the same, with one.
func (s start) match(target *behaviour) Match {
	plain := s.refine(target, func(*behaviour) float64 { return 1 })
	if plain.Same() || !mayHaveFactor(s.scale) {
		return plain
	}
	if scaled := s.refine(target, target.factor); scaled.Distance < plain.Distance/2 {
		return scaled
	}
	return plain
}

// refine finds the scale of beta near the start at which the known objective
// times factor is closest to target.
func (s start) refine(target *behaviour, factor func(*behaviour) float64) Match {
	runner, grid := s.plan.NewRunner(), newSampler()
	at := func(scale float64) (Match, float64) {
		b := grid.observe(runner, scale)
		f := factor(b)
		m := Match{Name: s.name, BetaScale: scale, Factor: f, Distance: target.distance(b, f)}
		return m, m.Distance + target.tieBreak(b, f)
	}
	lo, hi := math.Log2(s.scale)-coarseStep, math.Log2(s.scale)+coarseStep
	e := goldenSection(lo, hi, func(e float64) float64 { _, d := at(math.Exp2(e)); return d })
	best, cost := at(math.Exp2(e))
	for _, scale := range [...]float64{round(best.BetaScale, 4), s.scale} {
		if m, c := at(scale); c <= cost || c < SameDistance {
			best, cost = m, c
		}
	}
	best.BetaScale, best.Factor = round(best.BetaScale, 4), round(best.Factor, 4)
	return best
}

// round keeps so many significant digits.
func round(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// goldenSection returns a point of [lo, hi] near which f has a minimum, to
// within a millionth of the interval.
func goldenSection(lo, hi float64, f func(float64) float64) float64 {
	const ratio, steps = 1 / math.Phi, 29
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
