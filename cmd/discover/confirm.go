package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
)

func (a *app) confirmCommand() *cobra.Command {
	var top, seeds int
	var tasks []string
	cmd := &cobra.Command{
		Use:   "confirm RUN",
		Short: "Score the best candidates again, on fresh seeds and a held-out task",
		Long: `Score the best candidates of a run again, on seeds that no search gets to, on the
tasks of the fitness and on a grammar that no search is scored on. The winner of
many noisy scores is partly lucky: what is called better here is so after Holm's
correction for the number of candidates compared, and not worse on the held-out
grammar. Every confirmation of a run has seeds of its own. Ten candidates take minutes.`,
		Example: "  discover confirm first\n  discover confirm first --top 10 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if top < 1 || top > 100 {
				return usagef("--top is %d: want 1 to 100", top)
			}
			if err := knownTasks(tasks); err != nil {
				return usageError{err}
			}
			if cmd.Flags().Changed("seeds") && (seeds < 2 || seeds > 6) {
				return usagef("--seeds is %d: want 2 to 6", seeds)
			}
			return a.confirm(cmd.Context(), args[0], top, func(e *evaluator.Effort) {
				if cmd.Flags().Changed("seeds") {
					e.MinSeeds, e.MaxSeeds = seeds, seeds
				}
				if cmd.Flags().Changed("tasks") {
					e.Tasks = tasks
				}
			})
		},
	}
	cmd.Flags().IntVar(&top, "top", 5, "how many candidates")
	// For tests, which have no minutes. A verdict on fewer seeds or easier tasks
	// confirms nothing.
	cmd.Flags().IntVar(&seeds, "seeds", 0, "paired seeds")
	cmd.Flags().StringSliceVar(&tasks, "tasks", nil, "tasks to train on")
	for _, name := range []string{"seeds", "tasks"} {
		cmd.Flags().Lookup(name).Hidden = true
	}
	return cmd
}

// confirmed is one line of what `confirm --json` prints.
type confirmed struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Fitness float64 `json:"fitness"` // that the search gave
	evaluator.Confirmation

	searched int // tasks that Fitness is over
}

// confirmation is what `confirm --json` prints.
type confirmation struct {
	Run       string      `json:"run"`
	Compared  int         `json:"compared"`
	FirstSeed uint64      `json:"first_seed"` // later confirmations of the run have later ones
	Results   []confirmed `json:"results"`
}

// confirm scores the best candidates of a run again, with an effort that change
// may change.
func (a *app) confirm(ctx context.Context, run string, top int, change func(*evaluator.Effort)) error {
	db, err := archive.Open(a.runs, run)
	if err != nil {
		return err
	}
	a.serve(db)
	out := confirmation{Run: run}
	err = a.confirmTop(ctx, db, top, change, &out)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(out)
	}
	return printConfirmed(a.out, out.Results)
}

// confirmTop scores the best candidates but dpo, which is what they are compared
// with, and stores the second scores.
func (a *app) confirmTop(ctx context.Context, db *archive.Archive, top int, change func(*evaluator.Effort), out *confirmation) error {
	family, err := confirmable(db, top)
	if err != nil {
		return err
	}
	earlier, err := db.BeginConfirmation()
	if err != nil {
		return err
	}
	effort := evaluator.ConfirmEffort(earlier)
	change(&effort)
	metrics, err := a.rescoreAll(ctx, family, effort)
	if err != nil {
		return err
	}
	out.Compared, out.FirstSeed = len(family), effort.FirstSeed
	out.Results, err = storeConfirmed(db, family, evaluator.Confirm(metrics), effort.FirstSeed)
	return err
}

