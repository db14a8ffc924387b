package graph_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func TestFormula(t *testing.T) {
	for _, test := range []struct {
		want string
		loss func(batch) vec
	}{
		{"−log σ(β·h)", func(b batch) vec { return bh(b).Neg().Exp().Log1p() }},
		{"−log σ(β·h)", func(b batch) vec {
			return b.LogRatioRejected().Mul(b.Beta).Sub(b.LogRatioChosen().Mul(b.Beta)).Softplus()
		}},
		{"σ(−β·h)²", func(b batch) vec { return bh(b).Exp().AddConst(1).Square().Reciprocal() }},
		{"σ(−β·h₊) + σ(β·h₋)", func(b batch) vec {
			return constant(2).Sub(b.LogRatioChosen().Mul(b.Beta).Sigmoid()).Sub(b.LogRatioRejected().Mul(b.Beta).Neg().Sigmoid())
		}},
		{"h", func(b batch) vec { return b.Margin().Mul(constant(1)).AddConst(2).Sub(constant(2)) }},
		{"−h/2 − 1", func(b batch) vec { return b.Margin().Scale(-0.5).AddConst(-1) }},
		{"exp(−β·h)", func(b batch) vec { return bh(b).Exp().Reciprocal() }},
		{"2·h₊ − h₋", func(b batch) vec { return b.Margin().Add(b.LogRatioChosen()) }},
		{"h₊·h₋", func(b batch) vec { return b.LogRatioChosen().Mul(b.LogRatioRejected()) }},
		{"sqrt(h²)", func(b batch) vec { return b.Margin().Square().Sqrt() }},
		{"h^1.5", func(b batch) vec { return b.Margin().PowConst(1.5) }},
		{"(log σ(h))²", func(b batch) vec { return b.Margin().LogSigmoid().Square() }},
		{"1/(|y₊|·h)", func(b batch) vec { return b.Margin().Mul(b.ChosenLen).Reciprocal() }},
		{"1e−05·t·h", func(b batch) vec { return b.Margin().Scale(1e-5).Mul(b.Progress) }},
		{"where(h > 0, h, 0)", func(b batch) vec { return objective.Where(b.Margin().GreaterConst(0), b.Margin(), constant(0)) }},
		{"where(1 − [h > 0] ≠ 0, h, 0)", func(b batch) vec {
			return objective.Where(b.Margin().GreaterConst(0).Neg().AddConst(1), b.Margin(), constant(0))
		}},
		{"h·[h < β]", func(b batch) vec { return b.Margin().Less(b.Beta).Mul(b.Margin()) }},
		{"tau·h where tau = 0.05", func(b batch) vec { return b.Margin().Mul(param("tau", 0.05)) }},
		{"sin(v)·cos(v) where v = exp(β·h/u), u = 3", func(b batch) vec {
			x := bh(b).Div(param("u", 3)).Exp()
			return x.Sin().Mul(x.Cos())
		}},
		{"σ(−u)·relu(u) where u = β·h·mean(β·h) − 1", func(b batch) vec {
			x := bh(b).Mul(bh(b).Mean()).AddConst(-1)
			return x.Neg().Sigmoid().Mul(x.ReLU())
		}},
		{"−0.926291·log σ(β·h)", func(b batch) vec {
			l := bh(b).LogSigmoid()
			return l.Scale(.64).Add(l.Mul(constant(.83).Sigmoid())).Mul(constant(2).Log()).Neg()
		}},
		{"7.38906·h", func(b batch) vec { return b.Margin().AddConst(2).Exp().Mul(b.Margin().Neg().Exp()).Mul(b.Margin()) }},
		{"h + 1.5", func(b batch) vec { return b.Margin().Add(constant(1).Max(constant(1.5)).Mean().Detach()) }},
		{"h", func(b batch) vec { return objective.Where(constant(3).GreaterConst(2), b.Margin(), bh(b)) }},
		{"h·σ(tau) where tau = 0.83", func(b batch) vec { return b.Margin().Mul(param("tau", .83).Sigmoid()) }},
		{"h·log(0)", func(b batch) vec { return b.Margin().Mul(constant(0).Log()) }},
	} {
		if got := graph.Formula(trace(t, test.loss)); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestLaTeX(t *testing.T) {
	for _, test := range []struct {
		want string
		loss func(batch) vec
	}{
		{`\ell = -\log\sigma\left(\beta h\right)`, func(b batch) vec { return bh(b).Neg().Softplus() }},
		{`\ell = \left(h - \frac{1}{2 \beta}\right)^{2}`, func(b batch) vec { return b.Margin().Sub(b.Beta.Scale(2).Reciprocal()).Square() }},
		{`\ell = \frac{h + 1}{|y_{+}|}`, func(b batch) vec { return b.Margin().AddConst(1).Div(b.ChosenLen) }},
		{`\ell = \max\left(0,\, 1 - \beta h\right)`, func(b batch) vec { return bh(b).Neg().AddConst(1).ReLU() }},
		{`\ell = \begin{cases} h & \text{if } h > 0 \\ \sqrt{\left|h\right|} & \text{otherwise} \end{cases}`, func(b batch) vec {
			return objective.Where(b.Margin().GreaterConst(0), b.Margin(), b.Margin().Abs().Sqrt())
		}},
		{"\\ell = \\lambda h_{+} + \\mathrm{a\\_b}\\, h_{-}\n\\lambda = 2\n\\mathrm{a\\_b} = 1 \\cdot 10^{-5}", func(b batch) vec {
			return b.LogRatioChosen().Mul(param("lambda", 2)).Add(b.LogRatioRejected().Mul(param("a_b", 1e-5)))
		}},
		{`\ell = \log\pi(y_{+}) - \operatorname{sg}\left(\log\pi_{\mathrm{ref}}(y_{-})\right)`, func(b batch) vec {
			return b.PolicyChosen.Sub(b.RefRejected.Detach())
		}},
		{`\ell = \mathbf{1}[h > 1] \operatorname{batch\_max}\left(h\right)`, func(b batch) vec {
			return b.Margin().GreaterConst(1).Mul(b.Margin().BatchMax())
		}},
	} {
		if got := strings.Join(graph.LaTeX(trace(t, test.loss)), "\n"); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

// someBatch draws log-ratios from −3 to 3 nats.
func someBatch(seed uint64, n int) *graph.Batch {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := &graph.Batch{Beta: 0.7, Progress: 0.3}
	for range n {
		b.RefChosen = append(b.RefChosen, -5-2*rng.Float64())
		b.RefRejected = append(b.RefRejected, -5-2*rng.Float64())
		b.ChosenLen = append(b.ChosenLen, 3+4*rng.Float64())
		b.RejectedLen = append(b.RejectedLen, 3+4*rng.Float64())
	}
	for i := range n {
		b.PolicyChosen = append(b.PolicyChosen, b.RefChosen[i]+4*rng.Float64()-2)
		b.PolicyRejected = append(b.PolicyRejected, b.RefRejected[i]+4*rng.Float64()-2)
	}
	return b
}

// agree compares what the formula of g says with what g computes.
func agree(t interface{ Fatalf(string, ...any) }, g *graph.Graph) {
	says(t, g, graph.Formula(g))
}

func says(t interface{ Fatalf(string, ...any) }, g *graph.Graph, formula string) {
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatalf("%v", err)
	}
	b := someBatch(7, 5)
	var out graph.Result
	plan.NewRunner().Run(b, 0, &out)
	got, err := read(formula, b)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for i, want := range out.Loss {
		if math.IsNaN(want) || math.Abs(want) > 1e6 {
			continue
		}
		if !(math.Abs(got[i]-want) <= 1e-5*(1+math.Abs(want))) {
			t.Fatalf("pair %d: %s is %v, the graph gives %v", i, formula, got[i], want)
		}
	}
}

func TestFormulasOfKnownObjectivesSayWhatTheyCompute(t *testing.T) {
	for _, e := range catalog.All() {
		agree(t, trace(t, e.Loss))
	}
	for _, r := range rewritings {
		agree(t, trace(t, r.loss))
	}
}

// Operations of random expressions. They stay in a moderate range, so that
// rounding of the six digits written does not matter.
var (
	randomUnary = []func(vec) vec{
		vec.Neg, vec.Abs, vec.Sigmoid, vec.LogSigmoid, vec.Softplus, vec.ReLU, vec.Tanh, vec.Erf, vec.Atan, vec.Sin, vec.Cos, vec.Detach,
		vec.Mean, vec.Std, vec.Var, vec.BatchMax, vec.BatchMin, vec.Sort,
		func(v vec) vec { return v.Tanh().Exp() }, func(v vec) vec { return v.Sin().Expm1() },
		func(v vec) vec { return v.Tanh().Square() }, func(v vec) vec { return v.Sin().PowConst(3) },
		func(v vec) vec { return v.Abs().AddConst(1).Log() }, func(v vec) vec { return v.Sigmoid().Log() }, func(v vec) vec { return v.Abs().Log1p() },
		func(v vec) vec { return v.Abs().AddConst(0.5).Sqrt() }, func(v vec) vec { return v.Sigmoid().AddConst(1).Reciprocal() },
		func(v vec) vec { return v.Tanh().Exp().AddConst(1).Reciprocal() }, func(v vec) vec { return v.Scale(-0.5) },
		func(v vec) vec { return v.AddConst(-1) }, func(v vec) vec { return v.Neg().AddConst(1) },
		func(v vec) vec { return v.Clamp(-1, 2) }, func(v vec) vec { return v.ClampMin(-0.5) }, func(v vec) vec { return v.ClampMax(0.5) },
		func(v vec) vec { return v.ClampMin(0) }, func(v vec) vec { return v.Mul(param("tau", 0.5)) },
	}
	randomBinary = []func(v, w vec) vec{
		vec.Add, vec.Sub, vec.Max, vec.Min,
		func(v, w vec) vec { return v.Tanh().Mul(w) }, func(v, w vec) vec { return v.Sigmoid().Mul(w.Sin()) },
		func(v, w vec) vec { return v.Div(w.Abs().AddConst(1)) }, func(v, w vec) vec { return v.Div(w.Sigmoid()) },
		func(v, w vec) vec { return objective.Where(v.AddConst(0.0137).Greater(w), v, w) },
		func(v, w vec) vec { return v.AddConst(0.0137).Less(w).Mul(v) },
	}
)

func TestRandomFormulasSayWhatTheyCompute(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct{ unary, binary, left, right int }
		n := rapid.IntRange(1, 12).Draw(rt, "steps")
		steps := make([]step, n)
		for i := range steps {
			steps[i] = step{
				rapid.IntRange(0, len(randomUnary)-1).Draw(rt, "unary"), rapid.IntRange(0, len(randomBinary)-1).Draw(rt, "binary"),
				rapid.IntRange(0, 6+i).Draw(rt, "left"), rapid.IntRange(0, 6+i).Draw(rt, "right"),
			}
		}
		agree(rt, trace(t, func(b batch) vec {
			values := []vec{bh(b), b.Margin(), b.LogRatioChosen(), b.LogRatioRejected().Mul(b.Beta), b.PolicyChosen.Div(b.ChosenLen), b.Progress, b.Beta}
			for _, s := range steps {
				values = append(values, randomBinary[s.binary](randomUnary[s.unary](values[s.left]), values[s.right]))
			}
			return values[len(values)-1].Add(bh(b))
		}))
	})
}

func TestLaTeXIsBalanced(t *testing.T) {
	for _, r := range rewritings {
		for _, s := range graph.LaTeX(trace(t, r.loss)) {
			if strings.Count(s, "{") != strings.Count(s, "}") || strings.Count(s, `\left`) != strings.Count(s, `\right`) {
				t.Errorf("not balanced: %s", s)
			}
			for _, c := range s {
				if c > 127 {
					t.Errorf("%q in %s", c, s)
				}
			}
		}
	}
}

// Formulas of the largest graphs stay in proportion to them: what recurs is
// written once.
func TestFormulaOfALargeGraph(t *testing.T) {
	doubling := trace(t, func(b batch) vec {
		x := bh(b)
		for range 60 {
			x = x.Sin().Mul(x.Cos()).Add(x.Tanh())
		}
		return x
	})
	long := trace(t, func(b batch) vec {
		margin := bh(b)
		x := margin
		for i := range 600 {
			x = x.Add(margin.AddConst(float64(i)).Tanh())
		}
		return x
	})
	for _, g := range []*graph.Graph{doubling, long} {
		if n := len(graph.Formula(g)); n > 40*len(g.Nodes) {
			t.Errorf("%d bytes for %d nodes", n, len(g.Nodes))
		}
		agree(t, g)
	}
}
