package graph_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

func TestFingerprintSeparates(t *testing.T) {
	lossWithTau := func(tau float64) func(batch) vec {
		return func(b batch) vec {
			return bh(b).Neg().Softplus().Mul(bh(b).Div(param("tau", tau)).Sigmoid().AddConst(1))
		}
	}
	centred := func(b batch) vec { return bh(b).Sub(bh(b).Mean()).Neg().Softplus() }
	for what, pair := range map[string][2]func(batch) vec{
		"a parameter":       {lossWithTau(0.05), lossWithTau(0.051)},
		"a factor":          {bh, func(b batch) vec { return bh(b).Scale(1.001) }},
		"progress":          {bh, func(b batch) vec { return bh(b).Mul(b.Progress.Scale(0.01).AddConst(1)) }},
		"length":            {bh, func(b batch) vec { return bh(b).Mul(b.ChosenLen.Scale(1e-4).AddConst(1)) }},
		"a batch statistic": {centred, func(b batch) vec { return bh(b).Sub(bh(b).Mean().Detach()).Neg().Softplus() }},
		"the sign":          {bh, func(b batch) vec { return bh(b).Neg() }},
		"a detached factor": {func(b batch) vec { return bh(b).Square() }, func(b batch) vec { return bh(b).Mul(bh(b).Detach()).Scale(2) }},
	} {
		if fingerprint(t, trace(t, pair[0])) == fingerprint(t, trace(t, pair[1])) {
			t.Errorf("%s makes no difference", what)
		}
	}
}

func TestFingerprintOfALossThatOverflows(t *testing.T) {
	loss := func(b batch) vec { return bh(b).Scale(1e4).Exp() }
	again := func(b batch) vec { return bh(b).Scale(5e3).Scale(2).Exp() }
	if fingerprint(t, trace(t, loss)) != fingerprint(t, trace(t, again)) {
		t.Error("two fingerprints of a loss with infinite values")
	}
}

func TestFingerprintNeedsAValidGraph(t *testing.T) {
	if f, err := graph.Fingerprint(&graph.Graph{}); err == nil {
		t.Errorf("got %s", f)
	}
}

// identities are algebraic rewritings of any expression.
var identities = []func(v vec) vec{
	func(v vec) vec { return v.Neg().Neg() },
	func(v vec) vec { return v.AddConst(0.7).Sub(constant(0.7)) },
	func(v vec) vec { return v.Scale(3).Div(constant(3)) },
	func(v vec) vec { return v.Add(v).Scale(0.5) },
	func(v vec) vec { return v.Mul(constant(1)) },
	func(v vec) vec { return v.ReLU().Sub(v.Neg().ReLU()) },
	func(v vec) vec { return v.Max(constant(0)).Add(v.Min(constant(0))) },
	func(v vec) vec { return v.Scale(0.3).Add(v.Scale(0.7)) },
	func(v vec) vec { return objective.Where(v.GreaterConst(0), v.Abs(), v.Abs().Neg()) },
}

// bounded are functions that keep an expression in a moderate range.
var bounded = []func(v vec) vec{
	vec.Tanh, vec.Sigmoid, vec.Softplus, vec.Atan, vec.Erf, vec.Sin, vec.ReLU,
	func(v vec) vec { return v.Square().AddConst(1).Log() },
	func(v vec) vec { return v.Square().AddConst(0.5).Sqrt() },
	func(v vec) vec { return v.AddConst(-0.31).Abs() },
	func(v vec) vec { return v.Sub(v.Mean()) },
	func(v vec) vec { return v.ClampMax(0.9) },
}

// randomLoss draws an expression twice over: plainly, and with an identity
// after every step.
func randomLoss(t *rapid.T) (plain, rewritten func(batch) vec) {
	type step struct{ function, identity, combine int }
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			rapid.IntRange(0, len(bounded)-1).Draw(t, "function"),
			rapid.IntRange(0, len(identities)-1).Draw(t, "identity"),
			rapid.IntRange(0, 2).Draw(t, "combine"),
		}
	}), 1, 8).Draw(t, "steps")
	build := func(rewrite bool) func(batch) vec {
		return func(b batch) vec {
			x := bh(b)
			acc := x
			for _, s := range steps {
				v := bounded[s.function](acc)
				if rewrite {
					v = identities[s.identity](v)
				}
				switch s.combine {
				case 0:
					acc = v.Add(x)
				case 1:
					acc = v.Mul(x.Tanh())
				default:
					acc = x.Sub(v)
				}
			}
			return acc
		}
	}
	return build(false), build(true)
}

func TestRandomRewritingsShareAFingerprint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plain, rewritten := randomLoss(rt)
		if fingerprint(t, trace(t, plain)) != fingerprint(t, trace(t, rewritten)) {
			rt.Fatal("the rewritten loss has another fingerprint")
		}
	})
}
