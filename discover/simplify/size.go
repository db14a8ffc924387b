package simplify

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// digitSize is the size of a digit of a constant, in operations.
const digitSize = .05

// size is the operations of g and, for a little, the digits of its constants.
func size(g *graph.Graph) float64 {
	total := float64(operations(g))
	for _, n := range g.Nodes {
		for _, k := range n.K {
			total += digitSize * float64(digits(k))
		}
	}
	return total
}

// operations counts the nodes of g that are not constants. g must be merged.
func operations(g *graph.Graph) int {
	count := 0
	for _, n := range g.Nodes {
		if n.Op != graph.Const && n.Op != graph.Param {
			count++
		}
	}
	return count
}

// digits counts the significant decimal digits that k is written with.
func digits(k float64) int {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(k, 'e', -1, 64), "e")
	return len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0"))
}

// formula is the part of g that node i computes, as a line of text.
func formula(g *graph.Graph, i int) string {
	return graph.Formula(&graph.Graph{Version: graph.Version, Nodes: g.Nodes[:i+1], Output: i})
}

// formulaOf is what a change puts in the place of a part.
func formulaOf(c change) string {
	g, err := objective.Trace(func(b objective.Batch) objective.Vec {
		// A trace must have one value per pair; a sum with a leaf that is left out
		// again has.
		return b.RefChosen.Add(c(b))
	})
	if err != nil {
		return "nothing"
	}
	return formula(g, g.Nodes[g.Output].Args[1])
}

// typicalPairs are what a policy makes of pairs in the middle of training: margins
// around 2 nats, lengths of 10 to 50 tokens, at beta 0.1.
func typicalPairs() *graph.Batch {
	const pairs = 32
	rng := rand.New(rand.NewPCG(1, 2))
	b := &graph.Batch{Beta: .1, Progress: .5}
	for range pairs {
		chosen, rejected := -40-20*rng.Float64(), -40-20*rng.Float64()
		b.RefChosen, b.RefRejected = append(b.RefChosen, chosen), append(b.RefRejected, rejected)
		b.PolicyChosen, b.PolicyRejected = append(b.PolicyChosen, chosen+1+3*rng.NormFloat64()), append(b.PolicyRejected, rejected-1+3*rng.NormFloat64())
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, float64(10+rng.IntN(41))), append(b.RejectedLen, float64(10+rng.IntN(41)))
	}
	return b
}

// typicalValues are the means of all nodes over the typical pairs, in
// micro-batches of two, to two digits.
func typicalValues(g *graph.Graph) []float64 {
	out := make([]float64, len(g.Nodes))
	pairs := typicalPairs()
	for i := range g.Nodes {
		out[i] = round(typicalValue(g, i, pairs), 2)
	}
	return out
}

func typicalValue(g *graph.Graph, i int, pairs *graph.Batch) float64 {
	// Added to zero times a leaf, a scalar too has one value per pair.
	nodes := append(g.Nodes[:i+1:i+1], graph.Node{Op: graph.RefChosen},
		graph.Node{Op: graph.Scale, Args: []int{i + 1}, K: []float64{0}}, graph.Node{Op: graph.Add, Args: []int{i, i + 2}})
	plan, err := graph.Compile(&graph.Graph{Version: graph.Version, Nodes: nodes, Output: i + 3})
	if err != nil {
		panic(err) // a part of a valid graph is valid
	}
	var result graph.Result
	plan.NewRunner().Run(pairs, 2, &result)
	sum := 0.
	for _, v := range result.Loss {
		sum += v
	}
	return sum / float64(len(result.Loss))
}
