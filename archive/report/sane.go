package report

import (
	"encoding/json"
	"math"

	"github.com/objdisco/discover/archive"
)

// Bounds on what is believed of a score. An archive may hold what was imported, and
// a single wild number would hide every other in a figure.
const (
	largestFitness = 1e3
	largestKL      = 1e6
	mostPoints     = 64 // betas or budgets of one task
	mostTasks      = 12
)

// sane returns c without a score that no evaluation gives.
func sane(c archive.Candidate) archive.Candidate {
	if c.Score != nil && !believable(c.Score) {
		c.Score, c.Confirmed = nil, nil
		c.Stage, c.Reason = "score", "its score is not one that an evaluation gives"
	}
	if c.Confirmed != nil && !believable(c.Confirmed) {
		c.Confirmed = nil
	}
	return c
}

func believable(s *archive.Score) bool {
	return within(s.Fitness, largestFitness) && within(s.CI95[0], largestFitness) && within(s.CI95[1], largestFitness) &&
		s.CI95[0] <= s.Fitness && s.Fitness <= s.CI95[1]
}

func within(v, largest float64) bool { return math.Abs(v) <= largest }

// details returns what a score says of each task, as far as it is believable;
// nothing where it has another form.
func details(s *archive.Score) []taskDetail {
	var tasks []taskDetail
	if s == nil || json.Unmarshal(s.Detail, &tasks) != nil {
		return nil
	}
	tasks = tasks[:min(len(tasks), mostTasks)]
	for i := range tasks {
		tasks[i].prune()
	}
	return tasks
}

// prune drops points that no evaluation gives, and more than a figure shows.
func (t *taskDetail) prune() {
	t.Budgets = kept(t.Budgets, func(b budget) bool {
		return b.KL >= 0 && within(b.KL, largestKL) && within(b.Reward, 1) && within(b.Advantage, largestFitness)
	})
	for i := range t.Budgets {
		if b := &t.Budgets[i]; b.CI95 != nil && !(within(b.CI95[0], largestFitness) && within(b.CI95[1], largestFitness) && b.CI95[0] <= b.Advantage && b.Advantage <= b.CI95[1]) {
			b.CI95 = nil
		}
	}
	t.Sweep = kept(t.Sweep, func(s betaPoint) bool {
		return s.Reward == nil || s.KL == nil || *s.KL >= 0 && within(*s.KL, largestKL) && within(*s.Reward, 1)
	})
	t.Robustness.BlewUp = kept(t.Robustness.BlewUp, finite)
	t.Robustness.Collapsed = kept(t.Robustness.Collapsed, finite)
}

// kept returns the first of those that are good, as many as are shown.
func kept[T any](all []T, good func(T) bool) []T {
	var out []T
	for _, v := range all {
		if good(v) && len(out) < mostPoints {
			out = append(out, v)
		}
	}
	return out
}
