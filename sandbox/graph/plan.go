package graph

import "math"

// Plan is a graph made ready to run: only what the result needs, each common
// sub-expression once, constants folded. A Plan is immutable and safe for
// concurrent use; each goroutine runs it through a Runner of its own.
type Plan struct {
	code       []instruction
	output     int
	statistics bool // some pair's loss depends on the others in its micro-batch
	cost       int  // of one run, in operations per pair
}

// sortCost is what sorting costs, in operations per pair.
const sortCost = 4

// instruction computes values from those of earlier ones.
type instruction struct {
	op     Op
	args   [3]int
	k      []float64
	extent extent
	split  bool // must be computed micro-batch by micro-batch
	grad   bool // depends differentiably on the policy
}

// Compile validates g and prepares it for running.
func Compile(g *Graph) (*Plan, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	c := newCompiler(g)
	c.compile()
	return &c.plan, nil
}

// BatchStatistics reports whether the loss of a pair depends on the other pairs
// of its micro-batch.
func (p *Plan) BatchStatistics() bool { return p.statistics }

// Len returns the number of operations that one run executes.
func (p *Plan) Len() int { return len(p.code) }

// reachable marks the nodes that the output depends on.
func (g *Graph) reachable() []bool {
	live := make([]bool, len(g.Nodes))
	live[g.Output] = true
	for i := g.Output; i >= 0; i-- {
		if live[i] {
			for _, a := range g.Nodes[i].Args {
				live[a] = true
			}
		}
	}
	return live
}

// size is the number of nodes that the output depends on.
func (g *Graph) size() int {
	n := 0
	for _, live := range g.reachable() {
		if live {
			n++
		}
	}
	return n
}

type compiler struct {
	graph  *Graph
	shapes []bool
	index  []int // graph node to instruction
	seen   map[key]int
	plan   Plan
}

func newCompiler(g *Graph) *compiler {
	return &compiler{graph: g, shapes: g.Shapes(), index: make([]int, len(g.Nodes)), seen: map[key]int{}}
}

// compile fills plan and, for the nodes that the output depends on, index.
func (c *compiler) compile() {
	for i, live := range c.graph.reachable() {
		if live {
			c.index[i] = c.emit(i)
		}
	}
	c.plan.output = c.index[c.graph.Output]
	for _, in := range c.plan.code {
		if c.plan.cost++; in.op == Sort {
			c.plan.cost += sortCost - 1
		}
	}
}

// key identifies an instruction; constants by their bits, so that 0 and −0 stay
// apart.
type key struct {
	op   Op
	args [3]int
	k    [2]uint64
}

// emit appends the instruction for node i unless an equal one exists, and
// returns its index.
func (c *compiler) emit(i int) int {
	n := &c.graph.Nodes[i]
	in := instruction{op: n.Op, k: n.K}
	for j, a := range n.Args {
		in.args[j] = c.index[a]
	}
	if n.Op == Param {
		in.op = Const
	}
	in = c.fold(in)
	k := key{op: in.op, args: in.args}
	for j, v := range in.k {
		k.k[j] = math.Float64bits(v)
	}
	if at, ok := c.seen[k]; ok {
		return at
	}
	in.extent, in.split = c.extentOf(in, c.shapes[i])
	in.grad = c.needsGradient(in)
	c.plan.statistics = c.plan.statistics || in.op.BatchStatistic()
	c.plan.code = append(c.plan.code, in)
	c.seen[k] = len(c.plan.code) - 1
	return c.seen[k]
}

// fold replaces an element-wise operation on constants by its value.
func (c *compiler) fold(in instruction) instruction {
	n := in.op.Arity()
	if n == 0 || infos[in.op].kind != kindMap {
		return in
	}
	var x [3]float64
	for j := range n {
		arg := &c.plan.code[in.args[j]]
		if arg.op != Const {
			return in
		}
		x[j] = arg.k[0]
	}
	return instruction{op: Const, k: []float64{apply(in.op, x, in.k)}}
}

// apply evaluates an element-wise operation at one point.
func apply(op Op, x [3]float64, k []float64) float64 {
	switch {
	case unaries[op] != nil:
		return unaries[op].value(x[0], k)
	case binaries[op] != nil:
		return binaries[op].value(x[0], x[1])
	}
	return choose(x[0], x[1], x[2])
}

func (c *compiler) needsGradient(in instruction) bool {
	if in.op == PolicyChosen || in.op == PolicyRejected {
		return true
	}
	if !in.op.differentiable() {
		return false
	}
	for j := range in.op.Arity() {
		if c.plan.code[in.args[j]].grad {
			return true
		}
	}
	return false
}
