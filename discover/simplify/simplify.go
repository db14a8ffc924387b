// Package simplify looks for the smallest objective that is judged as a given
// one is, or better: it leaves out one part at a time, scores what is left, and
// keeps the smaller objective where the verdict stands.
//
// The verdict stands if it is at least as good and no more than a given share of
// dpo's gain is lost, all removals together. A verdict of better or same says by
// itself how bad an objective can be. Undecided and worse do not: two objectives may
// be undecided and have nothing in common but few seeds. There the paired seeds must
// show it: the 95 % interval of what is lost against the original may not exceed
// the share. So much certainty is one in forty that a part which matters goes, at
// each of the parts that are tried; and whatever the verdict, what is kept is
// partly lucky, as it was chosen on the seeds that it is judged by.
//
// Parts are tried in the order of how little the gradients should change for
// what is saved, measured against the objective that the search began with, so
// that padding goes first and few scores are spent on what matters. Every part
// that was tried is reported with what it was worth, removed or not.
package simplify

import (
	"context"
	"fmt"
	"slices"

	"github.com/objdisco/discover/discover/propose/rewrite"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/stats"
	"github.com/objdisco/discover/sandbox/graph"
)

// Judge scores an objective, always with the same tasks and seeds. Where it
// cannot be scored, the metrics are nil and reason says why. An error ends the
// search.
type Judge func(ctx context.Context, g *graph.Graph) (m *evaluator.Metrics, reason string, err error)

// Limits bound a search.
type Limits struct {
	Evaluations int // calls of the judge, the first one, of the objective itself, included
	// Give is the share of dpo's gain that the result may lose against the original,
	// all removals together: the mean over seeds and, unless the verdict is better or
	// same, the end of its 95 % interval too. The verdict must be as good besides.
	Give float64
}

// Trial is one part that was left out, and what came of it.
type Trial struct {
	Part     string             `json:"part"`    // the sub-expression, as a formula
	Instead  string             `json:"instead"` // what stood in its place
	Saved    int                `json:"saved"`   // operations; 0 where a constant was rounded
	Removed  bool               `json:"removed"`
	Worth    float64            `json:"worth"` // fitness with it less fitness without it
	CI95     evaluator.Interval `json:"ci95"`  // of Worth, over paired seeds
	Fitness  float64            `json:"fitness"`
	Verdict  evaluator.Verdict  `json:"verdict"`          // without it
	Unscored string             `json:"reason,omitempty"` // why there are no figures, if there are none
}

// Scored is an objective with its score.
type Scored struct {
	Graph   *graph.Graph
	Metrics *evaluator.Metrics
}

// Result is what a search found.
type Result struct {
	Original, Simplest Scored
	Trials             []Trial // in the order in which they were made
	Evaluations        int     // calls of the judge
	// Complete tells that nothing more can be left out of the simplest; else the
	// search ended with its evaluations.
	Complete bool
}

// Simplify searches from g. It is an error if g itself cannot be scored. The
// result depends on g, the limits and the judge only.
func Simplify(ctx context.Context, g *graph.Graph, judge Judge, limits Limits) (Result, error) {
	if limits.Evaluations < 1 {
		return Result{}, fmt.Errorf("simplify: %d evaluations, want at least 1", limits.Evaluations)
	}
	g = rewrite.Simplify(g)
	m, reason, err := judge(ctx, g)
	if err != nil {
		return Result{}, err
	}
	if m == nil {
		return Result{}, fmt.Errorf("simplify: the objective itself cannot be scored: %s", reason)
	}
	start := Scored{g, m}
	s := &search{judge: judge, limits: limits, ranking: newRanking(g), refused: map[string]bool{}, result: Result{Original: start, Simplest: start, Evaluations: 1}}
	for more := true; more; {
		if more, err = s.step(ctx); err != nil {
			return Result{}, err
		}
	}
	return s.result, nil
}

// Operations counts the operations of an objective, leaves included but for
// constants.
func (s Scored) Operations() int { return operations(s.Graph) }

// search is one call of Simplify.
type search struct {
	judge   Judge
	limits  Limits
	ranking *ranking
	refused map[string]bool // fingerprints of what was scored and does not stand
	result  Result
}

// step tries to leave parts out of the simplest objective until one goes, and
// reports whether one did. What trains as one does that was refused is not scored: a
// term and each of its parts, made constant, are one and the same edit.
func (s *search) step(ctx context.Context) (bool, error) {
	for _, e := range s.ranking.edits(s.result.Simplest.Graph) {
		if s.result.Evaluations >= s.limits.Evaluations {
			return false, nil
		}
		fingerprint, err := graph.Fingerprint(e.graph)
		if err != nil {
			return false, err
		}
		if s.refused[fingerprint] {
			continue
		}
		removed, err := s.try(ctx, e)
		if removed || err != nil {
			return removed, err
		}
		s.refused[fingerprint] = true
	}
	s.result.Complete = true
	return false, nil
}

// try scores an edit and keeps it if it stands for the original.
func (s *search) try(ctx context.Context, e edit) (bool, error) {
	s.ranking.tried[e.hash] = true
	s.result.Evaluations++
	m, reason, err := s.judge(ctx, e.graph)
	if err != nil {
		return false, err
	}
	t := Trial{Part: e.part, Instead: e.instead, Saved: e.saved, Unscored: reason}
	if m != nil {
		t.Fitness, t.Verdict = m.Fitness, m.Verdict
		if t.Worth, t.CI95, err = paired(s.result.Simplest.Metrics, m); err != nil {
			return false, err
		}
		if t.Removed, err = s.stands(m); err != nil {
			return false, err
		}
	}
	s.result.Trials = append(s.result.Trials, t)
	if t.Removed {
		s.result.Simplest = Scored{e.graph, m}
	}
	return t.Removed, nil
}

// verdicts are in the order of what a user would rather have.
var verdicts = []evaluator.Verdict{evaluator.Worse, evaluator.Undecided, evaluator.Same, evaluator.Better}

// stands reports whether an objective of that score may stand for the original: its
// verdict is as good, and no more than the limit is lost, which the paired seeds must
// show where the verdict says nothing of how bad it may be.
func (s *search) stands(m *evaluator.Metrics) (bool, error) {
	original := s.result.Original.Metrics
	if slices.Index(verdicts, m.Verdict) < slices.Index(verdicts, original.Verdict) {
		return false, nil
	}
	limit := s.limits.Give * unit(original)
	lost, ci, err := paired(original, m)
	if m.Verdict == evaluator.Undecided || m.Verdict == evaluator.Worse {
		lost = max(lost, ci[1])
	}
	return lost <= limit, err
}

// unit is the fitness of one gain of dpo over the reference.
func unit(m *evaluator.Metrics) float64 {
	if len(m.Tasks) == 1 {
		return m.Tasks[0].Gain
	}
	return 1
}

// paired returns the mean of with − without over seeds, and its 95 % interval.
func paired(with, without *evaluator.Metrics) (float64, evaluator.Interval, error) {
	if len(with.PerSeed) != len(without.PerSeed) {
		return 0, evaluator.Interval{}, fmt.Errorf("simplify: scores of %d and of %d seeds cannot be compared", len(with.PerSeed), len(without.PerSeed))
	}
	differences := make([]float64, len(with.PerSeed))
	for i := range differences {
		differences[i] = with.PerSeed[i] - without.PerSeed[i]
	}
	lo, hi := stats.TInterval(differences, .95)
	return with.Fitness - without.Fitness, evaluator.Interval{lo, hi}, nil
}
