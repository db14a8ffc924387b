package graph

import (
	"math"
	"slices"
	"sync"
)

// Dependence tells what the gradient of an objective depends on.
type Dependence struct {
	Beta      bool `json:"beta"`
	Reference bool `json:"reference"`
	Lengths   bool `json:"lengths"`
	Batch     bool `json:"batch"` // the other pairs of the micro-batch
	Progress  bool `json:"progress"`
	// LogRatios tells that policy and reference enter through the two log-ratios
	// only, Margin that they enter through the margin only.
	LogRatios bool `json:"log_ratios_only"`
	Margin    bool `json:"margin_only_of_policy"`
	// MarginOnly tells that the loss is a function of beta and the margin alone:
	// neither of lengths, nor of progress, nor of the batch.
	MarginOnly bool `json:"margin_only"`
}

// dependence changes one thing at a time and looks whether a gradient changes:
// first by a little, and if that does nothing also wherever training gets to, since
// there may be a switch.
func dependence(r *Runner) Dependence {
	base := gradients(r, func(*Batch) {}, 2)
	changes := func(change func(*Batch)) bool { return differ(base, gradients(r, change, 2)) }
	under := func(v *view) bool { return v.observe(r, 1, nil).differ() }
	reads := r.plan.reads // else the change makes no difference
	d := Dependence{
		Beta:     reads(Beta) && (changes(func(b *Batch) { b.Beta *= 1.7 }) || under(betasView())),
		Progress: reads(Progress) && (changes(func(b *Batch) { b.Progress /= 3 }) || under(stepsView())),
		Lengths: reads(ChosenLen, RejectedLen) &&
			(changes(func(b *Batch) { shift(b.ChosenLen, 3, 1); shift(b.RejectedLen, 5, 2) }) || under(lengthsView())),
		Reference: reads(RefChosen, RefRejected) && (changes(func(b *Batch) { shift(b.RefChosen, -4, 1); shift(b.RefRejected, 3, 2) }) ||
			changes(func(b *Batch) { raise(b.RefChosen); raise(b.RefRejected) }) ||
			changes(func(b *Batch) { shift(b.RefChosen, -250, 1); shift(b.RefRejected, -250, 2) })),
		Batch:     r.plan.statistics && differ(gradients(r, func(*Batch) {}, 1), gradients(r, func(*Batch) {}, 0)),
		LogRatios: r.plan.blindTo(PolicyChosen, RefChosen) && r.plan.blindTo(PolicyRejected, RefRejected) || logRatiosOnly(changes),
	}
	d.Margin = d.LogRatios && opposite(base) && (r.plan.blindTo(PolicyChosen, PolicyRejected) || marginOnly(changes))
	d.MarginOnly = d.Margin && !d.Lengths && !d.Progress && !d.Batch
	return d
}

// logRatiosOnly moves policy and reference together, for the chosen and for the
// rejected completions. changes tells whether a change of the grid changes a
// gradient.
func logRatiosOnly(changes func(func(*Batch)) bool) bool {
	return !changes(func(b *Batch) {
		// Far enough to change the order of the pairs, which aot depends on.
		shift(b.RefChosen, -4, -41)
		shift(b.PolicyChosen, -4, -41)
		shift(b.RefRejected, 3, -29)
		shift(b.PolicyRejected, 3, -29)
	}) && !changes(func(b *Batch) {
		raise(b.PolicyChosen, b.RefChosen)
		raise(b.PolicyRejected, b.RefRejected)
	}) && !changes(func(b *Batch) {
		for _, column := range b.logProbabilities() {
			shift(column, -350, 0)
		}
	})
}

// marginOnly moves chosen and rejected completions together.
func marginOnly(changes func(func(*Batch)) bool) bool {
	together := func(by float64) func(b *Batch) {
		return func(b *Batch) { shift(b.PolicyChosen, by, 1); shift(b.PolicyRejected, by, 1) }
	}
	return !changes(together(-6)) && !changes(together(-80)) && !changes(together(-300))
}

// gradientGrid is the pairs on which dependence is measured.
var gradientGrid = sync.OnceValue(func() *Batch {
	b := gridOf(2*gridPairs, 1)
	for _, column := range b.logProbabilities() {
		coarsen(column)
	}
	return b
})

// gradients returns the gradients on the grid, after a change to it, at small
// and large beta.
func gradients(r *Runner, change func(*Batch), microBatch int) []float64 {
	betas := [...]float64{0.0171, 0.1093, 0.6113}
	all := make([]float64, 0, len(betas)*2*gradientGrid().Len())
	for _, beta := range betas {
		b := r.scratch.copyOf(gradientGrid())
		b.Beta, b.Progress = beta, 0.467
		change(b)
		res := r.look(b, microBatch)
		all = append(append(all, res.GradChosen...), res.GradRejected...)
	}
	return all
}

