package train

import (
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// A factor that only depends on the progress of training is a schedule of the
// step size, no matter that it is written into the objective: dpo × (1 − p)⁴
// gained as much over dpo as the best known objectives. So that objectives are
// compared at one schedule, the recipe's, the gradient of a step is brought to the
// size that it has, on the same pairs and log-probabilities, on average over
// training. It is measured on the pairs of the step itself: an objective can tell
// any others apart from them, and behave. What an objective makes of progress
// beyond a factor, such as another beta, stays.

// usualProgress is where the usual size of a gradient is measured: the middles of
// the fifths of training.
var usualProgress = [...]float64{.1, .3, .5, .7, .9}

// usual returns the usual size of the slopes of the loop's batch, 0 if they vanish or
// overflow wherever they are measured, and where, nearest to a progress, they do not.
func (l *Loop) usual(runner *graph.Runner, progress float64) (size, nearest float64) {
	var squares, counted float64
	nearest = math.NaN()
	for _, p := range usualProgress {
		square := l.slopesAt(runner, p)
		if !(square > 0) || math.IsInf(square, 0) {
			continue
		}
		squares, counted = squares+square, counted+1
		if !(math.Abs(p-progress) >= math.Abs(nearest-progress)) {
			nearest = p
		}
	}
	return math.Sqrt(squares / max(counted, 1)), nearest
}

// unscheduled stores the slopes that the batch has at some progress, brought to their
// usual size, and reports whether the loss overflows there. Slopes that vanish at this
// progress but not at all others are replaced by those at the nearest: to skip steps is
// a schedule too.
func (l *Loop) unscheduled(runner *graph.Runner, progress float64) (overflow bool) {
	usual, nearest := l.usual(runner, progress)
	square := l.slopesAt(runner, progress)
	if math.IsNaN(square) || usual == 0 {
		return math.IsNaN(square)
	}
	if square == 0 {
		square = l.slopesAt(runner, nearest)
	}
	scale(l.slopes, usual/math.Sqrt(square))
	return false
}

// slopesAt stores the slopes that the batch has at some progress, and returns the sum
// of their squares, NaN where the loss overflows.
func (l *Loop) slopesAt(runner *graph.Runner, progress float64) float64 {
	l.batch.Progress = progress
	runner.Run(&l.batch, l.recipe.MicroBatch, &l.result)
	pairs := copy(l.slopes, l.result.GradChosen)
	copy(l.slopes[pairs:], l.result.GradRejected)
	if l.result.Overflow {
		return math.NaN()
	}
	square := 0.
	for _, s := range l.slopes {
		square += s * s
	}
	return square
}
