//go:build slow

package evaluator_test

import (
	"math"
	"testing"

	"github.com/objdisco/discover/evaluator"
)

// These hold the verdicts on the tasks of the fitness, about two minutes on two
// cores: go test -tags slow -run Slow ./evaluator

func TestSlowCheatsAreWorse(t *testing.T) {
	e := realEvaluator(t)
	for name, cheat := range cheats {
		m, failure, err := e.Evaluate(t.Context(), trace(t, cheat), evaluator.Effort{NoScreen: true, MaxSeeds: 3}, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(name, err, failure)
		}
		t.Logf("%-28s %s %+.3f %+.3f", name, m.Verdict, m.Fitness, m.CI95)
		if m.Verdict != evaluator.Worse || m.Fitness > -.2 {
			t.Errorf("%s: %s, %+.4f %v", name, m.Verdict, m.Fitness, m.CI95)
		}
	}
}

func TestSlowWorkersDoNotChangeResults(t *testing.T) {
	mustNotDependOnWorkers(t, "reviews")
	mustNotDependOnWorkers(t, "reviews-flip")
}

func TestSlowRescaledDPOIsTheSame(t *testing.T) {
	e := realEvaluator(t)
	for _, factor := range []float64{1. / 64, .25, .8, 1, 4, 64} {
		m, failure, err := e.Evaluate(t.Context(), trace(t, rescaled("dpo", factor)), evaluator.Effort{}, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(factor, err, failure)
		}
		t.Logf("dpo × %-4g %s %+.5f %+.5f after %d seeds", factor, m.Verdict, m.Fitness, m.CI95, len(m.PerSeed))
		if m.Verdict != evaluator.Same {
			t.Errorf("dpo × %g: %s, %+.5f %v", factor, m.Verdict, m.Fitness, m.CI95)
		}
	}
}

// The advantages over dpo that an independent prototype measured on four seeds; it
// does not share this program's random streams.
func TestSlowKnownAdvantages(t *testing.T) {
	e := realEvaluator(t)
	tests := []struct {
		name      string
		task      string
		advantage float64
		within    float64
		verdict   evaluator.Verdict
	}{
		{"lrml", "reviews", .0042, .003, evaluator.Better},
		{"dbaql", "reviews", .0059, .004, evaluator.Better},
		{"aqfl", "reviews", .0021, .003, evaluator.Better},
		{"hinge", "reviews", -.0036, .003, evaluator.Worse},
		{"ipo", "reviews", -.0045, .003, evaluator.Worse},
		{"pfl", "reviews", -.026, .01, evaluator.Worse},
		{"kto_pair_sum", "reviews", -.063, .015, evaluator.Worse},
		{"lrml", "reviews-flip", .029, .012, evaluator.Better},
		{"dbaql", "reviews-flip", .063, .03, evaluator.Better},
		{"aqfl", "reviews-flip", .016, .015, evaluator.Better},
	}
	for _, test := range tests {
		effort := evaluator.Effort{Tasks: []string{test.task}, MinSeeds: 6, MaxSeeds: 6, NoScreen: true}
		m, failure, err := e.Evaluate(t.Context(), trace(t, rescaled(test.name, 1)), effort, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(test.name, err, failure)
		}
		t.Logf("%-12s on %-12s %s %+.4f %+.4f", test.name, test.task, m.Verdict, m.Fitness, m.CI95)
		if math.Abs(m.Fitness-test.advantage) > test.within || m.Verdict != test.verdict {
			t.Errorf("%s on %s: %s, %+.4f %v; want %s, %+.4f", test.name, test.task, m.Verdict, m.Fitness, m.CI95, test.verdict, test.advantage)
		}
	}
}
