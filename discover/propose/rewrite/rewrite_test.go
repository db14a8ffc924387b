package rewrite_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

func trace(t *testing.T, loss func(x, b objective.Vec) objective.Vec) *graph.Graph {
	t.Helper()
	g, err := objective.Trace(func(b objective.Batch) objective.Vec { return loss(b.Margin().Mul(b.Beta), b.Beta) })
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func batch() *graph.Batch {
	return &graph.Batch{
		PolicyChosen:   []float64{-20, -35, -12.5, -40, -3},
		PolicyRejected: []float64{-30, -31, -14, -55, -4},
		RefChosen:      []float64{-22, -30, -13, -44, -3.3},
		RefRejected:    []float64{-21, -33, -10, -50, -3.9},
		ChosenLen:      []float64{11, 15, 6, 20, 2},
		RejectedLen:    []float64{13, 14, 7, 25, 3},
		Beta:           .1, Progress: .4,
	}
}

func run(t interface{ Fatal(...any) }, g *graph.Graph) graph.Result {
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	var out graph.Result
	plan.NewRunner().Run(batch(), 2, &out)
	return out
}

func TestMergeAndIdentityKeepHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t)
		merged := rewrite.Merge(g)
		if err := merged.Validate(); err != nil {
			t.Fatal(err)
		}
		if merged.Hash() != g.Hash() {
			t.Error("Merge changed the hash")
		}
		seen := map[string]bool{}
		for i := range merged.Nodes {
			h := (&graph.Graph{Nodes: merged.Nodes[:i+1], Output: i}).Hash()
			if seen[h] {
				t.Errorf("node %d is listed twice", i)
			}
			seen[h] = true
		}
		same, err := objective.Trace(func(b objective.Batch) objective.Vec { return rewrite.Vec(b, g, g.Output) })
		if err != nil {
			t.Fatal(err)
		}
		if same.Hash() != g.Hash() {
			t.Error("Vec changed the hash")
		}
	})
}

func TestSimplifyKeepsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Draw(t)
		simple := rewrite.Simplify(g)
		if err := simple.Validate(); err != nil {
			t.Fatal(err)
		}
		if again := rewrite.Simplify(simple); again.Hash() != simple.Hash() {
			t.Error("Simplify is not idempotent")
		}
		a, b := run(t, g), run(t, simple)
		for i := range a.Loss {
			if !tame(a.Loss[i]) || !tame(b.Loss[i]) {
				continue
			}
			if diff := math.Abs(a.Loss[i] - b.Loss[i]); diff > 1e-6*(1+math.Abs(a.Loss[i])) {
				t.Errorf("pair %d: loss %g became %g", i, a.Loss[i], b.Loss[i])
			}
		}
	})
}

// tame reports whether rounding is unlikely to have been blown up on the way.
func tame(x float64) bool { return math.Abs(x) < 1e6 }

