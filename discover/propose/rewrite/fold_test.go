package rewrite_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// Functions of one and of two numbers that keep within a moderate range.
var (
	onNumber = []func(objective.Vec) objective.Vec{
		objective.Vec.Neg, objective.Vec.Abs, objective.Vec.Sigmoid, objective.Vec.LogSigmoid, objective.Vec.Softplus, objective.Vec.ReLU,
		objective.Vec.Tanh, objective.Vec.Erf, objective.Vec.Atan, objective.Vec.Sin, objective.Vec.Cos, objective.Vec.Detach,
		objective.Vec.Mean, objective.Vec.Sum, objective.Vec.Std, objective.Vec.Var, objective.Vec.BatchMax, objective.Vec.BatchMin, objective.Vec.Sort,
		func(v objective.Vec) objective.Vec { return v.Tanh().Exp() }, func(v objective.Vec) objective.Vec { return v.Sin().Expm1() },
		func(v objective.Vec) objective.Vec { return v.Tanh().Square() }, func(v objective.Vec) objective.Vec { return v.Abs().Sqrt() },
		func(v objective.Vec) objective.Vec { return v.Abs().AddConst(2).Log() }, func(v objective.Vec) objective.Vec { return v.Abs().Log1p() },
		func(v objective.Vec) objective.Vec { return v.Softplus().AddConst(.5).Reciprocal() }, func(v objective.Vec) objective.Vec { return v.Sin().PowConst(3) },
		func(v objective.Vec) objective.Vec { return v.Clamp(-1, 2) }, func(v objective.Vec) objective.Vec { return v.ClampMin(-.5).ClampMax(.5) },
		func(v objective.Vec) objective.Vec { return v.Scale(-.7).AddConst(1) },
	}
	onNumbers = []func(v, w objective.Vec) objective.Vec{
		objective.Vec.Add, objective.Vec.Sub, objective.Vec.Max, objective.Vec.Min,
		func(v, w objective.Vec) objective.Vec { return v.Tanh().Mul(w) }, func(v, w objective.Vec) objective.Vec { return v.Div(w.Abs().AddConst(1)) },
		func(v, w objective.Vec) objective.Vec { return objective.Where(v.AddConst(.0137).Greater(w), v, w) },
		func(v, w objective.Vec) objective.Vec { return v.GreaterConst(.137).Sub(w.AddConst(.0137).Less(v)) },
	}
)

// Folding changes neither values nor gradients. What they are is seen on the same
// loss with its numbers made of progress, which is 1 and cannot be folded.
func TestFoldingKeepsValuesAndGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Float64Range(-2, 2), 2, 4).Draw(t, "numbers")
		type step struct{ one, two, left, right int }
		steps := make([]step, rapid.IntRange(1, 8).Draw(t, "steps"))
		for i := range steps {
			operand := rapid.IntRange(0, len(numbers)+i-1)
			steps[i] = step{
				rapid.IntRange(0, len(onNumber)-1).Draw(t, "one"), rapid.IntRange(0, len(onNumbers)-1).Draw(t, "two"),
				operand.Draw(t, "left"), operand.Draw(t, "right"),
			}
		}
		loss := func(number func(b objective.Batch, k float64) objective.Vec) *graph.Graph {
			g, err := objective.Trace(func(b objective.Batch) objective.Vec {
				var values []objective.Vec
				for _, k := range numbers {
					values = append(values, number(b, k))
				}
				for _, s := range steps {
					values = append(values, onNumbers[s.two](onNumber[s.one](values[s.left]), values[s.right]))
				}
				x := b.Margin().Mul(b.Beta)
				a, c := values[len(values)-1], values[len(values)-2]
				return x.Neg().Softplus().Add(x.Mul(a)).Add(x.Sub(c).Square().Add(x.Sub(c).Square().Mul(a.Sigmoid())))
			})
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		simple := rewrite.Simplify(loss(func(_ objective.Batch, k float64) objective.Vec { return objective.Const(k) }))
		for _, n := range simple.Nodes {
			if isFolded(simple, n) {
				t.Errorf("%s of constants is left", n.Op)
			}
		}
		want, got := at1(t, loss(func(b objective.Batch, k float64) objective.Vec { return b.Progress.Scale(k) })), at1(t, simple)
		for i := range want {
			if diff := math.Abs(got[i] - want[i]); diff > 1e-12*(1+math.Abs(want[i])) {
				t.Errorf("number %d: %v became %v", i, want[i], got[i])
			}
		}
	})
}

func isFolded(g *graph.Graph, n graph.Node) bool {
	for _, a := range n.Args {
		if g.Nodes[a].Op != graph.Const {
			return false
		}
	}
	return len(n.Args) > 0
}

// at1 are the losses and gradients of some pairs where progress is 1.
func at1(t *rapid.T, g *graph.Graph) []float64 {
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	b := &graph.Batch{Beta: .3, Progress: 1}
	for m := -3.; m < 4; m++ {
		b.PolicyChosen, b.PolicyRejected = append(b.PolicyChosen, -30+m), append(b.PolicyRejected, -31-.5*m)
		b.RefChosen, b.RefRejected = append(b.RefChosen, -30), append(b.RefRejected, -31)
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, 20), append(b.RejectedLen, 22)
	}
	var r graph.Result
	plan.NewRunner().Run(b, 2, &r)
	return append(append(r.Loss, r.GradChosen...), r.GradRejected...)
}
