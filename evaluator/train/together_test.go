package train

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/objective"
)

// sidesForTest are four runs: one goes on to the end, one blows up at once, one at its
// second update, and one has another beta.
func sidesForTest(t *testing.T) (sides []Side, models []*recorder) {
	linear := func(b objective.Batch) objective.Vec { return b.PolicyChosen.Mul(b.RefChosen).Mul(b.Beta) }
	for _, s := range []struct {
		loss    func(objective.Batch) objective.Vec
		refuses int
		beta    float64
	}{
		{linear, 0, .1},
		{func(b objective.Batch) objective.Vec { return b.PolicyChosen.Log() }, 0, .1},
		{linear, 2, .1},
		{linear, 0, .5},
	} {
		m := &recorder{logp: []float64{-1, -2, -3, -4}, refuses: s.refuses}
		models = append(models, m)
		sides = append(sides, Side{Loop: NewLoop(recipe), Model: m, Runner: compile(t, s.loss), Beta: s.beta})
	}
	return sides, models
}

// TestTogetherIsRun: what trains together comes to what each run comes to alone, step by
// step, and what has blown up is asked for nothing.
func TestTogetherIsRun(t *testing.T) {
	data := Data{Pairs: fourPairs, Order: [][]int{{0, 1}, {2, 3}, {1, 2}}, First: 4}
	sides, models := sidesForTest(t)
	var active [][]int
	got, err := Together(t.Context(), sides, data, func(step int, on []int, logp [][]float64) {
		active = append(active, append([]int{}, on...))
		for k, i := range on {
			models[i].LogProbs(step, logp[k])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	alone, wanted := sidesForTest(t)
	var want []Report
	for i, s := range alone {
		report, err := s.Loop.Run(t.Context(), wanted[i], s.Runner, s.Beta, data)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, report)
	}
	if diff := cmp.Diff([]Report{{3, false}, {0, true}, {1, true}, {3, false}}, want); diff != "" {
		t.Fatalf("alone (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reports (-alone +together):\n%s", diff)
	}
	if diff := cmp.Diff(wanted, models, cmp.AllowUnexported(recorder{})); diff != "" {
		t.Errorf("models (-alone +together):\n%s", diff)
	}
	if diff := cmp.Diff([][]int{{0, 1, 2, 3}, {0, 2, 3}, {0, 3}}, active); diff != "" {
		t.Errorf("active (-want +got):\n%s", diff)
	}
}

func TestTogetherStopsWithItsContext(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	sides, models := sidesForTest(t)
	_, err := Together(ctx, sides, Data{Pairs: fourPairs, Order: [][]int{{0, 1}, {2, 3}}}, func(step int, on []int, logp [][]float64) {
		for k, i := range on {
			models[i].LogProbs(step, logp[k])
		}
		cancel(reason)
	})
	if err != reason || len(models[0].steps) != 1 {
		t.Errorf("error %v after %d steps", err, len(models[0].steps))
	}
}
