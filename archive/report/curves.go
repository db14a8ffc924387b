package report

import (
	"math"

	"gonum.org/v1/plot/plotter"

	"github.com/objdisco/discover/sandbox/graph"
)

// curve is a loss and its slope along x = beta · margin.
type curve struct {
	x, loss, slope []float64 // slope per unit of x
}

// Where curves are drawn: beta, the range of x, how many points, and the rest of
// the batch. The chosen completion gains what the rejected one loses.
const (
	curveBeta     = .1
	curveRange    = 6.
	curvePoints   = 241
	curveLogProb  = -40. // of either completion under the reference, nats
	curveLength   = 20.  // of either completion, tokens
	curveProgress = .5
	// equalRange is the range of x over which losses are given the same mean slope.
	equalRange = 2.
)

// partner is the x of the other pair of a micro-batch of two, and its weight.
type partner struct{ x, weight float64 }

// partners are what a loss with batch statistics is averaged over: a standard
// normal distribution, fine enough for gates as narrow as those of known losses.
func partners() []partner {
	const step, last = .025, 5.
	var all []partner
	sum := 0.
	for x := -last; x <= last; x += step {
		all = append(all, partner{x, math.Exp(-x * x / 2)})
		sum += all[len(all)-1].weight
	}
	for i := range all {
		all[i].weight /= sum
	}
	return all
}

// trace draws the loss of g. The error is that of graph.Compile.
func trace(g *graph.Graph) (curve, error) {
	plan, err := graph.Compile(g)
	if err != nil {
		return curve{}, err
	}
	others := []partner{{0, 1}}
	if plan.BatchStatistics() {
		others = partners()
	}
	c := curve{x: make([]float64, curvePoints), loss: make([]float64, curvePoints), slope: make([]float64, curvePoints)}
	runner, out := plan.NewRunner(), graph.Result{}
	for i := range c.x {
		c.x[i] = curveRange * (2*float64(i)/(curvePoints-1) - 1)
		for _, other := range others {
			runner.Run(pairsAt(c.x[i], other.x), 2, &out)
			c.loss[i] += out.Loss[0] * other.weight
			// The gradient is that of the mean of two losses, and the margin
			// moves both log-ratios by half.
			c.slope[i] += (out.GradChosen[0] - out.GradRejected[0]) / curveBeta * other.weight
		}
	}
	return c, nil
}

// pairsAt returns a micro-batch of two pairs with these beta · margin.
func pairsAt(xs ...float64) *graph.Batch {
	b := &graph.Batch{Beta: curveBeta, Progress: curveProgress}
	for _, x := range xs {
		half := x / curveBeta / 2
		b.PolicyChosen = append(b.PolicyChosen, curveLogProb+half)
		b.PolicyRejected = append(b.PolicyRejected, curveLogProb-half)
		b.RefChosen = append(b.RefChosen, curveLogProb)
		b.RefRejected = append(b.RefRejected, curveLogProb)
		b.ChosenLen = append(b.ChosenLen, curveLength)
		b.RejectedLen = append(b.RejectedLen, curveLength)
	}
	return b
}

// steepness is the mean absolute slope near x = 0.
func (c curve) steepness() float64 {
	sum, n := 0., 0.
	for i, x := range c.x {
		if math.Abs(x) <= equalRange && finite(c.slope[i]) {
			sum += math.Abs(c.slope[i])
			n++
		}
	}
	return sum / n
}

// scaled returns the curve shifted to loss 0 at x = 0 and multiplied so that it is
// as steep near there as asked: Adam notices neither. A flat curve
// is only shifted.
func (c curve) scaled(steepness float64) curve {
	factor, zero := 1., c.loss[len(c.loss)/2]
	if own := c.steepness(); own > 0 && finite(steepness/own) {
		factor = steepness / own
	}
	if !finite(zero) {
		zero = 0
	}
	out := curve{x: c.x, loss: make([]float64, len(c.x)), slope: make([]float64, len(c.x))}
	for i := range c.x {
		out.loss[i], out.slope[i] = (c.loss[i]-zero)*factor, c.slope[i]*factor
	}
	return out
}

// runs returns the stretches of y over x that are finite.
func runs(x, y []float64) []plotter.XYs {
	var out []plotter.XYs
	var open plotter.XYs
	for i := range x {
		if finite(y[i]) {
			open = append(open, plotter.XY{X: x[i], Y: y[i]})
			continue
		}
		out, open = append(out, open), nil
	}
	out = append(out, open)
	kept := out[:0]
	for _, r := range out {
		if len(r) > 1 {
			kept = append(kept, r)
		}
	}
	return kept
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
