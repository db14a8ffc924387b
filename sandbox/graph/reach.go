package graph

import (
	"math"
	"sync"
)

// The grid samples progress at three values, beta at four, lengths from 8 to 48
// and log-ratios of up to 25 nats: enough for what varies smoothly, and blind to
// a switch in between or beyond. A view samples one of these wherever training
// gets to. An objective is looked at under a view only if it may do there what
// the grid has not seen, so that the many which do not are compared by the grid
// alone. What happens beyond the views is not told apart: training gets there only
// with a loss that counts beta in other units than dpo, or that blows up.

// view is pairs, and the settings under which they are looked at.
type view struct {
	name   string // part of fingerprints
	pairs  *Batch
	block  int // so many consecutive pairs differ from the next ones in what the view varies only
	varies Op  // the leaf that differs from point to point
	points []setting
}

const (
	viewBlock = 4   // pairs that a view repeats
	viewSteps = 200 // of training
)

// viewPairs returns the pairs of a block, so many times over: margins of ±1 to
// ±17 nats.
func viewPairs(times int) *Batch {
	b := newBatchOf(times * viewBlock)
	chosen := [viewBlock]float64{0.31, -9.1, 5.3, -14.2}
	rejected := [viewBlock]float64{-0.47, 6.7, -3.1, -31.5}
	for i := range b.RefChosen {
		j := i % viewBlock
		b.RefChosen[i], b.RefRejected[i] = -41.3-3.7*float64(j), -59.1+2.9*float64(j)
		b.PolicyChosen[i], b.PolicyRejected[i] = b.RefChosen[i]+chosen[j], b.RefRejected[i]+rejected[j]
		b.ChosenLen[i], b.RejectedLen[i] = float64(19+3*j), float64(31-2*j)
	}
	return b
}

// usually is what a view leaves alone.
var usually = setting{beta: 0.1093, progress: 0.467, microBatch: 2}

// The views, made when they are first used. They are not written to.
var (
	stepsView   = sync.OnceValue(newStepsView)
	betasView   = sync.OnceValue(newBetasView)
	lengthsView = sync.OnceValue(newLengthsView)
	farView     = sync.OnceValue(newFarView)
)

// newStepsView is progress at each of 200 steps, as the tasks of the score train,
// and at the end.
func newStepsView() *view {
	v := &view{name: "steps", pairs: viewPairs(1), block: viewBlock, varies: Progress}
	for step := range viewSteps + 1 {
		at := usually
		at.progress = float64(step) / viewSteps
		v.points = append(v.points, at)
	}
	return v
}

// newBetasView is betas from 0.005 to 5.3, 7 % apart: the sweep and what a task
// multiplies it by.
func newBetasView() *view {
	v := &view{name: "betas", pairs: viewPairs(1), block: viewBlock, varies: Beta}
	at := usually
	for at.beta = 0.005; at.beta < 5.3; at.beta *= 1.07 {
		v.points = append(v.points, at)
	}
	return v
}

// newLengthsView is lengths of 1 to 50 tokens, all of them, and up to 2,000, 5 %
// apart. The rejected completions have the same in another order.
func newLengthsView() *view {
	var lengths []float64
	for n := 1.0; n <= 2050; n = math.Max(n+1, math.Round(n*1.05)) {
		if n > 20 && n <= 50 {
			n = lengths[len(lengths)-1] + 1
		}
		lengths = append(lengths, n)
	}
	v := &view{name: "lengths", pairs: viewPairs(len(lengths)), block: viewBlock, points: []setting{usually}}
	for i := range v.pairs.ChosenLen {
		at := i / viewBlock
		v.pairs.ChosenLen[i], v.pairs.RejectedLen[i] = lengths[at], lengths[(at*lengthsStride+11)%len(lengths)]
	}
	return v
}

// lengthsStride has no divisor in common with the number of lengths.
const lengthsStride = 37

// farPairs is the pairs of the far view; the first farSample show whether it is
// needed.
const farPairs, farSample = 64, 8

