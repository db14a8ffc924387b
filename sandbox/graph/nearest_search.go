package graph

import (
	"cmp"
	"math"
	"slices"
)

// start is a point of a family that may be close.
type start struct {
	family *family
	at     int // index of the point
	factor float64
	cost   float64
}

func (s start) scale() float64 { return math.Exp2(s.family.points[s.at].octave) }

// starts is the number of coarse points that are looked at finely.
const starts = 8

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
	var unscaled []float64 // the octaves are symmetric: 0 is in the middle
	for _, f := range l.families {
		unscaled = append(unscaled, glance.distance(&f.points[len(f.points)/2].glance, true, math.Inf(1)))
	}
	slices.Sort(unscaled)
	return unscaled[starts-1]
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
