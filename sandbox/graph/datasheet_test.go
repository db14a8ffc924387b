package graph_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func inspect(t testing.TB, loss func(batch) vec) *graph.Datasheet {
	t.Helper()
	d, err := graph.Inspect(trace(t, loss))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func known(t testing.TB, name string) *graph.Datasheet {
	t.Helper()
	e, ok := catalog.Lookup(name)
	if !ok {
		t.Fatalf("no known objective %q", name)
	}
	return inspect(t, e.Loss)
}

// Slopes at margin 0, by hand: for lrml −3/4 + (1−ln 2)/(4·0.05).
func TestSlopeAtTheReference(t *testing.T) {
	for name, want := range map[string]struct {
		slope     float64
		direction string
	}{
		"dpo":         {-0.5, "right"},
		"hinge":       {-1, "right"},
		"ipo":         {-100, "right"},
		"exponential": {-1, "right"},
		"savage":      {-0.25, "right"},
		"cdpo":        {-0.4, "right"},
		"robust":      {-0.625, "right"},
		"lrml":        {-0.75 + (1-math.Ln2)*5, "wrong"},
		"cell":        {-0.75, "right"},
	} {
		s := known(t, name).Start
		if s.Slope == nil || math.Abs(*s.Slope-want.slope) > 1e-5*math.Abs(want.slope) || s.Direction != want.direction {
			t.Errorf("%s: slope %v, direction %s, want %g, %s", name, s.Slope, s.Direction, want.slope, want.direction)
		}
	}
	padll := known(t, "padll").Start
	if *padll.SlopeLeft != -0.225 || *padll.SlopeRight != -0.45 {
		t.Errorf("padll: slopes %v and %v beside 0, want -0.225 and -0.45", *padll.SlopeLeft, *padll.SlopeRight)
	}
}

func TestStartOfLossesThatCannotStart(t *testing.T) {
	if d := inspect(t, func(b batch) vec { return bh(b).Square() }); d.Start.Direction != "none" || d.Start.Chosen != "still" {
		t.Errorf("a square: %+v", d.Start)
	}
	if d := inspect(t, func(b batch) vec { return bh(b).Abs().Sqrt() }); d.Start.Slope != nil {
		t.Errorf("a root: slope %v, want none", *d.Start.Slope)
	}
	d := inspect(t, func(b batch) vec { return b.PolicyChosen.Neg() })
	if d.Start.Chosen != "up" || d.Start.Rejected != "still" || d.GPO || d.Depends.Reference || d.Shape != nil {
		t.Errorf("likelihood of the chosen completion: %+v", d)
	}
	d = inspect(t, func(b batch) vec { return bh(b).Mul(b.ChosenLen.Sub(b.RejectedLen)) })
	if d.Start.Direction != "varies" {
		t.Errorf("a sign that depends on lengths: %q", d.Start.Direction)
	}
}

func TestMembershipOfGPO(t *testing.T) {
	for name, why := range map[string]string{
		"dpo": "", "hinge": "", "ipo": "", "exponential": "", "truncated_quadratic": "", "cell": "", "cdpo": "", "robust": "",
		"savage": "convex", "lrml": "convex", "exo_pair": "convex", "padll": "discontinuous", "kto": "log-ratios",
		"dbaql": "batch", "rdpo": "lengths", "cpo": "reference", "pfl": "log-probabilities",
	} {
		d := known(t, name)
		if d.GPO != (why == "") || !strings.Contains(d.NotGPO, why) {
			t.Errorf("%s: member %v, because %q, want %q", name, d.GPO, d.NotGPO, why)
		}
	}
	for why, loss := range map[string]func(batch) vec{
		"slope":      func(b batch) vec { return bh(b).Softplus() },
		"progress":   func(b batch) vec { return bh(b).Mul(b.Progress).Neg().Softplus() },
		"derivative": func(b batch) vec { return bh(b).Neg().Mul(bh(b).Detach().Exp()) },
	} {
		if d := inspect(t, loss); d.GPO || !strings.Contains(d.NotGPO, why) {
			t.Errorf("not a member because %q, want %q", d.NotGPO, why)
		}
	}
}

func TestShapes(t *testing.T) {
	if s := known(t, "hinge").Shape; s.FlatAbove == nil || *s.FlatAbove != 1 || s.FlatBelow != nil || s.Monotone != "decreasing" {
		t.Errorf("hinge: %+v", s)
	}
	if s := known(t, "ipo").Shape; !slices.Equal(s.Minima, []float64{0.5}) || s.Monotone != "" || !s.OfProduct {
		t.Errorf("ipo: %+v", s)
	}
	// The minimum of cdpo is the logit of 1 − epsilon.
	if s := known(t, "cdpo").Shape; len(s.Minima) != 1 || math.Abs(s.Minima[0]-math.Log(9)) > 1e-3 {
		t.Errorf("cdpo: %+v", s)
	}
	if s := known(t, "padll").Shape; !slices.Equal(s.Jumps, []float64{0}) || s.Monotone != "" || s.Convex {
		t.Errorf("padll: %+v", s)
	}
	if s := inspect(t, func(b batch) vec { return b.Margin().Tanh().Neg() }).Shape; s.OfProduct || s.Monotone != "decreasing" {
		t.Errorf("a loss without beta: %+v", s)
	}
	if s := inspect(t, func(b batch) vec { return bh(b).Softplus() }).Shape; s.Monotone != "increasing" {
		t.Errorf("the wrong way: %+v", s)
	}
}

func TestTails(t *testing.T) {
	for _, test := range []struct {
		what, wrong, wrongTrend, right, rightTrend string
		loss                                       func(x vec) vec
	}{
		{"softplus", "linear", "rises", "saturating", "falls", func(x vec) vec { return x.Neg().Softplus() }},
		{"exp", "exponential", "rises", "saturating", "falls", func(x vec) vec { return x.Neg().Exp() }},
		{"exp of a tenth", "saturating", "falls", "exponential", "rises", func(x vec) vec { return x.Scale(0.1).Exp() }},
		{"exp of a square", "faster than exponential", "rises", "faster than exponential", "rises", func(x vec) vec { return x.Square().Exp() }},
		{"square", "quadratic", "rises", "quadratic", "rises", func(x vec) vec { return x.AddConst(-3).Square() }},
		{"cube", "polynomial", "falls", "polynomial", "rises", func(x vec) vec { return x.PowConst(3) }},
		{"power 3/2", "superlinear", "rises", "superlinear", "rises", func(x vec) vec { return x.Abs().PowConst(1.5) }},
		{"hyperbola", "linear", "rises", "linear", "rises", func(x vec) vec { return x.Square().AddConst(1).Sqrt() }},
		{"root", "sublinear", "rises", "sublinear", "rises", func(x vec) vec { return x.Square().AddConst(1).PowConst(0.25) }},
		{"logarithm", "logarithmic", "rises", "logarithmic", "rises", func(x vec) vec { return x.Square().AddConst(1).Log() }},
		{"arc tangent", "saturating", "falls", "saturating", "rises", func(x vec) vec { return x.Atan() }},
		{"tanh", "saturating", "rises", "saturating", "falls", func(x vec) vec { return x.Tanh().Neg() }},
		{"sine", "oscillating", "", "oscillating", "", func(x vec) vec { return x.Sin() }},
		{"sine less a line", "oscillating", "", "oscillating", "", func(x vec) vec { return x.Sin().Sub(x) }},
		{"less a line", "linear", "rises", "linear", "falls", func(x vec) vec { return x.Neg() }},
		{"logarithm of the margin", "undefined", "flat", "logarithmic", "rises", func(x vec) vec { return x.Log() }},
	} {
		d := inspect(t, func(b batch) vec { return test.loss(bh(b)) })
		if d.WrongTail.Growth != test.wrong || test.wrongTrend != "" && d.WrongTail.Trend != test.wrongTrend {
			t.Errorf("%s: %+v for wrong pairs, want %s, %s", test.what, d.WrongTail, test.wrong, test.wrongTrend)
		}
		if d.RightTail.Growth != test.right || test.rightTrend != "" && d.RightTail.Trend != test.rightTrend {
			t.Errorf("%s: %+v for right pairs, want %s, %s", test.what, d.RightTail, test.right, test.rightTrend)
		}
	}
}

func TestOverflow(t *testing.T) {
	// The largest margin is 200 nats; exp overflows at 709.8, float32 at 88.7.
	d := known(t, "exponential")
	if !slices.Equal(d.OverflowBetas, []float64{5, 10}) || !slices.Equal(d.OverflowBetas32, []float64{0.5, 1, 2.5, 5, 10}) {
		t.Errorf("exponential: %v, float32 %v", d.OverflowBetas, d.OverflowBetas32)
	}
	if d := known(t, "dpo"); d.OverflowBetas != nil || d.OverflowBetas32 != nil {
		t.Errorf("dpo: %v, float32 %v", d.OverflowBetas, d.OverflowBetas32)
	}
}

// What the loss depends on is what its random factors depend on.
func TestDependence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) bool { return rapid.Bool().Draw(rt, name) }
		beta, lengths, progress, others, chosen, reference := draw("beta"), draw("lengths"), draw("progress"), draw("batch"), draw("chosen"), draw("reference")
		d := inspect(t, func(b batch) vec {
			x := b.Margin().Scale(0.1)
			if beta {
				x = x.Mul(b.Beta)
			}
			loss := x.Neg().Softplus()
			for _, factor := range []struct {
				used  bool
				value vec
			}{
				{lengths, b.ChosenLen.Div(b.RejectedLen)}, {progress, b.Progress}, {others, x.Mean()},
				{chosen, b.LogRatioChosen().Tanh()}, {reference, b.RefRejected.Scale(0.01)},
			} {
				if factor.used {
					loss = loss.Mul(factor.value.AddConst(2))
				}
			}
			return loss
		})
		want := graph.Dependence{
			Beta: beta, Reference: true, Lengths: lengths, Batch: others, Progress: progress,
			LogRatios: !reference, Margin: !reference && !chosen,
			MarginOnly: !reference && !chosen && !lengths && !others && !progress,
		}
		if d.Depends != want {
			rt.Fatalf("got %+v, want %+v", d.Depends, want)
		}
		if (d.Shape != nil) != want.MarginOnly {
			rt.Fatalf("shape %v", d.Shape)
		}
	})
}

