package graph_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// The claims of every known objective's datasheet, held to its values and
// gradients on pairs that the datasheet has not seen.

// drawnPairs are pairs around the reference, lengths of 5 to 60 tokens.
func drawnPairs(rng *rand.Rand, spread float64) *graph.Batch {
	b := &graph.Batch{Beta: .02 + rng.Float64()/3, Progress: rng.Float64()}
	for range 6 {
		chosen, rejected := -20-60*rng.Float64(), -20-60*rng.Float64()
		b.RefChosen, b.RefRejected = append(b.RefChosen, chosen), append(b.RefRejected, rejected)
		b.PolicyChosen, b.PolicyRejected = append(b.PolicyChosen, chosen+spread*rng.NormFloat64()), append(b.PolicyRejected, rejected+spread*rng.NormFloat64())
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, float64(5+rng.IntN(56))), append(b.RejectedLen, float64(5+rng.IntN(56)))
	}
	return b
}

// gradientsOf are those of the sum over the pairs, in micro-batches of the given
// number of pairs.
func gradientsOf(t *testing.T, g *graph.Graph, b *graph.Batch, microBatch int) []float64 {
	t.Helper()
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	var r graph.Result
	plan.NewRunner().Run(b, microBatch, &r)
	return slices.Concat(r.GradChosen, r.GradRejected)
}

// moves reports whether a change of the pairs, or of the micro-batch, changes the
// gradients of an objective.
func moves(t *testing.T, g *graph.Graph, change func(b *graph.Batch, rng *rand.Rand), before, after int) bool {
	t.Helper()
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 11))
		b := drawnPairs(rng, 4)
		old := gradientsOf(t, g, b, before)
		change(b, rng)
		size := 0.
		for _, v := range old {
			size = max(size, math.Abs(v))
		}
		for i, v := range gradientsOf(t, g, b, after) {
			if math.Abs(v-old[i]) > 1e-7*size {
				return true
			}
		}
	}
	return false
}

// opposed reports whether the rejected completions lose what the chosen ones gain.
func opposed(t *testing.T, g *graph.Graph) bool {
	t.Helper()
	b := drawnPairs(rand.New(rand.NewPCG(4, 4)), 4)
	both := gradientsOf(t, g, b, 2)
	for i, v := range both[:len(both)/2] {
		if math.Abs(v+both[len(both)/2+i]) > 1e-9*math.Abs(v) {
			return false
		}
	}
	return true
}

func TestDependenceOfKnownObjectives(t *testing.T) {
	nothing := func(*graph.Batch, *rand.Rand) {}
	for _, e := range catalog.All() {
		g := trace(t, e.Loss)
		sheet, err := graph.Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		d := sheet.Depends
		for _, c := range []struct {
			what          string
			claimed       bool
			change        func(*graph.Batch, *rand.Rand)
			before, after int
		}{
			{"beta", d.Beta, func(b *graph.Batch, _ *rand.Rand) { b.Beta *= 1.5 }, 2, 2},
			{"progress", d.Progress, func(b *graph.Batch, _ *rand.Rand) { b.Progress = 1 - b.Progress }, 2, 2},
			{"lengths", d.Lengths, func(b *graph.Batch, rng *rand.Rand) {
				for i := range b.ChosenLen {
					b.ChosenLen[i], b.RejectedLen[i] = float64(5+rng.IntN(56)), float64(5+rng.IntN(56))
				}
			}, 2, 2},
			{"the reference", d.Reference, func(b *graph.Batch, rng *rand.Rand) {
				for i := range b.RefChosen {
					b.RefChosen[i], b.RefRejected[i] = b.RefChosen[i]+3*rng.NormFloat64(), b.RefRejected[i]+3*rng.NormFloat64()
				}
			}, 2, 2},
			{"more than the log-ratios", !d.LogRatios, func(b *graph.Batch, rng *rand.Rand) {
				for i := range b.RefChosen {
					shift := 20 * rng.NormFloat64()
					b.RefChosen[i], b.PolicyChosen[i] = b.RefChosen[i]+shift, b.PolicyChosen[i]+shift
				}
			}, 2, 2},
			{"more than the margin", !d.Margin, func(b *graph.Batch, rng *rand.Rand) {
				for i := range b.PolicyChosen {
					both, chosen := 3*rng.NormFloat64(), 20*rng.NormFloat64()
					b.PolicyChosen[i], b.PolicyRejected[i] = b.PolicyChosen[i]+both+chosen, b.PolicyRejected[i]+both
					b.RefChosen[i] += chosen
				}
			}, 2, 2},
			{"other pairs", d.Batch, nothing, 3, 1},
		} {
			got := moves(t, g, c.change, c.before, c.after)
			if c.what == "more than the margin" {
				got = got || !opposed(t, g)
			}
			if got != c.claimed {
				t.Errorf("%s depends on %s: the datasheet says %v, its gradients %v", e.Name, c.what, c.claimed, got)
			}
		}
	}
}

