package objective

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/objdisco/discover/sandbox/graph"
)

func TestTraceListsOperandsFirst(t *testing.T) {
	g, err := Trace(func(b Batch) Vec { return b.Margin().Mul(b.Beta).Neg().Softplus() })
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.Graph{Version: 1, Output: 10, Nodes: []graph.Node{
		{Op: graph.PolicyChosen}, {Op: graph.RefChosen}, {Op: graph.Sub, Args: []int{0, 1}},
		{Op: graph.PolicyRejected}, {Op: graph.RefRejected}, {Op: graph.Sub, Args: []int{3, 4}},
		{Op: graph.Sub, Args: []int{2, 5}}, {Op: graph.Beta}, {Op: graph.Mul, Args: []int{6, 7}},
		{Op: graph.Neg, Args: []int{8}}, {Op: graph.Softplus, Args: []int{9}},
	}}
	if diff := cmp.Diff(want, g); diff != "" {
		t.Error(diff)
	}
}

func TestTraceSharesNodes(t *testing.T) {
	g, err := Trace(func(b Batch) Vec {
		v := b.Margin()
		for range 300 { // 2³⁰⁰ nodes if the expression were a tree
			v = v.Add(v)
		}
		return v
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != 307 {
		t.Errorf("%d nodes, want 307", len(g.Nodes))
	}
}

func TestTraceErrors(t *testing.T) {
	tests := []struct {
		name   string
		loss   func(Batch) Vec
		reason string
	}{
		{"empty result", func(Batch) Vec { return Vec{} }, "empty Vec"},
		{"empty operand", func(b Batch) Vec { return b.Margin().Add(Vec{}) }, "empty Vec"},
		{"empty batch", func(Batch) Vec { return Batch{}.Margin() }, "empty Vec"},
		{"scalar", func(b Batch) Vec { return b.Margin().Mean() }, "scalar"},
		{"constant", func(Batch) Vec { return Const(1) }, "scalar"},
		{"infinite", func(b Batch) Vec { return b.Margin().Scale(math.Inf(1)) }, "finite"},
		{"NaN", func(b Batch) Vec { return b.Margin().AddConst(math.NaN()) }, "finite"},
		{"clamp", func(b Batch) Vec { return b.Margin().Clamp(1, -1) }, "empty"},
		{"param name", func(b Batch) Vec { return b.Margin().Mul(Param("Tau", 1)) }, "parameter name"},
		{"param value", func(b Batch) Vec { return b.Margin().Mul(Param("tau", math.NaN())) }, "finite"},
		{"param twice", func(b Batch) Vec { return b.Margin().Mul(Param("a", 1)).Mul(Param("a", 2)) }, "declared"},
		{"too deep", func(b Batch) Vec {
			v := b.Margin()
			for range 3000 {
				v = v.Neg()
			}
			return v
		}, "deep"},
		{"too many", func(b Batch) Vec {
			v := b.Margin()
			for i := range 1000 {
				v = v.Add(b.Beta.Scale(float64(i)))
			}
			return v
		}, "more than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := Trace(tt.loss)
			if err == nil || g != nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Trace = %v, %v, want an error with %q", g, err, tt.reason)
			}
		})
	}
}

func TestTraceLetsOtherPanicsPass(t *testing.T) {
	boom := errors.New("boom")
	defer func() {
		if r := recover(); r != boom {
			t.Errorf("recovered %v, want %v", r, boom)
		}
	}()
	Trace(func(Batch) Vec { panic(boom) })
}
