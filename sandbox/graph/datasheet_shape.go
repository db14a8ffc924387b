package graph

import (
	"math"
	"slices"
	"sync"
)

// Shape describes a loss that is a function of the margin alone.
type Shape struct {
	// OfProduct tells that beta and the margin enter as their product x, up to a
	// factor and a constant that may depend on beta.
	OfProduct bool `json:"of_beta_times_margin"`
	Convex    bool `json:"convex"`
	// Monotone is "decreasing", "increasing" or "" for neither.
	Monotone string `json:"monotone,omitempty"`
	// Minima and Maxima are where the slope changes sign, Jumps where the value is
	// discontinuous, −20 ≤ x ≤ 20.
	Minima []float64 `json:"minima,omitempty"`
	Maxima []float64 `json:"maxima,omitempty"`
	Jumps  []float64 `json:"jumps,omitempty"`
	// FlatBelow and FlatAbove are the ends of the outer ranges without gradient.
	FlatBelow *float64 `json:"flat_below,omitempty"`
	FlatAbove *float64 `json:"flat_above,omitempty"`
}

// shapeGrid is x from −20 to 20, in steps of 0.04 and, near 0, in steps of 3 %.
// It leaves out 0 itself, where a kink is likely.
var shapeGrid = sync.OnceValue(func() []float64 {
	var xs []float64
	for i := range 500 {
		x := 0.0400001 * float64(i+1)
		xs = append(xs, x, -x)
	}
	for x := 1e-4; x < 1; x *= 1.03 {
		xs = append(xs, x, -x)
	}
	slices.Sort(xs)
	return xs
})

// wholeGrid is the cost of a point up to which a loss is measured on all of
// shapeGrid. Costlier ones are measured on a part of it, in proportion, so that
// none keeps its reader busy.
const wholeGrid = 250

// gridFor returns the part of shapeGrid on which r is measured.
func gridFor(r *Runner) []float64 { return every(1+(pointCost(r)-1)/wholeGrid, shapeGrid()) }

// pointCost is what one point of a path costs.
func pointCost(r *Runner) int {
	if r.plan.statistics {
		return 2 * r.plan.cost // it shares its micro-batch
	}
	return r.plan.cost
}

// sparse is every fourth of the values along a grid.
func sparse(values []float64) []float64 { return every(4, values) }

func every(n int, values []float64) []float64 {
	if n == 1 {
		return values
	}
	out := make([]float64, 0, (len(values)+n-1)/n)
	for i := 0; i < len(values); i += n {
		out = append(out, values[i])
	}
	return out
}

// shape measures the loss at every beta of shapeBetas; figures are those of the
// first, and what is claimed holds at all. Where the gradient is detached from
// the value, it is the gradient that counts.
func shape(r *Runner, detached bool) *Shape {
	xs := gridFor(r)
	first := curveAt(r, xs, shapeBetas[0], detached)
	s := &Shape{OfProduct: true, Convex: first.convex, Monotone: first.monotone, Jumps: first.jumps}
	few, firstFew := sparse(xs), first.sparse()
	c := curve{r, shapeBetas[0], first.noise}
	s.Minima, s.Maxima = c.turns(xs, first.slopes)
	s.FlatBelow, s.FlatAbove = c.flats(xs, first.slopes)
	for _, beta := range shapeBetas[1:] {
		if len(first.jumps) == 0 && firstFew.isMultiple(r, few, beta, detached) {
			continue // and so has the same shape
		}
		at := curveAt(r, xs, beta, detached)
		s.OfProduct = s.OfProduct && proportional(first.slopes, at.slopes)
		s.Convex = s.Convex && at.convex
		if s.Monotone != at.monotone {
			s.Monotone = ""
		}
	}
	return s
}

// sampled is a loss along a grid at one beta.
type sampled struct {
	losses, slopes []float64
	noise          float64 // slopes of no more than this are rounding
	jumps          []float64
	convex         bool
	monotone       string
}

func curveAt(r *Runner, xs []float64, beta float64, detached bool) *sampled {
	s := &sampled{}
	s.losses, s.slopes = path(r, beta, xs)
	if !detached {
		s.jumps = jumps(r, xs, beta, s.losses, s.slopes)
	}
	s.noise = 1e-11 * central(xs, s.slopes)
	s.convex = len(s.jumps) == 0 && ascending(s.slopes, s.noise)
	if s.monotone = monotone(s.slopes, s.noise); len(s.jumps) > 0 {
		s.monotone = monotone(differences(s.losses), s.noise)
	}
	return s
}

// sparse is s on a sparse part of its grid.
func (s *sampled) sparse() *sampled {
	return &sampled{losses: sparse(s.losses), slopes: sparse(s.slopes)}
}

// isMultiple reports whether the slopes along the grid xs at another beta are a positive
// multiple of those of s, and the losses change in the same proportion, so that there is
// no jump either.
func (s *sampled) isMultiple(r *Runner, xs []float64, beta float64, detached bool) bool {
	losses, slopes := path(r, beta, xs)
	i := largest(s.slopes)
	factor := slopes[i] / s.slopes[i]
	if !(factor > 0) || !proportional(s.slopes, slopes) {
		return false
	}
	if detached {
		return true
	}
	before, after := differences(s.losses), differences(losses)
	slack := 1e-6 * math.Abs(after[largest(after)])
	for i := range before {
		if !(math.Abs(after[i]-factor*before[i]) <= slack) {
			return false
		}
	}
	return true
}

// largest returns the index of the value of largest magnitude.
func largest(v []float64) int {
	i := 0
	for j := range v {
		if math.Abs(v[j]) > math.Abs(v[i]) {
			i = j
		}
	}
	return i
}

