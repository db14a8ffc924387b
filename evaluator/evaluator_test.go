package evaluator

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newEvaluator(t *testing.T, source Source, workers int) *Evaluator {
	return &Evaluator{Source: source, Workers: workers, Cache: Cache{Dir: t.TempDir()}}
}

func TestEvaluate(t *testing.T) {
	tests := []struct {
		name    string
		skill   float64
		effort  Effort
		fitness float64 // dpo gains .3·mean √KL over the reference
		verdict Verdict
		seeds   int
	}{
		{"dpo itself", 0, Effort{}, 0, Same, 2},
		{"a little better", .01, Effort{}, .01, Better, 4},
		{"a little worse", -.001, Effort{}, -.001, Worse, 3},
		{"hopeless", -.05, Effort{}, -.05, Worse, 2},
		{"one task", .01, Effort{Tasks: []string{"reviews"}, NoScreen: true}, .01, Better, 4},
		{"fixed seeds", -.05, Effort{MinSeeds: 3, MaxSeeds: 3}, -.05, Worse, 3},
		{"one seed", .01, Effort{MinSeeds: 1, MaxSeeds: 1}, .01, Undecided, 1},
		{"blown up in part", explosiveAt, Effort{NoScreen: true}, -.3*(math.Sqrt(1)+math.Sqrt(.5)+math.Sqrt(.2))/3 + .3*(2*math.Sqrt(.2))/3 + .3*math.Sqrt(.2)/3, Worse, 2},
	}
	gain := .3 * (math.Sqrt(1) + math.Sqrt(.5) + math.Sqrt(.2)) / 3
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEvaluator(t, &fakeSource{noise: .0002}, 2)
			m, failure, err := e.Evaluate(t.Context(), skilled(test.skill), test.effort, nil, nil)
			if err != nil || failure != nil {
				t.Fatal(err, failure)
			}
			want := test.fitness
			if len(m.Tasks) == 2 {
				want /= gain
			}
			if math.Abs(m.Fitness-want) > .0005 {
				t.Errorf("fitness %v, want %v", m.Fitness, want)
			}
			if m.Verdict != test.verdict || len(m.PerSeed) != test.seeds {
				t.Errorf("%s after %d seeds, want %s after %d; %v", m.Verdict, len(m.PerSeed), test.verdict, test.seeds, m.PerSeed)
			}
			if got, want := len(m.Cells), len(m.Tasks)*7*test.seeds; got != want {
				t.Errorf("%d cells, want %d", got, want)
			}
		})
	}
}

func TestEvaluateFails(t *testing.T) {
	tests := []struct {
		name, stage, reason string
		skill, handicap     float64
		effort              Effort
		trained             int64 // cells of dpo and of the objective
	}{
		{"on the bandit", StageScreen, "task bandit", -1, 0, Effort{}, 2 * (15 + 7)},
		{"on the first task", StageScreen, "task reviews", .001, -.2, Effort{}, 2*(15+7) + 15 + 7},
		{"all cells blow up", StageTrain, "every beta", explosive, 0, Effort{NoScreen: true}, 2 * 2 * (15 + 7)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := &fakeSource{handicap: test.handicap}
			m, failure, err := newEvaluator(t, source, 2).Evaluate(t.Context(), skilled(test.skill), test.effort, nil, nil)
			if err != nil || m != nil {
				t.Fatal(err, m)
			}
			if failure.Stage != test.stage || !strings.Contains(failure.Reason, test.reason) {
				t.Errorf("failed at %q: %q", failure.Stage, failure.Reason)
			}
			if got := source.trained.Load(); got != test.trained {
				t.Errorf("trained %d cells, want %d", got, test.trained)
			}
		})
	}
}

func TestEvaluateErrors(t *testing.T) {
	tests := []struct {
		name   string
		source *fakeSource
		memo   Memo
		effort Effort
		want   string
	}{
		{"effort", &fakeSource{}, nil, Effort{Betas: []float64{-1}}, "betas: -1 is not a positive number"},
		{"task", &fakeSource{}, nil, Effort{Tasks: []string{"poems"}, NoScreen: true}, `unknown task "poems"`},
		{"training", &fakeSource{fail: errBroken}, nil, Effort{}, "broken"},
		{"memo", &fakeSource{}, &fakeMemo{fail: errBroken}, Effort{}, "save the cell: broken"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEvaluator(t, test.source, 2)
			m, failure, err := e.Evaluate(t.Context(), skilled(.01), test.effort, test.memo, nil)
			if m != nil || failure != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v, %v; want an error with %q", m, failure, err, test.want)
			}
		})
	}
}

func TestEvaluateStopsWithItsContext(t *testing.T) {
	source := &fakeSource{entered: make(chan struct{}, 1000)}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-source.entered
		cancel()
	}()
	_, _, err := newEvaluator(t, source, 2).Evaluate(ctx, skilled(.01), Effort{}, nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled context", err)
	}
}

