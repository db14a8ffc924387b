// Package graphtest is for tests: it draws arbitrary valid graphs and traces
// candidate sources by reflection, without the sandbox.
package graphtest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/objdisco/discover/sandbox/graph"
)

// Draw draws a valid graph in which any operation may meet any other.
func Draw(t *rapid.T) *graph.Graph {
	g := &graph.Graph{Version: graph.Version, Nodes: []graph.Node{
		{Op: graph.PolicyChosen}, {Op: graph.PolicyRejected}, {Op: graph.RefChosen}, {Op: graph.RefRejected},
		{Op: graph.Sub, Args: []int{0, 2}}, {Op: graph.Sub, Args: []int{1, 3}}, {Op: graph.Sub, Args: []int{4, 5}},
		{Op: graph.Beta}, {Op: graph.Mul, Args: []int{6, 7}},
	}}
	for range rapid.IntRange(0, 40).Draw(t, "operations") {
		g.Nodes = append(g.Nodes, node(t, len(g.Nodes)))
	}
	shapes := g.Shapes()
	g.Output = rapid.IntRange(0, len(g.Nodes)-1).Filter(func(i int) bool { return shapes[i] }).Draw(t, "output")
	if err := g.Validate(); err != nil {
		t.Fatalf("drew an invalid graph: %v", err)
	}
	return g
}

// node draws a node with operands among the first n nodes, mostly late ones.
func node(t *rapid.T, n int) graph.Node {
	out := graph.Node{Op: rapid.SampledFrom(graph.Ops()).Draw(t, "op")}
	for range out.Op.Arity() {
		out.Args = append(out.Args, n-1-min(rapid.IntRange(0, n-1).Draw(t, "operand"), rapid.IntRange(0, n-1).Draw(t, "operand")))
	}
	for range out.Op.Constants() {
		out.K = append(out.K, rapid.SampledFrom([]float64{0, 1, -1, 2, .5, 1e-9, 1e300, rapid.Float64Range(-50, 50).Draw(t, "k")}).Draw(t, "constant"))
	}
	switch out.Op {
	case graph.Clamp:
		out.K[0], out.K[1] = min(out.K[0], out.K[1]), max(out.K[0], out.K[1])
	case graph.Param:
		out.Name = fmt.Sprintf("%s_%d", rapid.SampledFrom([]string{"tau", "range", "len", "b", "x"}).Draw(t, "name"), n)
	}
	return out
}
