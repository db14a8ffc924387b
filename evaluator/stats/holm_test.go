package stats

import (
	"math/rand/v2"
	"testing"
)

// Holm's procedure is the closed testing procedure with Bonferroni tests (Marcus,
// Peritz and Gabriel 1976): a hypothesis is rejected if every intersection of
// hypotheses that holds it is, and of an intersection of m hypotheses the p-value is m
// times the least. The oracle goes through all 2ⁿ intersections.
func TestHolmIsClosedTesting(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	families := [][]float64{nil, {.03}, {.01, .04}, {.04, .01, .03, .005}, {.02, .02, .02}, {0, 1, .5}, {1, 1}}
	for n := 2; n <= 10; n++ {
		family := make([]float64, n)
		for i := range family {
			family[i] = random.Float64() * random.Float64()
			if i > 0 && random.IntN(4) == 0 {
				family[i] = family[i-1] // ties
			}
		}
		families = append(families, family)
	}
	for _, p := range families {
		got, want := Holm(p), closedTesting(p)
		for i := range p {
			if !near(got[i], want[i], 1e-12) {
				t.Errorf("%v: adjusted[%d] = %v, want %v", p, i, got[i], want[i])
			}
		}
	}
}

// closedTesting returns the largest p-value of the intersections that hold each
// hypothesis.
func closedTesting(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	for set := 1; set < 1<<len(p); set++ {
		members, least := 0., 1.
		for i, x := range p {
			if set>>i&1 == 1 {
				members++
				least = min(least, x)
			}
		}
		for i := range p {
			if set>>i&1 == 1 {
				adjusted[i] = max(adjusted[i], min(1, members*least))
			}
		}
	}
	return adjusted
}