// central returns the largest slope for x from −1 to 1.
func central(xs, slopes []float64) float64 {
	largest := 0.0
	for i, x := range xs {
		if math.Abs(x) <= 1 {
			largest = math.Max(largest, math.Abs(slopes[i]))
		}
	}
	return largest
}

// curve is the slope of the loss by x at one beta.
type curve struct {
	runner *Runner
	beta   float64
	noise  float64 // slopes of no more than this are rounding
}

func (c curve) slope(x float64) float64 {
	_, slopes := path(c.runner, c.beta, []float64{x})
	return slopes[0]
}

// flats returns the ends of the outer ranges where the slope is exactly 0, nil
// where there is none or nothing else.
func (c curve) flats(xs, slopes []float64) (below, above *float64) {
	first := slices.IndexFunc(slopes, notZero)
	last := len(slopes) - 1
	for last > 0 && slopes[last] == 0 {
		last--
	}
	flat := func(x float64) bool { return c.slope(x) == 0 }
	if first > 0 {
		below = finite(border(xs[first], xs[first-1], flat))
	}
	if first >= 0 && last < len(xs)-1 {
		above = finite(border(xs[last], xs[last+1], flat))
	}
	return below, above
}

// border returns where, between a point at which holds is false and one at
// which it is true, it becomes true.
func border(no, yes float64, holds func(x float64) bool) float64 {
	for range 40 {
		if mid := (no + yes) / 2; holds(mid) {
			yes = mid
		} else {
			no = mid
		}
	}
	return tidy(yes)
}

func notZero(x float64) bool { return x != 0 }

// ascending reports whether slopes never fall, which makes a loss convex.
func ascending(slopes []float64, noise float64) bool {
	for i := 1; i < len(slopes); i++ {
		if !(slopes[i] >= slopes[i-1]-noise-1e-9*math.Abs(slopes[i])) {
			return false
		}
	}
	return true
}

func monotone(slopes []float64, noise float64) string {
	down := !slices.ContainsFunc(slopes, func(s float64) bool { return !(s <= noise) })
	up := !slices.ContainsFunc(slopes, func(s float64) bool { return !(s >= -noise) })
	switch {
	case down && !up:
		return "decreasing"
	case up && !down:
		return "increasing"
	}
	return ""
}

func differences(v []float64) []float64 {
	d := make([]float64, len(v)-1)
	for i := range d {
		d[i] = v[i+1] - v[i]
	}
	return d
}

// turns returns where the slopes change sign, for ranges without slope their
// far end. In a large graph only the first are followed.
func (c curve) turns(xs, slopes []float64) (minima, maxima []float64) {
	last, left := -1, followed(c.runner)
	for i, s := range slopes {
		if !(math.Abs(s) > c.noise) {
			continue
		}
		if last >= 0 && slopes[last]*s < 0 {
			if left--; left < 0 {
				break
			}
			x := border(xs[last], xs[i], func(x float64) bool { return c.slope(x)*s > 0 })
			if s > 0 {
				minima = append(minima, x)
			} else {
				maxima = append(maxima, x)
			}
		}
		last = i
	}
	return minima, maxima
}

// tidy rounds to four digits, and to 0 what is nearly 0.
func tidy(x float64) float64 {
	if math.Abs(x) < 1e-6 {
		return 0
	}
	return round(x, 4)
}

// proportional reports whether b is a multiple of a.
func proportional(a, b []float64) bool {
	i := largest(a)
	factor := b[i] / a[i]
	floor := 1e-9 * math.Abs(factor) * usual(a)
	for j := range a {
		if apart(a[j]*factor, b[j], floor) > 1e-6 {
			return false
		}
	}
	return true
}

// How many intervals jumps and turns follow: all that occur in an objective of some
// dozens of nodes, fewer in larger ones.
const (
	followedCost = 20_000 // intervals times the cost of a point
	minFollowed  = 2      // intervals
)

func followed(r *Runner) int { return max(minFollowed, followedCost/pointCost(r)) }

// jumps compares the change of the loss between neighbours of the grid with
// that which their slopes explain. Where it does not fit, the interval is
// halved again and again: at a kink the misfit goes, at a discontinuity it
// stays. In a large graph only the first misfits are followed, so that a wild
// objective cannot keep its reader busy.
func jumps(r *Runner, xs []float64, beta float64, losses, slopes []float64) []float64 {
	var at []float64
	left := followed(r)
	for i := 1; i < len(xs); i++ {
		lo, hi := xs[i-1], xs[i]
		change := losses[i] - losses[i-1]
		if fits(change, slopes[i-1], slopes[i], hi-lo) {
			continue
		}
		if left--; left < 0 {
			break
		}
		if x, jump := bisect(r, beta, lo, hi, change); jump {
			at = append(at, tidy(x))
		}
	}
	return at
}

// fits allows for any slope between the two, and for curvature.
func fits(change, left, right, width float64) bool {
	lo, hi := math.Min(left, right)*width, math.Max(left, right)*width
	slack := 0.5*(hi-lo) + 1e-3*(math.Abs(lo)+math.Abs(hi)) + 1e-9
	return change >= lo-slack && change <= hi+slack
}

// bisect follows the larger part of an unexplained change; a jump keeps at
// least half of it in the smallest interval.
func bisect(r *Runner, beta, lo, hi, change float64) (x float64, jump bool) {
	whole := math.Abs(change)
	for range 30 {
		mid := (lo + hi) / 2
		v, _ := path(r, beta, []float64{lo, mid, hi})
		if math.Abs(v[1]-v[0]) > math.Abs(v[2]-v[1]) {
			hi = mid
		} else {
			lo = mid
		}
		change = math.Max(math.Abs(v[1]-v[0]), math.Abs(v[2]-v[1]))
	}
	return (lo + hi) / 2, change > whole/2
}
