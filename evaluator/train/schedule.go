package train

import (
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// A factor that only depends on the progress of training is a schedule of the
// step size, no matter that it is written into the objective: dpo × (1 − p)⁴
// gained as much over dpo as the best known objectives. So that objectives are
// compared at one schedule, the recipe's, their gradients are divided by how
// their size on fixed pairs changes with progress. What an objective makes of
// progress beyond a factor, such as another beta, stays.

// probe is the fixed pairs: margins of −6 to 9 nats, in one micro-batch order.
func probe(beta float64) graph.Batch {
	b := graph.Batch{Beta: beta}
	for margin := -6.; margin <= 9; margin++ {
		b.PolicyChosen, b.PolicyRejected = append(b.PolicyChosen, -60+margin/2), append(b.PolicyRejected, -60-margin/2)
		b.RefChosen, b.RefRejected = append(b.RefChosen, -60), append(b.RefRejected, -60)
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, 30), append(b.RejectedLen, 30)
	}
	return b
}

// unscheduled returns, for each step of the recipe, the factor on the gradient
// that keeps its size on the probe at its root mean square over the steps. It
// is nil if the objective does not depend on progress, and 1 where the gradient
// on the probe vanishes or is not finite.
func (r Recipe) unscheduled(runner *graph.Runner, beta float64) []float64 {
	if !runner.UsesProgress() {
		return nil
	}
	batch := probe(beta)
	var result graph.Result
	norms := make([]float64, r.Steps)
	var squares, counted float64
	for step := range norms {
		batch.Progress = r.progress(step)
		runner.Run(&batch, r.MicroBatch, &result)
		square := sumSquares(result.GradChosen) + sumSquares(result.GradRejected)
		if square > 0 && !math.IsInf(square, 0) {
			norms[step] = math.Sqrt(square)
			squares += square
			counted++
		}
	}
	usual := math.Sqrt(squares / max(counted, 1))
	factors := norms
	for step, norm := range norms {
		factors[step] = 1
		if norm > 0 {
			factors[step] = usual / norm
		}
	}
	return factors
}

func sumSquares(x []float64) float64 {
	sum := 0.
	for _, v := range x {
		sum += v * v
	}
	return sum
}
