package evaluator

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/objdisco/discover/sandbox/graph"
)

// Event says that a cell is finished.
type Event struct {
	Objective string // hash of the graph
	Stage     string // StageScreen or StageTrain
	Baseline  bool   // the cell is dpo's, trained once and cached for all
	Stored    bool   // the cell came from the memo and cost nothing
	Cell      Cell
	// Done of Planned cells of this evaluation are finished. Planned grows
	// when a race adds a seed, and does not count baselines.
	Done, Planned int
}

// job is a cell to be trained.
type job struct {
	key      Key
	instance Instance
}

// train finishes every job on one of the evaluator's workers, those that gain by it
// together, and returns the cells in the order of the jobs. No goroutine outlives it. The
// first error stops the rest. finished is called once per cell, from several goroutines.
func (e *Evaluator) train(ctx context.Context, plan *graph.Plan, jobs []job, memo Memo, finished func(Cell, bool)) ([]Cell, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cells := make([]Cell, len(jobs))
	var wait sync.WaitGroup
	for first, last := 0, 0; first < len(jobs); first = last {
		last = first + e.together(jobs[first:], len(jobs))
		group, into := jobs[first:last], cells[first:last]
		wait.Go(func() {
			if err := e.finish(ctx, plan, group, memo, into, finished); err != nil {
				cancel(fmt.Errorf("task %q, beta %g, seed %d: %w", group[0].key.Task, group[0].key.Beta, group[0].key.Seed, err))
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return cells, nil
}

// together returns how many of the jobs, from the first on, one worker should train at
// once: those of one sweep, but no more than leave work for all workers.
func (e *Evaluator) together(jobs []job, all int) int {
	if _, ok := jobs[0].instance.(Sweeper); !ok {
		return 1
	}
	n, most := 1, (all+e.workerCount()-1)/e.workerCount()
	for n < min(len(jobs), most) && jobs[n].instance == jobs[0].instance {
		n++
	}
	return n
}

// finish looks the cells of jobs, which are of one instance, up, or trains and saves them.
func (e *Evaluator) finish(ctx context.Context, plan *graph.Plan, jobs []job, memo Memo, cells []Cell, finished func(Cell, bool)) error {
	missing := recall(jobs, memo, cells, finished)
	if len(missing) == 0 {
		return nil
	}
	if err := e.acquire(ctx); err != nil {
		return err
	}
	err := trainCells(ctx, plan, jobs, missing, cells)
	e.release()
	if err != nil {
		return err
	}
	for _, i := range missing {
		if memo != nil {
			if err := memo.Save(jobs[i].key, cells[i]); err != nil {
				return fmt.Errorf("save the cell: %w", err)
			}
		}
		finished(cells[i], false)
	}
	return nil
}

// recall fills in the cells that memo, which may be nil, has, and returns the indices of the
// others.
func recall(jobs []job, memo Memo, cells []Cell, finished func(Cell, bool)) (missing []int) {
	for i, j := range jobs {
		found := false
		if memo != nil {
			cells[i], found = memo.Lookup(j.key)
		}
		if found {
			finished(cells[i], true)
		} else {
			missing = append(missing, i)
		}
	}
	return missing
}

// trainCells trains the missing ones of jobs, which are of one instance. It holds its
// thread, so that the thread's CPU clock is theirs; each is said to have taken the same part.
func trainCells(ctx context.Context, plan *graph.Plan, jobs []job, missing []int, cells []Cell) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	betas := make([]float64, len(missing))
	for k, i := range missing {
		betas[k] = jobs[i].key.Beta
	}
	start := ThreadTime()
	outcomes, err := outcomesOf(ctx, jobs[0].instance, plan, betas)
	if err != nil {
		return err
	}
	seconds := (ThreadTime() - start).Seconds() / float64(len(missing))
	for k, i := range missing {
		cells[i] = newCell(jobs[i].key, outcomes[k], seconds)
	}
	return nil
}

// outcomesOf trains an instance with each of the betas.
func outcomesOf(ctx context.Context, instance Instance, plan *graph.Plan, betas []float64) ([]Outcome, error) {
	if s, ok := instance.(Sweeper); ok {
		return s.Sweep(ctx, plan, betas)
	}
	outcomes := make([]Outcome, len(betas))
	for i, beta := range betas {
		var err error
		if outcomes[i], err = instance.Train(ctx, plan, beta); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}