// newFarView is where dpo takes the proxy tasks at a beta of 0.01: margins of −140 to
// 370 nats, log-ratios of −390 to 8, log-probabilities of −460 to −1. At a beta of
// 0.1 margins end at 80 and at 1 at 27, so beta times the margin gets no further
// than on the grid.
func newFarView() *view {
	v := &view{name: "far", pairs: newBatchOf(farPairs), block: farPairs}
	at := usually
	at.beta = 0.0113
	v.points = []setting{at}
	for i := range farPairs {
		part := 1 - float64(i/2)/(farPairs/2-1) // the largest margins first
		size, sign := 25*math.Pow(370.0/25, part), 1.0
		if i%2 == 1 {
			size, sign = 25*math.Pow(140.0/25, part), -1
		}
		u, w := weyl(float64(i+1), math.Sqrt2), weyl(float64(i+1), math.Sqrt(3))
		if i < farSample { // the ends of what is varied
			u, w = float64(i/2%2), float64(i/4)
		}
		higher := 8 - (390-size)*u*u // of the two log-ratios
		chosen, rejected := higher+math.Min(sign, 0)*size, higher-math.Max(sign, 0)*size
		v.pairs.RefChosen[i] = -1 - math.Max(chosen, 0) - 75*w*w
		v.pairs.RefRejected[i] = -1.1 - math.Max(rejected, 0) - 75*w*w
		v.pairs.PolicyChosen[i] = v.pairs.RefChosen[i] + chosen
		v.pairs.PolicyRejected[i] = v.pairs.RefRejected[i] + rejected
		v.pairs.ChosenLen[i], v.pairs.RejectedLen[i] = 60, 57
	}
	return v
}

// seenUnder are the gradients under a view: for each block of pairs those of the
// chosen and then of the rejected completions, of the sum over the pairs.
type seenUnder [][]float64

// observe looks at r's objective under v, with beta multiplied by scale. It calls
// after, if there is one, when r has run at a point. An objective that does not read
// what differs from point to point is the same at all of them.
func (v *view) observe(r *Runner, scale float64, after func()) seenUnder {
	b := *v.pairs
	n := b.Len()
	points := v.points
	if !r.plan.reads(v.varies) {
		points = points[:1]
	}
	blocks := len(v.points) * n / v.block
	out := make(seenUnder, 0, blocks)
	room := make([]float64, 0, len(points)*2*n)
	for _, at := range points {
		b.Beta, b.Progress = at.beta*scale, at.progress
		res := r.look(&b, at.microBatch)
		if after != nil {
			after()
		}
		for lo := 0; lo < n; lo += v.block {
			first := len(room)
			room = append(append(room, res.GradChosen[lo:lo+v.block]...), res.GradRejected[lo:lo+v.block]...)
			block := room[first:]
			for i := range block {
				block[i] *= float64(n)
			}
			out = append(out, block)
		}
	}
	for len(out) < blocks {
		out = append(out, out[:n/v.block]...)
	}
	return out
}

// vary reports whether a fingerprint tells the blocks apart.
func (s seenUnder) vary() bool {
	for _, block := range s[1:] {
		for i, g := range block {
			if cell(g) != cell(s[0][i]) {
				return true
			}
		}
	}
	return false
}

// differ reports whether anything tells the blocks apart.
func (s seenUnder) differ() bool {
	for _, block := range s[1:] {
		if differ(s[0], block) {
			return true
		}
	}
	return false
}

// distance is that of behaviours, for gradients under a view.
func (s seenUnder) distance(known seenUnder, f float64) float64 {
	total, n := 0.0, 0
	for i, block := range s {
		floor := 1e-6 * (usual(block) + f*usual(known[i]))
		for j, g := range block {
			total += apart(g, f*known[i][j], floor)
		}
		n += len(block)
	}
	return total / float64(n)
}

// under is a view and what was seen.
type under struct {
	*view
	seen seenUnder
}

// beyond returns the views under which r's objective does what the grid may not
// have seen: it changes with progress, has a switch on lengths or on beta, or one
// that only far pairs operate. Regimes are those that the grid has seen.
func beyond(r *Runner, grid regimes) []under {
	var out []under
	look := func(v *view) {
		if seen := v.observe(r, 1, nil); seen.vary() {
			out = append(out, under{v, seen})
		}
	}
	if r.plan.reads(Progress) {
		look(stepsView())
	}
	if len(r.plan.switchesOn(ChosenLen, RejectedLen)) > 0 {
		look(lengthsView())
	}
	if switches := r.plan.switchesOn(Beta); len(switches) > 0 {
		powers := &powerLaws{of: switches}
		if seen := betasView().observe(r, 1, func() { powers.follow(r) }); powers.broken {
			out = append(out, under{betasView(), seen})
		}
	}
	if farView().changes(r, grid) {
		out = append(out, under{farView(), farView().observe(r, 1, nil)})
	}
	return out
}
