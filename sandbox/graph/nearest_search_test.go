package graph

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNearestLooksAtAllThatMatters: leaving out what cannot be close changes nothing.
func TestNearestLooksAtAllThatMatters(t *testing.T) {
	var objectives []Known
	for _, op := range []Op{Softplus, ReLU, Exp, Square, Tanh, Abs, LogSigmoid, Atan, Sin, Neg, Std, Sort} {
		objectives = append(objectives, Known{op.String(), marginThrough(op)})
	}
	known, err := NewLibrary(objectives)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, err := NewStudy(rapid.OneOf(rapid.Custom(randomGraph), rapid.Custom(sumsOfLogProbabilities)).Draw(t, "graph"))
		if err != nil {
			t.Fatal(err)
		}
		got, want := known.closest(s.behaviour()), known.closestOfAll(s.behaviour())
		if got.family != want.family || got.at != want.at || got.factor != want.factor || got.cost != want.cost {
			t.Fatalf("%s at %d, cost %v; want %s at %d, %v", got.family.name, got.at, got.cost, want.family.name, want.at, want.cost)
		}
	})
}

// marginThrough applies op to beta times the margin, less a part of it.
func marginThrough(op Op) *Graph {
	g := &Graph{Version: Version}
	margin := g.push(Sub, g.push(Sub, g.push(PolicyChosen), g.push(RefChosen)), g.push(Sub, g.push(PolicyRejected), g.push(RefRejected)))
	h := g.push(Mul, margin, g.push(Beta))
	g.Output = g.push(Sub, g.push(op, h), h)
	return g
}

// closestOfAll is closest, without leaving anything out.
func (l *Library) closestOfAll(target *behaviour) start {
	glance := target.glance()
	var coarse []start
	for i := range l.families {
		f := &l.families[i]
		for at := range f.points {
			p := &f.points[at]
			s := start{family: f, at: at, cost: glance.distance(&p.glance, p.mayHaveFactor(), math.Inf(1))}
			if math.Mod(p.octave, coarseStep) != 0 || len(coarse) == starts && closer(s, coarse[starts-1]) >= 0 {
				continue
			}
			place, _ := slices.BinarySearchFunc(coarse, s, closer)
			coarse = slices.Insert(coarse, place, s)
			coarse = coarse[:min(starts, len(coarse))]
		}
	}
	best := start{cost: math.Inf(1)}
	for _, c := range coarse {
		for at := max(0, c.at-4); at <= min(c.at+4, len(c.family.points)-1); at++ {
			if s := c.family.look(target, at, math.Inf(1)); closer(s, best) < 0 {
				best = s
			}
		}
	}
	return best
}
