package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator"
)

// works is the range of betas over which the objective works on every task.
func works(tasks []evaluator.TaskScore) string {
	var lo, hi float64
	for i, t := range tasks {
		if t.Robustness.Works == nil {
			return "none"
		}
		if i == 0 {
			lo, hi = t.Robustness.Works[0], t.Robustness.Works[1]
		}
		lo, hi = max(lo, t.Robustness.Works[0]), min(hi, t.Robustness.Works[1])
	}
	if lo > hi {
		return "none"
	}
	if lo == hi {
		return fmt.Sprintf("%g", lo)
	}
	return fmt.Sprintf("%g–%g", lo, hi)
}

func blewUp(r evaluator.Robustness) []float64    { return r.BlewUp }
func collapsed(r evaluator.Robustness) []float64 { return r.Collapsed }

// betasWhere lists the betas at which something happened on some task, or says
// that there are none.
func betasWhere(tasks []evaluator.TaskScore, happened func(evaluator.Robustness) []float64) string {
	var out []string
	for _, t := range tasks {
		for _, beta := range happened(t.Robustness) {
			out = append(out, fmt.Sprintf("%g (%s)", beta, t.Task))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// lowBeta says what becomes of an objective at the smallest beta of a sweep, where
// losses that are steep at margin 0 or hardly pull back go wrong.
func lowBeta(t evaluator.TaskScore) string {
	if len(t.Sweep) == 0 {
		return "not tried"
	}
	s := t.Sweep[0]
	if s.Reward == nil {
		return fmt.Sprintf("%g: blew up", s.Beta)
	}
	text := fmt.Sprintf("%g: reward %.3f with KL %.3f", s.Beta, *s.Reward, *s.KL)
	if *s.Reward < t.Reference {
		text += fmt.Sprintf(", below the reference's %.3f", t.Reference)
	}
	return text
}

// stressed counts the blow-ups on the task that looks for them, at the betas as
// trained.
func stressed(counts []archive.BlowUps) string {
	if len(counts) == 0 {
		return "not tried"
	}
	var out []string
	for _, c := range counts {
		out = append(out, fmt.Sprintf("%d of %d seeds at %g", c.BlewUp, c.Seeds, c.Beta))
	}
	return strings.Join(out, ", ")
}

// noise words what inverted labels cost.
func noise(n *evaluator.LabelNoise) string {
	if n == nil {
		return "not measured: it takes reviews-flip and reviews or reviews-short"
	}
	return fmt.Sprintf("%s %+.4f %s of dpo's gain", noiseTitle(n), n.Difference, intervalOrNone(n.CI95))
}

func noiseTitle(n *evaluator.LabelNoise) string {
	return fmt.Sprintf("%s minus %s", n.Noisy, n.Clean)
}

// printRobustness writes for each objective and task over which betas it works, where
// it blows up and what it does at the smallest, if more was tried than a fitness needs.
func printRobustness(w io.Writer, reports []evaluator.Report) error {
	rows := [][]string{{"objective", "task", "works for beta", "blew up at beta", "below the reference at beta", "at the lowest beta"}}
	for _, r := range reports {
		if r.Stress == nil && r.Beside == nil {
			continue
		}
		for _, t := range slices.Concat(r.Tasks, r.Beside) {
			one := []evaluator.TaskScore{t}
			rows = append(rows, []string{r.Objective, t.Task, works(one), betaList(t.Robustness.BlewUp), betaList(t.Robustness.Collapsed), lowBeta(t)})
		}
		if r.Stress != nil {
			rows = append(rows, []string{r.Objective, "bandit-stress", "", stressed(discover.BlowUps(r.Stress))})
		}
	}
	if len(rows) == 1 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, rows)
}

func betaList(betas []float64) string {
	if len(betas) == 0 {
		return "none"
	}
	return strings.Trim(fmt.Sprint(betas), "[]")
}

// robustnessFields says of a stored score over which betas it holds.
func robustnessFields(tasks []evaluator.TaskScore, stress []archive.BlowUps) [][2]string {
	fields := [][2]string{
		{"robustness", fmt.Sprintf("works for beta %s; blew up at %s; below the reference at %s", works(tasks), betasWhere(tasks, blewUp), betasWhere(tasks, collapsed))},
		{"stress", "blew up on bandit-stress: " + stressed(stress)},
		{"label noise", noise(evaluator.LabelNoiseOf(tasks))},
	}
	for _, t := range tasks {
		fields = append(fields, [2]string{"low beta", t.Task + " at " + lowBeta(t)})
	}
	return fields
}
