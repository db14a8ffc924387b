package graph

import (
	"math"
	"slices"
	"sync"
)

// gridPairs is the number of preference pairs on which behaviour is sampled.
const gridPairs = 16

// setting is what pairs are seen under while behaviour is sampled.
type setting struct {
	beta, progress float64
	microBatch     int // 0 is the whole batch
}

// settings vary beta over the range that is used in practice, progress, and the
// micro-batch: alone, in twos, in fives (the last alone) and all together.
// The values are far from round, so that no loss has a kink on one of them.
var settings = []setting{
	{0.0171, 0.113, 2},
	{0.1093, 0.467, 2},
	{0.1093, 0.929, 1},
	{0.2917, 0.467, 5},
	{0.2917, 0.113, 0},
	{0.6113, 0.929, 2},
}

// behaviour is what training can notice of an objective.
type behaviour struct {
	// change is, per setting, the objective's value on the pairs of the grid less
	// its value on calmer ones: additive constants cancel.
	change []float64
	// gradient holds, per setting, the chosen and then the rejected gradients of
	// the sum over the pairs.
	gradient []float64
	usual    []float64 // per setting, the geometric mean magnitude of the gradients
	beyond   []under   // what the grid may not have seen; of observeAll only
}

// samplePairs are the pairs on which behaviour is sampled, calmPairs those that values
// are compared with. Log-ratios are drawn from four scales, 0.6 to 25 nats, so that both
// the neighbourhood of margin 0 and the tails count, the calm ones from a third of that.
// Log-probabilities are negative and lengths differ within a pair. They are not written
// to.
var (
	samplePairs = sync.OnceValue(func() *Batch { return gridOf(gridPairs, 1) })
	calmPairs   = sync.OnceValue(func() *Batch { return gridOf(gridPairs/4, 1./3) })
)

// gridOf returns the first n pairs of the grid with their log-ratios multiplied
// by stretch.
func gridOf(n int, stretch float64) *Batch {
	b := newBatchOf(n)
	scales := [4]float64{0.6, 3.7, 11, 25}
	for i := range n {
		u := func(k float64) float64 { return weyl(float64(i+1), k) }
		scale := scales[i%4] * stretch
		b.ChosenLen[i] = math.Floor(8 + 40*u(math.Sqrt2))
		b.RejectedLen[i] = math.Floor(8+40*u(math.Sqrt(3))) + 0.5
		b.RefChosen[i] = -35 - 60*u(math.Sqrt(5))
		b.RefRejected[i] = -35 - 60*u(math.Sqrt(7))
		b.PolicyChosen[i] = b.RefChosen[i] + scale*(2*u(math.Sqrt(11))-1)
		b.PolicyRejected[i] = b.RefRejected[i] + scale*(2*u(math.Sqrt(13))-1)
	}
	return b
}

// weyl is the i-th value in [0, 1) of the equidistributed sequence of the
// irrational number k.
func weyl(i, k float64) float64 {
	_, frac := math.Modf(i * k)
	return frac
}

// observe samples the behaviour of r's objective with beta multiplied by scale.
func observe(r *Runner, scale float64) *behaviour {
	b := &behaviour{}
	b.observe(r, scale, nil)
	return b
}

// observe makes b what the function of that name returns, in the memory that b has. It
// calls after, if there is one, when r has the values of some pairs.
func (b *behaviour) observe(r *Runner, scale float64, after func()) {
	const size = 2 * gridPairs
	b.change = slices.Grow(b.change[:0], len(settings))
	b.gradient = slices.Grow(b.gradient[:0], len(settings)*size)
	b.usual = slices.Grow(b.usual[:0], len(settings))
	calm, pairs, res := *calmPairs(), *samplePairs(), &r.scratch.result
	for _, at := range settings {
		calm.Beta, calm.Progress = at.beta*scale, at.progress
		r.run(&calm, at.microBatch, res, 0, after)
		before := reduce(Mean, res.Loss)
		pairs.Beta, pairs.Progress = at.beta*scale, at.progress
		r.run(&pairs, at.microBatch, res, 1./gridPairs, after)
		b.change = append(b.change, reduce(Mean, res.Loss)-before)
		for _, side := range [...][]float64{res.GradChosen, res.GradRejected} {
			for _, g := range side {
				b.gradient = append(b.gradient, g*gridPairs)
			}
		}
		b.usual = append(b.usual, usual(b.gradient[len(b.gradient)-size:]))
	}
}

// observeAll is observe, and looks besides wherever training gets to and the grid
// may not have seen all that r's objective does.
func observeAll(r *Runner) *behaviour {
	out, grid := &behaviour{}, make(regimes, len(r.plan.code))
	out.observe(r, 1, func() { grid.note(r) })
	out.beyond = beyond(r, grid)
	return out
}
