package propose

import (
	"errors"
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
		{"flat where training starts", func(_ objective.Batch, x objective.Vec) objective.Vec {
			return x.Square().Mul(x.Neg().Sigmoid())
		}, errFlat},
		{"0/0 where training starts", func(_ objective.Batch, x objective.Vec) objective.Vec {
			return x.Div(x.Std().Detach()).Neg().Softplus()
		}, errNotFinite},
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