func TestDependenceThatCancels(t *testing.T) {
	d := inspect(t, func(b batch) vec {
		x := bh(b).Mul(b.ChosenLen).Div(b.ChosenLen).Add(b.Progress.Sub(b.Progress))
		return x.Neg().Softplus().Add(b.RefChosen).Add(b.ChosenLen)
	})
	if !d.Depends.MarginOnly || !d.GPO {
		t.Errorf("dpo in disguise: %+v", d)
	}
}

// Convexity and monotonicity agree with second and first differences of the
// values on another grid.
func TestShapeAgreesWithDifferences(t *testing.T) {
	atoms := []func(x float64) (func(v vec) vec, func(x float64) float64){
		func(k float64) (func(vec) vec, func(float64) float64) {
			return func(v vec) vec { return v.AddConst(-k).Neg().Softplus() }, func(x float64) float64 { return math.Log1p(math.Exp(k - x)) }
		},
		func(k float64) (func(vec) vec, func(float64) float64) {
			return func(v vec) vec { return v.AddConst(-k).Square().Scale(0.1) }, func(x float64) float64 { return 0.1 * (x - k) * (x - k) }
		},
		func(k float64) (func(vec) vec, func(float64) float64) {
			return func(v vec) vec { return v.AddConst(-k).Abs() }, func(x float64) float64 { return math.Abs(x - k) }
		},
		func(k float64) (func(vec) vec, func(float64) float64) {
			return func(v vec) vec { return v.AddConst(-k).Tanh().Neg() }, func(x float64) float64 { return -math.Tanh(x - k) }
		},
		func(k float64) (func(vec) vec, func(float64) float64) {
			return func(v vec) vec { return v.Scale(k) }, func(x float64) float64 { return k * x }
		},
	}
	rapid.Check(t, func(rt *rapid.T) {
		var traced []func(vec) vec
		var numeric []func(float64) float64
		for range rapid.IntRange(1, 3).Draw(rt, "terms") {
			k := float64(rapid.IntRange(-8, 8).Draw(rt, "k")) / 4
			f, n := atoms[rapid.IntRange(0, len(atoms)-1).Draw(rt, "atom")](k)
			traced, numeric = append(traced, f), append(numeric, n)
		}
		d := inspect(t, func(b batch) vec {
			sum := traced[0](bh(b))
			for _, f := range traced[1:] {
				sum = sum.Add(f(bh(b)))
			}
			return sum
		})
		convex, down, up := differences(func(x float64) float64 {
			sum := 0.0
			for _, f := range numeric {
				sum += f(x)
			}
			return sum
		})
		if d.Shape == nil { // the terms cancel, or none depends on the margin
			if down || up {
				rt.Fatal("no shape")
			}
			return
		}
		monotone := map[[2]bool]string{{true, false}: "decreasing", {false, true}: "increasing"}[[2]bool{down, up}]
		if d.Shape.Convex != convex || d.Shape.Monotone != monotone {
			rt.Fatalf("convex %v, monotone %q, want %v, %q", d.Shape.Convex, d.Shape.Monotone, convex, monotone)
		}
	})
}

