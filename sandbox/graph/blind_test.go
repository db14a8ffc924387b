package graph

import (
	"testing"

	"pgregory.net/rapid"
)

// sumsOfLogProbabilities draws a graph that is made of sums and differences of
// log-probabilities, and of functions and statistics of these.
func sumsOfLogProbabilities(t *rapid.T) *Graph {
	g := &Graph{Version: Version}
	for _, op := range []Op{PolicyChosen, PolicyRejected, RefChosen, RefRejected, Beta} {
		g.push(op)
	}
	draw := func(from int) int { return rapid.IntRange(from, len(g.Nodes)-1).Draw(t, "operand") }
	for range rapid.IntRange(1, 4).Draw(t, "sums") {
		switch rapid.IntRange(0, 4).Draw(t, "form") {
		case 0:
			g.push(Sub, g.push(Sub, 0, 2), g.push(Sub, 1, 3)) // the margin
		case 1:
			g.push(Sub, g.push(Add, 0, 3), g.push(Add, 2, 1)) // the same
		case 2:
			g.push(Neg, g.push(Sub, 1, 3))
		case 3: // sees what it would not see without the function
			op := rapid.SampledFrom([]Op{Softplus, Square, Sort, Mean}).Draw(t, "op")
			g.push(Sub, g.push(op, 0), g.push(op, rapid.IntRange(1, 3).Draw(t, "log-probability")))
		default:
			g.push(rapid.SampledFrom([]Op{Add, Sub}).Draw(t, "op"), draw(0), draw(0))
		}
	}
	for range rapid.IntRange(1, 4).Draw(t, "functions") {
		if op := rapid.SampledFrom([]Op{Add, Sub, Mul, Max, Softplus, Tanh, Mean, BatchMax, Sort}).Draw(t, "op"); op.Arity() == 2 {
			g.push(op, draw(5), draw(4))
		} else {
			g.push(op, draw(5))
		}
	}
	last := len(g.Nodes) - 1
	if !g.Shapes()[last] {
		last = g.push(Add, rapid.IntRange(0, 3).Draw(t, "log-probability"), last)
	}
	g.Output = g.push(Softplus, last)
	return g
}

// TestBlindnessIsMeasuredToo: what is seen by form, measuring would show.
func TestBlindnessIsMeasuredToo(t *testing.T) {
	blind, seeing := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		plan, err := Compile(sumsOfLogProbabilities(t))
		if err != nil {
			t.Fatal(err)
		}
		r := plan.NewRunner()
		base := gradients(r, func(*Batch) {}, 2)
		changes := func(change func(*Batch)) bool { return differ(base, gradients(r, change, 2)) }
		for _, tt := range []struct {
			byForm   bool
			measured func(func(func(*Batch)) bool) bool
		}{
			{plan.blindTo(PolicyChosen, RefChosen) && plan.blindTo(PolicyRejected, RefRejected), logRatiosOnly},
			{plan.blindTo(PolicyChosen, PolicyRejected), marginOnly},
		} {
			switch measured := tt.measured(changes); {
			case tt.byForm && !measured:
				t.Fatal("blind by its form, and yet a gradient changes")
			case tt.byForm:
				blind++
			case !measured:
				seeing++
			}
		}
	})
	if blind < 20 || seeing < 20 {
		t.Errorf("%d blind and %d seeing: the test compares nothing", blind, seeing)
	}
}