// opposite reports whether what the chosen completion gains the rejected one
// loses, for every batch of gradients.
func opposite(all []float64) bool {
	const n = 2 * gridPairs
	for ; len(all) > 0; all = all[2*n:] {
		negated := make([]float64, n)
		for i, g := range all[:n] {
			negated[i] = -g
		}
		if differ(negated, all[n:2*n]) {
			return false
		}
	}
	return true
}

// coarsen rounds to multiples of 2⁻¹⁶, so that shifts by whole numbers and
// differences are exact.
func coarsen(v []float64) {
	for i, x := range v {
		v[i] = math.Round(x*(1<<16)) / (1 << 16)
	}
}

// shift adds by, and a further step for every third pair, to each value.
func shift(v []float64, by, step float64) {
	for i := range v {
		v[i] += by + step*float64(i%3)
	}
}

// raise adds the same to all columns of a pair, so that the largest of its values
// becomes −1/2: a completion that is all but certain.
func raise(columns ...[]float64) {
	for i := range columns[0] {
		largest := math.Inf(-1)
		for _, v := range columns {
			largest = math.Max(largest, v[i])
		}
		for _, v := range columns {
			v[i] += -0.5 - largest
		}
	}
}

// differ reports whether two samples of gradients are not the same up to rounding.
func differ(a, b []float64) bool {
	if slices.Equal(a, b) {
		return false
	}
	floor := 1e-9 * (usual(a) + usual(b))
	for i := range a {
		if apart(a[i], b[i], floor) > 1e-9 {
			return true
		}
	}
	return false
}

// detached reports whether the gradient differs from the derivative of the
// value, as central differences give it, for a tenth of the pairs or more.
func detached(r *Runner) bool {
	b := gridOf(gridPairs, 0.3)
	b.Beta, b.Progress = datasheetBeta, 0.467
	var res Result
	r.Run(b, microPairs, &res)
	floor := 1e-6 * (usual(res.GradChosen) + usual(res.GradRejected))
	misfits := 0
	for _, side := range [...]struct{ logp, gradient []float64 }{{b.PolicyChosen, res.GradChosen}, {b.PolicyRejected, res.GradRejected}} {
		for i, derivative := range derivatives(r, b, side.logp) {
			if apart(derivative, side.gradient[i], floor) > 1e-2 {
				misfits++
			}
		}
	}
	return misfits > 2*gridPairs/10
}

// microPairs is the micro-batch of datasheets.
const microPairs = 2

// derivatives returns the derivatives of the mean loss by each of the
// log-probabilities, a column of b, by central differences. One pair of every
// micro-batch is moved at a time, since others do not see it.
func derivatives(r *Runner, b *Batch, logp []float64) []float64 {
	const step = 1e-5
	out := make([]float64, len(logp))
	res := &r.scratch.result
	for first := range microPairs {
		for _, by := range [...]float64{step, -step} {
			for i := first; i < len(logp); i += microPairs {
				logp[i] += by
			}
			r.losses(b, microPairs, res)
			for i := first; i < len(logp); i += microPairs {
				logp[i] -= by
				for _, loss := range res.Loss[i-first : i-first+microPairs] {
					out[i] += loss / by / 2 / float64(len(logp))
				}
			}
		}
	}
	return out
}

// overflows returns the betas at which a loss or gradient is not finite, and
// those at which one is beyond float32, for log-ratios up to 100 nats.
func overflows(r *Runner) (betas, betas32 []float64) {
	ratios := [...]float64{-100, -30, -10, -1, 1, 10, 30, 100}
	b := r.scratch.batch(len(ratios) * len(ratios))
	for i, c := range ratios {
		for j, d := range ratios {
			p := i*len(ratios) + j
			b.RefChosen[p], b.RefRejected[p] = -260, -240
			b.PolicyChosen[p], b.PolicyRejected[p] = b.RefChosen[p]+c, b.RefRejected[p]+d
			b.ChosenLen[p], b.RejectedLen[p] = 100, 90
		}
	}
	b.Progress = 0.5
	for _, b.Beta = range [...]float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10} {
		res := r.look(b, 2)
		largest := 0.0
		for _, v := range [...][]float64{res.Loss, res.GradChosen, res.GradRejected} {
			for _, x := range v {
				largest = math.Max(largest, math.Abs(x)) // NaN stays
			}
		}
		if !(largest <= math.MaxFloat64) {
			betas = append(betas, b.Beta)
		}
		if !(largest <= math.MaxFloat32) {
			betas32 = append(betas32, b.Beta)
		}
	}
	return betas, betas32
}
