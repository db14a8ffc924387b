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
	var top int
	cmd := &cobra.Command{
		Use:   "confirm RUN",
		Short: "Score the best candidates again, on fresh seeds and a held-out task",
		Long: `Score the best candidates of a run again, on seeds that no search gets to, on the
tasks of the fitness and on a grammar that no search is scored on. The winner of
many noisy scores is partly lucky: what is called better here is so after Holm's
correction for the number of candidates compared. Ten candidates take minutes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if top < 1 || top > 100 {
				return usagef("--top is %d: want 1 to 100", top)
			}
			return a.confirm(cmd.Context(), args[0], top)
		},
	}
	cmd.Flags().IntVar(&top, "top", 5, "how many candidates")
	return cmd
}

// confirmed is one line of what `confirm --json` prints.
type confirmed struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Fitness float64 `json:"fitness"` // that the search gave
	evaluator.Confirmation
}

func (a *app) confirm(ctx context.Context, run string, top int) error {
	db, err := archive.Open(a.runs, run)
	if err != nil {
		return err
	}
	results, err := a.confirmTop(ctx, db, top)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(struct {
			Run      string      `json:"run"`
			Compared int         `json:"compared"`
			Results  []confirmed `json:"results"`
		}{run, len(results), results})
	}
	return printConfirmed(a.out, results)
}

// confirmTop scores the best candidates but dpo, which is what they are compared
// with, and stores the second scores.
func (a *app) confirmTop(ctx context.Context, db *archive.Archive, top int) ([]confirmed, error) {
	family, err := confirmable(db, top)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(family))
	for i, c := range family {
		names[i] = c.Name
	}
	line := newStatusLine(a.err)
	defer line.clear()
	tally, judge := newTally(line, names), newEvaluator(0, 0)
	metrics := make([]*evaluator.Metrics, len(family))
	err = inParallel(ctx, len(family), func(ctx context.Context, i int) (err error) {
		metrics[i], err = rescore(ctx, judge, family[i], func(e evaluator.Event) { tally.set(i, e.Done, e.Planned) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return storeConfirmed(db, family, evaluator.Confirm(metrics))
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

func rescore(ctx context.Context, judge *evaluator.Evaluator, c archive.Candidate, progress func(evaluator.Event)) (*evaluator.Metrics, error) {
	g, err := graph.Decode(c.Graph)
	if err != nil {
		return nil, fmt.Errorf("candidate %d: %w", c.ID, err)
	}
	metrics, failure, err := judge.Evaluate(ctx, g, evaluator.ConfirmEffort(), nil, progress)
	switch {
	case err != nil:
		return nil, fmt.Errorf("confirm candidate %d: %w", c.ID, err)
	case failure != nil:
		return nil, fmt.Errorf("confirm candidate %d: it failed at %s: %s", c.ID, failure.Stage, failure.Reason)
	}
	return metrics, nil
}

// storeConfirmed keeps every second score with its candidate.
func storeConfirmed(db *archive.Archive, family []archive.Candidate, second []evaluator.Confirmation) ([]confirmed, error) {
	out := make([]confirmed, len(family))
	for i, c := range family {
		score, err := discover.ScoreRecord(second[i].Metrics)
		if err != nil {
			return nil, err
		}
		score.Verdict = string(second[i].Verdict)
		whole, err := db.Candidate(c.ID)
		if err != nil {
			return nil, err
		}
		whole.Confirmed = score
		if err := db.Revise(whole); err != nil {
			return nil, err
		}
		out[i] = confirmed{ID: strconv.Itoa(c.ID), Name: c.Name, Fitness: c.Score.Fitness, Confirmation: second[i]}
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
	_, err := fmt.Fprintf(w, "\n%d candidates were compared; %d fresh seeds; the last task is held out.\n", len(results), len(results[0].Metrics.PerSeed))
	return err
}
