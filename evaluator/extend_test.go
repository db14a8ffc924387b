package evaluator

import (
	"math"
	"slices"
	"testing"
)

// A sweep that spends too little or too much KL goes on until it spends the
// budgets, and no further.
func TestSweepsReachTheBudgets(t *testing.T) {
	for _, test := range []struct {
		name  string
		betas []float64
		added []float64 // beyond the sweep, before the betas on the budgets
	}{
		{"reaches", []float64{.01, .1, 1}, nil},
		{"too little KL", []float64{.5, 1}, []float64{.125, .03125}},
		{"too much KL", []float64{.005, .01}, []float64{.04, .16, .64}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEvaluator(t, &fakeSource{noise: .0002}, 2)
			m, failure, err := e.Evaluate(t.Context(), skilled(.01), Effort{Tasks: []string{"reviews"}, Betas: test.betas, NoScreen: true}, nil, nil)
			if err != nil || failure != nil {
				t.Fatal(failure, err)
			}
			if math.Abs(m.Fitness-.01) > .0005 || m.Verdict != Better {
				t.Errorf("fitness %v, %s: want .01, better", m.Fitness, m.Verdict)
			}
			for _, b := range m.Tasks[0].Budgets {
				if !b.Reached {
					t.Errorf("the budget at beta %v is not reached", b.Beta)
				}
			}
			var got []float64
			for _, c := range m.Cells[len(test.betas):][:len(test.added)] {
				got = append(got, c.Beta)
			}
			if !slices.Equal(got, test.added) {
				t.Errorf("trained at %v beyond the sweep, want %v", got, test.added)
			}
		})
	}
}

// A loss whose KL does not depend on beta, and one that blows up at the end
// where the budgets lie, are left at that.
func TestSweepsEnd(t *testing.T) {
	at := func(beta, kl float64, blewUp bool) Cell { return Cell{Beta: beta, KL: kl, Reward: .6, BlewUp: blewUp} }
	baseline := Baseline{Reference: .5, BetaScale: 1, Cells: []Cell{at(.05, .5, false), at(.25, .3, false)}}
	for name, cells := range map[string][]Cell{
		"no influence": {at(.1, .9, false), at(1, .895, false)},
		"rising":       {at(.1, .9, false), at(1, 1.2, false)},
		"blows up":     {at(.1, .9, false), at(.5, .8, false), at(1, 0, true)},
		"one cell":     {at(.1, .9, false)},
	} {
		trial := trial{baseline: baseline, cells: cells}
		if betas, err := trial.beyond([]float64{.05, .25}); len(betas) > 0 || err != nil {
			t.Errorf("%s: goes on at beta %v, %v", name, betas, err)
		}
	}
	useless := trial{baseline: baseline, cells: []Cell{at(.1, .9, false), at(1, .4, false)}}
	for i := range useless.cells {
		useless.cells[i].Reward = .4
	}
	if betas, err := useless.beyond([]float64{.05, .25}); len(betas) > 0 || err != nil {
		t.Error("goes on although the reward is below the reference's everywhere")
	}
}
