package discover

import (
	"context"
	"sync"
)

// pipeline works on the candidates first to last. Work on candidate i starts
// only when every candidate up to needs(i) has been applied, at most width are
// in work at once, and results are applied one by one in candidate order. So
// what candidate i can see does not depend on how many workers there are or
// which of them is quick.
//
// After the first error, of work or of apply, nothing new starts, what comes
// before the failed candidate is still finished and applied, the context of what
// comes after ends, and that error is returned. When its context ends, work is
// expected to return its error soon.
type pipeline[T any] struct {
	first, last, width int
	needs              func(i int) int
	work               func(ctx context.Context, i int) (T, error)
	apply              func(i int, result T) error
}

type finished[T any] struct {
	i      int
	result T
	err    error
}

func (p *pipeline[T]) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	done := make(chan finished[T], p.width)
	waiting := map[int]finished[T]{} // finished out of order
	next, start, stop := p.first, p.first, p.last+1
	var failure error
	for next < stop {
		for start < stop && start-next < p.width && p.needs(start) < next {
			p.start(ctx, &group, start, done)
			start++
		}
		f := <-done
		waiting[f.i] = f
		if f.err != nil && f.i < stop {
			stop, failure = f.i, f.err
		}
		for f, ok := waiting[next]; ok && next < stop; f, ok = waiting[next] {
			if err := p.apply(next, f.result); err != nil {
				return err
			}
			delete(waiting, next)
			next++
		}
	}
	return failure
}

func (p *pipeline[T]) start(ctx context.Context, group *sync.WaitGroup, i int, done chan<- finished[T]) {
	group.Go(func() {
		result, err := p.work(ctx, i)
		done <- finished[T]{i, result, err}
	})
}
