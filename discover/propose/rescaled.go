package propose

import (
	"math"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// sameShape is the distance of two profiles below which an edit counts as none.
const sameShape = .01

// rescaled reports whether g is one of the others but for a scale of beta or of
// the loss, to which fitness is neutral, or for next to nothing. It sees scales
// of beta from 1/8 to 8.
func rescaled(g *graph.Graph, others ...*graph.Graph) bool {
	self, err := newProfiler(g)
	if err != nil {
		return false
	}
	target := slices.Clone(self.at(.1))
	for _, o := range others {
		if p, err := newProfiler(o); err == nil && p.distance(target) < sameShape {
			return true
		}
	}
	return false
}

// profiler takes profiles of one objective: the gradients on the probe batch,
// each divided by the sum of its size and the usual one, so that neither the
// scale of the loss nor a steep tail decides.
type profiler struct {
	runner *graph.Runner
	batch  *graph.Batch
	out    graph.Result
	values []float64
}

func newProfiler(g *graph.Graph) (*profiler, error) {
	plan, err := graph.Compile(g)
	if err != nil {
		return nil, err
	}
	return &profiler{runner: plan.NewRunner(), batch: probeBatch(.1, .4, 1)}, nil
}

// at returns the profile at a beta; the next call overwrites it.
func (p *profiler) at(beta float64) []float64 {
	p.batch.Beta = beta
	p.runner.Run(p.batch, 2, &p.out)
	p.values = append(append(p.values[:0], p.out.GradChosen...), p.out.GradRejected...)
	sizes := make([]float64, 0, len(p.values))
	for _, v := range p.values {
		if v != 0 {
			sizes = append(sizes, math.Abs(v))
		}
	}
	if len(sizes) == 0 {
		return p.values
	}
	slices.Sort(sizes)
	usual := sizes[len(sizes)/2]
	for i, v := range p.values {
		p.values[i] = v / (math.Abs(v) + usual)
	}
	return p.values
}

// distance is the mean difference to target at the beta where it is smallest,
// to within a few percent of beta.
func (p *profiler) distance(target []float64) float64 {
	best, at := math.Inf(1), 0.0
	try := func(octave float64) {
		if d := difference(p.at(.1*math.Exp2(octave)), target); d < best {
			best, at = d, octave
		}
	}
	for octave := -3.0; octave <= 3; octave += .5 {
		try(octave)
	}
	for step := .25; step > .01; step /= 2 {
		middle := at
		try(middle - step)
		try(middle + step)
	}
	return best
}

func difference(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / float64(len(a))
}
