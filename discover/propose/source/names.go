package source

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
)

// nouns are the names of values by the operation that makes them.
var nouns = map[graph.Op]string{
	graph.Add: "sum", graph.Sub: "gap", graph.Mul: "weighted", graph.Div: "ratio",
	graph.Max: "larger", graph.Min: "smaller",
	graph.AddConst: "shifted", graph.Scale: "scaled", graph.PowConst: "power",
	graph.Clamp: "clamped", graph.ClampMin: "floored", graph.ClampMax: "capped",
	graph.Neg: "negative", graph.Abs: "size", graph.Square: "squared", graph.Sqrt: "root",
	graph.Exp: "exponential", graph.Expm1: "exponential", graph.Log: "logarithm", graph.Log1p: "logarithm",
	graph.Sigmoid: "gate", graph.LogSigmoid: "logistic", graph.Softplus: "logistic", graph.ReLU: "hinge",
	graph.Tanh: "squashed", graph.Erf: "squashed", graph.Atan: "squashed", graph.Sin: "wave", graph.Cos: "wave",
	graph.Reciprocal: "inverse", graph.Detach: "frozen",
	graph.Greater: "mask", graph.Less: "mask", graph.GreaterConst: "mask", graph.LessConst: "mask", graph.Where: "either",
	graph.Mean: "average", graph.Sum: "total", graph.Std: "spread", graph.Var: "spread",
	graph.BatchMax: "largest", graph.BatchMin: "smallest", graph.Sort: "sorted",
}

// atom is a value that a method of Batch returns.
type atom struct {
	method string // of objective.Batch
	noun   string // name of the value
	scaled string // name of the value times beta
}

var (
	chosen   = &atom{"LogRatioChosen", "chosen", "rewardChosen"}
	rejected = &atom{"LogRatioRejected", "rejected", "rewardRejected"}
	margin   = &atom{"Margin", "margin", "x"}
)

// atoms returns the atom that every node is, nil where it is none.
func atoms(g *graph.Graph) []*atom {
	out := make([]*atom, len(g.Nodes))
	for i, n := range g.Nodes {
		if n.Op != graph.Sub {
			continue
		}
		x, y := n.Args[0], n.Args[1]
		switch {
		case g.Nodes[x].Op == graph.PolicyChosen && g.Nodes[y].Op == graph.RefChosen:
			out[i] = chosen
		case g.Nodes[x].Op == graph.PolicyRejected && g.Nodes[y].Op == graph.RefRejected:
			out[i] = rejected
		case out[x] == chosen && out[y] == rejected:
			out[i] = margin
		}
	}
	return out
}

// noun returns what to call node i.
func (p *printer) noun(i int) string {
	n := &p.graph.Nodes[i]
	switch {
	case n.Op == graph.Param:
		return camel(n.Name)
	case p.atoms[i] != nil:
		return p.atoms[i].noun
	case n.Op == graph.Mul:
		for j, a := range n.Args {
			if p.atoms[a] != nil && p.graph.Nodes[n.Args[1-j]].Op == graph.Beta {
				return p.atoms[a].scaled
			}
		}
	}
	if word, ok := nouns[n.Op]; ok {
		return word
	}
	return "value"
}

// names hands out identifiers, each once.
type names struct{ taken map[string]bool }

func newNames() *names {
	return &names{taken: map[string]bool{"b": true, "objective": true, "math": true}}
}

// fresh returns stem, with a number if it is taken.
func (s *names) fresh(stem string) string {
	name := stem
	for n := 2; s.taken[name]; n++ {
		name = stem + strconv.Itoa(n)
	}
	s.taken[name] = true
	return name
}

// camel turns a parameter's name into a local one that Go allows and that hides
// nothing of the language: "my_tau" is myTau, "range" is rangeParam.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		if i > 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	out := strings.Join(words, "")
	if token.IsKeyword(out) || types.Universe.Lookup(out) != nil {
		return out + "Param"
	}
	return out
}
