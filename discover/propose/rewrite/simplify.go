package rewrite

import (
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// Merge returns g with only the nodes that its result needs and each of them
// once. Hash is unchanged.
func Merge(g *graph.Graph) *graph.Graph {
	return reduce(g, func(*builder, graph.Node) (int, bool) { return 0, false })
}

// Simplify returns a merged graph of the same function of the batch with less
// algebra: operations on constants folded, two multiples of one node added, double
// negations, neutral elements and chains of Scale and AddConst removed, and the
// stable forms LogSigmoid, Softplus and
// Log1p in the place of their definitions. Values agree up to rounding.
func Simplify(g *graph.Graph) *graph.Graph { return reduce(g, (*builder).shorter) }

// reduce lists the nodes that the result of g needs again, each once, unless
// shorter knows an equal node that is listed already.
func reduce(g *graph.Graph, shorter func(*builder, graph.Node) (int, bool)) *graph.Graph {
	b := &builder{seen: map[key]int{}, rule: shorter}
	index := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		args := make([]int, len(n.Args))
		for j, a := range n.Args {
			args[j] = index[a]
		}
		n.Args = args
		index[i] = b.add(n)
	}
	return b.finish(index[g.Output])
}

// builder lists nodes without repetition.
type builder struct {
	nodes   []graph.Node
	perPair []bool // node i has one value per pair
	policy  []bool // the value of node i depends on the policy
	seen    map[key]int
	rule    func(*builder, graph.Node) (int, bool)
}

// key identifies a node; constants by their bits.
type key struct {
	op   graph.Op
	args [3]int
	k    [2]uint64
	name string
}

func (b *builder) add(n graph.Node) int {
	if i, ok := b.rule(b, n); ok {
		return i
	}
	k := key{op: n.Op, name: n.Name}
	copy(k.args[:], n.Args)
	for j, v := range n.K {
		k.k[j] = math.Float64bits(v)
	}
	if i, ok := b.seen[k]; ok {
		return i
	}
	b.seen[k] = len(b.nodes)
	b.list(n)
	return b.seen[k]
}

func (b *builder) list(n graph.Node) {
	perPair, policy := n.Op.PerPairLeaf(), n.Op == graph.PolicyChosen || n.Op == graph.PolicyRejected
	for _, a := range n.Args {
		perPair = perPair || b.perPair[a] && !n.Op.Reduces()
		policy = policy || b.policy[a]
	}
	b.nodes = append(b.nodes, n)
	b.perPair = append(b.perPair, perPair)
	b.policy = append(b.policy, policy)
}

// finish returns the graph of node output without what it does not need.
func (b *builder) finish(output int) *graph.Graph {
	live := make([]bool, len(b.nodes))
	live[output] = true
	for i := output; i >= 0; i-- {
		if live[i] {
			for _, a := range b.nodes[i].Args {
				live[a] = true
			}
		}
	}
	g := &graph.Graph{Version: graph.Version}
	index := make([]int, len(b.nodes))
	for i, n := range b.nodes[:output+1] {
		if !live[i] {
			continue
		}
		args := n.Args
		n.Args = nil
		for _, a := range args {
			n.Args = append(n.Args, index[a])
		}
		index[i] = len(g.Nodes)
		g.Nodes = append(g.Nodes, n)
	}
	g.Output = index[output]
	return g
}
