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
	Beta           float64   `json:"beta"`
	Progress       float64   `json:"progress"`
	PolicyChosen   []float64 `json:"policy_chosen"`
	PolicyRejected []float64 `json:"policy_rejected"`
	RefChosen      []float64 `json:"ref_chosen"`
	RefRejected    []float64 `json:"ref_rejected"`
	ChosenLen      []float64 `json:"chosen_len"`
	RejectedLen    []float64 `json:"rejected_len"`
	Loss           []float64 `json:"loss"`
	GradChosen     []float64 `json:"grad_policy_chosen"`
	GradRejected   []float64 `json:"grad_policy_rejected"`
	// Single tells that single precision should reproduce the figures too: they
	// hardly change with errors like its rounding.
	Single bool `json:"single"`
}

// vectors are the golden vectors of an objective.
type vectors struct {
	Objective string            `json:"objective"`
	Params    []graph.Parameter `json:"params,omitempty"`
	Cases     []vector          `json:"cases"`
}

// vectorBetas are tried in turn; an objective that overflows at one may be finite at
// the next.
var vectorBetas = []float64{0.1, 0.5, 0.05, 0.01}

// vectorsOf computes golden vectors for an objective: at the reference and away from
// it, for batches of 1, 2 and 8 pairs. Batches on which a figure is not finite, or
// changes greatly with the last digits of the input, are left out.
func vectorsOf(o *Objective) ([]byte, error) {
	judge, err := newJudge(o.Graph)
	if err != nil {
		return nil, err
	}
	out := vectors{Objective: o.title(), Params: o.Graph.Params()}
	rng := rand.New(rand.NewPCG(0x901d, 1))
	for _, beta := range vectorBetas {
		for _, pairs := range []int{1, 2, 8} {
			for _, spread := range []float64{0, 0.5, 3} {
				if v, ok := judge.vector(sampleBatch(rng, pairs, beta, spread)); ok {
					out.Cases = append(out.Cases, v)
				}
			}
		}
	}
	if len(out.Cases) == 0 {
		return nil, errors.New("its loss or gradient is finite on none of the test batches")
	}
	return out.lines()
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
	b := &graph.Batch{Beta: beta, Progress: 0.25}
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

// judge runs an objective and tells figures that another implementation can be held
// to from those that rounding decides.
type judge struct {
	exact *graph.Runner
	rough [2][]*graph.Runner // with errors of roundings[i] after every operation
}

// roundings are well above the relative error of rounding to double precision, and
// that of single precision.
var roundings = [2]float64{1e-13, 1.0 / (1 << 24)}

// conditions bound what such errors may do to the figures.
var conditions = [2]float64{1e-10, 2e-6}

// roughRuns is how many draws of errors are tried.
const roughRuns = 4

func newJudge(g *graph.Graph) (*judge, error) {
	plan, err := graph.Compile(g)
	if err != nil {
		return nil, err
	}
	j := &judge{exact: plan.NewRunner()}
	for i, by := range roundings {
		for draw := range uint64(roughRuns) {
			if plan, err := graph.Compile(rough(g, by, draw)); err == nil { // else it is too large
				j.rough[i] = append(j.rough[i], plan.NewRunner())
			}
		}
	}
	return j, nil
}

// rough returns g with every value that an operation computes, and hence every
// gradient, changed by up to the given part of itself, for each pair differently.
func rough(g *graph.Graph, by float64, draw uint64) *graph.Graph {
	rng := rand.New(rand.NewPCG(0x40c4, draw))
	out := &graph.Graph{Version: graph.Version}
	add := func(n graph.Node) int {
		out.Nodes = append(out.Nodes, n)
		return len(out.Nodes) - 1
	}
	unary := func(op graph.Op, x int, k ...float64) int { return add(graph.Node{Op: op, Args: []int{x}, K: k}) }
	var noise [5]int
	reference := add(graph.Node{Op: graph.RefChosen})
	for i := range noise {
		wave := unary(graph.Sin, unary(graph.Scale, reference, 10+100*rng.Float64()))
		noise[i] = unary(graph.AddConst, unary(graph.Scale, wave, by), 1)
	}
	shapes, place := g.Shapes(), make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		n.Args = slices.Clone(n.Args)
		for j, a := range n.Args {
			n.Args[j] = place[a]
		}
		switch place[i] = add(n); {
		case n.Op.Leaf():
		case shapes[i]:
			place[i] = add(graph.Node{Op: graph.Mul, Args: []int{place[i], noise[rng.IntN(len(noise))]}})
		default:
			place[i] = unary(graph.Scale, place[i], 1+by*(2*rng.Float64()-1))
		}
	}
	out.Output = place[g.Output]
	return out
}

