package evaluator

import (
	"math"
	"testing"
)

func TestLabelNoiseOf(t *testing.T) {
	task := func(name string, gain float64, perSeed ...float64) TaskScore {
		return TaskScore{Task: name, Gain: gain, PerSeed: perSeed}
	}
	main, short := task("reviews", .5, .1, .1), task("reviews-short", .4, .04, .04)
	noisy := task("reviews-flip", .2, .06, .1)

	n := LabelNoiseOf([]TaskScore{main, noisy})
	if n == nil || n.Clean != "reviews" || math.Abs(n.Difference-(.4-.2)) > 1e-12 {
		t.Errorf("against the main task: got %+v, want a difference of .2", n)
	}
	n = LabelNoiseOf([]TaskScore{main, short, noisy})
	if n == nil || n.Clean != "reviews-short" || math.Abs(n.Difference-(.4-.1)) > 1e-12 {
		t.Errorf("against the twin: got %+v, want a difference of .3", n)
	}
	// Two seeds: the mean ± 12.706 standard errors, here .1.
	if want := (Interval{.3 - 12.706*.1, .3 + 12.706*.1}); math.Abs(n.CI95[0]-want[0]) > 1e-3 || math.Abs(n.CI95[1]-want[1]) > 1e-3 {
		t.Errorf("interval %v, want %v", n.CI95, want)
	}
	for _, tasks := range [][]TaskScore{{main}, {noisy}, {noisy, task("reviews", .5, .1)}} {
		if n := LabelNoiseOf(tasks); n != nil {
			t.Errorf("%v: got %+v, want nothing to compare", tasks, n)
		}
	}
}
