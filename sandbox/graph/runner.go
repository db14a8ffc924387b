package graph

import "math"

// Result is what a run writes: the loss of every pair, and the gradient of the
// mean of the losses over all pairs of the batch with respect to each pair's
// policy log-probabilities. Runner.Run resizes the slices and reuses them.
type Result struct {
	Loss                     []float64
	GradChosen, GradRejected []float64
	// Overflow tells that a value which the gradient passes through is not finite
	// in single precision, in which trainers compute: there the gradient would be
	// NaN or infinite, even where it is finite here.
	Overflow bool
}

// Runner runs a Plan on batches, reusing its buffers. It is not safe for
// concurrent use.
type Runner struct {
	plan     *Plan
	capacity int
	values   [][]float64 // of instruction i, 1 or n values; leaves alias the batch
	adjoints [][]float64
	own      [][]float64 // buffers behind values that are not leaves
	order    []int       // scratch of Sort
	scalars  [2]float64  // beta, progress
	pairs    int         // of the last forward pass
	// microBatch is the number of pairs in each of its micro-batches but the last.
	microBatch int
	work       int      // of all runs: their cost times pairs
	regimes    regimes  // filled by Run unless nil
	path       pathRoom // scratch of path
}

// NewRunner returns a Runner for p.
func (p *Plan) NewRunner() *Runner {
	n := len(p.code)
	return &Runner{plan: p, values: make([][]float64, n), adjoints: make([][]float64, n), own: make([][]float64, n)}
}

// UsesProgress reports whether the objective depends on the progress of training.
func (r *Runner) UsesProgress() bool {
	return r.plan.reads(Progress)
}

// Run computes losses and gradients of b into out. Batch statistics are taken
// within consecutive micro-batches of microBatch pairs (the last may be
// smaller); 0 means the whole batch. Once its buffers have grown to the batch,
// Run does not allocate. It panics if the slices of b differ in length.
func (r *Runner) Run(b *Batch, microBatch int, out *Result) {
	n := b.Len()
	b.mustMatch(n)
	out.resize(n)
	if n == 0 {
		return
	}
	if microBatch <= 0 || !r.plan.statistics {
		microBatch = n
	}
	r.microBatch = microBatch
	step := microBatch * max(1, tile/microBatch)
	if !r.plan.statistics {
		step = tile
	}
	r.grow(min(step, n))
	r.work += n * r.plan.cost
	out.Overflow = false
	for lo := 0; lo < n; lo += step {
		hi := min(lo+step, n)
		out.Overflow = r.forward(b, lo, hi) || out.Overflow
		if r.regimes != nil {
			r.regimes.note(r)
		}
		copy(out.Loss[lo:hi], r.values[r.plan.output])
		r.backward(out, lo, hi, 1/float64(n))
	}
}

// tile is how many pairs run at once, unless a micro-batch has more: so few that
// the values of an ordinary objective stay in the first-level cache.
const tile = 64

func (out *Result) resize(n int) {
	for _, s := range [...]*[]float64{&out.Loss, &out.GradChosen, &out.GradRejected} {
		if cap(*s) < n {
			*s = make([]float64, n)
		}
		*s = (*s)[:n]
		clear(*s)
	}
}

// grow makes room for n pairs.
func (r *Runner) grow(n int) {
	if n <= r.capacity {
		return
	}
	r.capacity = n
	r.order = make([]int, n)
	for i, in := range r.plan.code {
		size := n
		if in.extent == perRun {
			size = 1
		}
		if !in.op.Leaf() {
			r.own[i] = make([]float64, size)
		}
		if in.grad {
			r.adjoints[i] = make([]float64, size)
		}
	}
}

// forward sets values for pairs lo to hi and reports an overflow.
func (r *Runner) forward(b *Batch, lo, hi int) (overflow bool) {
	r.scalars, r.pairs = [2]float64{b.Beta, b.Progress}, hi-lo
	for i := range r.plan.code {
		in := &r.plan.code[i]
		if in.op.Leaf() {
			r.values[i] = r.leaf(in, b, lo, hi)
			continue
		}
		y := r.own[i][:r.size(in)]
		r.values[i] = y
		for s := range r.parts(in) {
			r.evaluate(in, r.value(i, s), s)
		}
		overflow = overflow || in.grad && !single(y)
	}
	return overflow
}

// single reports whether all of x are finite in single precision.
func single(x []float64) bool {
	for _, v := range x {
		if !(math.Abs(v) <= math.MaxFloat32) {
			return false
		}
	}
	return true
}

func (r *Runner) leaf(in *instruction, b *Batch, lo, hi int) []float64 {
	switch in.op {
	case PolicyChosen:
		return b.PolicyChosen[lo:hi]
	case PolicyRejected:
		return b.PolicyRejected[lo:hi]
	case RefChosen:
		return b.RefChosen[lo:hi]
	case RefRejected:
		return b.RefRejected[lo:hi]
	case ChosenLen:
		return b.ChosenLen[lo:hi]
	case RejectedLen:
		return b.RejectedLen[lo:hi]
	case Beta:
		return r.scalars[:1]
	case Progress:
		return r.scalars[1:]
	}
	return in.k
}

// evaluate computes the part s of in's values, y.
func (r *Runner) evaluate(in *instruction, y []float64, s span) {
	x := r.value(in.args[0], s)
	if u := unaries[in.op]; u != nil {
		if unaryLoop(in.op, in.k, x, y) {
			return
		}
		for i := range y {
			y[i] = u.value(x[i], in.k)
		}
		return
	}
	if f := binaries[in.op]; f != nil {
		w := r.value(in.args[1], s)
		if binaryLoop(in.op, x, w, y) {
			return
		}
		sx, sw := stride(x), stride(w)
		for i := range y {
			y[i] = f.value(x[i*sx], w[i*sw])
		}
		return
	}
	switch in.op {
	case Where:
		a, c := r.value(in.args[1], s), r.value(in.args[2], s)
		sx, sa, sc := stride(x), stride(a), stride(c)
		for i := range y {
			y[i] = choose(x[i*sx], a[i*sa], c[i*sc])
		}
	case Sort:
		for i, j := range r.sorted(x) {
			y[i] = x[j]
		}
	default:
		y[0] = reduce(in.op, x)
	}
}

// stride is 0 for a scalar, which broadcasts, and for a batch of one pair.
func stride(x []float64) int {
	if len(x) == 1 {
		return 0
	}
	return 1
}

// choose is torch.where: a where the mask is set, else b.
func choose(mask, a, b float64) float64 {
	if mask != 0 {
		return a
	}
	return b
}
