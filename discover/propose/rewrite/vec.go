// Package rewrite edits objectives: it rebuilds a traced graph with some nodes
// replaced, merges what is computed twice and simplifies the algebra.
//
// Edits are written in the objective language itself (objective.Vec), so an
// edited graph is built by the same code that traces a candidate. Every function
// is pure; graphs that are passed in are not written.
package rewrite

import (
	"fmt"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

var leaves = map[graph.Op]func(objective.Batch) objective.Vec{
	graph.PolicyChosen:   func(b objective.Batch) objective.Vec { return b.PolicyChosen },
	graph.PolicyRejected: func(b objective.Batch) objective.Vec { return b.PolicyRejected },
	graph.RefChosen:      func(b objective.Batch) objective.Vec { return b.RefChosen },
	graph.RefRejected:    func(b objective.Batch) objective.Vec { return b.RefRejected },
	graph.ChosenLen:      func(b objective.Batch) objective.Vec { return b.ChosenLen },
	graph.RejectedLen:    func(b objective.Batch) objective.Vec { return b.RejectedLen },
	graph.Beta:           func(b objective.Batch) objective.Vec { return b.Beta },
	graph.Progress:       func(b objective.Batch) objective.Vec { return b.Progress },
}

var unaries = map[graph.Op]func(objective.Vec) objective.Vec{
	graph.Neg: objective.Vec.Neg, graph.Abs: objective.Vec.Abs, graph.Square: objective.Vec.Square,
	graph.Sqrt: objective.Vec.Sqrt, graph.Exp: objective.Vec.Exp, graph.Expm1: objective.Vec.Expm1,
	graph.Log: objective.Vec.Log, graph.Log1p: objective.Vec.Log1p, graph.Sigmoid: objective.Vec.Sigmoid,
	graph.LogSigmoid: objective.Vec.LogSigmoid, graph.Softplus: objective.Vec.Softplus, graph.ReLU: objective.Vec.ReLU,
	graph.Tanh: objective.Vec.Tanh, graph.Erf: objective.Vec.Erf, graph.Atan: objective.Vec.Atan,
	graph.Sin: objective.Vec.Sin, graph.Cos: objective.Vec.Cos, graph.Reciprocal: objective.Vec.Reciprocal,
	graph.Detach: objective.Vec.Detach, graph.Mean: objective.Vec.Mean, graph.Sum: objective.Vec.Sum,
	graph.Std: objective.Vec.Std, graph.Var: objective.Vec.Var, graph.BatchMax: objective.Vec.BatchMax,
	graph.BatchMin: objective.Vec.BatchMin, graph.Sort: objective.Vec.Sort,
}

var binaries = map[graph.Op]func(v, w objective.Vec) objective.Vec{
	graph.Add: objective.Vec.Add, graph.Sub: objective.Vec.Sub, graph.Mul: objective.Vec.Mul,
	graph.Div: objective.Vec.Div, graph.Max: objective.Vec.Max, graph.Min: objective.Vec.Min,
	graph.Greater: objective.Vec.Greater, graph.Less: objective.Vec.Less,
}

var withConst = map[graph.Op]func(objective.Vec, float64) objective.Vec{
	graph.AddConst: objective.Vec.AddConst, graph.Scale: objective.Vec.Scale, graph.PowConst: objective.Vec.PowConst,
	graph.ClampMin: objective.Vec.ClampMin, graph.ClampMax: objective.Vec.ClampMax,
	graph.GreaterConst: objective.Vec.GreaterConst, graph.LessConst: objective.Vec.LessConst,
}

// apply is the operation of node n on operands, in the objective language. It
// panics as the language does when a constant has no meaning.
func apply(b objective.Batch, n *graph.Node, operands []objective.Vec) objective.Vec {
	if f := leaves[n.Op]; f != nil {
		return f(b)
	}
	if f := unaries[n.Op]; f != nil {
		return f(operands[0])
	}
	if f := binaries[n.Op]; f != nil {
		return f(operands[0], operands[1])
	}
	if f := withConst[n.Op]; f != nil {
		return f(operands[0], n.K[0])
	}
	switch n.Op {
	case graph.Const:
		return objective.Const(n.K[0])
	case graph.Param:
		return objective.Param(n.Name, n.K[0])
	case graph.Clamp:
		return operands[0].Clamp(n.K[0], n.K[1])
	case graph.Where:
		return objective.Where(operands[0], operands[1], operands[2])
	}
	panic(fmt.Sprintf("rewrite: no rule for operation %s", n.Op))
}
