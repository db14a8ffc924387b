package discover

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
)

func TestSearchDoesNotDependOnTiming(t *testing.T) {
	defer goleak.VerifyNone(t)
	want := ""
	for trial := range 3 {
		s := newSearch(t, t.TempDir(), 1)
		s.Evaluator = &fakeEvaluator{delay: func() time.Duration { return time.Duration(rand.IntN(trial*2+1)) * time.Millisecond }}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := contentHash(t, s.Archive)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("trial %d: content hash %s, want %s", trial, got, want)
		}
		s.Archive.Close()
	}
	other := newSearch(t, t.TempDir(), 2)
	if err := other.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if contentHash(t, other.Archive) == want {
		t.Error("another seed has the same archive")
	}
	other.Archive.Close()
}

// An interrupted search goes on where it was: same archive, no cell trained twice.
func TestResumedSearchEqualsUndisturbedOne(t *testing.T) {
	whole := newSearch(t, t.TempDir(), 1)
	if err := whole.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, cells := contentHash(t, whole.Archive), whole.Evaluator.(*fakeEvaluator).cells

	dir, trained, sittings := t.TempDir(), 0, 0
	for done := false; !done; sittings++ {
		s := newSearch(t, dir, 1)
		ctx, cancel := context.WithCancel(t.Context())
		e := &fakeEvaluator{delay: func() time.Duration { return time.Duration(rand.IntN(3)) * time.Millisecond }}
		e.cancel = func(n int) {
			if n == 7 {
				cancel()
			}
		}
		s.Evaluator = e
		err := s.Run(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		done, trained = err == nil, trained+e.cells
		if done {
			if got := contentHash(t, s.Archive); got != want {
				t.Errorf("content hash %s after %d sittings, want %s", got, sittings+1, want)
			}
		}
		s.Archive.Close()
	}
	if trained != cells {
		t.Errorf("trained %d cells in %d sittings, want %d", trained, sittings, cells)
	}
	if sittings < 4 {
		t.Errorf("only %d sittings: the test disturbed nothing", sittings)
	}
}

func TestSearchRecordsEveryOutcome(t *testing.T) {
	s := newSearch(t, t.TempDir(), 3)
	var applied []Applied
	s.Events = func(e Event) {
		if e, ok := e.(Applied); ok {
			applied = append(applied, e)
		}
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for c, err := range s.Archive.Candidates(1) {
		if err != nil {
			t.Fatal(err)
		}
		seen[c.Status]++
		checkOutcome(t, s, c)
	}
	for _, status := range []string{archive.Scored, archive.Rejected, archive.Failed, archive.Duplicate} {
		if seen[status] == 0 {
			t.Errorf("no candidate is %s: %v", status, seen)
		}
	}
	if len(applied) != 28 || applied[27].Done != 28 || applied[27].Best == nil {
		t.Errorf("%d events of applied candidates", len(applied))
	}
	if run, err := s.Archive.Run(); err != nil || run.Status != archive.Finished {
		t.Errorf("status %q, %v", run.Status, err)
	}
}

func checkOutcome(t *testing.T, s *Search, c archive.Candidate) {
	t.Helper()
	switch c.Status {
	case archive.Rejected:
		if len(c.Attempts) != s.Config.Repairs || c.Reason != "odd one" {
			t.Errorf("candidate %d: %d attempts, reason %q", c.ID, len(c.Attempts), c.Reason)
		}
	case archive.Duplicate:
		var first int
		fmt.Sscan(c.DuplicateOf, &first)
		if first < 1 || first > c.ID-s.Config.Lag {
			t.Errorf("candidate %d is a duplicate of %d, which it could not know", c.ID, first)
		}
	case archive.Scored, archive.Failed:
		if cells, err := s.Archive.Cells(c.ID); err != nil || len(cells) != 2 {
			t.Errorf("candidate %d has %d cells, %v", c.ID, len(cells), err)
		}
	}
}

func TestSearchEndsWithItsBudget(t *testing.T) {
	s := newSearch(t, t.TempDir(), 1)
	spent := fmt.Errorf("calls: %w", ErrBudget)
	s.Proposer = &fakeProposer{stop: map[string]error{"20": spent}}
	if err := s.Run(t.Context()); !errors.Is(err, ErrBudget) {
		t.Fatalf("error %v, want %v", err, ErrBudget)
	}
	next, err := s.Archive.NextID()
	if err != nil || next != 20 {
		t.Errorf("candidate %d is next, %v; want 20: what was in work before it is finished", next, err)
	}
	if run, _ := s.Archive.Run(); run.Status != archive.Budget {
		t.Errorf("status %q, want %q", run.Status, archive.Budget)
	}
	s.Proposer = &fakeProposer{}
	s.Config.MaxTime = time.Nanosecond
	if err := s.Run(t.Context()); !errors.Is(err, ErrBudget) {
		t.Fatalf("error %v, want %v: no time is left", err, ErrBudget)
	}
	s.Config.MaxTime = time.Hour
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if next, _ := s.Archive.NextID(); next != 29 {
		t.Errorf("candidate %d is next after resuming, want 29", next)
	}
}

// dawdler proposes until its context ends.
type dawdler struct{}

func (dawdler) Propose(ctx context.Context, _ propose.Request) (propose.Proposal, error) {
	<-ctx.Done()
	return propose.Proposal{}, ctx.Err()
}

// A proposer that takes longer than --max-time does not hold up the end, and the
// end is that of a spent budget.
func TestMaxTimeEndsProposing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSearch(t, t.TempDir(), 1)
		s.Proposer, s.Config.MaxTime = dawdler{}, time.Minute
		began := time.Now()
		if err := s.Run(t.Context()); !errors.Is(err, ErrBudget) {
			t.Errorf("error %v, want %v", err, ErrBudget)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %v, want 1m", took)
		}
		if run, err := s.Archive.Run(); err != nil || run.Status != archive.Budget {
			t.Errorf("status %q, %v", run.Status, err)
		}
		s.Archive.Close()
	})
}
