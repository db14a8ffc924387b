package probe

import (
	"fmt"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// MaxBlame bounds the size of a graph in which an operation to blame is looked
// for, which takes time in proportion to its square.
const MaxBlame = 200

// culprit returns the first operation of g whose value is not finite in the
// micro-batch of a pair, or the last whose gradient is not, and says so.
func culprit(g *graph.Graph, b *graph.Batch, pair int) (node int, blame string) {
	if len(g.Nodes) > MaxBlame {
		return -1, ""
	}
	lo := pair / microBatch * microBatch
	part := slice(b, lo, lo+microBatch)
	for i, n := range g.Nodes {
		if out, ok := run(readingOf(g, i), part); ok && !allFinite(out.Loss) {
			return i, fmt.Sprintf("; the first operation to blame is %s", n.Op)
		}
	}
	const gradient = "; every value is finite, the gradient is not"
	if i := gradientCulprit(g, part); i >= 0 {
		return i, fmt.Sprintf("%s: to blame is that of %s", gradient, g.Nodes[i].Op)
	}
	return -1, gradient
}

// gradientCulprit returns the operation of g that makes a gradient that is not
// finite from one that is, -1 if none is found: the last one with such a gradient
// for an operand.
func gradientCulprit(g *graph.Graph, part *graph.Batch) int {
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		for arg := range g.Nodes[i].Args {
			if out, ok := run(slopeOf(g, i, arg), part); ok && !allFinite(out.GradChosen) {
				return i
			}
		}
	}
	return -1
}

func run(g *graph.Graph, part *graph.Batch) (out graph.Result, ok bool) {
	plan, err := graph.Compile(g)
	if err != nil {
		return out, false
	}
	plan.NewRunner().Run(part, 0, &out)
	return out, true
}

// readingOf returns a graph that is finite where node i of g is.
func readingOf(g *graph.Graph, i int) *graph.Graph {
	nodes := append(slices.Clone(g.Nodes[:i+1]), graph.Node{Op: graph.PolicyChosen}, graph.Node{Op: graph.Add, Args: []int{i, i + 1}})
	return &graph.Graph{Version: g.Version, Nodes: nodes, Output: i + 2}
}

// slopeOf returns g with a 0 added to one operand of node i that stands for
// PolicyChosen, and with no other dependence on the policy: its gradient is that of
// g with respect to the operand.
func slopeOf(g *graph.Graph, i, arg int) *graph.Graph {
	out, index := &graph.Graph{Version: g.Version}, make([]int, len(g.Nodes))
	add := func(op graph.Op, args ...int) int {
		out.Nodes = append(out.Nodes, graph.Node{Op: op, Args: args})
		return len(out.Nodes) - 1
	}
	for j, n := range g.Nodes {
		args := make([]int, len(n.Args))
		for k, a := range n.Args {
			args[k] = index[a]
		}
		if j == i {
			policy := add(graph.PolicyChosen)
			args[arg] = add(graph.Add, args[arg], add(graph.Sub, policy, add(graph.Detach, policy)))
		}
		n.Args = args
		out.Nodes = append(out.Nodes, n)
		index[j] = len(out.Nodes) - 1
		if n.Op == graph.PolicyChosen || n.Op == graph.PolicyRejected {
			index[j] = add(graph.Detach, index[j])
		}
	}
	out.Output = index[g.Output]
	return out
}

// slice returns pairs lo to hi of b.
func slice(b *graph.Batch, lo, hi int) *graph.Batch {
	return &graph.Batch{
		PolicyChosen: b.PolicyChosen[lo:hi], PolicyRejected: b.PolicyRejected[lo:hi],
		RefChosen: b.RefChosen[lo:hi], RefRejected: b.RefRejected[lo:hi],
		ChosenLen: b.ChosenLen[lo:hi], RejectedLen: b.RejectedLen[lo:hi],
		Beta: b.Beta, Progress: b.Progress,
	}
}

func allFinite(xs []float64) bool {
	return !slices.ContainsFunc(xs, func(x float64) bool { return !finite(x) })
}
