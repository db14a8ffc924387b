package probe

import (
	"fmt"

	"github.com/objdisco/discover/sandbox/graph"
)

// culprit returns the operation of g that is to blame for what is not finite in
// the micro-batch of a pair, -1 if none is found, and says so.
func culprit(g *graph.Graph, b *graph.Batch, pair int) (node int, blame string) {
	lo := pair / microBatch * microBatch
	node, inGradient := graph.NonFinite(g, b.Slice(lo, lo+microBatch))
	switch {
	case node < 0:
		return -1, ""
	case inGradient:
		return node, fmt.Sprintf("; every value is finite, the gradient is not: to blame is that of %s", g.Nodes[node].Op)
	}
	return node, fmt.Sprintf("; the first operation to blame is %s", g.Nodes[node].Op)
}
