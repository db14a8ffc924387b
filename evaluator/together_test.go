package evaluator

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/sandbox/graph"
)

// sweepingSource makes the tasks of a fakeSource, which train with several betas at once.
type sweepingSource struct {
	fakeSource
	most atomic.Int64 // betas trained at once
}

func (s *sweepingSource) Prepare(ctx context.Context, task string, seed uint64) (Instance, error) {
	instance, err := s.fakeSource.Prepare(ctx, task, seed)
	return &sweepingInstance{instance, s}, err
}

type sweepingInstance struct {
	Instance
	source *sweepingSource
}

func (i *sweepingInstance) Sweep(ctx context.Context, plan *graph.Plan, betas []float64) ([]Outcome, error) {
	for n := i.source.most.Load(); n < int64(len(betas)) && !i.source.most.CompareAndSwap(n, int64(len(betas))); {
		n = i.source.most.Load()
	}
	return outcomesOf(ctx, i.Instance, plan, betas)
}

// TestSweepsChangeNothing: cells that are trained at once are the same, are trained once, and
// leave work for every worker.
func TestSweepsChangeNothing(t *testing.T) {
	evaluate := func(source Source, workers int, memo Memo) *Metrics {
		m, _, err := newEvaluator(t, source, workers).Evaluate(t.Context(), skilled(.01), Effort{}, memo, nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Cells, m.Screen.Cells = untimed(m.Cells), untimed(m.Screen.Cells)
		return m
	}
	want := evaluate(&fakeSource{noise: .01}, 2, nil)
	for _, test := range []struct {
		workers int
		most    int64 // betas trained at once: of dpo's 15 or the 2×7 of the bandit
	}{{1, 15}, {2, 8}, {100, 1}} {
		source, memo := &sweepingSource{fakeSource: fakeSource{noise: .01}}, &fakeMemo{}
		if diff := cmp.Diff(want, evaluate(source, test.workers, memo)); diff != "" {
			t.Errorf("%d workers: %s", test.workers, diff)
		}
		if n := source.most.Load(); n != test.most {
			t.Errorf("%d workers: trained %d betas at once, want %d", test.workers, n, test.most)
		}
		if evaluate(source, test.workers, memo); memo.twice != 0 {
			t.Errorf("%d workers: saved %d cells twice", test.workers, memo.twice)
		}
	}
}
