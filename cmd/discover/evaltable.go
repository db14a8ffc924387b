package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/proxy"
)

// printEval writes the reports for a person: one line an objective, then reward
// and KL at each beta, task by task.
func printEval(w io.Writer, reports []evaluator.Report) error {
	rows := [][]string{{"objective", "fitness", "95 % interval", "verdict", "budgets reached", "works for beta", "blew up at beta", "below the reference at beta"}}
	for _, r := range reports {
		rows = append(rows, reportRow(r))
	}
	if err := errors.Join(table(w, rows), printUnscored(w, reports)); err != nil {
		return err
	}
	if scoredOf(reports) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nfitness: reward gained over dpo at equal KL"+fitnessUnit(reports))
	fmt.Fprintln(w, "budgets reached: at how many of the KL budgets the objective can be compared, at the betas given or beyond them"+unreached(reports))
	if err := printLuck(w, scoredOf(reports)); err != nil {
		return err
	}
	if err := errors.Join(printBeside(w, reports), printRobustness(w, reports)); err != nil {
		return err
	}
	for _, part := range []func(evaluator.Report) []evaluator.TaskScore{
		func(r evaluator.Report) []evaluator.TaskScore { return r.Tasks },
		func(r evaluator.Report) []evaluator.TaskScore { return r.Beside },
	} {
		if err := printSweeps(w, reports, part); err != nil {
			return err
		}
	}
	return nil
}

// printBeside writes the advantages on tasks that are no part of the fitness,
// and what label noise costs, as far as they were measured.
func printBeside(w io.Writer, reports []evaluator.Report) error {
	rows := [][]string{{"objective", "beside the fitness", "advantage, share of dpo's gain", "95 % interval", "verdict"}}
	for _, r := range reports {
		for _, t := range r.Beside {
			rows = append(rows, []string{r.Objective, t.Task, fmt.Sprintf("%+.4f", t.Advantage/t.Gain),
				intervalOrNone(evaluator.Interval{t.CI95[0] / t.Gain, t.CI95[1] / t.Gain}), string(t.Verdict)})
		}
		if n := r.Noise; n != nil {
			rows = append(rows, []string{r.Objective, "label noise: " + noiseTitle(n), fmt.Sprintf("%+.4f", n.Difference), intervalOrNone(n.CI95)})
		}
	}
	if len(rows) == 1 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, rows)
}

// fitnessUnit says what a fitness over several tasks is divided by.
func fitnessUnit(reports []evaluator.Report) string {
	for _, r := range reports {
		if len(r.Tasks) > 1 {
			return ", as a share of what dpo gains over the reference, mean over the tasks"
		}
	}
	return ""
}

// scoredOf counts the objectives that have a fitness.
func scoredOf(reports []evaluator.Report) int {
	n := 0
	for _, r := range reports {
		if r.Fitness != nil {
			n++
		}
	}
	return n
}

func reportRow(r evaluator.Report) []string {
	if r.Fitness == nil {
		return []string{r.Objective, r.Status}
	}
	return []string{r.Objective, fmt.Sprintf("%+.4f", *r.Fitness), intervalOrNone(*r.CI95), string(*r.Verdict), reached(r.Tasks), works(r.Tasks), betasWhere(r.Tasks, blewUp), betasWhere(r.Tasks, collapsed)}
}

// intervalOrNone says so where one seed bounds nothing.
func intervalOrNone(ci evaluator.Interval) string {
	if !ci.Bounded() {
		return "needs 2 seeds"
	}
	return interval(ci)
}

// printUnscored says why objectives have no fitness.
func printUnscored(w io.Writer, reports []evaluator.Report) error {
	var err error
	for _, r := range reports {
		if r.Fitness != nil {
			continue
		}
		_, e := fmt.Fprintf(w, "\n%s %s at stage %s: %s\n", printable(r.Objective), r.Status, r.Stage, printable(r.Reason))
		err = errors.Join(err, e)
	}
	return err
}

// reached says how many budgets the objective's betas span.
func reached(tasks []evaluator.TaskScore) string {
	n, all := spanned(tasks)
	return fmt.Sprintf("%d of %d", n, all)
}

// spanned counts the budgets that the objective's betas span, and all.
func spanned(tasks []evaluator.TaskScore) (n, all int) {
	for _, t := range tasks {
		all += len(t.Budgets)
		for _, b := range t.Budgets {
			if b.Reached {
				n++
			}
		}
	}
	return n, all
}

// unreached says what becomes of budgets that an objective does not reach, if there
// is one: its fitness may then say more of the betas than of the loss.
func unreached(reports []evaluator.Report) string {
	for _, r := range reports {
		if n, all := spanned(r.Tasks); n < all {
			return "; at any other it is read where its betas end, or as the reference: with few betas even dpo looks worse"
		}
	}
	return ""
}

// printSweeps writes, for each task of a part of the reports, reward / KL per token
// of every objective at every beta.
func printSweeps(w io.Writer, reports []evaluator.Report, part func(evaluator.Report) []evaluator.TaskScore) error {
	var first []evaluator.TaskScore
	for _, r := range reports {
		if r.Fitness != nil {
			first = part(r)
			break
		}
	}
	for i, task := range first {
		fmt.Fprintf(w, "\n%s: reward / KL per token by beta%s, mean of %d seeds; the reference has reward %.3f\n", task.Task, betaScale(task.Task), len(task.PerSeed), task.Reference)
		header := []string{"objective"}
		for _, s := range task.Sweep {
			header = append(header, fmt.Sprintf("%g", s.Beta))
		}
		rows := [][]string{append(header, "advantage")}
		for _, r := range reports {
			if r.Fitness != nil {
				rows = append(rows, sweepRow(r.Objective, part(r)[i]))
			}
		}
		if err := table(w, rows); err != nil {
			return err
		}
	}
	return nil
}

// betaScale says of a task what it makes of the betas that a person gives.
func betaScale(task string) string {
	d, err := proxy.Lookup(task)
	if err != nil || d.BetaScale == 1 {
		return ""
	}
	return fmt.Sprintf(" (%g times --beta)", d.BetaScale)
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
