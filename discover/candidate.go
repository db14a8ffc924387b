package discover

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// candidate takes candidate i from proposal to result.
func (s *sitting) candidate(ctx context.Context, i int) (archive.Candidate, error) {
	if err := s.inTime(); err != nil {
		return archive.Candidate{}, err
	}
	record, compiled, err := s.compiled(ctx, i)
	if err != nil || compiled == nil {
		return record, err
	}
	if err := Describe(&record, compiled.Graph); err != nil {
		return record, err
	}
	if known, err := s.duplicateOf(&record); known || err != nil {
		return record, err
	}
	return record, s.score(ctx, &record, compiled.Graph)
}

// compiled obtains candidate i and checks it, with as many repairs as the
// configuration allows. Compiled is nil if the candidate ends rejected.
func (s *sitting) compiled(ctx context.Context, i int) (archive.Candidate, *sandbox.Compiled, error) {
	if i <= len(s.Catalog) {
		return s.known(ctx, i)
	}
	s.emit(Progress{ID: i, Stage: "propose"})
	req := s.request(i)
	proposal, tuning, err := s.tune(ctx, i, req)
	if err == nil && proposal == nil {
		proposal, err = s.asked(ctx, i, req)
	}
	if err != nil {
		return archive.Candidate{}, nil, err
	}
	record, compiled, err := s.repaired(ctx, i, req, *proposal)
	if tuning != nil {
		record.Tuning = tuning
	}
	return record, compiled, err
}

// asked obtains candidate i from the proposer.
func (s *sitting) asked(ctx context.Context, i int, req propose.Request) (*propose.Proposal, error) {
	proposal, err := s.onTime(ctx, func(ctx context.Context) (propose.Proposal, error) { return s.Proposer.Propose(ctx, req) })
	if err != nil {
		return nil, fmt.Errorf("propose candidate %d: %w", i, err)
	}
	return &proposal, nil
}

// repaired checks a proposal, and again after every repair, if its proposer repairs.
func (s *sitting) repaired(ctx context.Context, i int, req propose.Request, proposal propose.Proposal) (archive.Candidate, *sandbox.Compiled, error) {
	repairer, _ := s.Proposer.(Repairer)
	if proposal.Origin == originTuned { // now or in the run that is replayed: nobody was asked
		req.Odds, repairer = propose.Odds{}, nil
	}
	var attempts []archive.Attempt
	for turn := 1; ; turn++ {
		s.emit(Progress{ID: i, Name: proposal.Name, Stage: "check"})
		compiled, rejection, err := s.check(ctx, proposal)
		if err != nil {
			return archive.Candidate{}, nil, fmt.Errorf("check candidate %d: %w", i, err)
		}
		record := s.proposed(i, proposal, req.Odds, attempts)
		if rejection == nil {
			return record, compiled, nil
		}
		record.Status, record.Rejection = archive.Rejected, rejectionRecord(rejection)
		if repairer == nil || turn > s.Config.Repairs {
			return record, nil, nil
		}
		attempts = append(attempts, archive.Attempt{Code: proposal.Code, Rejection: record.Rejection})
		previous := proposal
		proposal, err = s.onTime(ctx, func(ctx context.Context) (propose.Proposal, error) {
			return repairer.Repair(ctx, req, previous, rejection.String(), turn)
		})
		if errors.Is(err, propose.ErrNotRecorded) {
			return record, nil, nil
		}
		if err != nil {
			return record, nil, fmt.Errorf("repair candidate %d: %w", i, err)
		}
	}
}

// check checks the code of a proposal, if there is any.
func (s *sitting) check(ctx context.Context, p propose.Proposal) (*sandbox.Compiled, *sandbox.Rejection, error) {
	if p.Problem != "" {
		return nil, &sandbox.Rejection{Stage: propose.StageReply, Reason: p.Problem, Hint: p.Hint}, nil
	}
	return s.Checker.Check(ctx, p.Code)
}

// known is candidate i of the catalog, checked like any other.
func (s *sitting) known(ctx context.Context, i int) (archive.Candidate, *sandbox.Compiled, error) {
	entry := s.Catalog[i-1]
	record := archive.Candidate{ID: i, Origin: originCatalog, Name: entry.Name, Thought: entry.Title, Code: entry.Source}
	s.emit(Progress{ID: i, Name: entry.Name, Stage: "check"})
	compiled, rejection, err := s.Checker.Check(ctx, entry.Source)
	if err != nil {
		return record, nil, fmt.Errorf("check %s: %w", entry.Name, err)
	}
	if rejection != nil {
		record.Status, record.Rejection = archive.Rejected, rejectionRecord(rejection)
	}
	return record, compiled, nil
}

// request is what candidate i is made from.
func (s *sitting) request(i int) propose.Request {
	return s.history.request(i, s.needs(i), s.Config)
}

func (s *sitting) proposed(i int, p propose.Proposal, odds propose.Odds, attempts []archive.Attempt) archive.Candidate {
	c := archive.Candidate{
		ID: i, Origin: cmp.Or(p.Origin, s.Origin), Name: p.Name, Thought: p.Thought, Code: p.Code, Parents: p.Parents,
		Operator: p.Operator, Model: p.Model, Prompt: p.Prompt, Rendered: p.Rendered, Attempts: attempts, Odds: oddsRecord(odds),
	}
	if p.Usage.Calls > 0 {
		usage := archive.Usage(p.Usage)
		c.Usage = &usage
	}
	if p.Tuning != nil {
		tuning := archive.Tuning(*p.Tuning)
		c.Tuning = &tuning
	}
	return c
}

// Describe adds what follows from the graph alone: the graph itself, its
// fingerprint, the facts of its datasheet and the known objective nearest to it.
func Describe(record *archive.Candidate, g *graph.Graph) error {
	data, err := json.Marshal(g)
	if err != nil {
		return err
	}
	record.Graph = data
	study, err := graph.NewStudy(g)
	if err != nil {
		return fmt.Errorf("candidate %d: %w", record.ID, err)
	}
	record.Fingerprint, record.Facts = study.Fingerprint(), study.Datasheet().Facts()
	nearest, err := catalog.Library().NearestTo(study)
	if err != nil {
		return fmt.Errorf("candidate %d: %w", record.ID, err)
	}
	record.Nearest = &archive.Nearest{Name: nearest.Name, BetaScale: nearest.BetaScale, Factor: nearest.Factor, Distance: nearest.Distance}
	return nil
}

// score trains and scores the candidate and completes the record.
func (s *sitting) score(ctx context.Context, record *archive.Candidate, g *graph.Graph) error {
	memo, err := newMemo(s.Archive, record.ID)
	if err != nil {
		return err
	}
	progress := func(e evaluator.Event) {
		s.emit(Progress{ID: record.ID, Name: record.Name, Stage: e.Stage, Done: e.Done, Planned: e.Planned})
	}
	metrics, failure, err := s.Evaluator.Evaluate(ctx, g, s.Config.effort(), memo, progress)
	if err != nil {
		return fmt.Errorf("score candidate %d: %w", record.ID, err)
	}
	if failure != nil {
		record.Status, record.Stage, record.Reason = archive.Failed, failure.Stage, failure.Reason
		return nil
	}
	record.Status = archive.Scored
	record.Score, err = ScoreRecord(metrics)
	return err
}
