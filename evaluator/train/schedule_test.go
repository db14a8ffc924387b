package train

import (
	"context"
	"math"
	"testing"

	"github.com/objdisco/discover/sandbox/objective"
)

// slopesOf trains two steps, the last at progress .9, and returns the last
// derivatives.
func slopesOf(t *testing.T, loss func(objective.Batch) objective.Vec) []float64 {
	t.Helper()
	m := &recorder{logp: []float64{-1, -3, -6, -5}}
	data := Data{Pairs: fourPairs, Order: [][]int{{0, 1}, {3, 2}}, First: 8}
	if _, err := NewLoop(recipe).Run(context.Background(), m, compile(t, loss), .5, data); err != nil {
		t.Fatal(err)
	}
	return m.slopes
}

func dpo(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).LogSigmoid().Neg() }

func TestAScheduleIsUndone(t *testing.T) {
	left := func(b objective.Batch) objective.Vec { return b.Progress.Neg().AddConst(1) } // 1 at first, .1 at the last step
	falling := 0.                                                                         // mean square of left
	for _, p := range usualProgress {
		falling += (1 - p) * (1 - p) / float64(len(usualProgress))
	}
	want := slopesOf(t, dpo)
	tests := []struct {
		name   string
		loss   func(objective.Batch) objective.Vec
		factor float64 // on dpo's derivatives
	}{
		{"none", dpo, 1},
		{"a factor", func(b objective.Batch) objective.Vec { return dpo(b).Mul(left(b)) }, math.Sqrt(falling)},
		{"a sum", func(b objective.Batch) objective.Vec { return dpo(b).Add(b.Progress.Exp()) }, 1},
		{"a switch", func(b objective.Batch) objective.Vec {
			return objective.Where(b.Progress.LessConst(.4), dpo(b).Scale(3), dpo(b))
		}, math.Sqrt((2*9 + 3) / 5.)},
		{"a switch off", func(b objective.Batch) objective.Vec { return dpo(b).Mul(b.Progress.LessConst(.4)) }, 1},
		{"a switch between what is measured", func(b objective.Batch) objective.Vec {
			return objective.Where(b.Progress.GreaterConst(.85).Mul(b.Progress.LessConst(.95)), dpo(b).Scale(7), dpo(b))
		}, math.Sqrt((49 + 4) / 5.)},
		{"a factor for the pairs of a training run only", func(b objective.Batch) objective.Vec {
			return objective.Where(b.RefChosen.GreaterConst(-50), dpo(b).Mul(left(b)), dpo(b))
		}, math.Sqrt(falling)},
		{"off at random steps", func(b objective.Batch) objective.Vec {
			return dpo(b).Mul(b.Progress.Scale(1000).Sin().Scale(.5).AddConst(.5).Less(left(b).Square()))
		}, 1},
	}
	for _, test := range tests {
		got := slopesOf(t, test.loss)
		for i := range want {
			if math.Abs(got[i]-test.factor*want[i]) > 1e-9 {
				t.Errorf("%s: derivatives %v, want %v times %v", test.name, got, test.factor, want)
				break
			}
		}
	}
}

// Another beta is more than a factor, and stays.
func TestACurriculumStays(t *testing.T) {
	at := func(scale float64) []float64 {
		return slopesOf(t, func(b objective.Batch) objective.Vec {
			b.Beta = b.Beta.Mul(b.Progress.AddConst(scale))
			return b.Margin().Mul(b.Beta).LogSigmoid().Neg()
		})
	}
	gentle, steep := at(0), at(5)
	if a, b := gentle[0]/gentle[1], steep[0]/steep[1]; math.Abs(a/b-1) < .01 {
		t.Errorf("the pairs weigh %v and %v against each other at two betas", a, b)
	}
}

func TestAGradientThatVanishesWhereverItIsMeasuredIsLeftAlone(t *testing.T) {
	for _, slope := range slopesOf(t, func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.Progress.GreaterConst(.95))
	}) {
		if slope != 0 {
			t.Errorf("a derivative of %v", slope)
		}
	}
}
