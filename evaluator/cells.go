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

// train finishes every job, each on one of the evaluator's workers, and
// returns the cells in the order of the jobs. No goroutine outlives it. The first
// error stops the rest. finished
// is called once per cell, from several goroutines.
func (e *Evaluator) train(ctx context.Context, plan *graph.Plan, jobs []job, memo Memo, finished func(Cell, bool)) ([]Cell, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cells := make([]Cell, len(jobs))
	var wait sync.WaitGroup
	for i, j := range jobs {
		wait.Go(func() {
			cell, stored, err := e.finish(ctx, plan, j, memo)
			if err != nil {
				cancel(fmt.Errorf("task %q, beta %g, seed %d: %w", j.key.Task, j.key.Beta, j.key.Seed, err))
				return
			}
			cells[i] = cell
			finished(cell, stored)
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return cells, nil
}

// finish looks a cell up, or trains and saves it.
func (e *Evaluator) finish(ctx context.Context, plan *graph.Plan, j job, memo Memo) (cell Cell, stored bool, err error) {
	if memo != nil {
		if cell, ok := memo.Lookup(j.key); ok {
			return cell, true, nil
		}
	}
	if err := e.acquire(ctx); err != nil {
		return Cell{}, false, err
	}
	cell, err = trainCell(ctx, plan, j)
	e.release()
	if err != nil || memo == nil {
		return cell, false, err
	}
	if err := memo.Save(j.key, cell); err != nil {
		return Cell{}, false, fmt.Errorf("save the cell: %w", err)
	}
	return cell, false, nil
}

// trainCell holds its thread, so that the thread's CPU clock is the cell's.
func trainCell(ctx context.Context, plan *graph.Plan, j job) (Cell, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := ThreadTime()
	out, err := j.instance.Train(ctx, plan, j.key.Beta)
	if err != nil {
		return Cell{}, err
	}
	return newCell(j.key, out, (ThreadTime() - start).Seconds()), nil
}

// workers is the limit that all of an evaluator's work shares.
type workers struct {
	once  sync.Once
	slots chan struct{}
}

func (e *Evaluator) acquire(ctx context.Context) error {
	e.workers.once.Do(func() {
		n := e.Workers
		if n <= 0 {
			n = runtime.GOMAXPROCS(0)
		}
		e.workers.slots = make(chan struct{}, n)
	})
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	select {
	case e.workers.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *Evaluator) release() { <-e.workers.slots }
