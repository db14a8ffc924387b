package main

import (
	"cmp"
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

// startReplay settles what a new run goes through that makes the proposals of another
// one again.
func (a *app) startReplay(start *settings, from string) error {
	rec, err := a.openRecording(from)
	if err != nil {
		return err
	}
	defer rec.reader.Close()
	start.From, start.Origin, start.Catalog = from, rec.origin, rec.settings.Catalog
	a.endWith(rec, &start.Config)
	if start.Config.Prompts == rec.settings.Config.Prompts {
		start.Templates = rec.settings.Templates
		err = start.keepTemplates()
		a.noteTemplates(*start, fmt.Sprintf("the replay has those that run %q was started with (for the others, give the folder another name)", from))
	} else {
		err = start.readTemplates()
	}
	start.WhatIf = rec.settings.WhatIf || start.differs(rec.settings)
	return err
}

// extendReplay settles how far a replay that goes on can go.
func (a *app) extendReplay(start *settings) error {
	rec, err := a.openRecording(start.From)
	if err != nil {
		return err
	}
	a.endWith(rec, &start.Config)
	return rec.reader.Close()
}

// endWith has a replay end with the last proposal on record, and says so if it was to
// be longer.
func (a *app) endWith(rec *recording, config *discover.Config) {
	if config.Candidates > rec.proposed {
		a.note("Run %s has %d of the %d proposals: the replay ends with the last of them.", rec.name, rec.proposed, config.Candidates)
		config.Candidates = rec.proposed
	}
}

// replayed is the configuration of a run, for a replay of it. What the run could spend
// is its own.
func (a *app) replayed(from string) (discover.Config, error) {
	rec, err := a.openRecording(from)
	if err != nil {
		return discover.Config{}, err
	}
	config := rec.settings.Config.Unbounded()
	config.Proposer = discover.ProposerAuto
	return config, rec.reader.Close()
}

// differs reports whether a replay goes through something else than the run that it
// replays.
func (s *settings) differs(recorded settings) bool {
	recorded.Config.Proposer = s.Config.Proposer
	return s.hash() != recorded.hash()
}

// newReplay builds the proposer of a replay. What the model has replied goes into
// the new run, without what it cost, which is counted where it was paid.
func (a *app) newReplay(start settings, db *archive.Archive) (discover.Proposer, error) {
	rec, err := a.openRecording(start.From)
	if err != nil {
		return nil, err
	}
	p := propose.Replay{From: rec, Keep: func(candidate string) error { return rec.copyReplies(candidate, db) }}
	if start.WhatIf {
		p.Prompter, err = modelPrompter(start, db.Reader)
	}
	return p, err
}

// recording is a run whose proposals are made again.
type recording struct {
	name     string
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
	rec, err := readRecording(run, r)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--from %q: %w", run, err), r.Close())
	}
	return rec, nil
}

func readRecording(name string, r *archive.Reader) (*recording, error) {
	run, err := r.Run()
	if err != nil {
		return nil, err
	}
	rec := &recording{name: name, reader: r}
	if err := json.Unmarshal(run.Config, &rec.settings); err != nil {
		return nil, err
	}
	rec.origin = cmp.Or(rec.settings.Origin, run.Proposer)
	next, err := r.NextID()
	if err != nil {
		return nil, err
	}
	rec.proposed = max(0, next-1-len(rec.settings.Catalog))
	return rec, nil
}

// copyReplies copies the replies for a candidate.
func (r *recording) copyReplies(candidate string, to *archive.Archive) error {
	id, err := strconv.Atoi(candidate)
	if err != nil {
		return err
	}
	replies, err := r.reader.Replies(id)
	if err != nil {
		return err
	}
	for _, reply := range replies {
		reply.Usage = archive.Usage{}
		if err := to.SaveReply(id, reply); err != nil {
			return err
		}
	}
	return nil
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
	if c.Tuning != nil {
		tuning := propose.Tuning(*c.Tuning)
		p.Tuning = &tuning
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