// curve is the value of an objective at beta .1 where every margin is x / beta, the
// chosen completion gaining what the rejected one loses.
func curve(t *testing.T, g *graph.Graph) func(x float64) float64 {
	t.Helper()
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	runner := plan.NewRunner()
	return func(x float64) float64 {
		b := drawnPairs(rand.New(rand.NewPCG(1, 2)), 0)
		b.Beta, b.Progress = .1, .5
		for i := range b.PolicyChosen {
			b.PolicyChosen[i], b.PolicyRejected[i] = b.RefChosen[i]+x/.2, b.RefRejected[i]-x/.2
		}
		var r graph.Result
		runner.Run(b, 2, &r)
		return r.Loss[0]
	}
}

// Convexity, monotony and the slope at 0 of the known objectives that are functions
// of the margin agree with differences of their values.
func TestShapeOfKnownObjectives(t *testing.T) {
	shaped := 0
	for _, e := range catalog.All() {
		g := trace(t, e.Loss)
		sheet, err := graph.Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		if sheet.Shape == nil {
			continue
		}
		shaped++
		f := curve(t, g)
		convex, down, up := differences(f)
		monotone := map[[2]bool]string{{true, false}: "decreasing", {false, true}: "increasing"}[[2]bool{down, up}]
		if sheet.Shape.Convex != convex || sheet.Shape.Monotone != monotone {
			t.Errorf("%s: convex %v, monotone %q; its values say %v and %q", e.Name, sheet.Shape.Convex, sheet.Shape.Monotone, convex, monotone)
		}
		const h = 1e-5
		left, right := (f(0)-f(-h))/h, (f(h)-f(0))/h
		off := max(math.Abs(left-*sheet.Start.SlopeLeft), math.Abs(right-*sheet.Start.SlopeRight))
		if len(sheet.Shape.Jumps) == 0 && off > 1e-3*max(1, math.Abs(left)) {
			t.Errorf("%s: slopes %g and %g at 0, its values say %g and %g", e.Name, *sheet.Start.SlopeLeft, *sheet.Start.SlopeRight, left, right)
		}
	}
	if shaped < 10 {
		t.Errorf("only %d known objectives are functions of the margin", shaped)
	}
}

// The growth of the tails of known objectives is that of their values.
func TestTailsOfKnownObjectives(t *testing.T) {
	checked := 0
	for _, e := range catalog.All() {
		g := trace(t, e.Loss)
		sheet, err := graph.Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		if sheet.Shape == nil {
			continue
		}
		f := curve(t, g)
		for _, side := range []struct {
			sign float64
			tail graph.Tail
		}{{-1, sheet.WrongTail}, {1, sheet.RightTail}} {
			checked++
			if got := growth(f, side.sign); got != side.tail.Growth {
				t.Errorf("%s towards %+g: the datasheet says %s, its values %s", e.Name, side.sign, side.tail.Growth, got)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d tails were checked", checked)
	}
}

// growth classifies by how the value changes from x to 2x and 4x.
func growth(f func(float64) float64, sign float64) string {
	const x = 30
	first, second := math.Abs(f(2*sign*x)-f(sign*x)), math.Abs(f(4*sign*x)-f(2*sign*x))
	switch {
	case second < 1e-3:
		return "saturating"
	case second/first > 1e6:
		return "exponential"
	case math.Abs(second/first-1) < .05:
		return "logarithmic"
	case math.Abs(second/first-2) < .1:
		return "linear"
	case math.Abs(second/first-4) < .4:
		return "quadratic"
	}
	return "another"
}

// At a beta that the datasheet does not list, no drawn pair overflows; at one that
// it lists, the extreme ones do.
func TestOverflowOfKnownObjectives(t *testing.T) {
	for _, e := range catalog.All() {
		g := trace(t, e.Loss)
		sheet, err := graph.Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, beta := range []float64{.01, .05, .1, .5, 1, 2.5, 5, 10} {
			if slices.Contains(sheet.OverflowBetas, beta) {
				continue
			}
			for seed := range uint64(8) {
				b := drawnPairs(rand.New(rand.NewPCG(seed, 3)), 30)
				b.Beta = beta
				for i := range b.PolicyChosen {
					b.PolicyChosen[i] = min(max(b.PolicyChosen[i], b.RefChosen[i]-100), b.RefChosen[i]+100, -1e-3)
					b.PolicyRejected[i] = min(max(b.PolicyRejected[i], b.RefRejected[i]-100), b.RefRejected[i]+100, -1e-3)
				}
				for _, v := range gradientsOf(t, g, b, 2) {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Errorf("%s overflows at beta %g, which the datasheet does not list: %v", e.Name, beta, sheet.OverflowBetas)
					}
				}
			}
		}
	}
}

func TestEnoughRewritings(t *testing.T) {
	if len(rewritings) < 40 {
		t.Errorf("%d rewritings of known objectives, want 40 at least", len(rewritings))
	}
}
