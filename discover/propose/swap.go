package propose

import (
	"fmt"
	"math"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/discover/propose/source"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// sibling is an operation of like shape that can stand in for another.
type sibling struct {
	words string
	apply func(objective.Vec) objective.Vec
}

var siblings = map[graph.Op][]sibling{
	graph.Softplus: {
		{"a hinge", objective.Vec.ReLU},
		{"its square", func(v objective.Vec) objective.Vec { return v.Softplus().Square() }},
		{"its damped logarithm", func(v objective.Vec) objective.Vec { return v.Softplus().Log1p() }},
		{"a hyperbola", func(v objective.Vec) objective.Vec { return v.Square().AddConst(1).Sqrt().Add(v) }},
		{"a sigmoid", objective.Vec.Sigmoid},
	},
	graph.ReLU: {
		{"a logistic", objective.Vec.Softplus},
		{"its square", func(v objective.Vec) objective.Vec { return v.ReLU().Square() }},
		{"a sharp logistic", func(v objective.Vec) objective.Vec { return v.Scale(4).Softplus().Scale(.25) }},
	},
	graph.Exp: {
		{"a logistic", objective.Vec.Softplus},
		{"an exponential that stops at e³", func(v objective.Vec) objective.Vec { return v.ClampMax(3).Exp() }},
	},
	graph.Sigmoid: {
		{"an inverse tangent", func(v objective.Vec) objective.Vec { return v.Atan().Scale(round(1/math.Pi, 3)).AddConst(.5) }},
		{"a ramp", func(v objective.Vec) objective.Vec { return v.Scale(.25).AddConst(.5).Clamp(0, 1) }},
		{"a logistic", objective.Vec.Softplus},
	},
	graph.Tanh: {
		{"the error function", objective.Vec.Erf},
		{"the inverse tangent", objective.Vec.Atan},
		{"a ramp", func(v objective.Vec) objective.Vec { return v.Clamp(-1, 1) }},
	},
	graph.Erf:  {{"the hyperbolic tangent", objective.Vec.Tanh}, {"the inverse tangent", objective.Vec.Atan}},
	graph.Atan: {{"the hyperbolic tangent", objective.Vec.Tanh}, {"the error function", objective.Vec.Erf}},
	graph.Square: {
		{"an absolute value", objective.Vec.Abs},
		{"a hyperbola", func(v objective.Vec) objective.Vec { return v.Square().AddConst(1).Sqrt().AddConst(-1) }},
	},
	graph.Abs:  {{"a square", objective.Vec.Square}},
	graph.Mean: {{"the largest of the batch", objective.Vec.BatchMax}, {"the smallest of the batch", objective.Vec.BatchMin}},
	graph.Std:  {{"the variance", objective.Vec.Var}, {"the batch's range", func(v objective.Vec) objective.Vec { return v.BatchMax().Sub(v.BatchMin()) }}},
}

// swap exchanges an operation for a sibling.
func swap(s subject) (edited, error) {
	s, i, err := s.site(func(i int) bool { return siblings[s.graph.Nodes[i].Op] != nil })
	if err != nil {
		return edited{}, err
	}
	n := &s.graph.Nodes[i]
	choices := siblings[n.Op]
	with := one(s.rand, choices)
	return s.replace(i, "a curve of like shape but other tails", func(g grammar, _ objective.Vec) term {
		return term{with.apply(rewrite.Vec(g.Batch, s.graph, n.Args[0])), fmt.Sprintf("exchanges %s for %s", s.noun(i), with.words)}
	})
}

// prune puts an operand in the place of an operation of the same shape.
func prune(s subject) (edited, error) {
	written := source.Written(s.graph)
	operands := func(i int) (out []int) {
		for _, a := range s.graph.Nodes[i].Args {
			if written[a] && s.shapes[a] == s.shapes[i] {
				out = append(out, a)
			}
		}
		return out
	}
	i, err := s.find(func(i int) bool { return len(operands(i)) > 0 })
	if err != nil {
		return edited{}, err
	}
	a := one(s.rand, operands(i))
	return s.replace(i, "if the loss does as well without it, it explains more", func(g grammar, _ objective.Vec) term {
		return term{rewrite.Vec(g.Batch, s.graph, a), fmt.Sprintf("leaves of %s only %s", s.noun(i), s.noun(a))}
	})
}

// reschedule makes a scalar, or the strength of a scaled part, change over
// training.
func reschedule(s subject) (edited, error) {
	s, i, err := s.site(func(i int) bool { return s.kind(i) == scalar || s.graph.Nodes[i].Op == graph.Scale })
	if err != nil {
		return edited{}, err
	}
	return s.replace(i, "early and late training need not want the same loss", func(g grammar, v objective.Vec) term {
		schedule := g.schedule()
		return term{v.Mul(schedule.Vec), fmt.Sprintf("multiplies %s by %s", s.noun(i), schedule.words)}
	})
}

// detach stops the gradient through a gate or a batch statistic, or lets it
// through again.
func detach(s subject) (edited, error) {
	s, i, err := s.site(func(i int) bool {
		return s.kind(i) == gate || s.graph.Nodes[i].Op.BatchStatistic() || s.graph.Nodes[i].Op == graph.Detach
	})
	if err != nil {
		return edited{}, err
	}
	if n := s.graph.Nodes[i]; n.Op == graph.Detach {
		return s.replace(i, "the loss then also pulls by changing the weight", func(g grammar, _ objective.Vec) term {
			return term{rewrite.Vec(g.Batch, s.graph, n.Args[0]), "lets the gradient through " + s.noun(n.Args[0])}
		})
	}
	return s.replace(i, "it then weighs pairs without pulling on them", func(_ grammar, v objective.Vec) term {
		return term{v.Detach(), "stops the gradient through " + s.noun(i)}
	})
}
