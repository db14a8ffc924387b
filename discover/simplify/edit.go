package simplify

import (
	"math"
	"slices"
	"strconv"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// edit is an objective with a part left out.
type edit struct {
	graph         *graph.Graph
	hash          string
	part, instead string  // formulas
	saved         int     // operations
	gain          float64 // size saved, digits of constants included
}

// change is what may stand in the place of a node: an expression on the batch,
// which the node's own operands are part of.
type change func(b objective.Batch) objective.Vec

// editsOf returns g with each part left out that can be, smaller than g all of
// them.
func editsOf(g *graph.Graph) []edit {
	var out []edit
	typical := typicalValues(g)
	for i := range g.Nodes {
		for _, c := range changes(g, i, typical[i]) {
			if e, ok := newEdit(g, i, c); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

// newEdit puts c in the place of node i. It is not ok if the result is no
// objective or is not smaller.
func newEdit(g *graph.Graph, i int, c change) (edit, bool) {
	edited, err := rewrite.Replace(g, i, func(b objective.Batch, _ objective.Vec) objective.Vec { return c(b) })
	if err != nil || !trains(edited) {
		return edit{}, false
	}
	e := edit{graph: edited, hash: edited.Hash(), saved: operations(g) - operations(edited)}
	if e.gain = size(g) - size(edited); e.gain <= 0 {
		return edit{}, false
	}
	e.part, e.instead = formula(g, i), formulaOf(c)
	return e, true
}

// trains reports whether the policy is in g at all.
func trains(g *graph.Graph) bool {
	return slices.ContainsFunc(g.Nodes, func(n graph.Node) bool { return n.Op == graph.PolicyChosen || n.Op == graph.PolicyRejected })
}

// mask reports whether the value of op is 0 or 1.
func mask(op graph.Op) bool {
	return op == graph.Greater || op == graph.Less || op == graph.GreaterConst || op == graph.LessConst
}

// changes lists what node i is tried to be: one of its operands, the typical
// value, and itself with rounder constants.
func changes(g *graph.Graph, i int, typical float64) []change {
	n := g.Nodes[i]
	if n.Op.Leaf() {
		return append(rounder(g, i), leafConstant(n.Op, typical)...)
	}
	var out []change
	if !mask(n.Op) {
		for slot, a := range n.Args {
			if c := operand(g, n.Op, slot, a); c != nil {
				out = append(out, c)
			}
		}
	}
	return append(append(out, constants(n.Op, typical)...), rounder(g, i)...)
}

// operand is node i reduced to what its operand in a slot contributes; nil where
// the operand is a mask, which is not a part of the value.
func operand(g *graph.Graph, op graph.Op, slot, i int) change {
	plain := func(b objective.Batch) objective.Vec { return rewrite.Vec(b, g, i) }
	switch {
	case op == graph.Where && slot == 0:
		return nil
	case op == graph.Sub && slot == 1:
		return func(b objective.Batch) objective.Vec { return plain(b).Neg() }
	case op == graph.Div && slot == 1:
		return func(b objective.Batch) objective.Vec { return plain(b).Reciprocal() }
	}
	return plain
}

// constants are what may stand for the value of an operation.
func constants(op graph.Op, typical float64) []change {
	if mask(op) {
		return []change{constant(0), constant(1)}
	}
	if finite(typical) {
		return []change{constant(typical)}
	}
	return nil
}

// leafConstant makes lengths and progress constant; the policy, the reference,
// beta and what is a constant already stay.
func leafConstant(op graph.Op, typical float64) []change {
	switch op {
	case graph.ChosenLen, graph.RejectedLen, graph.Progress:
		return []change{constant(typical)}
	}
	return nil
}

func constant(k float64) change {
	return func(objective.Batch) objective.Vec { return objective.Const(k) }
}

// rounder is node i with a constant of one significant digit, or two.
func rounder(g *graph.Graph, i int) []change {
	var out []change
	for slot, k := range g.Nodes[i].K {
		for digits := 1; digits <= 2; digits++ {
			if rounded := round(k, digits); rounded != k {
				out = append(out, func(b objective.Batch) objective.Vec {
					h := g.Clone()
					h.Nodes[i].K[slot] = rounded
					return rewrite.Vec(b, h, i)
				})
			}
		}
	}
	return out
}

// round keeps so many significant digits.
func round(x float64, digits int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return y
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
