package evaluator

import (
	"context"
	"sync"
)

// once computes a value for each key a single time, however many goroutines
// ask. A failure is not kept: the next to ask tries again, since the failure
// may have been the cancellation of another's context.
type once[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]*onceEntry[V]
}

type onceEntry[V any] struct {
	turn  chan struct{} // holds a token while someone computes
	done  bool
	value V
}

func (o *once[K, V]) get(ctx context.Context, key K, compute func() (V, error)) (V, error) {
	entry := o.entry(key)
	select {
	case entry.turn <- struct{}{}:
	case <-ctx.Done():
		var none V
		return none, context.Cause(ctx)
	}
	defer func() { <-entry.turn }()
	if entry.done {
		return entry.value, nil
	}
	value, err := compute()
	if err == nil {
		entry.value, entry.done = value, true
	}
	return value, err
}

func (o *once[K, V]) entry(key K) *onceEntry[V] {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.entries == nil {
		o.entries = map[K]*onceEntry[V]{}
	}
	if o.entries[key] == nil {
		o.entries[key] = &onceEntry[V]{turn: make(chan struct{}, 1)}
	}
	return o.entries[key]
}

// each calls f for 0 … n−1 at once, waits for all and returns the first error
// in that order.
func each(n int, f func(int) error) error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = f(i) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
