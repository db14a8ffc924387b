package export

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/objdisco/discover/sandbox/graph"
)

// judge runs an objective and tells figures that another implementation can be held
// to from those that rounding decides.
type judge struct {
	exact *graph.Runner
	rough [2][]*graph.Runner // with errors of roundings[i] after every operation
	ties  [2][]*graph.Runner // the same, but of operations that are exact on small integers
	// detached tells that the gradient is not that of the value.
	detached bool
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
	used, err := compile(g)
	if err != nil {
		return nil, err
	}
	j.detached = used.has(graph.Detach)
	none, exact := make([]bool, len(g.Nodes)), exactOnIntegers(g)
	for i, by := range roundings {
		for draw := range uint64(roughRuns) {
			if plan, err := graph.Compile(rough(g, by, draw, none)); err == nil { // else it is too large
				j.rough[i] = append(j.rough[i], plan.NewRunner())
			}
			if plan, err := graph.Compile(rough(g, by, draw, exact)); err == nil {
				j.ties[i] = append(j.ties[i], plan.NewRunner())
			}
		}
	}
	return j, nil
}

// exactOnIntegers marks what floating-point numbers hold exactly if all inputs are
// small integers or halves: sums and products of such, in whatever order.
func exactOnIntegers(g *graph.Graph) []bool {
	exact := make([]bool, len(g.Nodes))
	for i, n := range g.Nodes {
		switch n.Op {
		case graph.Progress:
			continue
		case graph.Add, graph.Sub, graph.Mul, graph.Max, graph.Min, graph.Neg, graph.Abs, graph.Square, graph.ReLU,
			graph.AddConst, graph.Scale, graph.Clamp, graph.ClampMin, graph.ClampMax, graph.Detach, graph.Sum, graph.BatchMax,
			graph.BatchMin, graph.Sort, graph.Greater, graph.Less, graph.GreaterConst, graph.LessConst:
		default:
			if !n.Op.Leaf() {
				continue
			}
		}
		exact[i] = !slices.ContainsFunc(n.Args, func(a int) bool { return !exact[a] }) &&
			!slices.ContainsFunc(n.K, func(k float64) bool { return k*16 != math.Trunc(k*16) || math.Abs(k) > 16 })
	}
	return exact
}

// rough returns g with every value that an operation computes, and hence every
// gradient, changed by up to the given part of itself, for each pair differently. What
// is marked as exact is left as it is.
func rough(g *graph.Graph, by float64, draw uint64, exact []bool) *graph.Graph {
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
		case n.Op.Leaf() || exact[i]:
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
	return j.measure(b, func(v *vector, precision int) bool {
		return v.change(j.exact, shiftBatch(b, roundings[precision])) < conditions[precision] && v.settled(j.rough[precision], b, conditions[precision])
	})
}

// tied does so for a batch whose inputs are exact, and which may be at kinks: there it
// only counts what is computed from the inputs without rounding up to the kink.
func (j *judge) tied(b *graph.Batch) (vector, bool) {
	return j.measure(b, func(v *vector, precision int) bool { return v.settled(j.ties[precision], b, conditions[precision]) })
}

// measure runs the objective on b; settled reports whether rounding to a precision
// leaves the figures as they are.
func (j *judge) measure(b *graph.Batch, settled func(v *vector, precision int) bool) (vector, bool) {
	var out graph.Result
	j.exact.Run(b, 0, &out)
	v := vector{
		Batch: *b,
		Loss:  slices.Clone(out.Loss), GradChosen: slices.Clone(out.GradChosen), GradRejected: slices.Clone(out.GradRejected),
	}
	if !v.finite() || !settled(&v, 0) {
		return v, false
	}
	v.Single = !out.Overflow && settled(&v, 1)
	v.Smooth = j.smooth(&v, b)
	return v, true
}

// settled reports whether all runners, on b, come to the figures.
func (v *vector) settled(runners []*graph.Runner, b *graph.Batch, condition float64) bool {
	worst := 0.0
	for _, r := range runners {
		worst = max(worst, v.change(r, b))
	}
	return worst < condition
}

// step is how far the finite differences of an export's self-test go, and slack what
// they may be off, as a part of the largest gradient.
const (
	step  = 1.0 / (1 << 18)
	slack = 1e-4
)

// smooth reports whether finite differences of step around b come to the gradients.
// What is detached they do not see, so where there is such a thing it must do that the
// gradient does not jump.
func (j *judge) smooth(v *vector, b *graph.Batch) bool {
	gradients := slices.Concat(v.GradChosen, v.GradRejected)
	worst := 0.0
	for i, want := range gradients {
		low, lowGradients := j.moved(b, i, -step)
		high, highGradients := j.moved(b, i, step)
		difference := math.Abs((high-low)/(2*step) - want)
		if j.detached {
			difference = max(relative(lowGradients, gradients), relative(highGradients, gradients))*largest(gradients) + jump(low, high)
		}
		if !(difference <= math.MaxFloat64) {
			return false
		}
		worst = max(worst, difference)
	}
	return worst <= slack/4*largest(gradients)
}

// jump is more than any slack if two values that should be close are not.
func jump(low, high float64) float64 {
	if math.Abs(high-low) > 1e-3*max(math.Abs(low), math.Abs(high)) {
		return math.Inf(1)
	}
	return 0
}

// moved returns the mean loss and the gradients with the i-th log-probability of the
// policy, the rejected ones after the chosen ones, changed.
func (j *judge) moved(b *graph.Batch, i int, by float64) (mean float64, gradients []float64) {
	m := *b
	m.PolicyChosen, m.PolicyRejected = slices.Clone(b.PolicyChosen), slices.Clone(b.PolicyRejected)
	if n := b.Len(); i < n {
		m.PolicyChosen[i] += by
	} else {
		m.PolicyRejected[i-n] += by
	}
	var out graph.Result
	j.exact.Run(&m, 0, &out)
	for _, x := range out.Loss {
		mean += x / float64(len(out.Loss))
	}
	return mean, slices.Concat(out.GradChosen, out.GradRejected)
}

func largest(values []float64) float64 {
	x := 0.0
	for _, v := range values {
		x = max(x, math.Abs(v))
	}
	return x
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
