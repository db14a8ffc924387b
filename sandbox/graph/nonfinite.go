package graph

import "math"

// NonFinite returns the node to blame for a loss or a gradient of g that is not
// finite on b, which is taken as one micro-batch: the first whose value is not
// finite or, if all values are (inGradient), the one nearest to the result from
// which a gradient that is not finite goes to an operand. It runs g once. The
// node is -1 if there is none. g must be valid.
func NonFinite(g *Graph, b *Batch) (node int, inGradient bool) {
	c := newCompiler(g)
	c.compile()
	r, n := c.plan.NewRunner(), b.Len()
	r.microBatch = n
	r.grow(n)
	r.forward(b, 0, n)
	of := c.nodes()
	for i, value := range r.values {
		if !allFinite(value) {
			return of[i], false
		}
	}
	if !r.seed(n, 1/float64(n)) {
		return -1, true
	}
	for i := c.plan.output; i >= 0; i-- {
		if r.spoils(i) {
			return of[i], true
		}
	}
	return -1, true
}

// nodes returns the first node that each instruction stands for.
func (c *compiler) nodes() []int {
	of := make([]int, len(c.plan.code))
	live := c.graph.reachable()
	for i := len(live) - 1; i >= 0; i-- {
		if live[i] {
			of[c.index[i]] = i
		}
	}
	return of
}

// spoils pulls the adjoint of instruction i back to its operands and reports
// whether that of one is not finite thereafter.
func (r *Runner) spoils(i int) bool {
	in := &r.plan.code[i]
	if !in.grad || in.op.Leaf() {
		return false
	}
	all := span{all: true}
	r.pull(i, all)
	for _, arg := range in.args[:in.op.Arity()] {
		if !allFinite(r.adjoint(arg, all)) {
			return true
		}
	}
	return false
}

// allFinite reports whether all of x are.
func allFinite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
