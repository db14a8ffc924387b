package graph

import "testing"

// listed returns a graph of nodes, the last of which is the result.
func listed(nodes ...Node) *Graph {
	return &Graph{Version: Version, Nodes: nodes, Output: len(nodes) - 1}
}

// lengthened puts as many operations that change nothing before the last node of
// g as a graph may have.
func lengthened(g *Graph) *Graph {
	last := g.Nodes[len(g.Nodes)-1]
	nodes, by := g.Nodes[:len(g.Nodes)-1], 0
	for len(nodes) < MaxNodes-1 {
		nodes = append(nodes, Node{Op: Neg, Args: []int{len(nodes) - 1}})
		by++
	}
	if by%2 == 1 {
		nodes[len(nodes)-1].Op = Abs
	}
	last.Args = []int{len(nodes) - 1}
	return listed(append(nodes, last)...)
}

func TestNonFinite(t *testing.T) {
	constant := func(k float64) Node { return Node{Op: Const, K: []float64{k}} }
	for _, tt := range []struct {
		name       string
		graph      *Graph
		node       int
		inGradient bool
	}{
		{"nothing", listed(Node{Op: PolicyChosen}, Node{Op: Neg, Args: []int{0}}), -1, true},
		{"no gradient at all", listed(Node{Op: PolicyChosen}, Node{Op: Detach, Args: []int{0}}), -1, true},
		{"the first of two values", listed(Node{Op: PolicyChosen}, Node{Op: Log, Args: []int{0}}, Node{Op: Sqrt, Args: []int{0}}, Node{Op: Add, Args: []int{2, 1}}), 1, false},
		{"hidden by a mask", listed(Node{Op: PolicyChosen}, Node{Op: Log, Args: []int{0}}, Node{Op: LessConst, Args: []int{0}, K: []float64{0}},
			Node{Op: Where, Args: []int{2, 0, 1}}), 1, false},
		{"not needed", listed(Node{Op: PolicyChosen}, Node{Op: Log, Args: []int{0}}, Node{Op: Neg, Args: []int{0}}), -1, true},
		{"written twice", listed(Node{Op: PolicyChosen}, Node{Op: Log, Args: []int{0}}, Node{Op: Log, Args: []int{0}}, Node{Op: Add, Args: []int{2, 2}}), 2, false},
		{"folded", listed(constant(1e300), Node{Op: Square, Args: []int{0}}, Node{Op: PolicyChosen}, Node{Op: Mul, Args: []int{1, 2}}), 1, false},
		{"a scalar", listed(Node{Op: PolicyChosen}, Node{Op: Mean, Args: []int{0}}, Node{Op: Log, Args: []int{1}}, Node{Op: Add, Args: []int{0, 2}}), 2, false},
		{"gradient", listed(Node{Op: PolicyChosen}, Node{Op: ReLU, Args: []int{0}}, Node{Op: Sqrt, Args: []int{1}}, Node{Op: Exp, Args: []int{2}}), 2, true},
		{"gradient, the operand of others, too", listed(Node{Op: PolicyChosen}, Node{Op: ReLU, Args: []int{0}}, Node{Op: Sqrt, Args: []int{1}},
			Node{Op: Neg, Args: []int{1}}, Node{Op: Add, Args: []int{2, 3}}), 2, true},
		{"gradient of the branch not taken", listed(Node{Op: PolicyChosen}, Node{Op: ReLU, Args: []int{0}}, Node{Op: Sqrt, Args: []int{1}},
			Node{Op: LessConst, Args: []int{0}, K: []float64{0}}, Node{Op: Where, Args: []int{3, 0, 2}}), 2, true},
		{"a value of many", lengthened(listed(Node{Op: PolicyChosen}, Node{Op: Log, Args: []int{0}}, Node{Op: Neg, Args: []int{1}})), 1, false},
		{"a gradient of many", lengthened(listed(Node{Op: PolicyChosen}, Node{Op: ReLU, Args: []int{0}}, Node{Op: Sqrt, Args: []int{1}}, Node{Op: Neg, Args: []int{2}})), 2, true},
		{"the last of many", lengthened(listed(Node{Op: PolicyChosen}, Node{Op: Abs, Args: []int{0}}, Node{Op: Neg, Args: []int{1}}, Node{Op: Log, Args: []int{2}})), MaxNodes - 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.graph.Validate(); err != nil {
				t.Fatal(err)
			}
			b := &Batch{PolicyChosen: []float64{-3, -2}, PolicyRejected: []float64{-5, -6}, RefChosen: []float64{-3, -3}, RefRejected: []float64{-5, -5},
				ChosenLen: []float64{1, 2}, RejectedLen: []float64{3, 1}, Beta: 0.1}
			node, inGradient := NonFinite(tt.graph, b)
			if node != tt.node || inGradient != tt.inGradient {
				t.Errorf("node %d, in the gradient %v, want %d, %v", node, inGradient, tt.node, tt.inGradient)
			}
		})
	}
}