func TestSimplify(t *testing.T) {
	k := objective.Const
	tests := []struct {
		name      string
		from, got func(x, beta objective.Vec) objective.Vec
	}{
		{"double negation", func(x, _ objective.Vec) objective.Vec { return x.Neg().Neg() }, func(x, _ objective.Vec) objective.Vec { return x }},
		{"negated difference", func(x, b objective.Vec) objective.Vec { return x.Sub(b).Neg() }, func(x, b objective.Vec) objective.Vec { return b.Sub(x) }},
		{"chain of scales", func(x, _ objective.Vec) objective.Vec { return x.Scale(2).Neg().Scale(3) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(-6) }},
		{"scales that cancel", func(x, _ objective.Vec) objective.Vec { return x.Scale(.5).Scale(2).AddConst(0) }, func(x, _ objective.Vec) objective.Vec { return x }},
		{"constants fold", func(x, _ objective.Vec) objective.Vec { return x.Mul(k(2).Scale(3).AddConst(-1).Neg()) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(-5) }},
		{"a function of a constant", func(x, _ objective.Vec) objective.Vec { return x.Mul(k(0).Sigmoid()).Add(k(-4).Abs().Sqrt()) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(.5).AddConst(2) }},
		{"statistics of a constant", func(x, _ objective.Vec) objective.Vec { return x.Mul(k(3).Sum().Sort()).Add(k(2).Std()) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(3) }},
		{"a constant choice", func(x, _ objective.Vec) objective.Vec { return x.Mul(objective.Where(k(1).Less(k(2)), k(3), k(4))) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(3) }},
		{"a choice by a constant", func(x, b objective.Vec) objective.Vec { return objective.Where(k(1).GreaterConst(2), b, x) }, func(x, _ objective.Vec) objective.Vec { return x }},
		{"a choice of a scalar for all pairs stays", func(x, b objective.Vec) objective.Vec {
			return x.Add(objective.Where(k(1), b, x).Sum())
		}, func(x, b objective.Vec) objective.Vec { return x.Add(objective.Where(k(1), b, x).Sum()) }},
		{"a function of a parameter stays", func(x, _ objective.Vec) objective.Vec { return x.Mul(objective.Param("tau", 0).Sigmoid()) }, func(x, _ objective.Vec) objective.Vec { return x.Mul(objective.Param("tau", 0).Sigmoid()) }},
		{"log 0 stays", func(x, _ objective.Vec) objective.Vec { return x.Mul(k(0).Log()) }, func(x, _ objective.Vec) objective.Vec { return x.Mul(k(0).Log()) }},
		{"like terms", func(x, _ objective.Vec) objective.Vec {
			return x.Scale(.5).Add(x.Mul(k(0).Sigmoid())).Sub(x.Scale(3)).Sub(x.Neg())
		}, func(x, _ objective.Vec) objective.Vec { return x.Neg() }},
		{"like terms that cancel stay", func(x, b objective.Vec) objective.Vec { return b.Add(x.Scale(2).Sub(x.Scale(2))) }, func(x, b objective.Vec) objective.Vec { return b.Add(x.Scale(2).Sub(x.Scale(2))) }},
		{"one minus", func(x, _ objective.Vec) objective.Vec { return k(1).Sub(x) }, func(x, _ objective.Vec) objective.Vec { return x.Neg().AddConst(1) }},
		{"division by a constant", func(x, _ objective.Vec) objective.Vec { return x.Div(k(4)) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(.25) }},
		{"division by zero stays", func(x, _ objective.Vec) objective.Vec { return x.Div(k(0)) }, func(x, _ objective.Vec) objective.Vec { return x.Div(k(0)) }},
		{"logistic loss", func(x, _ objective.Vec) objective.Vec { return x.Sigmoid().Log().Neg() }, func(x, _ objective.Vec) objective.Vec { return x.LogSigmoid().Neg() }},
		{"softplus", func(x, _ objective.Vec) objective.Vec { return x.Neg().LogSigmoid().Neg() }, func(x, _ objective.Vec) objective.Vec { return x.Softplus() }},
		{"log1p of exp", func(x, _ objective.Vec) objective.Vec { return x.Exp().Log1p() }, func(x, _ objective.Vec) objective.Vec { return x.Softplus() }},
		{"square", func(x, _ objective.Vec) objective.Vec { return x.Neg().Mul(x.Neg()) }, func(x, _ objective.Vec) objective.Vec { return x.Square() }},
		{"detached scalar", func(x, b objective.Vec) objective.Vec { return x.Add(b.Detach()) }, func(x, b objective.Vec) objective.Vec { return x.Add(b) }},
		{"detached policy stays", func(x, _ objective.Vec) objective.Vec { return x.Mul(x.Detach()) }, func(x, _ objective.Vec) objective.Vec { return x.Mul(x.Detach()) }},
		{"sum with a negation", func(x, b objective.Vec) objective.Vec { return x.Neg().Add(b.Add(x.Neg())) }, func(x, b objective.Vec) objective.Vec { return b.Sub(x).Sub(x) }},
		{"difference of a negation", func(x, b objective.Vec) objective.Vec { return x.Sub(b.Neg()) }, func(x, b objective.Vec) objective.Vec { return x.Add(b) }},
		{"product of negations", func(x, b objective.Vec) objective.Vec { return x.Neg().Mul(b.Neg()) }, func(x, b objective.Vec) objective.Vec { return x.Mul(b) }},
		{"doubling", func(x, _ objective.Vec) objective.Vec { return x.Add(x) }, func(x, _ objective.Vec) objective.Vec { return x.Scale(2) }},
		{"larger of equals", func(x, _ objective.Vec) objective.Vec { return x.Max(x).Min(x) }, func(x, _ objective.Vec) objective.Vec { return x }},
		{"sum with a constant", func(x, _ objective.Vec) objective.Vec { return k(1).Add(x).Add(k(2)).Sub(k(4)) }, func(x, _ objective.Vec) objective.Vec { return x.AddConst(-1) }},
		{"exp − 1", func(x, _ objective.Vec) objective.Vec { return x.Exp().AddConst(-1) }, func(x, _ objective.Vec) objective.Vec { return x.Expm1() }},
		{"powers", func(x, _ objective.Vec) objective.Vec { return x.PowConst(1).PowConst(2) }, func(x, _ objective.Vec) objective.Vec { return x.Square() }},
		{"mean of a scalar", func(x, b objective.Vec) objective.Vec { return x.Add(b.Mean()) }, func(x, b objective.Vec) objective.Vec { return x.Add(b) }},
		{"sum of a mean stays", func(x, _ objective.Vec) objective.Vec { return x.Add(x.Mean().Sum()) }, func(x, _ objective.Vec) objective.Vec { return x.Add(x.Mean().Sum()) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, want := rewrite.Simplify(trace(t, tt.from)), trace(t, tt.got)
			if got.Hash() != want.Hash() {
				t.Errorf("Simplify gives %+v, want %+v", got.Nodes, want.Nodes)
			}
		})
	}
}

