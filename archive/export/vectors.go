package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// vector is one batch with the figures that an export must reproduce on it. The
// gradients are of the mean of the losses.
type vector struct {
	// Params are the values of the parameters that are not at their defaults.
	Params map[string]float64 `json:"params,omitempty"`
	graph.Batch
	Loss         []float64 `json:"loss"`
	GradChosen   []float64 `json:"grad_policy_chosen"`
	GradRejected []float64 `json:"grad_policy_rejected"`
	// Single tells that single precision should reproduce the figures too: they
	// hardly change with errors like its rounding.
	Single bool `json:"single"`
	// Smooth tells that the loss has no kink or jump at these inputs, so that finite
	// differences of the losses must come to the gradients.
	Smooth bool `json:"smooth"`
}

// vectors are the golden vectors of an objective.
type vectors struct {
	Objective string            `json:"objective"`
	Params    []graph.Parameter `json:"params,omitempty"`
	Cases     []vector          `json:"cases"`
}

// vectorBetas are those of the golden vectors: an objective that overflows at one may
// be finite at the next.
var vectorBetas = []float64{0.1, 0.5, 1, 0.05, 0.01}

// vectorShapes are batches of so many pairs, the policy so many nats away from the
// reference: at it, near it and far from it.
var vectorShapes = []struct {
	pairs  int
	spread float64
}{{1, 0}, {1, 0.5}, {1, 3}, {2, 0}, {2, 0.05}, {2, 3}, {8, 0}, {8, 0.05}, {8, 0.5}, {8, 3}, {8, 12}}

// vectorProgress are the fractions of training done, in turn.
var vectorProgress = []float64{0, 0.25, 0.6, 1}

// vectorsOf computes golden vectors for an objective: every shape of batch at every
// beta, ties, and every parameter at another value than its default. Batches on which
// a figure is not finite, or changes greatly with the last digits of the input, are
// left out.
func vectorsOf(o *Objective) ([]byte, error) {
	judge, err := newJudge(o.Graph)
	if err != nil {
		return nil, err
	}
	out := vectors{Objective: o.title(), Params: o.Graph.Params()}
	add := func(v vector, ok bool) {
		if ok {
			out.Cases = append(out.Cases, v)
		}
	}
	rng := rand.New(rand.NewPCG(0x901d, 1))
	for i, beta := range vectorBetas {
		for j, shape := range vectorShapes {
			b := sampleBatch(rng, shape.pairs, beta, shape.spread)
			b.Progress = vectorProgress[(i+j)%len(vectorProgress)]
			add(judge.vector(b))
		}
	}
	for i, beta := range []float64{1, 0.5} {
		for j := range vectorProgress {
			add(judge.tied(tiedBatch(beta, vectorProgress[j], i+j)))
		}
	}
	changed, err := changedParams(o.Graph, rng)
	if err != nil {
		return nil, err
	}
	out.Cases = append(out.Cases, changed...)
	if len(out.Cases) == 0 {
		return nil, errors.New("its loss or gradient is finite on none of the test batches")
	}
	return out.lines()
}

// changedParams returns a case for every parameter in which it has another value than
// its default. The first batch counts on which the figures are of use and not those
// of the default, or else the first on which they are of use.
func changedParams(g *graph.Graph, rng *rand.Rand) ([]vector, error) {
	used, err := compile(g)
	if err != nil {
		return nil, err
	}
	var out []vector
	for _, p := range used.params {
		for _, value := range []float64{p.Value * 1.5, p.Value * 0.75, p.Value + 0.5} {
			if value == p.Value {
				continue
			}
			values := map[string]float64{p.Name: value}
			changed, err := g.WithParams(values)
			if err != nil {
				return nil, err
			}
			v, ok, err := firstUseful(g, changed, rng)
			if err != nil {
				return nil, err
			}
			if ok {
				v.Params = values
				out = append(out, v)
				break
			}
		}
	}
	return out, nil
}

// firstUseful returns the first case of the changed objective that tells it from the
// original, or else the first that is of use.
func firstUseful(original, changed *graph.Graph, rng *rand.Rand) (first vector, found bool, err error) {
	judge, err := newJudge(changed)
	if err != nil {
		return first, false, err
	}
	plan, err := graph.Compile(original)
	if err != nil {
		return first, false, err
	}
	for i, beta := range vectorBetas {
		for _, spread := range []float64{0.5, 3} {
			b := sampleBatch(rng, 8, beta, spread)
			b.Progress = vectorProgress[i%len(vectorProgress)]
			v, ok := judge.vector(b)
			if ok && v.change(plan.NewRunner(), b) > 1e-6 {
				return v, true, nil
			}
			if ok && !found {
				first, found = v, true
			}
		}
	}
	return first, found, nil
}

// lines encodes the vectors as JSON with a line for each case.
func (v *vectors) lines() ([]byte, error) {
	head, err := json.Marshal(vectors{Objective: v.Objective, Params: v.Params, Cases: []vector{}})
	if err != nil {
		return nil, err
	}
	lines := make([][]byte, len(v.Cases))
	for i, c := range v.Cases {
		if lines[i], err = json.Marshal(c); err != nil {
			return nil, err
		}
	}
	return slices.Concat(bytes.TrimSuffix(head, []byte("]}")), []byte("\n"), bytes.Join(lines, []byte(",\n")), []byte("\n]}\n")), nil
}

// sampleBatch draws pairs whose policy is spread nats away from the reference. All
// values are multiples of 1/64, which single precision holds exactly.
func sampleBatch(rng *rand.Rand, pairs int, beta, spread float64) *graph.Batch {
	grid := func(x float64) float64 { return math.Round(x*64) / 64 }
	b := &graph.Batch{Beta: beta, Progress: vectorProgress[1]}
	for range pairs {
		chosen, rejected := float64(4+rng.IntN(40)), float64(4+rng.IntN(40))
		refChosen, refRejected := grid(-chosen*(0.5+rng.Float64())), grid(-rejected*(0.5+rng.Float64()))
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, chosen), append(b.RejectedLen, rejected)
		b.RefChosen, b.RefRejected = append(b.RefChosen, refChosen), append(b.RefRejected, refRejected)
		b.PolicyChosen = append(b.PolicyChosen, min(0, grid(refChosen+spread*rng.NormFloat64())))
		b.PolicyRejected = append(b.PolicyRejected, min(0, grid(refRejected+spread*rng.NormFloat64())))
	}
	return b
}

// tiedBatch has pairs at kinks and ties: margins −2 to 2, each twice, so that rewards
// at beta 1 and 0.5 fall on the usual thresholds, and equal log-ratios and lengths.
// All figures are small integers, with which sums and products are exact.
func tiedBatch(beta, progress float64, turn int) *graph.Batch {
	b := &graph.Batch{Beta: beta, Progress: progress}
	for i := range 10 {
		margin := float64((i+turn)%5 - 2)
		b.RefChosen, b.RefRejected = append(b.RefChosen, -16), append(b.RefRejected, -24)
		b.PolicyChosen = append(b.PolicyChosen, -16+max(margin, 0))
		b.PolicyRejected = append(b.PolicyRejected, -24-min(margin, 0))
		b.ChosenLen, b.RejectedLen = append(b.ChosenLen, 8), append(b.RejectedLen, float64(8*(1+i/5)))
	}
	return b
}
