package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/interp"
)

// Point is what one trained policy reached.
type Point struct {
	KL     float64 // KL(policy‖reference) per token, nats, at least 0
	Reward float64 // expected true reward
}

// NonDominated returns the points that no other point beats, in ascending
// order of KL and so, strictly, of reward: a point is dropped when another has
// at least its reward for at most its KL.
func NonDominated(points []Point) []Point {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(a, b Point) int {
		switch {
		case a.KL != b.KL && a.KL < b.KL, a.KL == b.KL && a.Reward > b.Reward:
			return -1
		case a == b:
			return 0
		default:
			return 1
		}
	})
	var kept []Point
	for _, p := range sorted {
		if len(kept) == 0 || p.Reward > kept[len(kept)-1].Reward {
			kept = append(kept, p)
		}
	}
	return kept
}

// Pchip is a monotone piecewise cubic through given knots: the interpolant of
// Fritsch and Butland (1984), which scipy calls PchipInterpolator. It is
// immutable and safe for concurrent use.
type Pchip struct {
	first, last Knot
	curve       *interp.FritschButland // nil with a single knot
}

// Knot is a point that a Pchip goes through.
type Knot struct{ X, Y float64 }

// NewPchip joins at least one knot; X must increase strictly. It panics if
// not, since its callers sort.
func NewPchip(knots []Knot) Pchip {
	p := Pchip{first: knots[0], last: knots[len(knots)-1]}
	if len(knots) == 1 {
		return p
	}
	xs, ys := make([]float64, len(knots)), make([]float64, len(knots))
	for i, k := range knots {
		xs[i], ys[i] = k.X, k.Y
	}
	p.curve = new(interp.FritschButland)
	if err := p.curve.Fit(xs, ys); err != nil {
		panic(err) // documented never to happen
	}
	return p
}

// At evaluates the curve; outside the knots it stays at the nearest one.
func (p Pchip) At(x float64) float64 {
	switch {
	case x <= p.first.X || p.curve == nil:
		return p.first.Y
	case x >= p.last.X:
		return p.last.Y
	default:
		return p.curve.Predict(x)
	}
}

// Frontier is the reward an objective buys for each KL: the non-dominated
// points it reached, joined monotonically in the square root of KL, on which
// scale rewards run nearly straight. It is immutable and safe for concurrent
// use.
type Frontier struct {
	reference float64 // reward at KL 0, which needs no training
	points    []Point
	curve     Pchip

	least, most float64 // KL of all points given
}

// NewFrontier joins what an objective reached. Points no better than the
// reference's reward are dominated by not training at all and are dropped; no
// point may be left, or given.
func NewFrontier(points []Point, reference float64) Frontier {
	f := Frontier{reference: reference, least: math.Inf(1)}
	for _, p := range points {
		f.least, f.most = min(f.least, p.KL), max(f.most, p.KL)
	}
	for _, p := range NonDominated(points) {
		if p.Reward > reference {
			f.points = append(f.points, p)
		}
	}
	if len(f.points) == 0 {
		return f
	}
	knots := make([]Knot, len(f.points))
	for i, p := range f.points {
		knots[i] = Knot{X: math.Sqrt(p.KL), Y: p.Reward}
	}
	f.curve = NewPchip(knots)
	return f
}

// slack is the share of a budget that a frontier's first point may exceed it
// by: two ways to write one loss differ that little in KL, and must not differ
// by the whole step from the reference to the first point.
const slack = 1e-3

// At is the best reward within a KL budget: the reference's below the smallest
// KL reached, the last beyond the largest.
func (f Frontier) At(budget float64) float64 {
	if len(f.points) == 0 || f.points[0].KL > budget*(1+slack) {
		return f.reference
	}
	return f.curve.At(math.Sqrt(budget))
}

// Reaches reports whether a KL budget lies within the range of KL of all points
// given, dominated or not. If it does not, At tells what the points reached
// elsewhere.
func (f Frontier) Reaches(budget float64) bool {
	return f.least <= budget*(1+slack) && f.most >= budget*(1-slack)
}
