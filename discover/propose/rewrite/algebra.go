package rewrite

import (
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// shorter returns a listed node that equals n and is simpler, if there is one.
// It may list nodes on the way; those have fewer operations than n or are of an
// operation that no rule turns back, so rewriting ends.
func (b *builder) shorter(n graph.Node) (int, bool) {
	if k, ok := b.fold(&n); ok {
		return b.constant(graph.Const, 0, k)
	}
	switch len(n.Args) {
	case 1:
		if len(n.K) == 0 {
			return b.shorterUnary(n.Op, n.Args[0])
		}
		return b.shorterConst(n.Op, n.Args[0], n.K[0])
	case 2:
		if i, ok := b.shorterWithConst(n.Op, n.Args[0], n.Args[1]); ok {
			return i, true
		}
		return b.shorterBinary(n.Op, n.Args[0], n.Args[1])
	case 3:
		return b.shorterWhere(n.Args[0], n.Args[1], n.Args[2])
	}
	return 0, false
}

// shorterWhere makes a choice by a constant, unless the result would no longer have
// one value per pair.
func (b *builder) shorterWhere(mask, x, y int) (int, bool) {
	if !b.is(mask, graph.Const) {
		return 0, false
	}
	chosen := x
	if b.nodes[mask].K[0] == 0 {
		chosen = y
	}
	return chosen, b.perPair[chosen] || !b.perPair[x] && !b.perPair[y]
}

// fold returns the value of an operation on constants only. Parameters are none.
func (b *builder) fold(n *graph.Node) (float64, bool) {
	operands := make([]float64, len(n.Args))
	for j, a := range n.Args {
		if !b.is(a, graph.Const) {
			return 0, false
		}
		operands[j] = b.nodes[a].K[0]
	}
	return n.Fold(operands)
}

// is reports whether node i is op.
func (b *builder) is(i int, op graph.Op) bool { return b.nodes[i].Op == op }

// arg returns operand j of node i.
func (b *builder) arg(i, j int) int { return b.nodes[i].Args[j] }

func (b *builder) unary(op graph.Op, x int) (int, bool) {
	return b.add(graph.Node{Op: op, Args: []int{x}}), true
}

func (b *builder) binary(op graph.Op, x, y int) (int, bool) {
	return b.add(graph.Node{Op: op, Args: []int{x, y}}), true
}

// constant applies an operation that carries k, unless k has overflowed.
func (b *builder) constant(op graph.Op, x int, k float64) (int, bool) {
	if math.IsInf(k, 0) || math.IsNaN(k) {
		return 0, false
	}
	if op == graph.Const {
		return b.add(graph.Node{Op: op, K: []float64{k}}), true
	}
	return b.add(graph.Node{Op: op, Args: []int{x}, K: []float64{k}}), true
}

// inner pairs an operation with the one directly below it.
type inner struct{ outer, operand graph.Op }

// fused holds pairs of operations that are one: outer(operand(x)) = op(x).
var fused = map[inner]graph.Op{
	{graph.Log, graph.Sigmoid}: graph.LogSigmoid,
	{graph.Log1p, graph.Exp}:   graph.Softplus,
	{graph.Abs, graph.Neg}:     graph.Abs,
	{graph.Abs, graph.Abs}:     graph.Abs,
	{graph.Square, graph.Neg}:  graph.Square,
	{graph.Square, graph.Abs}:  graph.Square,
	{graph.ReLU, graph.ReLU}:   graph.ReLU,
	{graph.Sort, graph.Sort}:   graph.Sort,
}

func (b *builder) shorterUnary(op graph.Op, x int) (int, bool) {
	below := &b.nodes[x]
	if f, ok := fused[inner{op, below.Op}]; ok {
		return b.unary(f, below.Args[0])
	}
	switch op {
	case graph.Neg:
		return b.shorterNeg(x)
	case graph.Detach:
		return x, !b.policy[x]
	case graph.Mean, graph.BatchMax, graph.BatchMin, graph.Sort:
		return x, !b.perPair[x]
	}
	return 0, false
}

func (b *builder) shorterNeg(x int) (int, bool) {
	below := &b.nodes[x]
	switch below.Op {
	case graph.Neg:
		return below.Args[0], true
	case graph.Sub:
		return b.binary(graph.Sub, below.Args[1], below.Args[0])
	case graph.Const, graph.Scale:
		return b.constant(below.Op, b.first(x), -below.K[0])
	case graph.LogSigmoid:
		if y := below.Args[0]; b.is(y, graph.Neg) {
			return b.unary(graph.Softplus, b.arg(y, 0))
		}
	}
	return 0, false
}

// first returns the first operand of node i, 0 for a leaf.
func (b *builder) first(i int) int {
	if len(b.nodes[i].Args) == 0 {
		return 0
	}
	return b.arg(i, 0)
}

func (b *builder) shorterConst(op graph.Op, x int, k float64) (int, bool) {
	below := &b.nodes[x]
	switch {
	case op == graph.AddConst && k == 0, (op == graph.Scale || op == graph.PowConst) && k == 1:
		return x, true
	case op == graph.PowConst && k == 2:
		return b.unary(graph.Square, x)
	case op == graph.Scale && k == -1:
		return b.unary(graph.Neg, x)
	case op == graph.Scale && (below.Op == graph.Scale || below.Op == graph.Const):
		return b.constant(below.Op, b.first(x), below.K[0]*k)
	case op == graph.Scale && below.Op == graph.Neg:
		return b.constant(op, below.Args[0], -k)
	case op == graph.AddConst && (below.Op == graph.AddConst || below.Op == graph.Const):
		return b.constant(below.Op, b.first(x), below.K[0]+k)
	case op == graph.AddConst && below.Op == graph.Exp && k == -1:
		return b.unary(graph.Expm1, below.Args[0])
	}
	return 0, false
}

// shorterWithConst turns a binary operation on a Const into the operation that
// carries the constant.
func (b *builder) shorterWithConst(op graph.Op, x, y int) (int, bool) {
	if b.is(x, graph.Const) {
		k := b.nodes[x].K[0]
		switch op {
		case graph.Add:
			return b.constant(graph.AddConst, y, k)
		case graph.Mul:
			return b.constant(graph.Scale, y, k)
		case graph.Sub:
			negative, _ := b.unary(graph.Neg, y)
			return b.constant(graph.AddConst, negative, k)
		}
	}
	if !b.is(y, graph.Const) {
		return 0, false
	}
	k := b.nodes[y].K[0]
	switch op {
	case graph.Add:
		return b.constant(graph.AddConst, x, k)
	case graph.Sub:
		return b.constant(graph.AddConst, x, -k)
	case graph.Mul:
		return b.constant(graph.Scale, x, k)
	case graph.Div:
		return b.constant(graph.Scale, x, 1/k)
	}
	return 0, false
}

func (b *builder) shorterBinary(op graph.Op, x, y int) (int, bool) {
	if op == graph.Add || op == graph.Sub {
		if i, ok := b.likeTerms(op, x, y); ok {
			return i, true
		}
	}
	switch {
	case op == graph.Add && b.is(y, graph.Neg):
		return b.binary(graph.Sub, x, b.arg(y, 0))
	case op == graph.Add && b.is(x, graph.Neg):
		return b.binary(graph.Sub, y, b.arg(x, 0))
	case op == graph.Sub && b.is(y, graph.Neg):
		return b.binary(graph.Add, x, b.arg(y, 0))
	case op == graph.Mul && b.is(x, graph.Neg) && b.is(y, graph.Neg):
		return b.binary(op, b.arg(x, 0), b.arg(y, 0))
	case op == graph.Mul && x == y:
		return b.unary(graph.Square, x)
	case (op == graph.Max || op == graph.Min) && x == y:
		return x, true
	}
	return 0, false
}

// likeTerms adds or subtracts two multiples of one node, unless nothing is left.
func (b *builder) likeTerms(op graph.Op, x, y int) (int, bool) {
	c, u := b.multiple(x)
	d, v := b.multiple(y)
	if op == graph.Sub {
		d = -d
	}
	if u != v || c+d == 0 {
		return 0, false
	}
	return b.constant(graph.Scale, u, c+d)
}

// multiple returns node i as a number times another node.
func (b *builder) multiple(i int) (float64, int) {
	switch n := &b.nodes[i]; n.Op {
	case graph.Scale:
		return n.K[0], n.Args[0]
	case graph.Neg:
		return -1, n.Args[0]
	}
	return 1, i
}
