package evaluator_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/proxy"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

type loss func(objective.Batch) objective.Vec

// cheats are objectives that a score can be fooled with and that teach nothing.
var cheats = map[string]loss{
	"the chosen only, supervised": func(b objective.Batch) objective.Vec { return b.PolicyChosen.Neg() },
	"the chosen only, dpo": func(b objective.Batch) objective.Vec {
		return b.LogRatioChosen().Mul(b.Beta).LogSigmoid().Neg()
	},
	"a huge constant factor": func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.Beta).Scale(1e6).LogSigmoid().Neg()
	},
	"constant": func(b objective.Batch) objective.Vec { return b.Margin().Scale(0).AddConst(1) },
	"linear":   func(b objective.Batch) objective.Vec { return b.Margin().Mul(b.Beta).Neg() },
	"anti-preference": func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.Beta).LogSigmoid()
	},
	"entropy minimising": func(b objective.Batch) objective.Vec {
		return b.PolicyChosen.Add(b.PolicyRejected).Neg()
	},
	"lengths only": func(b objective.Batch) objective.Vec {
		return b.Margin().Mul(b.ChosenLen.Sub(b.RejectedLen)).Mul(b.Beta).LogSigmoid().Neg()
	},
}

// rescaled is a known objective at a multiple of beta.
func rescaled(name string, factor float64) loss {
	entry, ok := catalog.Lookup(name)
	if !ok {
		panic("no objective " + name)
	}
	return func(b objective.Batch) objective.Vec {
		b.Beta = b.Beta.Scale(factor)
		return entry.Loss(b)
	}
}

func trace(t *testing.T, f loss) *graph.Graph {
	t.Helper()
	g, err := objective.Trace(f)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// realEvaluator starts from an empty cache.
func realEvaluator(t *testing.T) *evaluator.Evaluator {
	cache := evaluator.Cache{Dir: t.TempDir()}
	return &evaluator.Evaluator{Source: proxy.Source{Cache: cache}, Cache: cache}
}

// mustNotDependOnWorkers scores an objective on one worker and on four, each
// from an empty cache; the results must agree bit for bit.
func mustNotDependOnWorkers(t *testing.T, task string) {
	t.Helper()
	var want *evaluator.Metrics
	for _, workers := range []int{1, 4} {
		e := realEvaluator(t)
		e.Workers = workers
		effort := evaluator.Effort{Tasks: []string{task}, MinSeeds: 2, MaxSeeds: 2, NoScreen: true}
		m, failure, err := e.Evaluate(t.Context(), trace(t, rescaled("lrml", 1)), effort, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(err, failure)
		}
		for i := range m.Cells {
			m.Cells[i].Seconds = 0
		}
		if want == nil {
			want = m
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%s on %d workers: %s", task, workers, diff)
		}
	}
}

func TestWorkersDoNotChangeTheBandit(t *testing.T) { mustNotDependOnWorkers(t, "bandit") }

// On the bandit a cell takes milliseconds. The tasks of the fitness are held to
// the same under the tag slow.
func TestCheatsAreWorseOnTheBandit(t *testing.T) {
	e := realEvaluator(t)
	effort := evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 4, MaxSeeds: 4, NoScreen: true}
	for name, cheat := range cheats {
		m, failure, err := e.Evaluate(t.Context(), trace(t, cheat), effort, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(name, err, failure)
		}
		if m.Verdict != evaluator.Worse {
			t.Errorf("%s: %s, %+.4f %v", name, m.Verdict, m.Fitness, m.CI95)
		}
	}
}

// A factor on the loss is no discovery. A constant one changes nothing where no
// gradient is clipped, since Adam takes the same steps; one that depends on
// progress would schedule the step size, and is undone.
func TestAFactorOnTheLossChangesNothing(t *testing.T) {
	e := realEvaluator(t)
	effort := evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 1, MaxSeeds: 1, NoScreen: true}
	dpo := rescaled("dpo", 1)
	left := func(b objective.Batch) objective.Vec { return b.Progress.Neg().AddConst(1) }
	times := func(factor float64) loss {
		return func(b objective.Batch) objective.Vec { return dpo(b).Scale(factor) }
	}
	var want float64
	for i, f := range []loss{
		times(1e-2), times(1e-4), times(1e-6), times(1e-9), times(1e-16), times(1e-20), times(1e-100),
		func(b objective.Batch) objective.Vec { return dpo(b).Mul(left(b).PowConst(4)).Scale(1e-2) },
		func(b objective.Batch) objective.Vec { return dpo(b).Mul(b.Progress.LessConst(.3)).Scale(1e-2) },
		func(b objective.Batch) objective.Vec {
			dither := b.Progress.Scale(1000).Sin().Scale(.5).AddConst(.5)
			return dpo(b).Mul(dither.Less(left(b).Square())).Scale(1e-2)
		},
		func(b objective.Batch) objective.Vec { // a schedule for all but lengths that are round
			round := b.ChosenLen.Scale(math.Pi / 15).Sin().Abs().LessConst(1e-9)
			return objective.Where(round, dpo(b), dpo(b).Mul(left(b).PowConst(4))).Scale(1e-2)
		},
	} {
		m, failure, err := e.Evaluate(t.Context(), trace(t, f), effort, nil, nil)
		if err != nil || failure != nil {
			t.Fatal(err, failure)
		}
		if i == 0 {
			want = m.Fitness // near 0: the bandit's frontiers are rough
		}
		if math.Abs(m.Fitness) > .05 || math.Abs(m.Fitness-want) > 1e-4 {
			t.Errorf("factor %d: fitness %v, want %v", i, m.Fitness, want)
		}
	}
}

// The screen may drop nothing that is any good, and should drop what teaches
// nothing.
func TestTheScreenDropsOnlyTheHopeless(t *testing.T) {
	e := realEvaluator(t)
	screened := func(f loss) *evaluator.Failure {
		// The race after the screen is kept to one seed of one quick task.
		effort := evaluator.Effort{Tasks: []string{"bandit"}, MaxSeeds: 1}
		_, failure, err := e.Evaluate(t.Context(), trace(t, f), effort, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return failure
	}
	for _, name := range []string{"dbaql", "lrml", "cell", "hinge"} {
		if failure := screened(rescaled(name, 1)); failure != nil {
			t.Errorf("%s was dropped: %s", name, failure.Reason)
		}
	}
	for _, name := range []string{"constant", "linear", "anti-preference", "entropy minimising", "lengths only"} {
		if failure := screened(cheats[name]); failure == nil || failure.Stage != evaluator.StageScreen {
			t.Errorf("%s was not dropped: %v", name, failure)
		}
	}
}
