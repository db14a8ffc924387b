package discover

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/discover/tune"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
)

const (
	originCatalog = "catalog"
	originTuned   = "tuned"
)

const (
	tuneEvery  = 8  // proposals, of which one may be a tuned candidate
	tuneAmong  = 10 // of the best, whose constants may be worth it
	tuneBudget = 16 // evaluations on the screen
	// tuneShare is the share of dpo's gain by which tuning must improve the screen
	// for the result to be trained with: less is noise.
	tuneShare = .005
)

// tune searches better constants for one of the best candidates, if it is candidate
// i's turn to be a tuned one and there is one to tune. A proposal says that they
// were found; it takes the place of the proposer's.
func (s *sitting) tune(ctx context.Context, i int, req propose.Request) (*propose.Proposal, *archive.Tuning, error) {
	if !s.tunes(i) {
		return nil, nil, nil
	}
	prior, g, found := s.history.tunable(s.needs(i))
	if !found {
		return nil, nil, nil
	}
	s.emit(Progress{ID: i, Name: prior.Name, Stage: "tune"})
	result, err := tune.Maximize(g, func(values map[string]float64) (float64, error) { return s.screen(ctx, g, values) },
		tuneBudget, stream(s.Config.Seed, i, "tune"))
	if errors.Is(err, tune.ErrNoScore) {
		return nil, &archive.Tuning{Of: prior.ID, Evaluations: 1}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("tune candidate %s: %w", prior.ID, err)
	}
	tuning := &archive.Tuning{Of: prior.ID, Evaluations: result.Evaluations, Before: result.Before, After: result.Score}
	if result.Score < result.Before+tuneShare {
		return nil, tuning, nil
	}
	better, differs, err := propose.Tuned(req, prior, g, result.Values)
	if !differs || err != nil {
		return nil, tuning, err
	}
	better.Origin = originTuned
	better.Thought += fmt.Sprintf(" On the screen this gains %+.1f %% of dpo's gain, instead of %+.1f %%.", 100*result.Score, 100*result.Before)
	return &better, tuning, nil
}

// tunes reports whether it is candidate i's turn to be a tuned one. Every tuneEvery-th
// has its turn, and at least lag+1 lie between two, so that what was tuned before is
// applied when the next one is chosen. A random search does not tune, and a replay has
// what was found then.
func (s *sitting) tunes(i int) bool {
	if !s.Config.Screen || s.Origin == ProposerRandom || s.Config.Proposer == ProposerReplay {
		return false
	}
	return (i-len(s.Catalog))%max(tuneEvery, s.Config.Lag+1) == 0
}

// screen scores an objective with other constants: the share of dpo's gain that it
// gains on the screen's task, NaN where it cannot be scored.
func (s *sitting) screen(ctx context.Context, g *graph.Graph, values map[string]float64) (float64, error) {
	changed, err := g.WithParams(values)
	if err != nil {
		return 0, err
	}
	metrics, failure, err := s.Evaluator.Evaluate(ctx, changed, tuneEffort(), nil, nil)
	switch {
	case err != nil:
		return 0, err
	case failure != nil:
		return math.NaN(), nil
	case len(metrics.Tasks) == 1 && metrics.Tasks[0].Gain > 0:
		return metrics.Fitness / metrics.Tasks[0].Gain, nil
	}
	return metrics.Fitness, nil
}

// tuneEffort is one evaluation of a tuning: the task of the screen, on seeds that
// no race gets to, so that constants are not fitted to the seeds that rank.
func tuneEffort() evaluator.Effort {
	return evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 2, MaxSeeds: 2, FirstSeed: 2_000_000, NoScreen: true}
}

// tunable returns the best candidate as of last that has constants to tune and
// whose constants were not tuned yet.
func (h *history) tunable(last int) (propose.Prior, *graph.Graph, bool) {
	h.mu.Lock()
	ranked, tuned := upTo(h.ranked, last, tuneAmong), slices.Clone(h.tuned)
	h.mu.Unlock()
	for _, p := range ranked {
		id, err := strconv.Atoi(p.ID)
		if err != nil || p.Origin == originTuned || slices.Contains(tuned, id) {
			continue
		}
		if g, ok := propose.Tunable(p); ok {
			return p, g, true
		}
	}
	return propose.Prior{}, nil, false
}

// tunedIDs lists the candidates of the ranking whose constants were tuned.
func (h *history) tunedIDs() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.tuned)
}
