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
	// Distance is the mean relative difference of their gradients over the grid, and
	// in equal parts over each view that one of them needs (steps, lengths, betas,
	// far pairs): 0 where they are the same, 1 where they have nothing in common.
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

// Library is a set of known objectives to compare with, their behaviour sampled
// beforehand over a range of scales of beta. It is safe for concurrent use.
type Library struct{ families []family }

// family is a known objective at every scale of beta.
type family struct {
	name   string
	plan   *Plan
	points []point // ascending in scale
	views  []*view // where it does what the grid has not seen
}

// point is a known objective with beta multiplied by 2^octave.
type point struct {
	octave float64
	seen   *behaviour
	glance
}

const (
	coarseStep  = 0.5   // of log2 of the scale of beta, at which every family is looked at
	fineStep    = 0.125 // the same, for those that look close
	coarseLimit = 10    // the same: scales from 1/1024 to 1024
	factorLimit = 3     // the same: scales from 1/8 to 8 may have a factor, and fine steps
	starts      = 8     // coarse points that are looked at finely
)

// NewLibrary samples the known objectives, which takes a few milliseconds for each.
// The error names a graph that is not valid.
func NewLibrary(known []Known) (*Library, error) {
	l, grid := &Library{}, newSampler()
	for _, k := range known {
		plan, err := Compile(k.Graph)
		if err != nil {
			return nil, fmt.Errorf("known objective %q: %w", k.Name, err)
		}
		f, runner := family{name: k.Name, plan: plan}, plan.NewRunner()
		for _, u := range grid.observeAll(runner).beyond {
			f.views = append(f.views, u.view)
		}
		for _, e := range octaves() {
			seen := grid.observe(runner, math.Exp2(e))
			f.points = append(f.points, point{e, seen, seen.glance()})
		}
		l.families = append(l.families, f)
	}
	return l, nil
}

// octaves are log2 of the scales that a library samples.
func octaves() []float64 {
	var out []float64
	for e := -float64(coarseLimit); e <= coarseLimit; {
		out = append(out, e)
		if e >= -factorLimit && e < factorLimit {
			e += fineStep
		} else {
			e += coarseStep
		}
	}
	return out
}

// Nearest returns the objective of the library that g is closest to, after the best
// rescaling of beta and multiplication by a positive factor. Closeness is that of
// the gradients, so additive constants and whatever else training cannot notice do
// not count. A factor other than 1 is used only where it at least halves the
// distance, and only where beta is not scaled by more than 8. The error names a
// graph that is not valid, or says that the library is empty.
func (l *Library) Nearest(g *Graph) (Match, error) {
	s, err := NewStudy(g)
	if err != nil {
		return Match{}, err
	}
	return l.NearestTo(s)
}

// NearestTo is Nearest for a graph that is being studied. The error says that the
// library is empty.
func (l *Library) NearestTo(s *Study) (Match, error) {
	if len(l.families) == 0 {
		return Match{}, fmt.Errorf("graph: nothing to compare with")
	}
	target := s.behaviour()
	closest := l.closest(target)
	m := closest.match(target)
	m.Distance = closest.withViews(m, target, s.runner)
	m.BetaScale, m.Factor = round(m.BetaScale, 4), round(m.Factor, 4)
	return m, nil
}

// start is a point of a family that may be close.
type start struct {
	family *family
	at     int // index of the point
	factor float64
	cost   float64
}

func (s start) scale() float64 { return math.Exp2(s.family.points[s.at].octave) }

// closest looks at every family coarsely, and around the best points finely.
func (l *Library) closest(target *behaviour) start {
	best := start{cost: math.Inf(1)}
	const around = int(coarseStep / fineStep)
	for _, c := range l.coarse(target.glance()) {
		for at := max(0, c.at-around); at <= min(c.at+around, len(c.family.points)-1); at++ {
			if s := c.family.look(target, at, best.cost); closer(s, best) < 0 {
				best = s
			}
		}
	}
	return best
}

