package evaluator

import (
	"context"
	"runtime"
	"sync"
)

// workers is the limit that all of an evaluator's work shares.
type workers struct {
	once  sync.Once
	slots chan struct{}
}

// workerCount is the number of workers.
func (e *Evaluator) workerCount() int {
	if e.Workers > 0 {
		return e.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// acquire waits until a worker is free. The error is the cause of the context's end.
func (e *Evaluator) acquire(ctx context.Context) error {
	e.workers.once.Do(func() { e.workers.slots = make(chan struct{}, e.workerCount()) })
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

// release frees the worker that acquire took.
func (e *Evaluator) release() { <-e.workers.slots }