// vector runs the objective on b and reports whether its figures are of use.
func (j *judge) vector(b *graph.Batch) (vector, bool) {
	var out graph.Result
	j.exact.Run(b, 0, &out)
	v := vector{
		Beta: b.Beta, Progress: b.Progress, PolicyChosen: b.PolicyChosen, PolicyRejected: b.PolicyRejected,
		RefChosen: b.RefChosen, RefRejected: b.RefRejected, ChosenLen: b.ChosenLen, RejectedLen: b.RejectedLen,
		Loss: slices.Clone(out.Loss), GradChosen: slices.Clone(out.GradChosen), GradRejected: slices.Clone(out.GradRejected),
	}
	if !v.finite() || !j.settled(&v, b, 0) {
		return v, false
	}
	v.Single = !out.Overflow && j.settled(&v, b, 1)
	return v, true
}

// settled reports whether rounding to a precision leaves the figures as they are.
func (j *judge) settled(v *vector, b *graph.Batch, precision int) bool {
	worst := v.change(j.exact, shiftBatch(b, roundings[precision]))
	for _, r := range j.rough[precision] {
		worst = max(worst, v.change(r, b))
	}
	return worst < conditions[precision]
}

func (v *vector) finite() bool {
	return !slices.ContainsFunc(slices.Concat(v.Loss, v.GradChosen, v.GradRejected), func(x float64) bool {
		return math.IsNaN(x) || math.IsInf(x, 0)
	})
}

// change returns how much the figures differ, relative to the largest, when r runs
// on b instead.
func (v *vector) change(r *graph.Runner, b *graph.Batch) float64 {
	var out graph.Result
	r.Run(b, 0, &out)
	return max(relative(out.Loss, v.Loss),
		relative(slices.Concat(out.GradChosen, out.GradRejected), slices.Concat(v.GradChosen, v.GradRejected)))
}

// shiftBatch changes every input by about the given part of itself; pairs at the
// reference stay there.
func shiftBatch(b *graph.Batch, by float64) *graph.Batch {
	return &graph.Batch{
		PolicyChosen: shift(b.PolicyChosen, by), PolicyRejected: shift(b.PolicyRejected, -by),
		RefChosen: shift(b.RefChosen, by), RefRejected: shift(b.RefRejected, -by),
		ChosenLen: shift(b.ChosenLen, by), RejectedLen: shift(b.RejectedLen, -by),
		Beta: b.Beta * (1 + by), Progress: b.Progress * (1 - by),
	}
}

// shift changes values by parts of up to by, of alternating sign.
func shift(values []float64, by float64) []float64 {
	out := slices.Clone(values)
	for i := range out {
		by = -by
		out[i] *= 1 + by/float64(1+i%3)
	}
	return out
}

// relative returns the largest difference between got and want, as a part of the
// largest value of want.
func relative(got, want []float64) float64 {
	scale, worst := 0.0, 0.0
	for i := range want {
		scale = max(scale, math.Abs(want[i]))
		worst = max(worst, math.Abs(got[i]-want[i]))
	}
	if scale == 0 {
		return worst
	}
	return worst / scale
}
