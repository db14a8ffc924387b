package sandbox

import (
	"math"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

func TestProbe(t *testing.T) {
	for _, tt := range []struct {
		name string
		loss func(objective.Batch) objective.Vec
		want string // part of the reason, "" if accepted
	}{
		{"dpo", func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).Neg().Softplus() }, ""},
		{"narrow window", func(b objective.Batch) objective.Vec { return b.Margin().Clamp(2, 2.5) }, ""},
		{"chosen only", func(b objective.Batch) objective.Vec { return b.PolicyChosen.Neg() }, ""},
		{"rejected only", func(b objective.Batch) objective.Vec { return b.PolicyRejected }, ""},
		{"late only", func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Progress) }, ""},
		{"constant", func(b objective.Batch) objective.Vec { return b.Margin().Scale(0) }, "gradient is 0 everywhere"},
		{"detached", func(b objective.Batch) objective.Vec { return b.Margin().Detach() }, "gradient is 0 everywhere"},
		{"log", func(b objective.Batch) objective.Vec { return b.Margin().Exp().Add(b.Margin().Log()) }, "to blame is log"},
		{"NaN that a mask hides", func(b objective.Batch) objective.Vec {
			return objective.Where(b.Margin().GreaterConst(-1000), b.Margin(), b.Margin().Log())
		}, "gradient with respect to PolicyChosen"},
		{"gradient only", func(b objective.Batch) objective.Vec { return b.Margin().Square().Sqrt() }, "every value is finite"},
		{"Std at the start", func(b objective.Batch) objective.Vec { return b.Margin().Div(b.Margin().Std()) }, "to blame is div"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := objective.Trace(tt.loss)
			if err != nil {
				t.Fatal(err)
			}
			reason, hint := probe(g)
			if !strings.Contains(reason, tt.want) || (reason == "") != (tt.want == "") || (reason == "") != (hint == "") {
				t.Errorf("reason %q, hint %q, want %q", reason, hint, tt.want)
			}
		})
	}
}

// TestProbeBatches checks that the batches are what the documentation says:
// finite, log-ratios from -8 to 8, the start of training among them.
func TestProbeBatches(t *testing.T) {
	atStart, largest := 0, 0.0
	for _, b := range probeBatches() {
		zero := true
		for i := range b.batch.Len() {
			for _, ratio := range []float64{b.batch.PolicyChosen[i] - b.batch.RefChosen[i], b.batch.PolicyRejected[i] - b.batch.RefRejected[i]} {
				largest = max(largest, math.Abs(ratio))
				zero = zero && ratio == 0
			}
			if b.batch.ChosenLen[i] < 1 || b.batch.RejectedLen[i] < 1 || b.batch.RefChosen[i] >= 0 || b.batch.RefRejected[i] >= 0 {
				t.Errorf("pair %d is no pair of completions", i)
			}
		}
		if zero {
			atStart++
		}
	}
	if atStart != 3 || largest < 7.5 || largest > 8.001 {
		t.Errorf("%d batches at the start of training, log-ratios up to %v", atStart, largest)
	}
}

// BenchmarkProbe measures the largest graph that a child can send.
func BenchmarkProbe(b *testing.B) {
	g := &graph.Graph{Version: graph.Version, Nodes: []graph.Node{{Op: graph.PolicyChosen}}, Output: graph.MaxNodes - 1}
	for i := 1; i < graph.MaxNodes; i++ {
		g.Nodes = append(g.Nodes, graph.Node{Op: graph.Tanh, Args: []int{i - 1}})
	}
	for b.Loop() {
		if reason, _ := probe(g); reason != "" {
			b.Fatal(reason)
		}
	}
}

func TestSameBits(t *testing.T) {
	a := &graph.Result{Loss: []float64{math.NaN(), 0}, GradChosen: []float64{1}, GradRejected: []float64{2}}
	b := &graph.Result{Loss: []float64{math.NaN(), 0}, GradChosen: []float64{1}, GradRejected: []float64{2}}
	if !sameBits(a, b) {
		t.Error("equal results differ")
	}
	b.GradRejected = []float64{math.Nextafter(2, 3)}
	if sameBits(a, b) {
		t.Error("different results are equal")
	}
}
