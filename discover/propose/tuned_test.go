package propose

import (
	"strings"
	"testing"

	"github.com/objdisco/discover/discover/propose/graphtest"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// A tuned candidate's code denotes the objective with the new values.
func TestTunedIsTheObjectiveWithOtherValues(t *testing.T) {
	named := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec {
		return x.Neg().Softplus().Add(x.Mul(objective.Param("tau", .05)).Tanh())
	})
	bare := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Scale(-3).Softplus().Add(x.Abs()) })
	for what, test := range map[string]struct {
		g           *graph.Graph
		name, words string
	}{
		"a parameter": {named, "tau", "tau from 0.05 to 1.25"}, "a constant": {bare, "strength", "strength from -3 to 1.25"},
	} {
		p := prior(t, "7", "loss_tuned", test.g)
		g, ok := Tunable(p)
		if !ok {
			t.Fatalf("%s: not tunable", what)
		}
		values := map[string]float64{test.name: 1.25}
		got, ok, err := Tuned(request(9, []Prior{p}), p, g, values)
		if !ok || err != nil {
			t.Fatalf("%s: %v, %v", what, ok, err)
		}
		if got.Name != "loss_tuned_2" && got.Name != "loss_2_tuned" || got.Parents[0] != "7" || got.Operator != "tune" || !strings.Contains(got.Thought, test.words) {
			t.Errorf("%s: %+v", what, got)
		}
		written, err := graphtest.Trace(got.Code)
		if err != nil {
			t.Fatal(err)
		}
		want, err := g.WithParams(values)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := prior(t, "", "", written).Fingerprint, prior(t, "", "", want).Fingerprint; a != b || a == p.Fingerprint {
			t.Errorf("%s: the code denotes %s, want %s, before %s\n%s", what, a, b, p.Fingerprint, got.Code)
		}
	}
}

// Constants that are no more than beta or a factor of the loss cannot make it better.
func TestTunedIsNotARescaledParent(t *testing.T) {
	for what, loss := range map[string]func(objective.Batch, objective.Vec) objective.Vec{
		"beta": func(_ objective.Batch, x objective.Vec) objective.Vec {
			return x.Mul(objective.Param("k", 2)).Neg().Exp().Log1p().Square()
		},
		"a factor": func(_ objective.Batch, x objective.Vec) objective.Vec {
			return x.AddConst(-1).Square().Mul(objective.Param("k", 2))
		},
	} {
		p := prior(t, "7", "loss", trace(t, loss))
		g, ok := Tunable(p)
		if !ok {
			t.Fatalf("%s: not tunable", what)
		}
		if got, ok, err := Tuned(request(9, []Prior{p}), p, g, map[string]float64{"k": 1.5}); ok || err != nil {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

func TestTunableNeedsAFewConstants(t *testing.T) {
	none := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().Softplus() })
	many := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec {
		for _, name := range strings.Split("abcdefg", "") {
			x = x.Add(x.Mul(objective.Param(name, .5)).Tanh())
		}
		return x.Neg().Softplus()
	})
	for _, p := range []Prior{{}, prior(t, "1", "none", none), prior(t, "2", "many", many)} {
		if _, ok := Tunable(p); ok {
			t.Errorf("%q is tunable", p.Name)
		}
	}
}
