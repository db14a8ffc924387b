package rewrite

import (
	"fmt"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// promoted is the name of the parameter that the constant of an operation
// becomes.
var promoted = map[graph.Op]string{graph.Scale: "strength", graph.AddConst: "offset"}

// Promotable returns the nodes whose constant can become a parameter: those of
// Scale and AddConst, but for the 1 of 1 − x, which is structure.
func Promotable(g *graph.Graph) []int {
	var out []int
	for i, n := range g.Nodes {
		if promoted[n.Op] != "" && (n.Op != graph.AddConst || n.K[0] != 1) {
			out = append(out, i)
		}
	}
	return out
}

// Promote rebuilds g with the constant of a promotable node as a parameter of
// the given value.
func Promote(g *graph.Graph, i int, value float64) (*graph.Graph, error) {
	n := g.Nodes[i]
	parameter := objective.Param(FreeParam(promoted[n.Op], g), value)
	return Replace(g, i, func(b objective.Batch, _ objective.Vec) objective.Vec {
		operand := Vec(b, g, n.Args[0])
		if n.Op == graph.Scale {
			return operand.Mul(parameter)
		}
		return operand.Add(parameter)
	})
}

// Parametrize returns g with constants as parameters, the earliest first, until
// it has limit of them or no more constants to promote. What it computes is
// unchanged.
func Parametrize(g *graph.Graph, limit int) (*graph.Graph, error) {
	g = Simplify(g)
	for len(g.Params()) < limit {
		candidates := Promotable(g)
		if len(candidates) == 0 {
			break
		}
		var err error
		if g, err = Promote(g, candidates[0], g.Nodes[candidates[0]].K[0]); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// FreeParam returns name, with a number if a parameter of one of the graphs has
// it.
func FreeParam(name string, graphs ...*graph.Graph) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(graphs, func(g *graph.Graph) bool {
			return slices.ContainsFunc(g.Params(), func(p graph.Parameter) bool { return p.Name == name })
		})
	}
	free := name
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	return free
}
