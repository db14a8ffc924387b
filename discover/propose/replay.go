package propose

import (
	"context"
	"fmt"
)

// Recording is a search whose proposals can be had again. Turn 0 is what was
// proposed first for a candidate, turn n its n-th repair.
type Recording interface {
	Recorded(candidate string, turn int) (proposal Proposal, found bool, err error)
}

// Replay proposes what was proposed before, candidate by candidate, whatever the
// history is now: with another evaluator it answers what a search would have
// found. It needs no key and no network. It is safe for concurrent use if its
// Recording is.
type Replay struct{ From Recording }

// Propose returns the recorded proposal. The error wraps ErrNotRecorded if there
// is none.
func (r Replay) Propose(_ context.Context, req Request) (Proposal, error) {
	return r.recorded(req.ID, 0)
}

// Repair returns the recorded repair. A candidate that was not repaired then, but
// is rejected now, has none: the error wraps ErrNotRecorded.
func (r Replay) Repair(_ context.Context, req Request, _ Proposal, _ string, turn int) (Proposal, error) {
	return r.recorded(req.ID, turn)
}

func (r Replay) recorded(candidate string, turn int) (Proposal, error) {
	p, found, err := r.From.Recorded(candidate, turn)
	if err != nil {
		return Proposal{}, fmt.Errorf("replay candidate %s, turn %d: %w", candidate, turn, err)
	}
	if !found {
		return Proposal{}, fmt.Errorf("replay candidate %s, turn %d: %w", candidate, turn, ErrNotRecorded)
	}
	return p, nil
}
