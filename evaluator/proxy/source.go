package proxy

import (
	"context"
	"fmt"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/kernel"
)

// Source prepares the proxy tasks. It is safe for concurrent use.
type Source struct {
	Cache      evaluator.Cache // of set-ups, over processes; the zero value is ready
	MicroBatch int             // pairs that a batch statistic sees; 0: as the task defines
}

// lookup returns a task as s trains it.
func (s Source) lookup(name string) (Definition, error) {
	d, err := Lookup(name)
	if s.MicroBatch > 0 {
		d.Training.MicroBatch = s.MicroBatch
	}
	return d, err
}

// Describe returns what an evaluator must know of a task.
func (s Source) Describe(name string) (evaluator.TaskInfo, error) {
	d, err := s.lookup(name)
	if err != nil {
		return evaluator.TaskInfo{}, err
	}
	return evaluator.TaskInfo{Identity: d.identity(), BetaScale: d.BetaScale, Definition: d.encode(), Tier: kernel.Tier()}, nil
}

// Prepare builds the instance of a task for a seed.
func (s Source) Prepare(ctx context.Context, name string, seed uint64) (evaluator.Instance, error) {
	d, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	if d.Bandit != nil {
		return newBanditInstance(d, seed), nil
	}
	setup, err := s.setup(ctx, d, seed)
	if err != nil {
		return nil, fmt.Errorf("prepare task %q, seed %d: %w", name, seed, err)
	}
	return newTextInstance(d, seed, setup)
}

// setup loads the set-up of a text task or draws and stores it. Failing to store
// it costs time later, nothing else.
func (s Source) setup(ctx context.Context, d Definition, seed uint64) (*Setup, error) {
	key := fmt.Sprintf("setup 1\n%s\nseed %d", d.identity(), seed)
	if data, ok := s.Cache.Load(key); ok {
		if setup, err := decodeSetup(data, d); err == nil {
			return setup, nil
		}
	}
	setup, err := drawSetup(ctx, d, seed)
	if err != nil {
		return nil, err
	}
	_ = s.Cache.Store(key, setup.encode())
	return setup, nil
}
