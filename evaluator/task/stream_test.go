package task

import (
	"math"
	"testing"
)

func TestStreamsDifferByPurposeAndSeed(t *testing.T) {
	first := Stream(1, "a").Uint64()
	if again := Stream(1, "a").Uint64(); again != first {
		t.Errorf("the same stream began with %d, then with %d", first, again)
	}
	for _, other := range []uint64{Stream(2, "a").Uint64(), Stream(1, "b").Uint64()} {
		if other == first {
			t.Errorf("two streams begin with %d", first)
		}
	}
}

// The gamma distribution of scale 1 has mean and variance equal to its shape.
func TestGammaHasTheMomentsOfItsShape(t *testing.T) {
	const n = 200_000
	for _, shape := range []float64{.7, 1, 4.2} {
		r := Stream(1, "gamma")
		var sum, squares float64
		for range n {
			x := gamma(r, shape)
			sum += x
			squares += x * x
		}
		mean := sum / n
		variance := squares/n - mean*mean
		// Standard errors: √(shape/n), and √((2·shape²+6·shape)/n) for the variance.
		if tolerance := 5 * math.Sqrt(shape/n); math.Abs(mean-shape) > tolerance {
			t.Errorf("shape %g: mean %g, want it within %g", shape, mean, tolerance)
		}
		if tolerance := 5 * math.Sqrt((2*shape*shape+6*shape)/n); math.Abs(variance-shape) > tolerance {
			t.Errorf("shape %g: variance %g, want it within %g", shape, variance, tolerance)
		}
	}
}

func TestPickFollowsTheWeights(t *testing.T) {
	const n = 100_000
	weights := []float64{.5, 0, .2, .3}
	counts := make([]float64, len(weights))
	r := Stream(1, "pick")
	for range n {
		counts[pick(r, weights)]++
	}
	for i, w := range weights {
		checkShare(t, "pick", counts[i], n, w)
	}
}

func TestZipfIsAnOrderOfRanks(t *testing.T) {
	w := zipf(Stream(1, "zipf"), 5, .7)
	total, largest := 0., 0.
	for _, x := range w {
		total += x
		largest = max(largest, x)
	}
	norm := 0.
	for rank := 1.; rank <= 5; rank++ {
		norm += math.Pow(rank, -.7)
	}
	if math.Abs(total-1) > 1e-12 || math.Abs(largest-1/norm) > 1e-12 {
		t.Errorf("zipf = %v: sum %g, largest %g, want 1 and %g", w, total, largest, 1/norm)
	}
}

// checkShare fails unless count of n trials is within five standard errors of
// the share p.
func checkShare(t *testing.T, what string, count, n, p float64) {
	t.Helper()
	if tolerance := 5*math.Sqrt(p*(1-p)/n) + 1e-12; math.Abs(count/n-p) > tolerance {
		t.Errorf("%s: share %.4f of %g, want %.4f ± %.4f", what, count/n, n, p, tolerance)
	}
}
