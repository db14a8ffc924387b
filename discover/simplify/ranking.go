package simplify

import (
	"cmp"
	"math"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// ranking orders edits by what they promise.
type ranking struct {
	original  []float64          // gradients of the one objective that all are measured against
	distances map[string]float64 // from it, by hash
	tried     map[string]bool    // by hash
}

func newRanking(original *graph.Graph) *ranking {
	hash := original.Hash()
	return &ranking{gradients(original), map[string]float64{hash: 0}, map[string]bool{hash: true}}
}

// edits returns the edits of g that were not tried yet, each once: first those
// that move the gradients least away from the original for what they save.
func (r *ranking) edits(g *graph.Graph) []edit {
	here := r.distance(g, g.Hash())
	var out []edit
	cost := map[string]float64{}
	for _, e := range editsOf(g) {
		if _, known := cost[e.hash]; known || r.tried[e.hash] {
			continue
		}
		cost[e.hash] = max(r.distance(e.graph, e.hash)-here, 0) / e.gain
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b edit) int {
		return cmp.Or(cmp.Compare(cost[a.hash], cost[b.hash]), -cmp.Compare(a.gain, b.gain))
	})
	return out
}

func (r *ranking) distance(g *graph.Graph, hash string) float64 {
	d, ok := r.distances[hash]
	if !ok {
		d = distance(r.original, gradients(g))
		r.distances[hash] = d
	}
	return d
}

// distance is the difference of two gradients relative to their size, from 0 to
// 1, after the second is multiplied by the positive factor that makes them most
// alike: a factor on the loss does not change what is learned. It is 1 where one
// is not finite.
func distance(x, y []float64) float64 {
	var xx, xy, yy float64
	for i := range x {
		xx, xy, yy = xx+x[i]*x[i], xy+x[i]*y[i], yy+y[i]*y[i]
	}
	// The distance of x from the nearest multiple of y, relative to x: the sine of
	// the angle between them.
	cosine := xy / math.Sqrt(xx*yy)
	if !(cosine > 0) {
		return 1
	}
	return math.Sqrt(max(0, 1-cosine*cosine))
}

// gradients are those of typical pairs at the betas that decide a score.
func gradients(g *graph.Graph) []float64 {
	plan, err := graph.Compile(g)
	if err != nil {
		panic(err) // the graph is valid
	}
	runner, pairs := plan.NewRunner(), typicalPairs()
	var result graph.Result
	var out []float64
	for _, pairs.Beta = range []float64{.05, .1, .25} {
		runner.Run(pairs, 2, &result)
		out = append(append(out, result.GradChosen...), result.GradRejected...)
	}
	return out
}
