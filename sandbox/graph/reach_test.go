package graph_test

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

func logistic(b batch) vec { return bh(b).Neg().Softplus() }

func hinge(b batch) vec { return bh(b).Neg().AddConst(1).ReLU() }

// switched is hinge where x is above a threshold, else logistic.
func switched(x func(batch) vec, threshold float64) func(batch) vec {
	return func(b batch) vec { return objective.Where(x(b).GreaterConst(threshold), hinge(b), logistic(b)) }
}

func progress(b batch) vec      { return b.Progress }
func chosenLen(b batch) vec     { return b.ChosenLen }
func rejectedLen(b batch) vec   { return b.RejectedLen }
func beta(b batch) vec          { return b.Beta }
func margin(b batch) vec        { return b.Margin() }
func policyChosen(b batch) vec  { return b.PolicyChosen }
func refRejected(b batch) vec   { return b.RefRejected }
func rejectedRatio(b batch) vec { return b.LogRatioRejected().Neg() }
func negated(f func(batch) vec) func(batch) vec {
	return func(b batch) vec { return f(b).Neg() }
}

// Switches that the grid is blind to: a loss with one is no known loss, and none
// with another threshold.
func TestSwitchesAreSeen(t *testing.T) {
	known := library(t, knownObjectives(t))
	seen := map[string]string{fingerprint(t, lookup(t, "dpo")): "dpo", fingerprint(t, lookup(t, "hinge")): "hinge"}
	for _, tt := range []struct {
		what string
		near []string
		loss func(batch) vec
	}{
		{"progress above .5", []string{"dpo", "hinge"}, switched(progress, .5)},
		{"progress above .7", []string{"dpo", "hinge"}, switched(progress, .7)},
		{"progress above .9", []string{"dpo", "hinge"}, switched(progress, .9)},
		{"the last steps", []string{"dpo"}, switched(progress, .95)},
		{"the last step", []string{"dpo"}, switched(progress, .9925)},
		{"all but the first steps", []string{"hinge"}, switched(progress, .05)},
		{"all but the first step", []string{"hinge"}, switched(progress, .0025)},
		{"a ramp at the end", []string{"dpo"}, func(b batch) vec { return logistic(b).Add(b.Progress.AddConst(-.95).ReLU().Mul(hinge(b))) }},
		{"a smooth step", []string{"dpo"}, func(b batch) vec {
			late := b.Progress.AddConst(-.97).Scale(300).Sigmoid()
			return logistic(b).Add(late.Mul(hinge(b).Sub(logistic(b))))
		}},
		{"long completions", []string{"dpo"}, switched(chosenLen, 80)},
		{"very long completions", []string{"dpo"}, switched(chosenLen, 1500)},
		{"long rejected completions", []string{"dpo"}, switched(rejectedLen, 80)},
		{"single tokens", []string{"hinge"}, switched(chosenLen, 1)},
		{"lengths that differ much", []string{"dpo"}, switched(func(b batch) vec { return b.ChosenLen.Sub(b.RejectedLen) }, 100)},
		{"beta above .07", []string{"dpo", "hinge"}, switched(beta, .07)},
		{"beta above .08", []string{"dpo", "hinge"}, switched(beta, .08)},
		{"beta above .8", []string{"dpo"}, switched(beta, .8)},
		{"beta above .012", []string{"hinge"}, switched(beta, .012)},
		{"margins above 60", []string{"dpo"}, switched(margin, 60)},
		{"margins above 80", []string{"dpo"}, switched(margin, 80)},
		{"margins below −60", []string{"dpo"}, switched(negated(margin), 60)},
		{"a clamp", []string{"dpo"}, func(b batch) vec { return b.Margin().Clamp(-60, 60).Mul(b.Beta).Neg().Softplus() }},
		{"a smooth barrier", []string{"dpo"}, func(b batch) vec { return logistic(b).Add(b.Margin().AddConst(-70).Softplus()) }},
		{"rejected far below the reference", []string{"dpo"}, switched(rejectedRatio, 150)},
		{"chosen nearly certain", []string{"dpo"}, switched(policyChosen, -6)},
		{"chosen improbable", []string{"dpo"}, switched(negated(policyChosen), 300)},
	} {
		g := trace(t, tt.loss)
		f := fingerprint(t, g)
		if seen[f] != "" {
			t.Errorf("%s: the fingerprint is that of %s", tt.what, seen[f])
		}
		seen[f] = tt.what
		m := nearest(t, g, known)
		if m.Same() || !slices.Contains(tt.near, m.Name) {
			t.Errorf("%s is %v, want near %v", tt.what, m, tt.near)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// Archives hold fingerprints, so those of the golden file stay what they are, and
// those of others can be told from what they were.
func TestFingerprintsStay(t *testing.T) {
	got := map[string]string{}
	var lines []string
	for _, k := range knownObjectives(t) {
		got[k.Name] = fingerprint(t, k.Graph)
		lines = append(lines, k.Name+" "+got[k.Name]+"\n")
		if former, err := graph.FormerFingerprint(k.Graph); err != nil || former != got[k.Name] {
			t.Errorf("%s: formerly %s, now %s; %v", k.Name, former, got[k.Name], err)
		}
	}
	slices.Sort(lines)
	golden := filepath.Join("testdata", "fingerprints.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(want)) {
		name, f, _ := strings.Cut(strings.TrimSpace(line), " ")
		if got[name] != f {
			t.Errorf("the fingerprint of %s was %s and is %q", name, f, got[name])
		}
	}
	if n := strings.Count(string(want), "\n"); n < 30 {
		t.Errorf("only %d fingerprints are held", n)
	}
	late := trace(t, switched(progress, .95))
	if former, err := graph.FormerFingerprint(late); err != nil || former != fingerprint(t, lookup(t, "dpo")) {
		t.Errorf("a switch at the end was formerly %s; %v", former, err)
	}
	if _, err := graph.FormerFingerprint(&graph.Graph{}); err == nil {
		t.Error("an empty graph: no error")
	}
}

// What looks like a switch and is none, or is one that no training operates.
func TestIdleSwitchesAreNotSeen(t *testing.T) {
	want := fingerprint(t, lookup(t, "dpo"))
	clamped := func(lo, hi float64) func(batch) vec {
		return func(b batch) vec { return bh(b).Clamp(lo, hi).Neg().Softplus() }
	}
	for what, loss := range map[string]func(batch) vec{
		"progress, times 0": func(b batch) vec { return logistic(b).Add(b.Progress.Scale(0)) },
		"progress above 1":  switched(progress, 1),
		"progress that cancels": func(b batch) vec {
			return logistic(b).Mul(b.Progress.Square().Add(constant(1).Sub(b.Progress.Square())))
		},
		"an added schedule":      func(b batch) vec { return logistic(b).Add(b.Progress.Exp()) },
		"lengths above 3,000":    switched(chosenLen, 3000),
		"lengths below 1":        switched(negated(chosenLen), -.5),
		"beta of at least 1e-6":  func(b batch) vec { return b.Margin().Mul(b.Beta.ClampMin(1e-6)).Neg().Softplus() },
		"beta above 100":         switched(beta, 100),
		"|beta|":                 func(b batch) vec { return b.Margin().Mul(b.Beta.Abs()).Neg().Softplus() },
		"a clamp for stability":  clamped(-30, 30),
		"a wide clamp":           clamped(-50, 50),
		"margins clamped at 500": func(b batch) vec { return b.Margin().Clamp(-500, 500).Mul(b.Beta).Neg().Softplus() },
		"log-ratios clamped at 500": func(b batch) vec {
			return b.LogRatioChosen().Clamp(-500, 500).Sub(b.LogRatioRejected().Clamp(-500, 500)).Mul(b.Beta).Neg().Softplus()
		},
		"log-probabilities above 0": switched(policyChosen, 0),
	} {
		g := trace(t, loss)
		if fingerprint(t, g) != want {
			t.Errorf("%s: not the fingerprint of dpo", what)
		}
	}
}

// thresholds are what a switch may depend on, and where training tells two
// thresholds apart.
var thresholds = []struct {
	what  string
	x     func(batch) vec
	draw  func(t *rapid.T, label string) float64
	apart func(a, b float64) bool // training gets between them
}{
	{"progress", progress, uniform(-.002, .9949), otherStep},
	{"progress, late first", negated(progress), uniform(-.9949, -.0001), otherStep},
	{"short lengths", chosenLen, uniform(.5, 49.9), otherToken},
	{"short rejected lengths", rejectedLen, uniform(.5, 49.9), otherToken},
	{"long lengths", chosenLen, logUniform(100, 1950), ratioAbove(1.06)},
	{"long rejected lengths", rejectedLen, logUniform(100, 1950), ratioAbove(1.06)},
	{"beta", beta, logUniform(.0051, 4.9), ratioAbove(1.08)},
	{"large margins", margin, logUniform(50, 300), ratioAbove(1.1)},
	{"large wrong margins", negated(margin), logUniform(50, 120), ratioAbove(1.1)},
}

func uniform(lo, hi float64) func(*rapid.T, string) float64 {
	return func(t *rapid.T, label string) float64 { return rapid.Float64Range(lo, hi).Draw(t, label) }
}

func logUniform(lo, hi float64) func(*rapid.T, string) float64 {
	return func(t *rapid.T, label string) float64 {
		return math.Exp(rapid.Float64Range(math.Log(lo), math.Log(hi)).Draw(t, label))
	}
}

// otherStep reports whether a step of training lies between the two.
func otherStep(a, b float64) bool {
	for step := range 200 {
		at := float64(step) / 200
		if (at > a) != (at > b) || (-at > a) != (-at > b) {
			return true
		}
	}
	return false
}

func otherToken(a, b float64) bool { return math.Floor(a) != math.Floor(b) }

func ratioAbove(r float64) func(a, b float64) bool {
	return func(a, b float64) bool { return max(a, b)/min(a, b) > r }
}

func TestFingerprintsTellThresholdsApart(t *testing.T) {
	for _, tt := range thresholds {
		t.Run(tt.what, func(t *testing.T) {
			told := 0
			rapid.Check(t, func(rt *rapid.T) {
				a, b := tt.draw(rt, "a"), tt.draw(rt, "b")
				if !tt.apart(a, b) {
					return
				}
				told++
				if fingerprint(t, trace(t, switched(tt.x, a))) == fingerprint(t, trace(t, switched(tt.x, b))) {
					rt.Fatalf("thresholds %v and %v share a fingerprint", a, b)
				}
			})
			if told == 0 {
				t.Error("no thresholds apart were drawn")
			}
		})
	}
}

// Two losses that the 200 steps of training cannot tell apart share a fingerprint,
// but for the three places between steps at which the grid looks.
func TestThresholdsBetweenTwoSteps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		step := float64(rapid.IntRange(0, 198).Draw(rt, "step"))
		if step == 22 || step == 93 || step == 185 {
			return
		}
		between := func(label string) func(batch) vec {
			return switched(progress, (step+rapid.Float64Range(.001, .999).Draw(rt, label))/200)
		}
		if fingerprint(t, trace(t, between("a"))) != fingerprint(t, trace(t, between("b"))) {
			rt.Fatal("two fingerprints")
		}
	})
}
