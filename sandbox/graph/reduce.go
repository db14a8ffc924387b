package graph

import (
	"cmp"
	"math"
	"slices"
)

// reduce computes a batch statistic of x. Std and Var are unbiased, and 0 for a
// single value.
func reduce(op Op, x []float64) float64 {
	switch op {
	case Mean:
		return sum(x) / float64(len(x))
	case Sum:
		return sum(x)
	case Std:
		return math.Sqrt(variance(x))
	case Var:
		return variance(x)
	case BatchMax:
		return extreme(x, math.Max)
	case BatchMin:
		return extreme(x, math.Min)
	}
	panic("graph: " + op.String() + " is not a reduction")
}

// reduceSlope adds g·∂y/∂x to adj, where y is the value of the reduction. The
// gradient of Std is 0 where Std is; equal extremes share the gradient.
func reduceSlope(op Op, x []float64, y, g float64, adj []float64) {
	n := float64(len(x))
	switch op {
	case Mean:
		addTo(adj, g/n)
	case Sum:
		addTo(adj, g)
	case Var:
		varianceSlope(x, g, adj)
	case Std:
		if y != 0 {
			varianceSlope(x, g/(2*y), adj)
		}
	case BatchMax, BatchMin:
		shareExtreme(x, y, g, adj)
	}
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func variance(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	mean, s := sum(x)/float64(len(x)), 0.0
	for _, v := range x {
		s += (v - mean) * (v - mean)
	}
	return s / float64(len(x)-1)
}

func varianceSlope(x []float64, g float64, adj []float64) {
	if len(x) < 2 {
		return
	}
	mean := sum(x) / float64(len(x))
	for i, v := range x {
		adj[i] += g * 2 * (v - mean) / float64(len(x)-1)
	}
}

func addTo(adj []float64, g float64) {
	for i := range adj {
		adj[i] += g
	}
}

// extreme folds pick over x; math.Max and math.Min keep NaN.
func extreme(x []float64, pick func(a, b float64) float64) float64 {
	y := x[0]
	for _, v := range x[1:] {
		y = pick(y, v)
	}
	return y
}

func shareExtreme(x []float64, y, g float64, adj []float64) {
	ties := 0.0
	for _, v := range x {
		ties += indicator(v == y)
	}
	for i, v := range x {
		if v == y {
			adj[i] += g / ties
		}
	}
}

// sorted returns the stable ascending order of x, NaN last, in scratch memory
// that the next call overwrites.
func (r *Runner) sorted(x []float64) []int {
	order := r.order[:len(x)]
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareNaNLast(x[a], x[b]) })
	return order
}

func compareNaNLast(a, b float64) int {
	if math.IsNaN(a) || math.IsNaN(b) {
		return cmp.Compare(indicator(math.IsNaN(a)), indicator(math.IsNaN(b)))
	}
	return cmp.Compare(a, b)
}
