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

func TestAScheduleIsUndone(t *testing.T) {
	dpo := func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).LogSigmoid().Neg() }
	left := func(b objective.Batch) objective.Vec { return b.Progress.Neg().AddConst(1) } // 1 at first, .1 at the last step
	meanSquare := 0.
	for step := range recipe.Steps {
		meanSquare += math.Pow(1-recipe.progress(step), 2) / float64(recipe.Steps)
	}
	want := slopesOf(t, dpo)
	tests := []struct {
		name   string
		loss   func(objective.Batch) objective.Vec
		factor float64 // on dpo's derivatives
	}{
		{"none", dpo, 1},
		{"a factor", func(b objective.Batch) objective.Vec { return dpo(b).Mul(left(b)) }, math.Sqrt(meanSquare)},
		{"a sum", func(b objective.Batch) objective.Vec { return dpo(b).Add(b.Progress.Exp()) }, 1},
		{"a switch", func(b objective.Batch) objective.Vec {
			return objective.Where(b.Progress.LessConst(.3), dpo(b).Scale(3), dpo(b))
		}, math.Sqrt((3*9 + 7) / 10.)},
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

func TestAGradientThatVanishesIsLeftAlone(t *testing.T) {
	runner := compile(t, func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.Progress.GreaterConst(.5))
	})
	for step, factor := range recipe.unscheduled(runner, 1) {
		if factor != 1 {
			t.Errorf("step %d has factor %v", step, factor)
		}
	}
}
