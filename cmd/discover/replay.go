package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/discover/propose"
)

// recording is a run whose proposals are made again.
type recording struct {
	reader   *archive.Reader
	settings settings
	origin   string // of its candidates
	proposed int    // candidates after the catalog
}

func (a *app) openRecording(run string) (*recording, error) {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	rec, err := readRecording(r)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--from %q: %w", run, err), r.Close())
	}
	return rec, nil
}

func readRecording(r *archive.Reader) (*recording, error) {
	run, err := r.Run()
	if err != nil {
		return nil, err
	}
	rec := &recording{reader: r, origin: run.Proposer}
	if err := json.Unmarshal(run.Config, &rec.settings); err != nil {
		return nil, err
	}
	if rec.settings.From != "" {
		return nil, fmt.Errorf("it is a replay itself, of run %q", rec.settings.From)
	}
	next, err := r.NextID()
	if err != nil {
		return nil, err
	}
	rec.proposed = max(0, next-1-len(rec.settings.Catalog))
	return rec, nil
}

// Recorded returns what was proposed for a candidate at a turn: 0 first, n after
// its n-th rejection.
func (r *recording) Recorded(candidate string, turn int) (propose.Proposal, bool, error) {
	id, err := strconv.Atoi(candidate)
	if err != nil {
		return propose.Proposal{}, false, err
	}
	c, err := r.reader.Candidate(id)
	if errors.Is(err, fs.ErrNotExist) {
		return propose.Proposal{}, false, nil
	}
	if err != nil || turn > len(c.Attempts) {
		return propose.Proposal{}, false, err
	}
	p := propose.Proposal{Name: c.Name, Thought: c.Thought, Code: c.Code, Operator: c.Operator, Model: c.Model, Prompt: c.Prompt, Parents: c.Parents, Origin: c.Origin}
	if c.Usage != nil {
		p.Usage = llm.Usage(*c.Usage)
	}
	rejection := c.Rejection
	if turn < len(c.Attempts) {
		p.Code, rejection = c.Attempts[turn].Code, c.Attempts[turn].Rejection
	}
	if rejection.Stage == propose.StageReply {
		p.Problem, p.Hint = rejection.Reason, rejection.Hint
	}
	return p, true, nil
}

// replayed limits a configuration to what the recording has.
func (r *recording) replayed(config discover.Config) discover.Config {
	config.Candidates = min(config.Candidates, r.proposed)
	return config
}
