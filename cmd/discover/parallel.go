package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// inParallel calls work for 0 to n−1 at once and waits for all; the first error
// ends the context of the others. What is heavy in work bounds itself.
func inParallel(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error { return work(ctx, i) })
	}
	return group.Wait()
}
