package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// recorder is a model whose log-probabilities are given, and which records what
// the loop asks of it.
type recorder struct {
	logp    []float64
	slopes  []float64
	steps   []int
	rates   []float64
	refuses int // the step whose update it refuses, from 1
}

func (r *recorder) LogProbs(step int, logp []float64) {
	r.steps = append(r.steps, step)
	copy(logp, r.logp)
}

func (r *recorder) Backward(slopes []float64) { r.slopes = slices.Clone(slopes) }

func (r *recorder) Update(rate, clipNorm float64) bool {
	r.rates = append(r.rates, rate)
	return len(r.rates) != r.refuses
}

// compile traces an objective.
func compile(t *testing.T, loss func(objective.Batch) objective.Vec) *graph.Runner {
	t.Helper()
	g, err := objective.Trace(loss)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := graph.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	return plan.NewRunner()
}

// fourPairs are the fixed values of pairs 0 to 3.
var fourPairs = Pairs{
	RefChosen: []float64{-1, -2, -3, -4}, RefRejected: []float64{-5, -6, -7, -8},
	ChosenLen: []float64{1, 2, 3, 4}, RejectedLen: []float64{5, 6, 7, 8},
}

var recipe = Recipe{Steps: 10, BatchPairs: 2, MicroBatch: 2, PeakRate: 1, WarmUp: 1}

func TestRunGivesThePairsOfAStep(t *testing.T) {
	// The derivatives of this objective are the values that it is given.
	runner := compile(t, func(b objective.Batch) objective.Vec {
		chosen := b.RefChosen.Add(b.ChosenLen.Scale(100)).Add(b.Progress).Add(b.Beta)
		rejected := b.RefRejected.Add(b.RejectedLen.Scale(100))
		return b.PolicyChosen.Mul(chosen).Add(b.PolicyRejected.Mul(rejected))
	})
	m := &recorder{logp: []float64{1, 1, 1, 1}}
	report, err := NewLoop(recipe).Run(context.Background(), m, runner, 1000, Data{Pairs: fourPairs, Order: [][]int{{0, 1}, {3, 2}}, First: 4})
	if err != nil || report != (Report{Steps: 2}) {
		t.Fatalf("report %+v, error %v", report, err)
	}
	// The last step: pairs 3 and 2, a mean over two, progress .5.
	at := func(progress float64) []float64 {
		return []float64{(-4 + 400 + progress + 1000) / 2, (-3 + 300 + progress + 1000) / 2, (-8 + 800) / 2., (-7 + 700) / 2.}
	}
	usual := 0.
	for _, progress := range usualProgress {
		usual += square(at(progress)) / float64(len(usualProgress))
	}
	want := at(.5)
	scale(want, math.Sqrt(usual/square(want)))
	for i := range want {
		if math.Abs(m.slopes[i]-want[i]) > 1e-9 {
			t.Errorf("derivatives = %v, want %v", m.slopes, want)
			break
		}
	}
	if !slices.Equal(m.steps, []int{4, 5}) || !slices.Equal(m.rates, []float64{recipe.Rate(4), recipe.Rate(5)}) {
		t.Errorf("steps %v, rates %v", m.steps, m.rates)
	}
}

func square(x []float64) float64 {
	sum := 0.
	for _, v := range x {
		sum += v * v
	}
	return sum
}

func TestRunTakesStatisticsWithinMicroBatches(t *testing.T) {
	runner := compile(t, func(b objective.Batch) objective.Vec { return b.PolicyChosen.Mul(b.PolicyChosen.BatchMax().Detach()) })
	m := &recorder{logp: []float64{1, 2, 3, 4, 0, 0, 0, 0}}
	r := recipe
	r.BatchPairs = 4
	if _, err := NewLoop(r).Run(context.Background(), m, runner, 1, Data{Pairs: fourPairs, Order: [][]int{{0, 1, 2, 3}}}); err != nil {
		t.Fatal(err)
	}
	if want := []float64{2. / 4, 2. / 4, 4. / 4, 4. / 4, 0, 0, 0, 0}; !slices.Equal(m.slopes, want) {
		t.Errorf("derivatives = %v, want %v", m.slopes, want)
	}
}

func TestRunEndsWhereItBlowsUp(t *testing.T) {
	order := [][]int{{0, 1}, {2, 3}, {0, 1}}
	for _, test := range []struct {
		name    string
		loss    func(objective.Batch) objective.Vec
		refuses int
		want    Report
	}{
		{"a loss that is not a number", func(b objective.Batch) objective.Vec { return b.PolicyChosen.Log() }, 0, Report{0, true}},
		{"a loss beyond single precision", func(b objective.Batch) objective.Vec { return b.PolicyChosen.AddConst(100).Exp() }, 0, Report{0, true}},
		{"a gradient that the model refuses", func(b objective.Batch) objective.Vec { return b.PolicyChosen }, 2, Report{1, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &recorder{logp: []float64{-1, -1, -1, -1}, refuses: test.refuses}
			report, err := NewLoop(recipe).Run(context.Background(), m, compile(t, test.loss), 1, Data{Pairs: fourPairs, Order: order})
			if err != nil || report != test.want {
				t.Errorf("report %+v, error %v, want %+v", report, err, test.want)
			}
		})
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	runner := compile(t, func(b objective.Batch) objective.Vec { return b.PolicyChosen })
	m := &recorder{logp: make([]float64, 4)}
	report, err := NewLoop(recipe).Run(ctx, m, runner, 1, Data{Pairs: fourPairs, Order: [][]int{{0, 1}}})
	if err != reason || report.Steps != 0 || len(m.rates) != 0 {
		t.Errorf("report %+v after %d updates, error %v", report, len(m.rates), err)
	}
}

func TestRunDoesNotAllocateOnceWarm(t *testing.T) {
	runner := compile(t, func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).LogSigmoid().Neg() })
	m := &constant{}
	loop, data := NewLoop(recipe), Data{Pairs: fourPairs, Order: [][]int{{0, 1}, {2, 3}}}
	run := func() {
		if _, err := loop.Run(context.Background(), m, runner, 1, data); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n != 0 {
		t.Errorf("%g allocations a run, want none", n)
	}
}

// constant is a model that never changes.
type constant struct{}

func (constant) LogProbs(_ int, logp []float64) { clear(logp) }
func (constant) Backward([]float64)             {}
func (constant) Update(_, _ float64) bool       { return true }
