package evaluator

import (
	"context"
	"fmt"
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
)

// Evaluator scores objectives. All calls of Evaluate share its workers, the
// instances it has prepared and dpo's cells, which it keeps for its lifetime.
// It is safe for concurrent use and must not be copied once used.
type Evaluator struct {
	Source  Source // of the tasks; required
	Cache   Cache  // of dpo's cells, over processes; the zero value is ready
	Workers int    // cells trained at once; 0 is the number of cores

	workers   workers
	instances once[instanceKey, Instance]
	baselines once[string, Baseline]
}

type instanceKey struct {
	task string
	seed uint64
}

// The stages in which an evaluation can fail.
const (
	StageScreen = "screen"
	StageTrain  = "train"
)

// Failure is an objective's failure to be scored. It is data, not an error,
// and holds no number that could be taken for a fitness.
type Failure struct {
	Stage  string `json:"stage"`
	Reason string `json:"reason"` // worded for a person or an LLM to act on
	Cells  []Cell `json:"cells"`  // what it was judged by
}

// evaluation is one call of Evaluate or Screen.
type evaluation struct {
	*Evaluator
	plan   *graph.Plan
	hash   string
	effort Effort
	memo   Memo

	trained map[instanceKey]trial

	mu            sync.Mutex // guards what follows, and serialises progress
	progress      func(Event)
	done, planned int
}

// Evaluate scores an objective with the given effort. Exactly one of the three
// results is set: the metrics, why the objective could not be scored, or an
// error of the context, the source, the memo or the effort. memo, which may be
// nil, keeps the objective's cells. progress, which may be nil, is called after
// every cell, one call at a time; it delays the evaluation while it runs.
func (e *Evaluator) Evaluate(ctx context.Context, objective *graph.Graph, effort Effort, memo Memo, progress func(Event)) (*Metrics, *Failure, error) {
	v, err := e.begin(objective, effort, memo, progress)
	if err != nil {
		return nil, nil, fmt.Errorf("evaluate: %w", err)
	}
	metrics, failure, err := v.evaluate(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("evaluate: %w", err)
	}
	return metrics, failure, nil
}

// begin prepares a call. Its error says what is wrong with the effort or the objective.
func (e *Evaluator) begin(objective *graph.Graph, effort Effort, memo Memo, progress func(Event)) (*evaluation, error) {
	if err := effort.Validate(); err != nil {
		return nil, err
	}
	plan, err := graph.Compile(objective)
	if err != nil {
		return nil, err
	}
	return &evaluation{
		Evaluator: e, plan: plan, hash: objective.Hash(), effort: effort.withDefaults(),
		memo: memo, progress: progress, trained: map[instanceKey]trial{},
	}, nil
}

func (v *evaluation) evaluate(ctx context.Context) (*Metrics, *Failure, error) {
	var screen *ScreenScore
	if !v.effort.NoScreen {
		var failure *Failure
		var err error
		if screen, failure, err = v.screen(ctx); err != nil || failure != nil {
			return nil, failure, err
		}
	}
	metrics, err := v.race(ctx)
	if err != nil {
		return nil, nil, err
	}
	if allBlewUp(metrics.Cells) {
		reason := fmt.Sprintf("the policy's parameters stopped being finite at every beta tried, %v: the gradient grows without bound; let it saturate, or clamp the argument of exp, reciprocal or a power", v.effort.Betas)
		return nil, &Failure{Stage: StageTrain, Reason: reason, Cells: metrics.Cells}, nil
	}
	metrics.Screen = screen
	if metrics.Setting, err = v.Setting(v.effort); err != nil {
		return nil, nil, err
	}
	return metrics, nil, v.beside(ctx, metrics)
}

func allBlewUp(cells []Cell) bool {
	for _, c := range cells {
		if !c.BlewUp {
			return false
		}
	}
	return true
}

// race adds seeds for as long as NeedsSeed asks for them.
func (v *evaluation) race(ctx context.Context) (*Metrics, error) {
	for n := v.effort.MinSeeds; ; n++ {
		rows, err := v.trials(ctx, StageTrain, v.effort.Tasks, v.seeds(n))
		if err != nil {
			return nil, err
		}
		metrics, err := score(v.effort.Budgets, rows)
		if err != nil || !NeedsSeed(shares(metrics.Tasks), v.effort) {
			return metrics, err
		}
	}
}

// seeds lists the effort's first n seeds.
func (v *evaluation) seeds(n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = v.effort.FirstSeed + uint64(i)
	}
	return seeds
}
