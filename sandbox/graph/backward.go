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
		g := r.adjoints[i][:in.size(hi-lo)]
		switch in.op {
		case PolicyChosen:
			copy(out.GradChosen[lo:hi], g)
		case PolicyRejected:
			copy(out.GradRejected[lo:hi], g)
		default:
			r.pull(in, r.values[i], g)
		}
	}
}

// seed clears the adjoints of n pairs and sets that of every pair's loss. It
// reports whether the loss depends differentiably on the policy.
func (r *Runner) seed(n int, adjoint float64) bool {
	code := r.plan.code
	for i := range code {
		if code[i].grad {
			clear(r.adjoints[i][:code[i].size(n)])
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

// pull adds the adjoint g of in, whose value is y, to the adjoints of its
// operands.
func (r *Runner) pull(in *instruction, y, g []float64) {
	switch {
	case unaries[in.op] != nil:
		r.pullUnary(in, y, g)
	case binaries[in.op] != nil:
		r.pullBinary(in, y, g)
	case in.op == Where:
		r.pullWhere(in, g)
	case in.op == Sort:
		adj := r.adjoints[in.args[0]]
		for i, j := range r.sorted(r.values[in.args[0]]) {
			adj[j] += g[i]
		}
	default:
		x := r.values[in.args[0]]
		reduceSlope(in.op, x, y[0], g[0], r.adjoints[in.args[0]][:len(x)])
	}
}

func (r *Runner) pullUnary(in *instruction, y, g []float64) {
	x, adj, slope := r.values[in.args[0]], r.adjoints[in.args[0]], unaries[in.op].slope
	for i := range y {
		adj[i] += g[i] * slope(x[i], y[i], in.k)
	}
}

func (r *Runner) pullBinary(in *instruction, y, g []float64) {
	ia, ib := in.args[0], in.args[1]
	a, b := r.values[ia], r.values[ib]
	sa, sb := stride(a), stride(b)
	wantA, wantB := r.plan.code[ia].grad, r.plan.code[ib].grad
	slope := binaries[in.op].slope
	for i := range y {
		da, db := slope(a[i*sa], b[i*sb], y[i])
		if wantA {
			r.adjoints[ia][i*sa] += g[i] * da
		}
		if wantB {
			r.adjoints[ib][i*sb] += g[i] * db
		}
	}
}

// pullWhere sends the adjoint to the chosen branch; the mask has no gradient.
func (r *Runner) pullWhere(in *instruction, g []float64) {
	mask := r.values[in.args[0]]
	sm := stride(mask)
	for branch, arg := range in.args[1:] {
		if !r.plan.code[arg].grad {
			continue
		}
		adj, s := r.adjoints[arg], stride(r.values[arg])
		for i := range g {
			if (mask[i*sm] != 0) == (branch == 0) {
				adj[i*s] += g[i]
			}
		}
	}
}