// A cancelled evaluation must not spoil what others share with it.
func TestCancellationLeavesNothingBroken(t *testing.T) {
	source := &fakeSource{}
	e := newEvaluator(t, source, 1)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := e.Evaluate(done, skilled(.01), Effort{}, nil, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want a cancelled context", err)
	}
	if _, _, err := e.Evaluate(t.Context(), skilled(.01), Effort{}, nil, nil); err != nil {
		t.Errorf("after a cancelled evaluation: %v", err)
	}
}

func TestWorkersDoNotChangeResults(t *testing.T) {
	var want *Metrics
	for _, workers := range []int{1, 4} {
		m, _, err := newEvaluator(t, &fakeSource{noise: .01}, workers).Evaluate(t.Context(), skilled(.01), Effort{}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Cells, m.Screen.Cells = untimed(m.Cells), untimed(m.Screen.Cells)
		if want == nil {
			want = m
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

func TestMemoKeepsCellsFromBeingTrainedTwice(t *testing.T) {
	source, memo := &fakeSource{noise: .01}, &fakeMemo{}
	cache := Cache{Dir: t.TempDir()}
	var first *Metrics
	for range 2 { // two processes with one memo and one cache
		e := &Evaluator{Source: source, Cache: cache}
		m, _, err := e.Evaluate(t.Context(), skilled(.01), Effort{}, memo, nil)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = m
			source.trained.Store(0)
		}
		if diff := cmp.Diff(first, m); diff != "" {
			t.Errorf("the memo changed the result: %s", diff)
		}
	}
	// Of dpo's cells, one verifies each baseline: 2 of the screen, 8 of the race.
	if n := source.trained.Load(); n != 2+8 || memo.twice != 0 {
		t.Errorf("trained %d cells again, want 10; saved %d twice", n, memo.twice)
	}
}

func TestBaselinesAreSharedAndCached(t *testing.T) {
	source := &fakeSource{}
	dir := t.TempDir()
	effort := Effort{NoScreen: true, MaxSeeds: 2}
	count := func(e *Evaluator, skill float64) int64 {
		before := source.trained.Load()
		if _, _, err := e.Evaluate(t.Context(), skilled(skill), effort, nil, nil); err != nil {
			t.Fatal(err)
		}
		return source.trained.Load() - before
	}
	own, baseline := int64(2*2*7), int64(2*2*15)
	e := &Evaluator{Source: source, Cache: Cache{Dir: dir}}
	if got := count(e, .01); got != own+baseline {
		t.Errorf("the first objective trained %d cells, want %d", got, own+baseline)
	}
	if got := count(e, .02); got != own {
		t.Errorf("the second objective trained %d cells, want %d", got, own)
	}
	if got := source.prepared.Load(); got != 4 {
		t.Errorf("prepared %d instances, want 4", got)
	}
	e = &Evaluator{Source: source, Cache: Cache{Dir: dir}}
	if got := count(e, .02); got != own+4 {
		t.Errorf("another process trained %d cells, want %d and one to verify each baseline", got, own)
	}
	source.identity = map[string]string{"reviews": " version 2"}
	e = &Evaluator{Source: source, Cache: Cache{Dir: dir}}
	if got := count(e, .02); got != own+baseline/2+2 {
		t.Errorf("a new version of one task trained %d cells, want %d", got, own+baseline/2+2)
	}
}

// A task that was changed without a new version must not be compared with what
// dpo did before.
func TestAStaleBaselineIsTrainedAgain(t *testing.T) {
	dir := t.TempDir()
	for _, source := range []*fakeSource{{}, {shift: .1}} {
		e := &Evaluator{Source: source, Cache: Cache{Dir: dir}}
		m, _, err := e.Evaluate(t.Context(), skilled(0), Effort{NoScreen: true}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Fitness != 0 {
			t.Errorf("dpo's fitness after a shift of %v: %v", source.shift, m.Fitness)
		}
	}
}

func TestProgress(t *testing.T) {
	var events []Event
	_, _, err := newEvaluator(t, &fakeSource{noise: .001}, 4).Evaluate(t.Context(), skilled(.01), Effort{}, nil, func(e Event) {
		events = append(events, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	baselines, done := 0, 0
	for _, e := range events {
		if e.Baseline {
			baselines++
			continue
		}
		done++
		if e.Done != done || e.Done > e.Planned {
			t.Errorf("%d of %d done after %d cells", e.Done, e.Planned, done)
		}
	}
	last := events[len(events)-1]
	if want := 2*7 + 2*2 + 2*7*4; last.Done != want || last.Planned != want {
		t.Errorf("ended with %d of %d, want %d", last.Done, last.Planned, want)
	}
	if want := 15 * (2 + 2*4); baselines != want {
		t.Errorf("%d cells of dpo, want %d", baselines, want)
	}
	if !slices.ContainsFunc(events, func(e Event) bool { return e.Stage == StageScreen }) {
		t.Error("no event of the screen")
	}
}
