package discover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// recorder is a pipeline over numbers whose result for i is the list of
// candidates that had been applied when i started.
type recorder struct {
	mu      sync.Mutex
	applied []int
	seen    map[int]int
}

func (r *recorder) pipeline(last, width, lag int, delay func(i int) time.Duration) *pipeline[int] {
	r.seen = map[int]int{}
	return &pipeline[int]{
		first: 1, last: last, width: width,
		needs: func(i int) int { return i - lag },
		work: func(ctx context.Context, i int) (int, error) {
			r.mu.Lock()
			r.seen[i] = len(r.applied)
			r.mu.Unlock()
			time.Sleep(delay(i))
			return i * i, ctx.Err()
		},
		apply: func(i, result int) error {
			if result != i*i {
				return fmt.Errorf("candidate %d has result %d", i, result)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.applied = append(r.applied, i)
			return nil
		},
	}
}

func TestPipelineAppliesInOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, width := range []int{1, 2, 4} {
		var r recorder
		p := r.pipeline(30, width, 4, func(i int) time.Duration { return time.Duration(i*7%5) * time.Millisecond })
		if err := p.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for k, i := range r.applied {
			if i != k+1 {
				t.Fatalf("width %d: applied %v", width, r.applied)
			}
		}
		if len(r.applied) != 30 {
			t.Errorf("width %d: applied %d of 30", width, len(r.applied))
		}
		for i, n := range r.seen {
			if n < i-4 {
				t.Errorf("width %d: candidate %d started after %d results, want at least %d", width, i, n, i-4)
			}
		}
	}
}

func TestPipelineFinishesWhatComesBeforeAnError(t *testing.T) {
	defer goleak.VerifyNone(t)
	boom := errors.New("boom")
	var r recorder
	p := r.pipeline(20, 4, 4, func(int) time.Duration { return 0 })
	inner := p.work
	p.work = func(ctx context.Context, i int) (int, error) {
		switch i {
		case 7:
			return 0, boom
		case 5, 6:
			time.Sleep(20 * time.Millisecond)
		}
		return inner(ctx, i)
	}
	if err := p.run(t.Context()); !errors.Is(err, boom) {
		t.Errorf("error %v, want %v", err, boom)
	}
	if want := []int{1, 2, 3, 4, 5, 6}; !slices.Equal(r.applied, want) {
		t.Errorf("applied %v, want %v", r.applied, want)
	}
}

// Of several candidates that fail, the first one ends the search, whichever fails first.
func TestPipelineEndsWithTheFirstThatFails(t *testing.T) {
	for name, delays := range map[string]map[int]time.Duration{
		"in order":     {5: 3, 6: 1, 8: 2},
		"out of order": {5: 3, 6: 2, 8: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failures := map[int]error{6: errors.New("sixth"), 8: errors.New("eighth")}
				var r recorder
				p := r.pipeline(20, 4, 4, func(i int) time.Duration { return delays[i] * time.Second })
				inner := p.work
				p.work = func(ctx context.Context, i int) (int, error) {
					result, err := inner(ctx, i)
					return result, errors.Join(failures[i], err)
				}
				if err := p.run(t.Context()); !errors.Is(err, failures[6]) {
					t.Errorf("error %v, want %v", err, failures[6])
				}
				if want := []int{1, 2, 3, 4, 5}; !slices.Equal(r.applied, want) {
					t.Errorf("applied %v, want %v", r.applied, want)
				}
			})
		})
	}
}

func TestPipelineStopsWhenCancelled(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	var started atomic.Int32
	p := &pipeline[int]{
		first: 1, last: 100, width: 4,
		needs: func(i int) int { return i - 4 },
		work: func(ctx context.Context, i int) (int, error) {
			if started.Add(1) == 4 {
				cancel()
			}
			<-ctx.Done()
			return 0, ctx.Err()
		},
		apply: func(int, int) error { return errors.New("applied a cancelled candidate") },
	}
	if err := p.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if n := started.Load(); n != 4 {
		t.Errorf("%d candidates started, want 4", n)
	}
}

func TestPipelineReturnsTheErrorOfApply(t *testing.T) {
	defer goleak.VerifyNone(t)
	full := errors.New("disk full")
	var r recorder
	p := r.pipeline(10, 3, 3, func(int) time.Duration { return 0 })
	p.apply = func(int, int) error { return full }
	if err := p.run(t.Context()); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}
