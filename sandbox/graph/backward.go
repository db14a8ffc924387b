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
				r.pull(i, s)
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

// pull adds the adjoint of the part s of instruction i to the adjoints of its operands.
func (r *Runner) pull(i int, s span) {
	in, g := &r.plan.code[i], r.adjoint(i, s)
	x, adj := r.value(in.args[0], s), r.adjoint(in.args[0], s)
	switch {
	case in.op.decays():
		pullDecay(in.op, x, r.decays[i], g, adj)
	case unaries[in.op] != nil:
		pullUnary(in.op, in.k, x, r.value(i, s), g, adj)
	case binaries[in.op] != nil:
		pullBinary(in.op, x, r.value(in.args[1], s), r.value(i, s), g, adj, r.adjoint(in.args[1], s))
	case in.op == Where:
		r.pullWhere(in, s, g)
	case in.op == Sort:
		for i, j := range r.sorted(x) {
			adj[j] += g[i]
		}
	default:
		reduceSlope(in.op, x, r.value(i, s)[0], g[0], adj)
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
