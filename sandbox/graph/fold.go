package graph

import "math"

// Fold returns the value of an operation whose operands are the given constants.
// It is not ok for a leaf, since the value of a Param may change, and where the
// value is not finite, since no Const is.
func (n *Node) Fold(operands []float64) (value float64, ok bool) {
	if n.Op.Leaf() {
		return 0, false
	}
	if infos[n.Op].kind == kindMap {
		var x [3]float64
		copy(x[:], operands)
		value = apply(n.Op, x, n.K)
	} else if value = operands[0]; n.Op.Reduces() {
		value = reduce(n.Op, operands)
	}
	return value, !math.IsNaN(value) && !math.IsInf(value, 0)
}
