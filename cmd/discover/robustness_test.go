package main

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/objdisco/discover/evaluator"
)

// What eval --robustness measures is printed: for each task, also those beside the
// fitness, where the objective works, blows up and falls below the reference, and its
// sweep; and the blow-ups under stress.
func TestEvalPrintsRobustness(t *testing.T) {
	scored := func(name string, sweep ...evaluator.BetaScore) evaluator.TaskScore {
		return evaluator.TaskScore{Task: name, Gain: .4, Reference: .5, PerSeed: []float64{.01, .02}, CI95: evaluator.Interval{-.1, .1}, Verdict: evaluator.Undecided, Sweep: sweep}
	}
	good := scored("reviews", evaluator.BetaScore{Beta: .01, Reward: new(.75), KL: new(.5), Seeds: 2})
	good.Robustness.Works = &[2]float64{.01, 1}
	bad := scored("shift", evaluator.BetaScore{Beta: .01, Reward: new(.3), KL: new(.9), Seeds: 2}, evaluator.BetaScore{Beta: 5, BlewUp: 2, Seeds: 2})
	bad.Robustness = evaluator.Robustness{BlewUp: []float64{2.5, 5}, Collapsed: []float64{.01}}
	stress := []evaluator.BetaScore{{Beta: 2, BlewUp: 1, Seeds: 2}, {Beta: 5, BlewUp: 2, Seeds: 2}}
	var out bytes.Buffer
	report := evaluator.Scored("steep", &evaluator.Metrics{Tasks: []evaluator.TaskScore{good}, Beside: []evaluator.TaskScore{bad}, Stress: stress, CI95: evaluator.Interval{-.1, .1}})
	if err := printEval(&out, []evaluator.Report{report}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`steep +reviews +0.01–1 +none +none +0.01: reward 0.750 with KL 0.500\n`,
		`steep +shift +none +2.5 5 +0.01 +0.01: reward 0.300 with KL 0.900, below the reference's 0.500\n`,
		`steep +bandit-stress +1 of 2 seeds at 2, 2 of 2 seeds at 5\n`,
		`shift: reward / KL per token by beta[^\n]*\nobjective +0.01 +5 +advantage\nsteep +0.300/0.900 +blew up `,
	} {
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	out.Reset()
	report.Beside, report.Stress = nil, nil
	if err := printEval(&out, []evaluator.Report{report}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("lowest beta")) {
		t.Errorf("robustness is printed that was not asked for:\n%s", out.String())
	}
}
