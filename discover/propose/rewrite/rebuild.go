package rewrite

import (
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// Edit decides what stands in the place of node i of a graph: v is the node as
// it was, on operands that may have been edited already. It returns v to leave
// the node alone.
type Edit func(b objective.Batch, i int, v objective.Vec) objective.Vec

// Trace is objective.Trace followed by Simplify.
func Trace(loss func(objective.Batch) objective.Vec) (*graph.Graph, error) {
	g, err := objective.Trace(loss)
	if err != nil {
		return nil, err
	}
	return Simplify(g), nil
}

// Rebuild traces g again with edit applied to every node, operands first, and
// returns the simplified result. The error says why the edited expression is
// not an objective. Node indices of the result are not those of g.
func Rebuild(g *graph.Graph, edit Edit) (*graph.Graph, error) {
	return Trace(func(b objective.Batch) objective.Vec { return build(b, g, g.Output, edit) })
}

// Replace rebuilds g with change applied to node i, wherever it is used.
func Replace(g *graph.Graph, i int, change func(b objective.Batch, v objective.Vec) objective.Vec) (*graph.Graph, error) {
	return Rebuild(g, func(b objective.Batch, j int, v objective.Vec) objective.Vec {
		if i != j {
			return v
		}
		return change(b, v)
	})
}

// Vec returns node i of g as an expression over b.
func Vec(b objective.Batch, g *graph.Graph, i int) objective.Vec { return build(b, g, i, nil) }

// build returns node last of g over b.
func build(b objective.Batch, g *graph.Graph, last int, edit Edit) objective.Vec {
	values := make([]objective.Vec, last+1)
	for i := range values {
		n := &g.Nodes[i]
		operands := make([]objective.Vec, len(n.Args))
		for j, a := range n.Args {
			operands[j] = values[a]
		}
		values[i] = apply(b, n, operands)
		if edit != nil {
			values[i] = edit(b, i, values[i])
		}
	}
	return values[last]
}

// Isolate returns a copy of g in which operand slot of node user is a node of
// its own, and the index of that node: an edit of it changes this use and no
// other.
func Isolate(g *graph.Graph, user, slot int) (*graph.Graph, int) {
	out := g.Clone()
	original := out.Nodes[out.Nodes[user].Args[slot]]
	out.Nodes = append(out.Nodes[:user:user], append([]graph.Node{original}, out.Nodes[user:]...)...)
	for i := user + 1; i < len(out.Nodes); i++ {
		for j, a := range out.Nodes[i].Args {
			if a >= user {
				out.Nodes[i].Args[j] = a + 1
			}
		}
	}
	out.Nodes[user+1].Args[slot] = user
	out.Output++
	return out, user
}
