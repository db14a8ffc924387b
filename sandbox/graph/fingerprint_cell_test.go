package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Rounding must not move a value into another cell: not those that formulas
// favour, and hardly ever an arbitrary one.
func TestCellsTolerateRounding(t *testing.T) {
	const rounding = 1e-12
	favoured := []float64{0, 1, 0.5, 0.25, 0.1, 0.05, 1. / 3, 2. / 3, math.Ln2, math.E, math.Pi, 10, 100, 1e3, 1e6}
	for _, s := range settings {
		favoured = append(favoured, s.beta, s.beta/2, s.beta/4, 1/s.beta, 0.5/s.beta, s.progress)
	}
	for _, v := range favoured {
		for _, sign := range [...]float64{-1, 1} {
			noise := rounding * (1 + v)
			if cell(sign*v-noise) != cell(sign*v+noise) {
				t.Errorf("%v lies on the border of a cell", sign*v)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	flips, n := 0, 1_000_000
	for range n {
		v := math.Exp(20*rng.Float64() - 12)
		if cell(v) != cell(v*(1+rounding)) {
			flips++
		}
	}
	if flips > 3 {
		t.Errorf("%d of %d values change cell", flips, n)
	}
}

func TestCellsResolveSmallDifferences(t *testing.T) {
	for _, v := range []float64{1e-3, 0.01, 1, 50, 1e9} {
		if cell(v) == cell(v*1.001) {
			t.Errorf("%v and %v share a cell", v, v*1.001)
		}
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		if cell(v) == cell(1e300) || cell(v) == cell(-1e300) {
			t.Errorf("%v shares the cell of a finite value", v)
		}
	}
}
