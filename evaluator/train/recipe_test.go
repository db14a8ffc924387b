package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRateWarmsUpAndFallsAlongACosine(t *testing.T) {
	r := Recipe{Steps: 200, PeakRate: .8, WarmUp: 20}
	for _, test := range []struct {
		step int
		want float64
	}{
		{0, .04}, {9, .4}, {19, .8}, {20, .8},
		{65, .8 * .5 * (1 + math.Sqrt2/2)}, // an eighth of a turn
		{110, .4}, {155, .8 * .5 * (1 - math.Sqrt2/2)},
	} {
		if got := r.Rate(test.step); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("rate of step %d = %g, want %g", test.step, got, test.want)
		}
	}
	if last := r.Rate(199); last <= 0 || last > 1e-3*r.PeakRate {
		t.Errorf("the last rate is %g, want it just above 0", last)
	}
}

func TestOrderIsMadeOfPermutations(t *testing.T) {
	const pairs = 24
	r := Recipe{BatchPairs: 10}
	order := r.Order(rand.New(rand.NewPCG(1, 1)), pairs, 12)
	all := slices.Concat(order...)
	if len(all) != 120 {
		t.Fatalf("%d pairs in 12 steps of 10", len(all))
	}
	var epochs [][]int
	for epoch := range slices.Chunk(all, pairs) {
		sorted := slices.Sorted(slices.Values(epoch))
		for i, p := range sorted {
			if p != i {
				t.Fatalf("an epoch holds %v", epoch)
			}
		}
		epochs = append(epochs, epoch)
	}
	if slices.Equal(epochs[0], epochs[1]) {
		t.Error("two epochs have the same order")
	}
}
