package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/objdisco/discover/evaluator"
)

// printEval writes the reports for a person: one line an objective, then reward
// and KL at each beta, task by task.
func printEval(w io.Writer, reports []evaluator.Report) error {
	rows := [][]string{{"objective", "fitness", "95 % interval", "verdict", "works for beta", "blew up at beta"}}
	for _, r := range reports {
		rows = append(rows, reportRow(r))
	}
	if err := table(w, rows); err != nil {
		return err
	}
	if len(reports) == 0 || !anyScored(reports) {
		return nil
	}
	fmt.Fprintln(w, "\nfitness: reward gained over dpo at equal KL")
	return printSweeps(w, reports)
}

func anyScored(reports []evaluator.Report) bool {
	for _, r := range reports {
		if r.Fitness != nil {
			return true
		}
	}
	return false
}

func reportRow(r evaluator.Report) []string {
	if r.Fitness == nil {
		return []string{r.Objective, r.Status, "at stage " + r.Stage, clip(r.Reason, 100)}
	}
	return []string{r.Objective, fmt.Sprintf("%+.4f", *r.Fitness), intervalOrNone(*r.CI95), string(*r.Verdict), works(r.Tasks), blewUp(r.Tasks)}
}

// intervalOrNone says so where one seed bounds nothing.
func intervalOrNone(ci evaluator.Interval) string {
	if !ci.Bounded() {
		return "needs 2 seeds"
	}
	return interval(ci)
}

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
	return fmt.Sprintf("%g–%g", lo, hi)
}

// blewUp lists the betas at which the objective blew up on some task.
func blewUp(tasks []evaluator.TaskScore) string {
	var out []string
	for _, t := range tasks {
		for _, beta := range t.Robustness.BlewUp {
			out = append(out, fmt.Sprintf("%g (%s)", beta, t.Task))
		}
	}
	return strings.Join(out, ", ")
}

// printSweeps writes, for each task, reward / KL per token of every objective at
// every beta.
func printSweeps(w io.Writer, reports []evaluator.Report) error {
	var first []evaluator.TaskScore
	for _, r := range reports {
		if r.Fitness != nil {
			first = r.Tasks
			break
		}
	}
	for i, task := range first {
		fmt.Fprintf(w, "\n%s: reward / KL per token by beta, mean of %d seeds; the reference has reward %.3f\n", task.Task, len(task.PerSeed), task.Reference)
		header := []string{"objective"}
		for _, s := range task.Sweep {
			header = append(header, fmt.Sprintf("%g", s.Beta))
		}
		rows := [][]string{append(header, "advantage")}
		for _, r := range reports {
			if r.Fitness != nil {
				rows = append(rows, sweepRow(r.Objective, r.Tasks[i]))
			}
		}
		if err := table(w, rows); err != nil {
			return err
		}
	}
	return nil
}

func sweepRow(name string, t evaluator.TaskScore) []string {
	row := []string{name}
	for _, s := range t.Sweep {
		if s.Reward == nil {
			row = append(row, "blew up")
			continue
		}
		row = append(row, fmt.Sprintf("%.3f/%.3f", *s.Reward, *s.KL))
	}
	return append(row, fmt.Sprintf("%+.4f", t.Advantage))
}

// printTasks writes one objective's scores, task by task.
func printTasks(w io.Writer, tasks []evaluator.TaskScore) error {
	for _, t := range tasks {
		fmt.Fprintf(w, "\n%s: advantage %+.4f  %s  %s\n", t.Task, t.Advantage, intervalOrNone(t.CI95), t.Verdict)
		rows := [][]string{{"beta", "reward", "KL per token", "blew up"}}
		for _, s := range t.Sweep {
			row := []string{fmt.Sprintf("%g", s.Beta), "", "", fmt.Sprintf("%d of %d", s.BlewUp, s.Seeds)}
			if s.Reward != nil {
				row[1], row[2] = fmt.Sprintf("%.4f", *s.Reward), fmt.Sprintf("%.4f", *s.KL)
			}
			rows = append(rows, row)
		}
		if err := table(w, rows); err != nil {
			return err
		}
	}
	return nil
}
