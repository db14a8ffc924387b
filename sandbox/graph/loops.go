package graph

// The operations that make up half of any objective, as loops of their own: a call
// through the tables costs more than the operation.

// unaryLoop sets y to op of x and reports whether it has a loop for that.
func unaryLoop(op Op, k, x, y []float64) bool {
	switch op {
	case Neg:
		for i := range y {
			y[i] = -x[i]
		}
	case Scale:
		for i := range y {
			y[i] = x[i] * k[0]
		}
	case AddConst:
		for i := range y {
			y[i] = x[i] + k[0]
		}
	default:
		return false
	}
	return true
}

// binaryLoop sets y to op of a and b and reports whether it has a loop for that.
func binaryLoop(op Op, a, b, y []float64) bool {
	sa, sb := stride(a), stride(b)
	switch op {
	case Add:
		for i := range y {
			y[i] = a[i*sa] + b[i*sb]
		}
	case Sub:
		for i := range y {
			y[i] = a[i*sa] - b[i*sb]
		}
	case Mul:
		for i := range y {
			y[i] = a[i*sa] * b[i*sb]
		}
	default:
		return false
	}
	return true
}

// pullUnaryLoop adds to adj, of the operand of op, what follows from the adjoint g, and
// reports whether it has a loop for that.
func pullUnaryLoop(op Op, k, g, adj []float64) bool {
	switch op {
	case Neg:
		pullTimes(adj, g, -1)
	case Scale:
		pullTimes(adj, g, k[0])
	case AddConst:
		pullTimes(adj, g, 1)
	default:
		return false
	}
	return true
}

// pullBinaryLoop does the same for op of a and b; an adjoint that is nil is not wanted.
func pullBinaryLoop(op Op, a, b, g, adjA, adjB []float64) bool {
	switch op {
	case Add:
		pullTimes(adjA, g, 1)
		pullTimes(adjB, g, 1)
	case Sub:
		pullTimes(adjA, g, 1)
		pullTimes(adjB, g, -1)
	case Mul:
		pullFactor(adjA, g, b)
		pullFactor(adjB, g, a)
	default:
		return false
	}
	return true
}

// pullTimes adds to adj the adjoint g times a slope that is the same everywhere.
func pullTimes(adj, g []float64, slope float64) {
	if adj == nil {
		return
	}
	s := stride(adj)
	for i := range g {
		adj[i*s] += g[i] * slope
	}
}

// pullFactor adds to adj, of one factor, the adjoint g times the other factor.
func pullFactor(adj, g, other []float64) {
	if adj == nil {
		return
	}
	s, so := stride(adj), stride(other)
	for i := range g {
		adj[i*s] += g[i] * other[i*so]
	}
}
