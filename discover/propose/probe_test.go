package propose

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func trace(t *testing.T, loss func(b objective.Batch, x objective.Vec) objective.Vec) *graph.Graph {
	t.Helper()
	g, err := rewrite.Trace(func(b objective.Batch) objective.Vec { return loss(b, b.Margin().Mul(b.Beta)) })
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAcceptable(t *testing.T) {
	tests := []struct {
		name string
		loss func(b objective.Batch, x objective.Vec) objective.Vec
		want error
	}{
		{"logistic", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().Softplus() }, nil},
		{"rises at margin 0 but falls beyond", func(_ objective.Batch, x objective.Vec) objective.Vec {
			gate := x.Scale(20).Sigmoid()
			return x.Neg().Softplus().Mul(gate.Neg().AddConst(1)).Add(x.Neg().Exp().Mul(gate))
		}, nil},
		{"upside down", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Softplus() }, errUphill},
		{"linear", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg() }, errEndless},
		{"growing pull", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Exp().Neg() }, errEndless},
		{"no policy", func(b objective.Batch, _ objective.Vec) objective.Vec { return b.RefChosen }, errFlat},
		{"detached", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().Softplus().Detach() }, errFlat},
		{"logarithm of what may be negative", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Log().Neg() }, errNotFinite},
		{"infinite gradient at margin 0", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Abs().Sqrt().Neg() }, errNotFinite},
		{"too large", func(_ objective.Batch, x objective.Vec) objective.Vec {
			for range maxSize {
				x = x.Tanh()
			}
			return x.Neg().Softplus()
		}, errTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := acceptable(trace(t, tt.loss)); !errors.Is(got, tt.want) {
				t.Errorf("acceptable: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCatalogIsAcceptable(t *testing.T) {
	for _, e := range catalog.All() {
		g, err := e.Graph()
		if err != nil {
			t.Fatal(err)
		}
		if err := acceptable(g); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}

func TestKindOf(t *testing.T) {
	tests := []struct {
		name string
		part func(b objective.Batch, x objective.Vec) objective.Vec
		want kind
	}{
		{"beta times the margin", func(_ objective.Batch, x objective.Vec) objective.Vec { return x }, rising},
		{"a clamped margin", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Clamp(-1, 2) }, rising},
		{"a margin in nats", func(b objective.Batch, _ objective.Vec) objective.Vec { return b.Margin() }, other},
		{"the negated margin", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg() }, other},
		{"the logistic loss", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().Softplus() }, falling},
		{"the hinge", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().AddConst(1).ReLU() }, falling},
		{"a sigmoid", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Scale(9).Sigmoid() }, gate},
		{"a mask", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.GreaterConst(0) }, gate},
		{"a batch statistic", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Mean() }, scalar},
		{"the square", func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Square() }, other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := objective.Trace(func(b objective.Batch) objective.Vec {
				return b.PolicyChosen.Add(tt.part(b, b.Margin().Mul(b.Beta)))
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := kindOf(g, g.Shapes(), g.Nodes[g.Output].Args[1]); got != tt.want {
				t.Errorf("kind %d, want %d", got, tt.want)
			}
		})
	}
}

func TestRescaled(t *testing.T) {
	logistic := func(k, c float64) *graph.Graph {
		return trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Scale(-k).Softplus().Scale(c) })
	}
	exponential := trace(t, func(_ objective.Batch, x objective.Vec) objective.Vec { return x.Neg().Exp() })
	tests := []struct {
		name   string
		g      *graph.Graph
		others []*graph.Graph
		want   bool
	}{
		{"itself", logistic(1, 1), []*graph.Graph{logistic(1, 1)}, true},
		{"beta doubled", logistic(2, 1), []*graph.Graph{logistic(1, 1)}, true},
		{"beta × 0.31, loss × 40, of the second", logistic(.31, 40), []*graph.Graph{exponential, logistic(1, 1)}, true},
		{"another link", exponential, []*graph.Graph{logistic(1, 1)}, false},
		{"beta × 50, out of sight", logistic(50, 1), []*graph.Graph{logistic(1, 1)}, false},
		{"of nothing", logistic(1, 1), nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rescaled(tt.g, tt.others...); got != tt.want {
				t.Errorf("rescaled = %t, want %t", got, tt.want)
			}
		})
	}
}

// TestMutationsOfTheCatalog applies every mutation to every known objective.
func TestMutationsOfTheCatalog(t *testing.T) {
	for _, c := range mutations {
		m := c.value
		applied, acceptables := 0, 0
		for i, e := range catalog.All() {
			g, err := e.Graph()
			if err != nil {
				t.Fatal(err)
			}
			out, err := m.apply(newSubject(rand.New(rand.NewPCG(2, uint64(i))), g))
			if errors.Is(err, errNoSite) {
				continue
			}
			if err != nil {
				t.Errorf("%s of %s: %v", m.suffix, e.Name, err)
				continue
			}
			if applied++; acceptable(out.graph) == nil {
				acceptables++
			}
			if out.what == "" || out.why == "" {
				t.Errorf("%s of %s says %q, %q", m.suffix, e.Name, out.what, out.why)
			}
		}
		if applied < 5 || acceptables < applied/2 {
			t.Errorf("%s applies to %d of the catalog and %d results are acceptable", m.suffix, applied, acceptables)
		}
	}
}

func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"dpo": "dpo", "dpo_gated": "dpo", "dpo_gated_2": "dpo", "kto_pair_sum_tuned_far_13": "kto_pair_sum",
		"dpo_hinge_blend": "dpo_hinge", "far": "far", "gated_2": "gated",
	} {
		if got := stem(name); got != want {
			t.Errorf("stem(%q) = %q, want %q", name, got, want)
		}
	}
}
