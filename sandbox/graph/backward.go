package graph

// backward propagates seed, the adjoint of every pair's loss, and writes the
// gradients of pairs lo to hi. forward has set the values.
func (r *Runner) backward(out *Result, lo, hi int, seed float64) {
	if !r.seed(hi-lo, seed) {
		return
	}
	code := r.plan.code
	for i := r.plan.output; i >= 0; i-- {
		in := &code[i]
		if !in.grad {
			continue
		}
		switch in.op {
		case PolicyChosen:
			copy(out.GradChosen[lo:hi], r.adjoints[i])
		case PolicyRejected:
			copy(out.GradRejected[lo:hi], r.adjoints[i])
		default:
			for s := range r.parts(in) {
				r.pull(in, s, r.value(i, s), r.adjoint(i, s))
			}
		}
	}
}

// seed clears the adjoints of n pairs and sets that of every pair's loss. It
// reports whether the loss depends differentiably on the policy.
func (r *Runner) seed(n int, adjoint float64) bool {
	code := r.plan.code
	for i := range code {
		if code[i].grad {
			clear(r.adjoints[i][:r.size(&code[i])])
		}
	}
	if !code[r.plan.output].grad {
		return false
	}
	for i := range n {
		r.adjoints[r.plan.output][i] = adjoint
	}
	return true
}

// pull adds the adjoint g of the part s of in, whose value is y, to the adjoints of
// its operands.
func (r *Runner) pull(in *instruction, s span, y, g []float64) {
	switch {
	case unaries[in.op] != nil:
		r.pullUnary(in, s, y, g)
	case binaries[in.op] != nil:
		r.pullBinary(in, s, y, g)
	case in.op == Where:
		r.pullWhere(in, s, g)
	case in.op == Sort:
		adj := r.adjoint(in.args[0], s)
		for i, j := range r.sorted(r.value(in.args[0], s)) {
			adj[j] += g[i]
		}
	default:
		reduceSlope(in.op, r.value(in.args[0], s), y[0], g[0], r.adjoint(in.args[0], s))
	}
}

func (r *Runner) pullUnary(in *instruction, s span, y, g []float64) {
	x, adj, slope := r.value(in.args[0], s), r.adjoint(in.args[0], s), unaries[in.op].slope
	if pullUnaryLoop(in.op, in.k, g, adj) {
		return
	}
	for i := range y {
		adj[i] += g[i] * slope(x[i], y[i], in.k)
	}
}

func (r *Runner) pullBinary(in *instruction, s span, y, g []float64) {
	ia, ib := in.args[0], in.args[1]
	a, b := r.value(ia, s), r.value(ib, s)
	sa, sb := stride(a), stride(b)
	adjA, adjB := r.adjoint(ia, s), r.adjoint(ib, s)
	if pullBinaryLoop(in.op, a, b, g, adjA, adjB) {
		return
	}
	slope := binaries[in.op].slope
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

// pullWhere sends the adjoint to the chosen branch; the mask has no gradient.
func (r *Runner) pullWhere(in *instruction, s span, g []float64) {
	mask := r.value(in.args[0], s)
	sm := stride(mask)
	for branch, arg := range in.args[1:] {
		adj := r.adjoint(arg, s)
		if adj == nil {
			continue
		}
		sa := stride(adj)
		for i := range g {
			if (mask[i*sm] != 0) == (branch == 0) {
				adj[i*sa] += g[i]
			}
		}
	}
}
