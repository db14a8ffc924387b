package graph

import "math"

// Loops over pairs. The operations that make up most of any objective have loops of
// their own: a call through the tables costs more than the operation.

// unaryLoop sets y to op of x.
func unaryLoop(op Op, k, x, y []float64) {
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
		value := unaries[op].value
		for i := range y {
			y[i] = value(x[i], k)
		}
	}
}

// binaryLoop sets y to op of a and b.
func binaryLoop(op Op, a, b, y []float64) {
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
		value := binaries[op].value
		for i := range y {
			y[i] = value(a[i*sa], b[i*sb])
		}
	}
}

// pullUnary adds to adj, of the operand x of op, what follows from the adjoint g of its
// value y.
func pullUnary(op Op, k, x, y, g, adj []float64) {
	switch op {
	case Neg:
		pullTimes(adj, g, -1)
	case Scale:
		pullTimes(adj, g, k[0])
	case AddConst:
		pullTimes(adj, g, 1)
	default:
		slope := unaries[op].slope
		for i := range y {
			adj[i] += g[i] * slope(x[i], y[i], k)
		}
	}
}

// pullBinary does the same for op of a and b; an adjoint that is nil is not wanted.
func pullBinary(op Op, a, b, y, g, adjA, adjB []float64) {
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
		sa, sb, slope := stride(a), stride(b), binaries[op].slope
		for i := range y {
			da, db := slope(a[i*sa], b[i*sb], y[i])
			if adjA != nil {
				adjA[i*sa] += g[i] * da
			}
			if adjB != nil {
				adjB[i*sb] += g[i] * db
			}
		}
	}
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

// decays reports whether op and its slope are both made of exp(−|x|), which is
// computed once.
func (op Op) decays() bool { return op == Softplus || op == LogSigmoid }

// decayLoop sets y to op of x, and decays to exp(−|x|).
func decayLoop(op Op, x, decays, y []float64) {
	for i := range y {
		decays[i] = math.Exp(-math.Abs(x[i]))
	}
	if op == Softplus {
		for i := range y {
			y[i] = softplusOf(x[i], decays[i])
		}
		return
	}
	for i := range y {
		y[i] = -softplusOf(-x[i], decays[i])
	}
}

// pullDecay is pullUnary for an operation that decays.
func pullDecay(op Op, x, decays, g, adj []float64) {
	if op == Softplus {
		for i := range g {
			adj[i] += g[i] * sigmoidOf(x[i], decays[i])
		}
		return
	}
	for i := range g {
		adj[i] += g[i] * sigmoidOf(-x[i], decays[i])
	}
}
