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
	decays   [][]float64 // of instructions that decay: exp(−|x|), for their slope
	order    []int       // scratch of Sort
	scalars  [2]float64  // beta, progress
	pairs    int         // of the last forward pass
	// microBatch is the number of pairs in each of its micro-batches but the last.
	microBatch int
	work       int // of all runs: their cost times pairs
	scratch    scratch
}

// NewRunner returns a Runner for p.
func (p *Plan) NewRunner() *Runner {
	n := len(p.code)
	room := make([][]float64, 4*n)
	return &Runner{plan: p, values: room[:n], adjoints: room[n : 2*n], own: room[2*n : 3*n], decays: room[3*n:]}
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
	out.Overflow = false
	r.run(b, microBatch, out, 1/float64(b.Len()), func() { out.Overflow = out.Overflow || r.overflow() })
}

// losses computes only the losses of b, as Run does, into out.
func (r *Runner) losses(b *Batch, microBatch int, out *Result) { r.run(b, microBatch, out, 0, nil) }

// run is Run with seed as the weight of every pair in what the gradients are of. Those
// of a weight of 0 are not computed. It sets no Overflow, and calls after, if there is
// one, when it has the values of some pairs.
func (r *Runner) run(b *Batch, microBatch int, out *Result, seed float64, after func()) {
	n, step := b.Len(), r.prepare(b, microBatch)
	out.resize(n)
	for lo := 0; lo < n; lo += step {
		hi := min(lo+step, n)
		r.forward(b, lo, hi)
		if after != nil {
			after()
		}
		copy(out.Loss[lo:hi], r.values[r.plan.output])
		if seed != 0 {
			r.backward(out, lo, hi, seed)
		}
	}
}

// prepare makes room for b and returns how many of its pairs run at once.
func (r *Runner) prepare(b *Batch, microBatch int) (step int) {
	n := b.Len()
	b.mustMatch(n)
	if microBatch <= 0 || !r.plan.statistics {
		microBatch = max(n, 1)
	}
	r.microBatch = microBatch
	step = tile
	if r.plan.statistics {
		step = microBatch * max(1, tile/microBatch)
	}
	r.grow(min(step, n))
	r.work += n * r.plan.cost
	return step
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

// grow makes room for n pairs, and at least for a tile: what is run once is run again.
func (r *Runner) grow(n int) {
	if n <= r.capacity {
		return
	}
	n = max(n, tile)
	r.capacity = n
	r.order = make([]int, n)
	room := make([]float64, r.plan.room(n))
	take := func(size int) (part []float64) {
		part, room = room[:size:size], room[size:]
		return part
	}
	for i := range r.plan.code {
		in := &r.plan.code[i]
		values, adjoints, decays := in.room(n)
		r.own[i], r.adjoints[i], r.decays[i] = take(values), take(adjoints), take(decays)
	}
}

// room returns how many numbers a Runner keeps of an instruction for n pairs.
func (in *instruction) room(n int) (values, adjoints, decays int) {
	if in.extent == perRun {
		n = 1
	}
	if !in.op.Leaf() {
		values = n
	}
	if in.grad {
		adjoints = n
	}
	if in.op.decays() {
		decays = n
	}
	return values, adjoints, decays
}

// room is the sum of that of all instructions.
func (p *Plan) room(n int) (sum int) {
	for i := range p.code {
		values, adjoints, decays := p.code[i].room(n)
		sum += values + adjoints + decays
	}
	return sum
}

// forward sets values for pairs lo to hi.
func (r *Runner) forward(b *Batch, lo, hi int) {
	r.scalars, r.pairs = [2]float64{b.Beta, b.Progress}, hi-lo
	for i := range r.plan.code {
		in := &r.plan.code[i]
		if in.op.Leaf() {
			r.values[i] = r.leaf(in, b, lo, hi)
			continue
		}
		r.values[i] = r.own[i][:r.size(in)]
		for s := range r.parts(in) {
			r.evaluate(i, s)
		}
	}
}

// overflow reports whether a value of the last forward pass that a gradient passes
// through is not finite in single precision.
func (r *Runner) overflow() bool {
	for i := range r.plan.code {
		if in := &r.plan.code[i]; in.grad && !in.op.Leaf() && !single(r.values[i]) {
			return true
		}
	}
	return false
}

// single reports whether all of x are finite in single precision.
func single(x []float64) bool {
	const largest = 0x47efffffe0000000 // the bits of math.MaxFloat32, below those of what is larger or NaN
	for _, v := range x {
		if math.Float64bits(v)&math.MaxInt64 > largest {
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

// evaluate computes the part s of the values of instruction i.
func (r *Runner) evaluate(i int, s span) {
	in, y := &r.plan.code[i], r.value(i, s)
	x := r.value(in.args[0], s)
	switch {
	case in.op.decays():
		decayLoop(in.op, x, r.decays[i], y)
	case unaries[in.op] != nil:
		unaryLoop(in.op, in.k, x, y)
	case binaries[in.op] != nil:
		binaryLoop(in.op, x, r.value(in.args[1], s), y)
	case in.op == Where:
		a, c := r.value(in.args[1], s), r.value(in.args[2], s)
		sx, sa, sc := stride(x), stride(a), stride(c)
		for i := range y {
			y[i] = choose(x[i*sx], a[i*sa], c[i*sc])
		}
	case in.op == Sort:
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