// rescoreAll scores every member of a family with an effort.
func (a *app) rescoreAll(ctx context.Context, family []archive.Candidate, effort evaluator.Effort) ([]*evaluator.Metrics, error) {
	names := make([]string, len(family))
	for i, c := range family {
		names[i] = c.Name
	}
	line := newStatusLine(a.err)
	defer line.clear()
	tally, judge := newTally(line, names), newEvaluator(0, 0)
	metrics := make([]*evaluator.Metrics, len(family))
	err := inParallel(ctx, len(family), func(ctx context.Context, i int) (err error) {
		metrics[i], err = rescore(ctx, judge, family[i], effort, func(e evaluator.Event) { tally.set(i, e.Done, e.Planned) })
		return err
	})
	return metrics, err
}

// confirmable returns the best candidates that are not dpo itself.
func confirmable(db *archive.Archive, top int) ([]archive.Candidate, error) {
	candidates, err := db.Top(top + 1)
	if err != nil {
		return nil, err
	}
	var family []archive.Candidate
	for _, c := range candidates {
		if !(c.Origin == "catalog" && c.Name == "dpo") && len(family) < top {
			family = append(family, c)
		}
	}
	if len(family) == 0 {
		return nil, errors.New("the run has no scored candidate to confirm")
	}
	return family, nil
}

func rescore(ctx context.Context, judge *evaluator.Evaluator, c archive.Candidate, effort evaluator.Effort, progress func(evaluator.Event)) (*evaluator.Metrics, error) {
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return nil, fmt.Errorf("candidate %d: %w", c.ID, err)
	}
	metrics, failure, err := judge.Evaluate(ctx, g, effort, nil, progress)
	switch {
	case err != nil:
		return nil, fmt.Errorf("confirm candidate %d: %w", c.ID, err)
	case failure != nil:
		return nil, fmt.Errorf("confirm candidate %d: it failed at %s: %s", c.ID, failure.Stage, failure.Reason)
	}
	return metrics, nil
}

// storeConfirmed keeps every second score with its candidate.
func storeConfirmed(db *archive.Archive, family []archive.Candidate, second []evaluator.Confirmation, firstSeed uint64) ([]confirmed, error) {
	out := make([]confirmed, len(family))
	for i, c := range family {
		score, err := discover.ScoreRecord(second[i].Metrics)
		if err != nil {
			return nil, err
		}
		score.Verdict, score.FirstSeed = string(second[i].Verdict), firstSeed
		whole, err := db.Candidate(c.ID)
		if err != nil {
			return nil, err
		}
		whole.Confirmed = score
		if err := db.Revise(whole); err != nil {
			return nil, err
		}
		out[i] = confirmed{ID: strconv.Itoa(c.ID), Name: c.Name, Fitness: c.Score.Fitness, Confirmation: second[i], searched: len(c.Score.Tasks)}
	}
	return out, nil
}

func printConfirmed(w io.Writer, results []confirmed) error {
	header := []string{"id", "name", "search", "confirmed", "95 % interval", "p (Holm)", "verdict"}
	for _, t := range results[0].Metrics.Tasks {
		header = append(header, t.Task)
	}
	rows := [][]string{header}
	for _, r := range results {
		row := []string{r.ID, r.Name, fmt.Sprintf("%+.4f", r.Fitness), fmt.Sprintf("%+.4f", r.Metrics.Fitness),
			interval(r.Metrics.CI95), fmt.Sprintf("%.3g", r.P), string(r.Verdict)}
		for _, t := range r.Metrics.Tasks {
			row = append(row, fmt.Sprintf("%+.4f %s", t.Advantage, t.Verdict))
		}
		rows = append(rows, row)
	}
	if err := table(w, rows); err != nil {
		return err
	}
	note := ""
	if results[0].searched == 1 && len(results[0].Metrics.Tasks) > 1 {
		note = "\nThe search gave a fitness in units of reward, on its one task; what is confirmed is a share of what dpo gains over the reference: the two cannot be compared.\n"
	}
	_, err := fmt.Fprintf(w, "%s\n%d %s compared; %d fresh seeds; the task %s is held out: better is only what is not worse there.\n",
		note, len(results), plural(len(results), "candidate was", "candidates were"), len(results[0].Metrics.PerSeed), evaluator.HeldOutTask)
	return err
}