// differences looks at f in steps of 0.004 from −20 to 20.
func differences(f func(float64) float64) (convex, down, up bool) {
	convex, down, up = true, true, true
	const step, noise = 0.004, 1e-12
	before, here := f(-20), f(-20+step)
	for x := -20 + 2*step; x < 20; x += step {
		after := f(x)
		convex = convex && after-2*here+before >= -noise
		down = down && after <= here+noise
		up = up && after >= here-noise
		before, here = here, after
	}
	return convex, down, up
}

func TestFacts(t *testing.T) {
	for name, want := range map[string][]string{
		"lrml":         {"slope at margin 0 is +0.784 per unit of beta·margin: pushes the wrong way at first, lowering the margin", "not monotone: minima at beta·margin -0.1186, maxima at 0.07201"},
		"hinge":        {"no gradient for beta·margin above 1: such pairs are left alone"},
		"ipo":          {"lowest at beta·margin 0.5: draws margins to a target", "rises again for large margins (quadratic): holds the policy back"},
		"exponential":  {"exponential for pairs ranked very wrongly: their gradient explodes", "overflows from beta 5 on with log-ratios of 100 nats"},
		"padll":        {"kink at margin 0: slope -0.225 below, -0.45 above", "discontinuous at beta·margin 0"},
		"apo_down":     {"at the start the chosen completion goes nowhere, the rejected one down"},
		"kto_pair_sum": {"depends on the other pairs of the micro-batch (far out, it was looked at beside a pair near the reference)"},
		"simpo":        {"the gradient does not depend on the reference", "depends on the lengths of the completions"},
	} {
		facts := known(t, name).Facts()
		for _, w := range want {
			if !slices.Contains(facts, w) {
				t.Errorf("%s: %q is not among the facts\n%s", name, w, strings.Join(facts, "\n"))
			}
		}
	}
	if f := known(t, "lrml").Facts(); slices.ContainsFunc(f, func(s string) bool { return strings.HasPrefix(s, "kink") }) {
		t.Errorf("lrml is smooth: %q", f)
	}
}

