package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNonDominated(t *testing.T) {
	tests := []struct {
		name         string
		points, want []Point
	}{
		{"none", nil, nil},
		{"sorted", []Point{{2, 5}, {1, 3}}, []Point{{1, 3}, {2, 5}}},
		{"dearer and worse", []Point{{1, 3}, {2, 2}}, []Point{{1, 3}}},
		{"dearer and equal", []Point{{1, 3}, {2, 3}}, []Point{{1, 3}}},
		{"equal KL", []Point{{1, 2}, {1, 3}}, []Point{{1, 3}}},
		{"twins", []Point{{1, 3}, {1, 3}}, []Point{{1, 3}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, NonDominated(test.points)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// A point is kept exactly if no other is at least as good in both and better
// in one, by comparing every pair.
func TestNonDominatedIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Map(rapid.IntRange(0, 6), func(i int) float64 { return float64(i) })
		points := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Point {
			return Point{coordinate.Draw(t, "kl"), coordinate.Draw(t, "reward")}
		})).Draw(t, "points")
		kept := NonDominated(points)
		for _, p := range points {
			dominated := slices.ContainsFunc(points, func(q Point) bool {
				return q != p && q.KL <= p.KL && q.Reward >= p.Reward
			})
			if dominated == slices.Contains(kept, p) {
				t.Fatalf("%v: dominated is %v, kept %v", p, dominated, kept)
			}
		}
	})
}

func TestFrontierAt(t *testing.T) {
	line := []Point{{.04, .6}, {.16, .7}, {.36, .8}} // straight in the root of KL
	tests := []struct {
		name      string
		points    []Point
		reference float64
		budget    float64
		want      float64
	}{
		{"no point", nil, .5, .3, .5},
		{"below the smallest KL", line, .5, .03, .5},
		{"at the smallest KL", line, .5, .04, .6},
		{"a rounding below the smallest KL", line, .5, .04 * (1 - 1e-5), .6},
		{"between, straight in the root", line, .5, .09, .65},
		{"at a knot", line, .5, .16, .7},
		{"beyond the largest KL", line, .5, 9, .8},
		{"all worse than the reference", []Point{{.1, .4}, {.2, .45}}, .5, .3, .5},
		{"the worse part is dropped", []Point{{.01, .4}, {.04, .6}}, .5, .02, .5},
		{"a single point", []Point{{.1, .7}}, .5, .2, .7},
		{"a dominated point does not bend", append([]Point{{.3, .1}}, line...), .5, .09, .65},
	}
	for _, test := range tests {
		got := NewFrontier(test.points, test.reference).At(test.budget)
		if math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestFrontierIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.Float64Range(0, 1)
		points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{unit.Draw(t, "kl"), unit.Draw(t, "reward")}
		}), 0, 9).Draw(t, "points")
		f := NewFrontier(points, .3)
		last := math.Inf(-1)
		for budget := 0.0; budget < 1.2; budget += .01 {
			at := f.At(budget)
			if at < last-1e-12 || at < .3 {
				t.Fatalf("reward falls to %v from %v at KL %v", at, last, budget)
			}
			last = at
		}
	})
}

func TestTooFewSamples(t *testing.T) {
	if lo, hi := TInterval([]float64{1}, .95); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("one sample: [%v %v], want an infinite interval", lo, hi)
	}
	if lo, hi := Bootstrap(nil, .95, 10); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("no sample: [%v %v], want an infinite interval", lo, hi)
	}
	if p := PGreater([]float64{1}); p != 1 {
		t.Errorf("one sample: p = %v, want 1", p)
	}
	if _, ok := Spearman([]float64{1, 1}, []float64{1, 2}); ok {
		t.Error("a constant has a rank correlation")
	}
	if _, ok := Spearman([]float64{1}, []float64{1}); ok {
		t.Error("one sample has a rank correlation")
	}
}

func TestPGreaterWithoutSpread(t *testing.T) {
	for _, test := range []struct{ value, want float64 }{{1, 0}, {0, 1}, {-1, 1}} {
		if got := PGreater([]float64{test.value, test.value}); got != test.want {
			t.Errorf("two of %v: p = %v, want %v", test.value, got, test.want)
		}
	}
}

func TestFrontierReaches(t *testing.T) {
	f := NewFrontier([]Point{{KL: .1, Reward: .6}, {KL: .4, Reward: .8}, {KL: .5, Reward: .7}}, .5)
	for budget, want := range map[float64]bool{.05: false, .0999: false, .09995: true, .1: true, .2: true, .4: true, .45: true, .51: false} {
		if got := f.Reaches(budget); got != want {
			t.Errorf("budget %v: got %v, want %v", budget, got, want)
		}
	}
	if NewFrontier(nil, .5).Reaches(.1) {
		t.Error("a frontier without points reaches a budget")
	}
}
