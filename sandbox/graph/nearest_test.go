package graph_test

import (
	"math"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

type (
	batch = objective.Batch
	vec   = objective.Vec
)

var constant, param = objective.Const, objective.Param

func trace(t testing.TB, loss func(batch) vec) *graph.Graph {
	t.Helper()
	g, err := objective.Trace(loss)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func lookup(t testing.TB, name string) *graph.Graph {
	t.Helper()
	e, ok := catalog.Lookup(name)
	if !ok {
		t.Fatalf("no known objective %q", name)
	}
	return trace(t, e.Loss)
}

func knownObjectives(t testing.TB) []graph.Known {
	var known []graph.Known
	for _, e := range catalog.All() {
		known = append(known, graph.Known{Name: e.Name, Graph: trace(t, e.Loss)})
	}
	return known
}

// bh is beta times the margin.
func bh(b batch) vec { return b.Margin().Mul(b.Beta) }

// rewritings denote known objectives in other ways.
var rewritings = []struct {
	what, known string
	loss        func(batch) vec
}{
	{"log(1+exp(−x))", "dpo", func(b batch) vec { return bh(b).Neg().Exp().Log1p() }},
	{"log(1+exp(−x)) by add", "dpo", func(b batch) vec { return bh(b).Neg().Exp().AddConst(1).Log() }},
	{"−log sigmoid", "dpo", func(b batch) vec { return bh(b).Sigmoid().Log().Neg() }},
	{"softplus(x)−x", "dpo", func(b batch) vec { return bh(b).Softplus().Sub(bh(b)) }},
	{"plus a constant", "dpo", func(b batch) vec { return bh(b).Neg().Softplus().AddConst(-17.3) }},
	{"minus log 2", "dpo", func(b batch) vec { return bh(b).Neg().Softplus().Sub(constant(2).Log()) }},
	{"regrouped margin", "dpo", func(b batch) vec {
		return b.PolicyChosen.Sub(b.PolicyRejected).Sub(b.RefChosen.Sub(b.RefRejected)).Mul(b.Beta).Neg().Softplus()
	}},
	{"difference of rewards", "dpo", func(b batch) vec {
		return b.LogRatioRejected().Mul(b.Beta).Sub(b.LogRatioChosen().Mul(b.Beta)).Softplus()
	}},
	{"tanh", "dpo", func(b batch) vec { return bh(b).Scale(0.5).Tanh().AddConst(1).Scale(0.5).Log().Neg() }},
	{"max form", "dpo", func(b batch) vec { return bh(b).Neg().ReLU().Add(bh(b).Abs().Neg().Exp().Log1p()) }},
	{"an unused branch", "dpo", func(b batch) vec {
		never := b.ChosenLen.LessConst(0)
		return objective.Where(never, bh(b).Exp(), bh(b).Neg().Softplus())
	}},
	{"entropy plus cross term", "dpo", func(b batch) vec { return bh(b).LogSigmoid().Scale(-1) }},
	{"max(0, 1−x)", "hinge", func(b batch) vec { return constant(1).Sub(bh(b)).Max(constant(0)) }},
	{"clamp", "hinge", func(b batch) vec { return constant(1).Sub(bh(b)).ClampMin(0) }},
	{"1−min(x, 1)", "hinge", func(b batch) vec { return bh(b).ClampMax(1).Neg().AddConst(1) }},
	{"(|u|+u)/2", "hinge", func(b batch) vec { u := constant(1).Sub(bh(b)); return u.Abs().Add(u).Scale(0.5) }},
	{"where", "hinge", func(b batch) vec {
		x := bh(b)
		return objective.Where(x.LessConst(1), constant(1).Sub(x), constant(0))
	}},
	{"expanded square", "ipo", func(b batch) vec { return b.Margin().Square().Sub(b.Margin().Div(b.Beta)) }},
	{"(βh−1/2)²/β²", "ipo", func(b batch) vec { return bh(b).AddConst(-0.5).Square().Div(b.Beta.Square()) }},
	{"power 2", "ipo", func(b batch) vec { return b.Margin().Sub(b.Beta.Reciprocal().Scale(0.5)).PowConst(2) }},
	{"|.|²", "ipo", func(b batch) vec { return b.Margin().Sub(constant(0.5).Div(b.Beta)).Abs().Square() }},
	{"1/exp(x)", "exponential", func(b batch) vec { return bh(b).Exp().Reciprocal() }},
	{"expm1", "exponential", func(b batch) vec { return bh(b).Neg().Expm1() }},
	{"exp(−x/2)²", "exponential", func(b batch) vec { return bh(b).Scale(-0.5).Exp().Square() }},
	{"product of exponentials", "exponential", func(b batch) vec {
		return b.LogRatioChosen().Mul(b.Beta).Neg().Exp().Mul(b.LogRatioRejected().Mul(b.Beta).Exp())
	}},
	{"relu times itself", "truncated_quadratic", func(b batch) vec { u := constant(1).Sub(bh(b)).ReLU(); return u.Mul(u) }},
	{"where of square", "truncated_quadratic", func(b batch) vec {
		u := constant(1).Sub(bh(b))
		return objective.Where(u.GreaterConst(0), u.Square(), constant(0))
	}},
	{"1/(1+exp x)²", "savage", func(b batch) vec { return bh(b).Exp().AddConst(1).Square().Reciprocal() }},
	{"(1−sigmoid)²", "savage", func(b batch) vec { return bh(b).Sigmoid().Neg().AddConst(1).Square() }},
	{"half the mean with softplus", "cell", func(b batch) vec {
		return bh(b).Neg().Exp().Add(bh(b).Neg().Exp().Log1p()).Div(constant(2))
	}},
	{"weights exchanged", "lrml", func(b batch) vec {
		x := bh(b)
		mix := x.Scale(-20).Sigmoid()
		return x.Neg().Softplus().Mul(mix).Add(x.Neg().Exp().Mul(mix.Neg().AddConst(1)))
	}},
	{"interpolated", "lrml", func(b batch) vec {
		x := bh(b)
		logistic, exponential := x.LogSigmoid().Neg(), x.Exp().Reciprocal()
		return logistic.Add(exponential.Sub(logistic).Mul(x.Scale(10).Tanh().AddConst(1).Scale(0.5)))
	}},
	{"mask of the other sign", "padll", func(b batch) vec {
		return objective.Where(b.Margin().GreaterConst(0), constant(0.9), constant(0.45)).Mul(bh(b).Neg().Softplus())
	}},
	{"where exchanged", "pfl", func(b batch) vec {
		x := bh(b)
		return objective.Where(b.PolicyChosen.Less(b.PolicyRejected), x.Neg().AddConst(1).ReLU().Scale(2), x.Neg().Softplus().Div(constant(2)))
	}},
	{"weighted halves", "cdpo", func(b batch) vec {
		return bh(b).LogSigmoid().Scale(-0.9).Sub(bh(b).Neg().LogSigmoid().Scale(0.1))
	}},
	{"logistic plus linear", "cdpo", func(b batch) vec { return bh(b).Neg().Softplus().Add(bh(b).Scale(0.1)) }},
	{"logistic less linear", "robust", func(b batch) vec { return bh(b).Neg().Softplus().Sub(bh(b).Scale(0.125)) }},
	{"with tanh", "apo_zero", func(b batch) vec {
		c, r := b.LogRatioChosen().Mul(b.Beta), b.LogRatioRejected().Mul(b.Beta)
		return r.Scale(0.5).Tanh().Sub(c.Scale(0.5).Tanh()).Scale(0.5)
	}},
	{"one minus", "apo_down", func(b batch) vec {
		return b.LogRatioChosen().Mul(b.Beta).Sigmoid().Sub(bh(b).Sigmoid())
	}},
	{"product of sigmoids", "bco_pair_nodelta", func(b batch) vec {
		c, r := b.LogRatioChosen().Mul(b.Beta), b.LogRatioRejected().Mul(b.Beta)
		return c.Sigmoid().Mul(r.Neg().Sigmoid()).Log().Neg()
	}},
	{"expanded squares", "sppo_hard", func(b batch) vec {
		c, r := b.LogRatioChosen(), b.LogRatioRejected()
		return c.Square().Add(r.Square()).Sub(b.Margin().Div(b.Beta))
	}},
	{"relief and gain", "kto_pair_sum", func(b batch) vec {
		c, r := b.LogRatioChosen(), b.LogRatioRejected()
		gain := c.Sub(r.Mean().ReLU()).Mul(b.Beta).Sigmoid()
		relief := c.Mean().Max(constant(0)).Sub(r).Mul(b.Beta).Sigmoid()
		return gain.Add(relief).Neg()
	}},
	{"linear less two softplus", "nca_pair", func(b batch) vec {
		c, r := b.LogRatioChosen().Mul(b.Beta), b.LogRatioRejected().Mul(b.Beta)
		return c.Softplus().Scale(1.5).Sub(c).Add(r.Softplus().Scale(0.5))
	}},
	{"log of a mean", "cpo", func(b batch) vec {
		return b.PolicyRejected.Sub(b.PolicyChosen).Mul(b.Beta).Exp().Log1p()
	}},
	{"one fraction", "sigmoid_norm", func(b batch) vec {
		x := b.LogRatioChosen().Mul(b.RejectedLen).Sub(b.LogRatioRejected().Mul(b.ChosenLen))
		return x.Mul(b.Beta).Div(b.ChosenLen.Mul(b.RejectedLen)).LogSigmoid().Neg()
	}},
	{"margin inside", "simpo", func(b batch) vec {
		x := b.PolicyChosen.Mul(b.Beta).Div(b.ChosenLen).Sub(b.PolicyRejected.Mul(b.Beta).Div(b.RejectedLen))
		return x.AddConst(-0.5).Neg().Exp().Log1p()
	}},
	{"clamped chosen log-ratio", "dpop", func(b batch) vec {
		return bh(b).Add(b.LogRatioChosen().ClampMax(0).Mul(b.Beta).Scale(5)).LogSigmoid().Neg()
	}},
	{"mean of squares", "dbaql", func(b batch) vec {
		x := bh(b)
		mix := x.Std().Scale(20).Square().Sigmoid()
		return x.Scale(-0.9).Exp().Add(mix.Mul(x.Div(constant(-0.9)).Softplus().Sub(x.Scale(-0.9).Exp())))
	}},
	{"differences sorted downwards", "aot_unpaired", func(b batch) vec {
		return b.LogRatioRejected().Neg().Sort().Sub(b.LogRatioChosen().Neg().Sort()).Mul(b.Beta).Neg().Softplus().Sort()
	}},
}

func TestRewritingsShareAFingerprint(t *testing.T) {
	for _, r := range rewritings {
		want := fingerprint(t, lookup(t, r.known))
		got := fingerprint(t, trace(t, r.loss))
		if got != want {
			t.Errorf("%s: %s has another fingerprint", r.known, r.what)
		}
	}
}

func fingerprint(t testing.TB, g *graph.Graph) string {
	t.Helper()
	f, err := graph.Fingerprint(g)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func library(t testing.TB, known []graph.Known) *graph.Library {
	t.Helper()
	l, err := graph.NewLibrary(known)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func nearest(t testing.TB, g *graph.Graph, known *graph.Library) graph.Match {
	t.Helper()
	m, err := known.Nearest(g)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNearestRecognisesRewritings(t *testing.T) {
	known := library(t, knownObjectives(t))
	for _, r := range rewritings {
		m := nearest(t, trace(t, r.loss), known)
		if m.Name != r.known || m.BetaScale != 1 || m.Factor != 1 || !m.Same() {
			t.Errorf("%s: %s is %+v", r.known, r.what, m)
		}
	}
}

func TestEveryKnownObjectiveIsItsOwnNearest(t *testing.T) {
	known := knownObjectives(t)
	all := library(t, known)
	seen := map[string]string{}
	for _, k := range known {
		m := nearest(t, k.Graph, all)
		if m.Name != k.Name || m.BetaScale != 1 || m.Factor != 1 || m.Distance != 0 {
			t.Errorf("%s is %+v", k.Name, m)
		}
		f := fingerprint(t, k.Graph)
		if seen[f] != "" {
			t.Errorf("%s and %s share a fingerprint", k.Name, seen[f])
		}
		seen[f] = k.Name
	}
}

func TestNearestFindsBetaScaleAndFactor(t *testing.T) {
	known := library(t, knownObjectives(t))
	for _, e := range catalog.All() {
		if e.Name == "orpo" || e.Name == "irpo" { // beta is a weight beside a term without it
			continue
		}
		for _, want := range []graph.Match{
			{BetaScale: 0.6, Factor: 1}, {BetaScale: 1.7, Factor: 30},
		} {
			g := trace(t, func(b batch) vec {
				b.Beta = b.Beta.Scale(want.BetaScale)
				return e.Loss(b).Scale(want.Factor)
			})
			m := nearest(t, g, known)
			if m.Name != e.Name || !near(m.BetaScale, want.BetaScale) || !near(m.Factor, want.Factor) || !m.Same() {
				t.Errorf("%s with beta × %g, times %g is %+v", e.Name, want.BetaScale, want.Factor, m)
			}
			if fingerprint(t, g) == fingerprint(t, trace(t, e.Loss)) {
				t.Errorf("%s with beta × %g, times %g shares the fingerprint", e.Name, want.BetaScale, want.Factor)
			}
		}
	}
}

func TestNearestOfAnUnknownObjective(t *testing.T) {
	known := library(t, knownObjectives(t))
	for _, test := range []struct {
		what, want string
		loss       func(batch) vec
	}{
		{"dpo with a little cosine", "dpo", func(b batch) vec { return bh(b).Neg().Softplus().Add(bh(b).Cos().Scale(0.01)) }},
		{"lrml with a larger tau", "lrml", func(b batch) vec {
			mix := bh(b).Div(param("tau", 0.07)).Sigmoid()
			return bh(b).Neg().Softplus().Mul(mix.Neg().AddConst(1)).Add(bh(b).Neg().Exp().Mul(mix))
		}},
	} {
		m := nearest(t, trace(t, test.loss), known)
		if m.Name != test.want || m.Same() || m.Distance > 0.2 {
			t.Errorf("%s is %v, want near %s", test.what, m, test.want)
		}
	}
	uphill := trace(t, func(b batch) vec { return bh(b).Softplus() })
	if m := nearest(t, uphill, known); m.Distance < 0.2 {
		t.Errorf("dpo with the sign reversed is %v, want nothing near", m)
	}
}

func TestNearestNeedsSomethingToCompareWith(t *testing.T) {
	if m, err := new(graph.Library).Nearest(lookup(t, "dpo")); err == nil {
		t.Errorf("got %v without known objectives", m)
	}
	if m, err := library(t, knownObjectives(t)[:1]).Nearest(&graph.Graph{}); err == nil {
		t.Errorf("got %v for an empty graph", m)
	}
	if _, err := graph.NewLibrary([]graph.Known{{Name: "empty", Graph: &graph.Graph{}}}); err == nil {
		t.Error("a library of an empty graph: no error")
	}
}

func TestMatchInWords(t *testing.T) {
	for want, m := range map[string]graph.Match{
		"dpo":                          {Name: "dpo", BetaScale: 1, Factor: 1},
		"dpo with beta × 0.5":          {Name: "dpo", BetaScale: 0.5, Factor: 1},
		"dpo with beta × 0.5, times 2": {Name: "dpo", BetaScale: 0.5, Factor: 2},
		"near ipo with beta × 3 (distance 0.12)": {Name: "ipo", BetaScale: 3, Factor: 1, Distance: 0.123},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-3*math.Abs(b) }

func BenchmarkNearest(b *testing.B) {
	known := library(b, knownObjectives(b))
	g := trace(b, func(b batch) vec { return bh(b).Neg().Softplus().Add(bh(b).Cos().Scale(0.3)) })
	b.Run("library", func(b *testing.B) {
		objectives := knownObjectives(b)
		for b.Loop() {
			library(b, objectives)
		}
	})
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			nearest(b, g, known)
		}
	})
	same := trace(b, func(b batch) vec { return bh(b).Scale(-1.7).Softplus() })
	b.Run("rescaled", func(b *testing.B) {
		for b.Loop() {
			nearest(b, same, known)
		}
	})
	lrml := lookup(b, "lrml")
	b.Run("equal", func(b *testing.B) {
		for b.Loop() {
			nearest(b, lrml, known)
		}
	})
}
