package probe

import (
	"math"

	"github.com/objdisco/discover/sandbox/graph"
)

// namedBatch is a batch and, in words, where in training it may occur.
type namedBatch struct {
	what  string
	batch *graph.Batch
}

// batches returns the fixed batches: the start of training, small and
// normal log-ratios of both signs, at small and normal betas, early and late, and
// the corners of that range.
func batches() []namedBatch {
	var out []namedBatch
	for _, beta := range [...]float64{0.01, 0.1, 1} {
		for _, at := range [...]struct {
			what     string
			scale    float64
			progress float64
		}{
			{"where the policy is the reference", 0, 0},
			{"early in training", 0.01, 0.1},
			{"in training", 1, 0.5},
			{"late in training", 8, 1},
		} {
			out = append(out, namedBatch{at.what, newBatch(beta, at.scale, at.progress)})
		}
		out = append(out, namedBatch{"at the limits of the normal range", newCornerBatch(beta)})
	}
	return out
}

// newBatch spreads log-ratios evenly over ±scale, by a low-discrepancy
// sequence; lengths and reference log-probabilities differ from pair to pair.
func newBatch(beta, scale, progress float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: progress}
	for i := range batchPairs {
		chosen := scale * (2*fraction(float64(i)*0.6180339887498949) - 1)
		rejected := scale * (2*fraction(float64(i)*0.7548776662466927) - 1)
		chosenLen, rejectedLen := float64(4+i*5%29), float64(3+i*13%31)
		refChosen, refRejected := -1.9*chosenLen-0.03*float64(i), -2.1*rejectedLen+0.02*float64(i)
		b.PolicyChosen = append(b.PolicyChosen, refChosen+chosen)
		b.PolicyRejected = append(b.PolicyRejected, refRejected+rejected)
		b.RefChosen = append(b.RefChosen, refChosen)
		b.RefRejected = append(b.RefRejected, refRejected)
		b.ChosenLen = append(b.ChosenLen, chosenLen)
		b.RejectedLen = append(b.RejectedLen, rejectedLen)
	}
	return b
}

// newCornerBatch has every combination of a log-ratio of -8, 0 and 8 nats, exactly,
// with completions of 1, 2, 3 and 64 tokens, some of a pair equally long.
func newCornerBatch(beta float64) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: 1}
	for _, lengths := range [...][2]float64{{1, 1}, {2, 3}, {3, 64}, {64, 2}} {
		for _, chosen := range [...]float64{-8, 0, 8} {
			for _, rejected := range [...]float64{8, 0, -8} {
				b.ChosenLen = append(b.ChosenLen, lengths[0])
				b.RejectedLen = append(b.RejectedLen, lengths[1])
				b.RefChosen = append(b.RefChosen, -10.5-1.5*lengths[0]) // so that sums are exact
				b.RefRejected = append(b.RefRejected, -11-1.75*lengths[1])
				b.PolicyChosen = append(b.PolicyChosen, -10.5-1.5*lengths[0]+chosen)
				b.PolicyRejected = append(b.PolicyRejected, -11-1.75*lengths[1]+rejected)
			}
		}
	}
	return b
}

func fraction(x float64) float64 { return x - math.Floor(x) }
