package objective

import (
	"fmt"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// Trace calls loss once on symbols and returns the graph of its result. The
// error is a *TraceError when loss misuses the language, or says why the result
// is not a valid graph. Any other panic of loss passes through.
func Trace(loss func(Batch) Vec) (*graph.Graph, error) {
	g, _, err := TraceVecs(loss)
	return g, err
}

// TraceVecs is Trace; it returns besides the Vec that each node of g stands for.
func TraceVecs(loss func(Batch) Vec) (g *graph.Graph, vecs []Vec, err error) {
	defer func() {
		if r := recover(); r != nil {
			te, ok := r.(*TraceError)
			if !ok {
				panic(r)
			}
			g, vecs, err = nil, nil, te
		}
	}()
	v := loss(newBatch())
	if v.node == nil {
		fail("Loss returned an empty Vec")
	}
	return flatten(v.node)
}

// flatten lists the nodes that root depends on, operands first.
func flatten(root *node) (g *graph.Graph, vecs []Vec, err error) {
	g = &graph.Graph{Version: graph.Version}
	index := map[*node]int{}
	stack := []*node{root}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		if _, done := index[n]; done {
			stack = stack[:len(stack)-1]
			continue
		}
		if pending := unlisted(n, index); len(pending) > 0 {
			stack = append(stack, pending...)
			continue
		}
		stack = stack[:len(stack)-1]
		index[n] = len(g.Nodes)
		g.Nodes, vecs = append(g.Nodes, n.listed(index)), append(vecs, Vec{n})
		if len(g.Nodes) > graph.MaxNodes {
			return nil, nil, &TraceError{fmt.Sprintf("the expression has more than %d operations", graph.MaxNodes), Vec{n}}
		}
	}
	g.Output = index[root]
	if err := twice(g, vecs); err != nil {
		return nil, nil, err
	}
	if err := g.Validate(); err != nil {
		return nil, nil, err
	}
	return g, vecs, nil
}

// TwiceError says that a parameter is declared with two values.
type TwiceError struct {
	Name   string
	Values [2]float64
	Vecs   [2]Vec // of the declarations, in no particular order
}

func (e *TwiceError) Error() string {
	return fmt.Sprintf("parameter %q declared as %g and as %g", e.Name, e.Values[0], e.Values[1])
}

// twice returns a *TwiceError for the first parameter of g that has two values.
func twice(g *graph.Graph, vecs []Vec) error {
	first := map[string]int{}
	for i, n := range g.Nodes {
		if n.Op != graph.Param {
			continue
		}
		j, seen := first[n.Name]
		if !seen {
			first[n.Name] = i
		} else if a, b := g.Nodes[j].K[0], n.K[0]; a != b {
			return &TwiceError{n.Name, [2]float64{a, b}, [2]Vec{vecs[j], vecs[i]}}
		}
	}
	return nil
}

// unlisted returns the operands of n that are not in index, last first, so that
// the first is listed first.
func unlisted(n *node, index map[*node]int) []*node {
	var pending []*node
	for _, a := range n.args[:n.op.Arity()] {
		if _, done := index[a]; !done {
			pending = append(pending, a)
		}
	}
	slices.Reverse(pending)
	return pending
}

// listed returns n as a graph node.
func (n *node) listed(index map[*node]int) graph.Node {
	out := graph.Node{Op: n.op, K: slices.Clone(n.k), Name: n.name}
	for _, a := range n.args[:n.op.Arity()] {
		out.Args = append(out.Args, index[a])
	}
	return out
}
