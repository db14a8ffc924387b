package train

import (
	"math"
	"math/rand/v2"
)

// Recipe is how a policy is trained. The learning rate rises linearly over the
// warm-up and falls to 0 along a cosine.
type Recipe struct {
	Steps      int     `json:"steps"`
	BatchPairs int     `json:"batch_pairs"` // pairs of a step
	MicroBatch int     `json:"micro_batch"` // pairs that batch statistics see; 0: all of a step
	PeakRate   float64 `json:"peak_rate"`
	WarmUp     int     `json:"warm_up"`   // steps
	ClipNorm   float64 `json:"clip_norm"` // largest norm of the gradient; 0: no limit
}

// Rate returns the learning rate of a step, counted from 0.
func (r Recipe) Rate(step int) float64 {
	if step < r.WarmUp {
		return r.PeakRate * float64(step+1) / float64(r.WarmUp)
	}
	done := float64(step-r.WarmUp) / float64(r.Steps-r.WarmUp)
	return r.PeakRate * .5 * (1 + math.Cos(math.Pi*done))
}

// progress returns the fraction of training done before a step.
func (r Recipe) progress(step int) float64 { return float64(step) / float64(r.Steps) }

// Order draws the pairs of a number of steps: random permutations of all pairs,
// one after the other. A step that a permutation does not fill goes on with the next.
func (r Recipe) Order(rng *rand.Rand, pairs, steps int) [][]int {
	order := make([][]int, steps)
	var rest []int
	for i := range order {
		for len(order[i]) < r.BatchPairs {
			if len(rest) == 0 {
				rest = rng.Perm(pairs)
			}
			n := min(len(rest), r.BatchPairs-len(order[i]))
			order[i] = append(order[i], rest[:n]...)
			rest = rest[n:]
		}
	}
	return order
}