// coarse returns the points that look closest at a glance, closest first.
func (l *Library) coarse(glance glance) []start {
	best := make([]start, 0, starts+1)
	enough := l.enough(glance)
	for i := range l.families {
		f := &l.families[i]
		for at := range f.points {
			p := &f.points[at]
			if e := p.octave / coarseStep; e != math.Trunc(e) {
				continue
			}
			s := start{family: f, at: at, cost: glance.distance(&p.glance, p.mayHaveFactor(), enough)}
			if s.cost > enough || len(best) == starts && closer(s, best[starts-1]) >= 0 {
				continue
			}
			place, _ := slices.BinarySearchFunc(best, s, closer)
			best = slices.Insert(best, place, s)
			if len(best) >= starts {
				best = best[:starts]
				enough = best[starts-1].cost
			}
		}
	}
	return best
}

// enough returns a distance at a glance within which there are as many points as
// coarse returns, if the library has as many objectives.
func (l *Library) enough(glance glance) float64 {
	if len(l.families) < starts {
		return math.Inf(1)
	}
	var plain []float64
	for i := range l.families {
		p := &l.families[i].points
		plain = append(plain, glance.distance(&(*p)[len(*p)/2].glance, true, math.Inf(1)))
	}
	slices.Sort(plain)
	return plain[starts-1]
}

// look compares the target with one point, with a factor where that at least halves
// the distance. For a point of a cost beyond enough, the cost is any beyond that.
func (f *family) look(target *behaviour, at int, enough float64) start {
	p := &f.points[at]
	s := start{family: f, at: at, factor: 1, cost: target.distanceUpTo(p.seen, 1, 2*enough) + target.tieBreak(p.seen, 1)}
	if !p.mayHaveFactor() {
		return s
	}
	factor := target.usualFactor(p.seen)
	if d := target.distanceUpTo(p.seen, factor, enough) + target.tieBreak(p.seen, factor); d < s.cost/2 {
		s.factor, s.cost = factor, d
	}
	return s
}

// mayHaveFactor excludes extreme scales of beta, at which most losses look like
// a multiple of the margin.
func (p *point) mayHaveFactor() bool { return math.Abs(p.octave) <= factorLimit }

// closer orders starts by cost; of equal ones, a scale of 1 comes first.
func closer(a, b start) int {
	return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.offset(), b.offset()))
}

// offset is how far the scale is from 1.
func (s start) offset() float64 {
	if s.family == nil {
		return math.Inf(1)
	}
	return math.Abs(s.family.points[s.at].octave)
}

// match compares target to the known objective at the best scale of beta near
// the start.
func (s start) match(target *behaviour) Match {
	if s.factor == 1 {
		return s.refine(target, func(*behaviour) float64 { return 1 })
	}
	return s.refine(target, target.factor)
}

const (
	quickSteps = 6    // of the search for the best scale: to a hundredth of an octave
	wholeSteps = 29   // to a millionth of the interval
	promising  = 0.02 // the distance below which the whole search is worth it
)

// refine finds the scale of beta near the start at which the known objective
// times factor is closest to target.
func (s start) refine(target *behaviour, factor func(*behaviour) float64) Match {
	runner, grid := s.family.plan.NewRunner(), newSampler()
	at := func(scale float64) (Match, float64) {
		b := grid.observe(runner, scale)
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
func (s start) withViews(m Match, target *behaviour, r *Runner) float64 {
	seen := target.beyond
	for _, v := range s.family.views {
		if !slices.ContainsFunc(seen, func(u under) bool { return u.view == v }) {
			seen = append(seen, under{v, v.observe(r, 1, nil)})
		}
	}
	total, runner := m.Distance, s.family.plan.NewRunner()
	for _, u := range seen {
		total += u.seen.distance(u.observe(runner, m.BetaScale, nil), m.Factor)
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
