package proxy

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
)

// Cost is what a cell of a task costs on one core, each figure the median of
// several.
type Cost struct {
	Task     string  `json:"task"`
	Train    float64 `json:"train"`    // CPU seconds
	Evaluate float64 `json:"evaluate"` // CPU seconds
	Allocs   uint64  `json:"allocs"`   // allocations of a cell once memory is warm
}

// Measure trains and scores a number of cells of seed 1 of a task, one after the
// other, and returns what one costs. The set-up, cached by s, is not part of it.
func (s Source) Measure(ctx context.Context, name string, plan *graph.Plan, beta float64, cells int) (Cost, error) {
	instance, err := s.Prepare(ctx, name, 1)
	if err != nil {
		return Cost{}, err
	}
	runtime.LockOSThread() // whose clock is read
	defer runtime.UnlockOSThread()
	var whole, evaluate []time.Duration
	var allocs []uint64
	for range cells {
		before, start := mallocs(), evaluator.ThreadTime()
		if _, err := instance.Train(ctx, plan, beta); err != nil {
			return Cost{}, err
		}
		trained, after := evaluator.ThreadTime(), mallocs()
		instance.(rescorer).scoreReference()
		whole, evaluate = append(whole, trained-start), append(evaluate, evaluator.ThreadTime()-trained)
		allocs = append(allocs, after-before)
	}
	scoring := median(evaluate)
	return Cost{Task: name, Train: (median(whole) - scoring).Seconds(), Evaluate: scoring.Seconds(), Allocs: median(allocs)}, nil
}

// rescorer is what every instance of this package is.
type rescorer interface {
	// scoreReference evaluates the reference exactly, as a trained policy is.
	scoreReference() evaluator.Outcome
}

func median[T time.Duration | uint64](x []T) T {
	slices.Sort(x)
	return x[len(x)/2]
}

// mallocs returns how many objects this process has allocated.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