func TestReplace(t *testing.T) {
	// softplus(−x) + x² with β·margin clamped everywhere, or in the square only.
	g := rewrite.Merge(trace(t, func(x, _ objective.Vec) objective.Vec { return x.Neg().Softplus().Add(x.Square()) }))
	product, square := find(t, g, graph.Mul), find(t, g, graph.Square)
	clamp := func(_ objective.Batch, v objective.Vec) objective.Vec { return v.Clamp(-1, 1) }

	everywhere, err := rewrite.Replace(g, product, clamp)
	if err != nil {
		t.Fatal(err)
	}
	want := trace(t, func(x, _ objective.Vec) objective.Vec {
		return x.Clamp(-1, 1).Neg().Softplus().Add(x.Clamp(-1, 1).Square())
	})
	if everywhere.Hash() != want.Hash() {
		t.Errorf("Replace gives %+v", everywhere.Nodes)
	}

	isolated, i := rewrite.Isolate(g, square, 0)
	if isolated.Hash() != g.Hash() {
		t.Error("Isolate changed the hash")
	}
	once, err := rewrite.Replace(isolated, i, clamp)
	if err != nil {
		t.Fatal(err)
	}
	want = trace(t, func(x, _ objective.Vec) objective.Vec { return x.Neg().Softplus().Add(x.Clamp(-1, 1).Square()) })
	if once.Hash() != want.Hash() {
		t.Errorf("Replace of one use gives %+v", once.Nodes)
	}
}

func find(t *testing.T, g *graph.Graph, op graph.Op) int {
	t.Helper()
	for i, n := range g.Nodes {
		if n.Op == op {
			return i
		}
	}
	t.Fatalf("no %s", op)
	return 0
}

func TestReplaceReportsScalars(t *testing.T) {
	g := trace(t, func(x, _ objective.Vec) objective.Vec { return x.Square() })
	_, err := rewrite.Replace(g, g.Output, func(_ objective.Batch, v objective.Vec) objective.Vec { return v.Mean() })
	if err == nil {
		t.Error("a scalar passed as an objective")
	}
}

func TestParametrize(t *testing.T) {
	g := trace(t, func(x, _ objective.Vec) objective.Vec {
		gate := x.Scale(20).AddConst(-.5).Sigmoid()
		return x.Neg().Softplus().Mul(gate.Neg().AddConst(1)).Add(x.Square().Mul(objective.Param("offset", .05)).Scale(3))
	})
	got, err := rewrite.Parametrize(g, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := []graph.Parameter{{Name: "strength", Value: 20}, {Name: "offset_2", Value: -.5}, {Name: "offset", Value: .05}}
	if diff := cmp.Diff(want, got.Params()); diff != "" {
		t.Errorf("Parametrize (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(run(t, g), run(t, got)); diff != "" {
		t.Errorf("Parametrize changed values:\n%s", diff)
	}
	all, err := rewrite.Parametrize(g, 10)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(all.Params()); n != 4 {
		t.Errorf("%d parameters of 3 constants and 1 parameter: %+v", n, all.Params())
	}
}
