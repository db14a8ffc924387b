package train

import (
	"context"
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// Model is a policy in training, bound to the pairs of every step.
type Model interface {
	// LogProbs stores the summed log-probabilities of the completions of the
	// pairs of a step, nats: first of all chosen, then of all rejected ones.
	LogProbs(step int, logp []float64)
	Updater
}

// Updater is the part of a Model that follows a gradient.
type Updater interface {
	// Backward computes the gradient of the loss from its derivatives by the
	// log-probabilities that were computed last, chosen first.
	Backward(derivatives []float64)
	// Update makes an optimizer step with the last gradient, its norm clipped. It
	// returns false if the gradient is not finite.
	Update(rate, clipNorm float64) bool
}

// Pairs holds what does not change in training, one value per pair.
type Pairs struct {
	RefChosen, RefRejected []float64 // log-probability under the reference, nats
	ChosenLen, RejectedLen []float64 // tokens
}

// Data is what a run trains on: the pairs of each of its steps.
type Data struct {
	Pairs Pairs
	Order [][]int // for each step the indices of its pairs
	First int     // steps of the recipe that came before
}

// Report says how a run ended.
type Report struct {
	Steps  int  // steps done
	BlewUp bool // the loss, a value in it or the gradient was not finite in single precision; the policy is worthless
}

// Loop trains by a recipe. It keeps its buffers from run to run and is not safe
// for concurrent use.
type Loop struct {
	recipe Recipe
	batch  graph.Batch
	result graph.Result
	logp   []float64 // chosen, then rejected; the batch shares it
	slopes []float64 // derivatives of the loss by logp
	lift   float64   // what slopes are multiplied by; 0 until there are any
}

// NewLoop returns a loop for a recipe.
func NewLoop(recipe Recipe) *Loop { return &Loop{recipe: recipe} }

// Run trains m with the objective of runner. The only error is the context's.
func (l *Loop) Run(ctx context.Context, m Model, runner *graph.Runner, beta float64, data Data) (Report, error) {
	l.begin(beta, data)
	for i, pairs := range data.Order {
		if ctx.Err() != nil {
			return Report{Steps: i}, context.Cause(ctx)
		}
		l.fill(&data.Pairs, pairs)
		m.LogProbs(data.First+i, l.logp)
		if !l.update(m, runner, data.First+i) {
			return Report{i, true}, nil
		}
	}
	return Report{Steps: len(data.Order)}, nil
}

// begin prepares for the steps of data.
func (l *Loop) begin(beta float64, data Data) {
	l.batch.Beta = beta
	if data.First == 0 {
		l.lift = 0
	}
}

// update moves m by the gradient at the log-probabilities of the batch. It returns false
// if that is not finite.
func (l *Loop) update(m Updater, runner *graph.Runner, step int) bool {
	if l.differentiate(runner, l.recipe.progress(step)) {
		return false
	}
	if l.lift == 0 {
		l.lift = lift(l.slopes)
	}
	scale(l.slopes, l.lift)
	m.Backward(l.slopes)
	return m.Update(l.recipe.Rate(step), l.recipe.ClipNorm)
}

// differentiate stores the slopes of the batch at some progress, and reports whether
// the loss overflows there.
func (l *Loop) differentiate(runner *graph.Runner, progress float64) (overflow bool) {
	if runner.UsesProgress() {
		return l.unscheduled(runner, progress)
	}
	return math.IsNaN(l.slopesAt(runner, progress))
}

// fill gathers what is fixed about the pairs of a step and makes room for the rest.
func (l *Loop) fill(from *Pairs, pairs []int) {
	b := &l.batch
	n := len(pairs)
	l.logp, l.slopes = resized(l.logp, 2*n), resized(l.slopes, 2*n)
	b.PolicyChosen, b.PolicyRejected = l.logp[:n], l.logp[n:]
	b.RefChosen = gathered(b.RefChosen, from.RefChosen, pairs)
	b.RefRejected = gathered(b.RefRejected, from.RefRejected, pairs)
	b.ChosenLen = gathered(b.ChosenLen, from.ChosenLen, pairs)
	b.RejectedLen = gathered(b.RejectedLen, from.RejectedLen, pairs)
}

func scale(x []float64, factor float64) {
	for i := range x {
		x[i] *= factor
	}
}

func resized(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}

// gathered returns from[index[i]] for each i, in the memory of dst if it fits.
func gathered(dst, from []float64, index []int) []float64 {
	dst = resized(dst, len(index))
	for i, p := range index {
		dst[i] = from[p]
	}
	return dst
}
