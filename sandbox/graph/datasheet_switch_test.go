package graph_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// reached are values that training gets to.
func reached(n int, value func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = value(i)
	}
	return out
}

// The datasheet says what a loss with a switch at a random place depends on, as
// its gradients have it at all values that training gets to.
func TestDependenceOnSwitches(t *testing.T) {
	step := func(i int) float64 { return float64(i) / 200 }
	token := func(i int) float64 { return float64(1 + i) }
	for _, in := range []struct {
		what    string
		x       func(batch) vec
		lo, hi  float64 // of thresholds, some out of reach
		values  []float64
		set     func(b *graph.Batch, v float64)
		claimed func(graph.Dependence) bool
	}{
		{"progress", progress, -.3, 1.3, reached(201, step),
			func(b *graph.Batch, v float64) { b.Progress = v }, func(d graph.Dependence) bool { return d.Progress }},
		{"lengths", chosenLen, -5, 60, reached(50, token),
			func(b *graph.Batch, v float64) { fill(b.ChosenLen, v) }, func(d graph.Dependence) bool { return d.Lengths }},
		{"rejected lengths", rejectedLen, -5, 60, reached(50, token),
			func(b *graph.Batch, v float64) { fill(b.RejectedLen, v) }, func(d graph.Dependence) bool { return d.Lengths }},
		{"a log-probability", policyChosen, -420, 50, reached(420, func(i int) float64 { return -1 - float64(i) }),
			func(b *graph.Batch, v float64) {
				for i := range b.PolicyChosen {
					b.RefChosen[i] += v - b.PolicyChosen[i]
					b.PolicyChosen[i] = v
				}
			}, func(d graph.Dependence) bool { return !d.LogRatios && !d.Margin }},
	} {
		t.Run(in.what, func(t *testing.T) {
			yes, no := 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				threshold := rapid.Float64Range(in.lo, in.hi).Draw(rt, "threshold")
				if in.what == "a log-probability" && threshold >= -1 && threshold < 0 || in.what != "progress" && threshold > 49.5 {
					return // the datasheet looks a little beyond the values above
				}
				g := trace(t, switched(in.x, threshold))
				truth := changesAlong(t, g, in.values, in.set)
				d, err := graph.Inspect(g)
				if err != nil {
					rt.Fatal(err)
				}
				if claimed := in.claimed(d.Depends); claimed != truth {
					rt.Fatalf("threshold %v: the datasheet says %v, gradients %v", threshold, claimed, truth)
				}
				if truth && (d.GPO || d.Shape != nil) {
					rt.Fatalf("threshold %v: still a function of the margin alone", threshold)
				}
				if truth {
					yes++
				} else {
					no++
				}
			})
			if yes == 0 || no == 0 {
				t.Errorf("%d depend on it and %d do not, want some of both", yes, no)
			}
		})
	}
}

// changesAlong reports whether the gradients are not the same at all values.
func changesAlong(t *testing.T, g *graph.Graph, values []float64, set func(*graph.Batch, float64)) bool {
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	r, b := plan.NewRunner(), drawnPairs(rand.New(rand.NewPCG(7, 5)), 2)
	var first, now graph.Result
	set(b, values[0])
	r.Run(b, 2, &first)
	for _, v := range values {
		set(b, v)
		r.Run(b, 2, &now)
		for i := range now.GradChosen {
			if math.Abs(now.GradChosen[i]-first.GradChosen[i]) > 1e-9 || math.Abs(now.GradRejected[i]-first.GradRejected[i]) > 1e-9 {
				return true
			}
		}
	}
	return false
}

func fill(column []float64, v float64) {
	for i := range column {
		column[i] = v
	}
}

func TestDatasheetTellsOfSwitches(t *testing.T) {
	for _, tt := range []struct {
		want string
		loss func(batch) vec
	}{
		{"changes with training progress", switched(progress, .95)},
		{"changes with training progress", switched(progress, .05)},
		{"changes with training progress", func(b batch) vec { return logistic(b).Add(b.Progress.AddConst(-.9).ReLU().Mul(hinge(b))) }},
		{"it depends on training progress", switched(progress, .995-1e-9)},
		{"it depends on lengths", switched(chosenLen, 80)},
		{"it depends on lengths", switched(rejectedLen, 1900)},
		{"it depends on log-probabilities", switched(policyChosen, -3)},
		{"it depends on log-probabilities", switched(refRejected, -3)},
		{"it depends on log-probabilities", switched(negated(refRejected), 300)},
		{"beta and the margin enter otherwise than by their product", switched(beta, .07)},
	} {
		d, err := graph.Inspect(trace(t, tt.loss))
		if err != nil {
			t.Fatal(err)
		}
		if facts := strings.Join(d.Facts(), "\n"); !strings.Contains(facts, tt.want) {
			t.Errorf("no %q in:\n%s", tt.want, facts)
		}
	}
	onBeta := func(b batch) vec { // the gradient knows of beta by the switch only
		return objective.Where(b.Beta.GreaterConst(1.5), b.Margin().Scale(.1).Neg().Softplus(), b.Margin().Scale(.2).Neg().Softplus())
	}
	if d, err := graph.Inspect(trace(t, onBeta)); err != nil || !d.Depends.Beta {
		t.Errorf("a switch on beta alone: %+v, %v", d.Depends, err)
	}
}
