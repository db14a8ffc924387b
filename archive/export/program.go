package export

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/objdisco/discover/sandbox/graph"
)

// program is a graph made ready for writing: only what the loss needs, each common
// sub-expression once, constants folded. Parameters stay.
type program struct {
	nodes  []node
	output int
	params []graph.Parameter
}

type node struct {
	op      graph.Op
	args    []int
	k       []float64
	param   string // name, of a Param
	perPair bool   // one value per pair, or a scalar
	grad    bool   // the loss depends on the policy through it, differentiably
	level   int    // how many batch statistics lie one above the other below it
	uses    int    // as an operand
}

// compile makes the program of a valid graph.
func compile(g *graph.Graph) (*program, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	c := compiler{graph: g, shapes: g.Shapes(), place: make([]int, len(g.Nodes)), seen: map[string]int{}}
	for i, live := range reachable(g) {
		if live {
			c.place[i] = c.add(i)
		}
	}
	p := &c.program
	p.output = c.place[g.Output]
	p.prune()
	p.keepUsefulGradients()
	declared := map[string]bool{}
	for _, n := range p.nodes {
		if n.op == graph.Param && !declared[n.param] {
			declared[n.param] = true
			p.params = append(p.params, graph.Parameter{Name: n.param, Value: n.k[0]})
		}
	}
	return p, nil
}

// reachable marks the nodes that the output depends on.
func reachable(g *graph.Graph) []bool {
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

type compiler struct {
	program
	graph  *graph.Graph
	shapes []bool
	place  []int // graph node to program node
	seen   map[string]int
}

// add appends what stands for node i of the graph, unless it is there already, and
// returns its place.
func (c *compiler) add(i int) int {
	from := c.graph.Nodes[i]
	n := node{op: from.Op, k: from.K, param: from.Name, perPair: c.shapes[i]}
	for _, a := range from.Args {
		n.args = append(n.args, c.place[a])
	}
	if n.op.BatchStatistic() && !c.nodes[n.args[0]].perPair {
		if n.op != graph.Std && n.op != graph.Var {
			return n.args[0] // of a scalar it is the scalar itself
		}
		n = node{op: graph.Const, k: []float64{0}}
	}
	if n.op == graph.Detach && !c.nodes[n.args[0]].grad {
		return n.args[0] // it has no gradient anyway
	}
	if c.constant(n.args) {
		n = node{op: graph.Const, k: []float64{c.evaluate(i)}}
	}
	key := fmt.Sprint(n.op, n.args, bits(n.k), n.param)
	if at, ok := c.seen[key]; ok {
		return at
	}
	c.describe(&n)
	c.nodes = append(c.nodes, n)
	c.seen[key] = len(c.nodes) - 1
	return c.seen[key]
}

func bits(k []float64) []uint64 {
	out := make([]uint64, len(k))
	for i, v := range k {
		out[i] = math.Float64bits(v)
	}
	return out
}

// constant reports whether there are operands and all are constants.
func (c *compiler) constant(args []int) bool {
	for _, a := range args {
		if c.nodes[a].op != graph.Const {
			return false
		}
	}
	return len(args) > 0
}

// evaluate computes node i of the graph, which depends on constants only, by the one
// implementation that there is.
func (c *compiler) evaluate(i int) float64 {
	nodes := slices.Clone(c.graph.Nodes[:i+1])
	// The pair's reference log-probability is 0, so adding it gives the value.
	nodes = append(nodes, graph.Node{Op: graph.RefChosen}, graph.Node{Op: graph.Add, Args: []int{i, i + 1}})
	g := &graph.Graph{Version: graph.Version, Nodes: nodes, Output: i + 2}
	plan, err := graph.Compile(g)
	if err != nil {
		return math.NaN() // cannot be: a part of a valid graph is valid
	}
	zero := []float64{0}
	var out graph.Result
	plan.NewRunner().Run(&graph.Batch{PolicyChosen: zero, PolicyRejected: zero, RefChosen: zero, RefRejected: zero, ChosenLen: zero, RejectedLen: zero}, 0, &out)
	return out.Loss[0]
}

// describe sets what follows from a node's operands.
func (c *compiler) describe(n *node) {
	n.grad = n.op == graph.PolicyChosen || n.op == graph.PolicyRejected
	for _, a := range n.args {
		n.grad = n.grad || c.nodes[a].grad
		n.level = max(n.level, c.nodes[a].level)
	}
	switch n.op {
	case graph.Detach, graph.Greater, graph.Less, graph.GreaterConst, graph.LessConst:
		n.grad = false
	case graph.Where:
		n.grad = c.nodes[n.args[1]].grad || c.nodes[n.args[2]].grad
	}
	if n.op.BatchStatistic() {
		n.level++
	}
}

// prune drops nodes that folding has left without use, and counts uses.
func (p *program) prune() {
	live := make([]bool, len(p.nodes))
	live[p.output] = true
	for i := p.output; i >= 0; i-- {
		if live[i] {
			for _, a := range p.nodes[i].args {
				live[a] = true
			}
		}
	}
	place := make([]int, len(p.nodes))
	var kept []node
	for i, n := range p.nodes {
		if !live[i] {
			continue
		}
		args := make([]int, len(n.args))
		for j, a := range n.args {
			args[j] = place[a]
			kept[args[j]].uses++
		}
		n.args = args
		place[i] = len(kept)
		kept = append(kept, n)
	}
	p.nodes, p.output = kept, place[p.output]
}

// keepUsefulGradients clears grad where nothing differentiable leads on to the loss.
func (p *program) keepUsefulGradients() {
	useful := make([]bool, len(p.nodes))
	useful[p.output] = true
	for i := p.output; i >= 0; i-- {
		n := &p.nodes[i]
		if n.grad = n.grad && useful[i]; !n.grad {
			continue
		}
		for j, a := range n.args {
			useful[a] = useful[a] || n.op != graph.Where || j > 0
		}
	}
}

// statistics reports whether the loss of a pair depends on the other pairs.
func (p *program) statistics() bool {
	for _, n := range p.nodes {
		if n.op.BatchStatistic() {
			return true
		}
	}
	return false
}

// has reports whether the program has an operation.
func (p *program) has(op graph.Op) bool {
	for _, n := range p.nodes {
		if n.op == op {
			return true
		}
	}
	return false
}

// decimal writes a finite number so that Go and Python read it back exactly, as a
// floating-point number.
func decimal(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	for _, c := range s {
		if c == '.' || c == 'e' {
			return s
		}
	}
	return s + ".0"
}
