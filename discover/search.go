package discover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
)

// ErrBudget is wrapped by the error of a proposer whose budget is spent. The
// search then ends in good order and can be resumed with more.
var ErrBudget = errors.New("budget spent")

// sitting is one process's part of a search.
type sitting struct {
	*Search
	emitter
	history *history
	ledger  Ledger
	total   int
	best    *archive.Candidate
	ends    time.Time // no candidate starts and nothing is proposed after it; zero: no limit
}

// Run goes on from where the archive stands until every candidate is applied.
// Whatever ends it, what was applied is safe and Run can be called again. The
// error is ctx's, wraps ErrBudget, or says what a collaborator failed at.
func (s *Search) Run(ctx context.Context) error {
	next, err := s.Archive.NextID()
	if err != nil {
		return err
	}
	history, err := loadHistory(s.Archive.Reader, s.Config.Lag)
	if err != nil {
		return err
	}
	saved, err := readState(s.Archive.Reader)
	if err != nil {
		return err
	}
	sit := &sitting{Search: s, ledger: saved.Ledger, emitter: emitter{sink: s.Events}, history: history, total: max(len(s.Catalog)+s.Config.Candidates, next-1)}
	if err := sit.recallBest(); err != nil {
		return err
	}
	if s.Config.MaxTime > 0 {
		sit.ends = time.Now().Add(s.Config.MaxTime)
	}
	outer, cancel := sit.inOvertime(ctx)
	defer cancel()
	if err := s.Archive.SetStatus(archive.Running, ""); err != nil {
		return err
	}
	sit.emit(Started{Run: s.Name, Proposer: s.Origin, Catalog: len(s.Catalog), Done: next - 1, Total: sit.total})
	p := &pipeline[archive.Candidate]{
		first: next, last: sit.total, width: s.Config.Lag,
		needs: sit.needs, apply: sit.apply,
		work: func(inner context.Context, i int) (archive.Candidate, error) {
			return sit.candidate(propose.Lasting(inner, outer), i)
		},
	}
	return sit.end(p.run(ctx))
}

// needs returns the newest candidate whose result candidate i is made from.
func (s *sitting) needs(i int) int { return needs(i, len(s.Catalog), s.Config.Lag) }

func needs(i, known, lag int) int {
	if i <= known {
		return 0
	}
	return max(i-lag, known)
}

// inTime returns an error once the time budget is spent.
func (s *sitting) inTime() error {
	if !s.ends.IsZero() && time.Now().After(s.ends) {
		return s.late()
	}
	return nil
}

func (s *sitting) late() error {
	return fmt.Errorf("%w: --max-time %v is over", ErrBudget, s.Config.MaxTime)
}

// overtime is how long a reply may take to arrive once the time budget is spent: it
// is paid for.
const overtime = 30 * time.Second

// inOvertime returns a context that ends with ctx or after overtime.
func (s *sitting) inOvertime(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.ends.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, s.ends.Add(overtime))
}

// onTime proposes by call before the time budget is spent.
func (s *sitting) onTime(ctx context.Context, call func(context.Context) (propose.Proposal, error)) (propose.Proposal, error) {
	if s.ends.IsZero() {
		return call(ctx)
	}
	ctx, cancel := context.WithDeadline(ctx, s.ends)
	defer cancel()
	p, err := call(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return p, s.late()
	}
	return p, err
}

func (s *sitting) recallBest() error {
	top, err := s.Archive.Top(1)
	if err == nil && len(top) > 0 {
		s.best = &top[0]
	}
	return err
}

// apply stores a finished candidate. The pipeline calls it in candidate order.
func (s *sitting) apply(_ int, c archive.Candidate) error {
	c.Earned = s.history.earned(c)
	if err := s.history.add(c); err != nil {
		return err
	}
	s.ledger = s.ledger.with(c)
	saved, err := json.Marshal(state{Ledger: s.ledger, Tuned: s.history.tunedIDs()})
	if err != nil {
		return err
	}
	if err := s.Archive.Apply(c, saved); err != nil {
		return err
	}
	if c.Score != nil && (s.best == nil || c.Score.Fitness > s.best.Score.Fitness) {
		s.best = &c
	}
	s.emit(Applied{Candidate: c, Best: s.best, Done: c.ID, Total: s.total})
	return nil
}

// end records how the search ended and returns why.
func (s *sitting) end(cause error) error {
	status, why := archive.Stopped, ""
	switch {
	case cause == nil:
		status = archive.Finished
	case errors.Is(cause, ErrBudget):
		status, why = archive.Budget, cause.Error()
	case errors.Is(cause, context.Canceled):
		status = archive.Interrupted
	default:
		why = cause.Error()
	}
	err := s.Archive.SetStatus(status, why)
	s.emit(Ended{Status: status})
	if cause != nil {
		return cause
	}
	return err
}
