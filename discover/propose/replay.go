package propose

import (
	"context"
	"fmt"
	"slices"
)

// Recording is a search whose proposals can be had again. Turn 0 is what was
// proposed first for a candidate, turn n its n-th repair.
type Recording interface {
	Recorded(candidate string, turn int) (proposal Proposal, found bool, err error)
}

// Replay proposes what was proposed before, candidate by candidate, whatever the
// history is now: with another evaluator it answers what a search would have
// found. It needs no key and no network. It is safe for concurrent use if what it
// is made of is.
type Replay struct {
	From Recording
	// Keep takes over what else the recording has of a candidate; nil: nothing is.
	Keep func(candidate string) error
	// Prompter renders the prompts anew, from the history as it is now; nil: the
	// recorded ones stand alone. What a Prompter's Journal has of a candidate is what
	// Keep took over.
	Prompter *LLM
}

// Propose returns the recorded proposal. The error wraps ErrNotRecorded if there
// is none.
func (r Replay) Propose(_ context.Context, req Request) (Proposal, error) {
	p, err := r.recorded(req.ID, 0)
	if err == nil && r.Keep != nil {
		err = r.Keep(req.ID)
	}
	if err == nil && r.Prompter != nil && p.Prompt != "" {
		p.Rendered, err = r.Prompter.rendered(req, p)
	}
	return p, err
}

// Repair returns the recorded repair. A candidate that was not repaired then, but
// is rejected now, has none: the error wraps ErrNotRecorded.
func (r Replay) Repair(_ context.Context, req Request, previous Proposal, _ string, turn int) (Proposal, error) {
	p, err := r.recorded(req.ID, turn)
	p.Rendered = previous.Rendered
	return p, err
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

// rendered is the prompt that sets the task of a recorded proposal from the history
// as it is now, or "" if it is the one that was sent. The task is a new objective if
// a parent has no score now. A context that was too small then still is.
func (p *LLM) rendered(req Request, recorded Proposal) (string, error) {
	k, err := p.learnt(req, recorded.Model)
	if err != nil {
		return "", err
	}
	turns, _, err := p.turns(req.ID)
	if err != nil {
		return "", err
	}
	m := measure{history: p.HistoryTokens, bare: slices.ContainsFunc(recorded.Parents, func(id string) bool {
		return !slices.ContainsFunc(req.Ranked, func(prior Prior) bool { return prior.ID == id })
	})}
	q, err := p.question(req, recorded, nil, k.after(turns[0], recorded.Model), m)
	if text := q.prompt.String(); err == nil && text != recorded.Prompt {
		return text, nil
	}
	return "", err
}
