package evaluator

import (
	"math"
	"slices"
	"testing"
)

// Tasks beside the fitness are scored on the seeds of the race and change
// neither the fitness nor the tasks.
func TestBesideIsNoPartOfTheFitness(t *testing.T) {
	evaluate := func(effort Effort) *Metrics {
		e := newEvaluator(t, &fakeSource{noise: .0002, handicap: -.005}, 2)
		m, failure, err := e.Evaluate(t.Context(), skilled(.01), effort, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(failure, err)
		}
		return m
	}
	alone := evaluate(Effort{Tasks: []string{"reviews"}, NoScreen: true})
	both := evaluate(Effort{Tasks: []string{"reviews"}, Beside: []string{"reviews-flip"}, NoScreen: true})
	if both.Fitness != alone.Fitness || both.CI95 != alone.CI95 || len(both.Tasks) != 1 {
		t.Errorf("fitness %v %v with a task beside, %v %v without", both.Fitness, both.CI95, alone.Fitness, alone.CI95)
	}
	if len(both.Beside) != 1 || len(both.Beside[0].PerSeed) != len(alone.PerSeed) || math.Abs(both.Beside[0].Advantage-.01) > .0005 {
		t.Errorf("beside: %+v, want an advantage of .01 on reviews-flip on %d seeds", both.Beside, len(alone.PerSeed))
	}
	if len(both.Cells) != 2*len(alone.Cells) {
		t.Errorf("%d cells, want those of both tasks, %d", len(both.Cells), 2*len(alone.Cells))
	}
}

func TestThoroughEffort(t *testing.T) {
	e := Effort{Tasks: []string{"reviews", "shift"}}.Thorough()
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if slices.Contains(e.Beside, "shift") || !slices.Contains(e.Beside, "confounded") || slices.Max(e.Betas) != 5 || !slices.IsSorted(e.Betas) {
		t.Errorf("got %+v", e)
	}
	if err := (Effort{Tasks: []string{"reviews"}, Beside: []string{"reviews"}}).Validate(); err == nil {
		t.Error("a task is both in the fitness and beside it")
	}
}
