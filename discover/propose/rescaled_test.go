package propose

import (
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

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
