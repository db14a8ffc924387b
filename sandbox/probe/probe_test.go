package probe

import (
	"math"
	"strings"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

func TestRun(t *testing.T) {
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
		{"gradient only", func(b objective.Batch) objective.Vec { return b.Margin().Square().Sqrt() }, "every value is finite, the gradient is not: to blame is that of sqrt"},
		{"gradient of the branch not taken", func(b objective.Batch) objective.Vec {
			return objective.Where(b.Margin().GreaterConst(-1), b.Margin().Neg(), b.Margin().ReLU().Sqrt())
		}, "to blame is that of sqrt"},
		{"Std at the start", func(b objective.Batch) objective.Vec { return b.Margin().Div(b.Margin().Std()) }, "to blame is div"},
		{"log at a corner", func(b objective.Batch) objective.Vec { return b.Margin().Neg().AddConst(15.95).Log().Neg() }, "to blame is log"},
		{"Where at two corners", func(b objective.Batch) objective.Vec {
			huge := b.Margin().Scale(1e200).Square()
			return objective.Where(b.Margin().Abs().GreaterConst(15.9), huge.Sub(huge), b.Margin())
		}, "log-ratios -8 (chosen) and 8 (rejected)"},
		{"overflow at an edge", func(b objective.Batch) objective.Vec {
			return b.Margin().Add(b.LogRatioChosen().AddConst(-7.99).ClampMin(0).Scale(1e160).Square())
		}, "to blame is square"},
		{"one token", func(b objective.Batch) objective.Vec {
			return b.Margin().Div(b.ChosenLen.AddConst(-1))
		}, "chosen length 1, rejected length 1; the first operation to blame is div"},
		{"three tokens", func(b objective.Batch) objective.Vec { return b.Margin().Div(b.ChosenLen.AddConst(-3)) }, "to blame is div"},
		{"two tokens rejected", func(b objective.Batch) objective.Vec { return b.Margin().Div(b.RejectedLen.AddConst(-2)) }, "to blame is div"},
		{"equal lengths", func(b objective.Batch) objective.Vec { return b.Margin().Div(b.ChosenLen.Sub(b.RejectedLen)) }, "to blame is div"},
		{"64 tokens", func(b objective.Batch) objective.Vec { return b.ChosenLen.Neg().AddConst(63).Log().Mul(b.Margin()) }, "to blame is log"},
		{"lengths in a ratio", func(b objective.Batch) objective.Vec {
			return b.LogRatioChosen().Div(b.ChosenLen).Sub(b.LogRatioRejected().Div(b.RejectedLen)).Neg().Softplus()
		}, ""},
		{"probabilities per token", func(b objective.Batch) objective.Vec { return b.PolicyChosen.Div(b.ChosenLen).Exp().Neg().Log1p() }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := objective.Trace(tt.loss)
			if err != nil {
				t.Fatal(err)
			}
			v := Run(g)
			if !strings.Contains(v.Reason, tt.want) || (v.Reason == "") != (tt.want == "") || (v.Reason == "") != (v.Hint == "") {
				t.Errorf("reason %q, hint %q, want %q", v.Reason, v.Hint, tt.want)
			}
			if blamed := strings.Contains(v.Reason, "blame is"); blamed != (v.Node >= 0) || blamed && !strings.HasSuffix(v.Reason, " "+g.Nodes[v.Node].Op.String()) {
				t.Errorf("node %d, reason %q", v.Node, v.Reason)
			}
		})
	}
}

// TestBatches checks that the batches are what the documentation says:
// finite, log-ratios from -8 to 8 with all corners, the start of training
// among them.
func TestBatches(t *testing.T) {
	atStart, largest := 0, 0.0
	corners := map[[3]float64]int{} // by log-ratios and beta
	lengths := map[float64]int{}
	for _, b := range batches() {
		zero := true
		for i := range b.batch.Len() {
			chosen, rejected := b.batch.PolicyChosen[i]-b.batch.RefChosen[i], b.batch.PolicyRejected[i]-b.batch.RefRejected[i]
			for _, ratio := range []float64{chosen, rejected} {
				largest = max(largest, math.Abs(ratio))
				zero = zero && ratio == 0
			}
			corners[[3]float64{chosen, rejected, b.batch.Beta}]++
			lengths[b.batch.ChosenLen[i]]++
			lengths[-b.batch.RejectedLen[i]]++
			if b.batch.PolicyChosen[i] >= 0 || b.batch.PolicyRejected[i] >= 0 || b.batch.ChosenLen[i] < 1 || b.batch.RejectedLen[i] < 1 || b.batch.RefChosen[i] >= 0 || b.batch.RefRejected[i] >= 0 {
				t.Errorf("pair %d is no pair of completions", i)
			}
		}
		if zero {
			atStart++
		}
	}
	for _, chosen := range [...]float64{-8, 0, 8} {
		for _, rejected := range [...]float64{-8, 0, 8} {
			for _, beta := range [...]float64{0.01, 0.1, 1} {
				if corners[[3]float64{chosen, rejected, beta}] == 0 {
					t.Errorf("no pair with log-ratios %v and %v at beta %v", chosen, rejected, beta)
				}
			}
		}
	}
	for _, n := range [...]float64{1, 2, 3, 64} {
		if lengths[n] == 0 || lengths[-n] == 0 {
			t.Errorf("no completion of %v tokens on either side", n)
		}
	}
	if atStart != 3 || largest < 7.5 || largest > 8.001 {
		t.Errorf("%d batches at the start of training, log-ratios up to %v", atStart, largest)
	}
}

// BenchmarkRun measures the largest graph that a child can send.
func BenchmarkRun(b *testing.B) {
	g := &graph.Graph{Version: graph.Version, Nodes: []graph.Node{{Op: graph.PolicyChosen}}, Output: graph.MaxNodes - 1}
	for i := 1; i < graph.MaxNodes; i++ {
		g.Nodes = append(g.Nodes, graph.Node{Op: graph.Tanh, Args: []int{i - 1}})
	}
	for b.Loop() {
		if v := Run(g); v.Reason != "" {
			b.Fatal(v.Reason)
		}
	}
}

// BenchmarkBlame measures the largest graph in which an operation is to blame, the
// first of them, for a gradient.
func BenchmarkBlame(b *testing.B) {
	g := &graph.Graph{Version: graph.Version, Nodes: []graph.Node{{Op: graph.PolicyChosen}, {Op: graph.Clamp, Args: []int{0}, K: []float64{0, 0}}, {Op: graph.Sqrt, Args: []int{1}}}, Output: graph.MaxNodes - 1}
	for i := 3; i < graph.MaxNodes; i++ {
		g.Nodes = append(g.Nodes, graph.Node{Op: graph.Tanh, Args: []int{i - 1}})
	}
	for b.Loop() {
		if v := Run(g); v.Node != 2 {
			b.Fatal(v)
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