// The first step is that of training, whatever comes later.
func TestFirstStepOfALossThatChanges(t *testing.T) {
	for want, loss := range map[string]func(batch) vec{
		"no gradient at the first step of training":                                               func(b batch) vec { return logistic(b).Mul(b.Progress) },
		"slope at margin 0 is -0.25 per unit of beta·margin: pushes the right way from the start": func(b batch) vec { return logistic(b).Mul(b.Progress.AddConst(.5)) },
		"slope at margin 0 is +0.5 per unit of beta·margin: pushes the wrong way at first, lowering the margin": func(b batch) vec {
			return logistic(b).Mul(b.Progress.AddConst(-.1).Scale(10))
		},
	} {
		if facts := inspect(t, loss).Facts(); facts[0] != want {
			t.Errorf("%q, want %q", facts[0], want)
		}
	}
}

func TestDatasheetIsJSON(t *testing.T) {
	for _, loss := range []func(batch) vec{
		func(b batch) vec { return bh(b).Neg().Softplus() },
		func(b batch) vec { return b.Margin().Log() },
		func(b batch) vec { return bh(b).Abs().Sqrt().Reciprocal() },
		func(b batch) vec { return b.Margin().Scale(1e6).Exp().Exp() },
	} {
		d := inspect(t, loss)
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, new(graph.Datasheet)); err != nil {
			t.Error(err)
		}
		d.Facts()
	}
	if d, err := graph.Inspect(&graph.Graph{}); err == nil {
		t.Errorf("an empty graph has the datasheet %+v", d)
	}
}
