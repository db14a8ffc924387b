package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/evaluator"
)

func (a *app) evalCommand() *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:   "eval SOURCE... | --catalog",
		Short: "Score objectives outside a search",
		Long: `Score objectives outside a search. SOURCE is a file, "-" for standard input, or a
name from "discover catalog". Each is trained at every beta on every task and
seed; its fitness is the reward it gains over dpo at the KL that dpo spends, with
a 95 % interval over paired seeds. With one task the fitness is in units of
reward; with several it is the mean share of what dpo gains over the reference.`,
		Example: "  discover eval dpo hinge ipo lrml\n  discover eval my_loss.go --tasks reviews,reviews-flip --seeds 6",
		Args: func(cmd *cobra.Command, args []string) error {
			if o.catalog && len(args) > 0 {
				return errors.New("--catalog scores every known objective, and goes without a SOURCE")
			}
			if o.catalog {
				return nil
			}
			return cobra.MinimumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.eval(cmd.Context(), args, o) },
	}
	cmd.Flags().BoolVar(&o.catalog, "catalog", false, "score every known objective, best first")
	cmd.Flags().Float64SliceVar(&o.betas, "beta", nil, "betas to train with, times the beta_scale of the task: 2 for bandit, 1 for reviews (default .01,.025,.05,.1,.25,.5,1)")
	cmd.Flags().Lookup("beta").DefValue = "" // the usage says it
	cmd.Flags().StringSliceVar(&o.tasks, "tasks", []string{"reviews"}, "tasks to train on")
	cmd.Flags().BoolVar(&o.robustness, "robustness", false, "also train at betas up to 5 and, beside the fitness, on the other tasks (about five times the work)")
	cmd.Flags().IntVar(&o.seeds, "seeds", 4, "paired seeds")
	cmd.Flags().IntVar(&o.workers, "workers", 0, "cells trained at once (default one per core)")
	return cmd
}

type evalOptions struct {
	catalog    bool
	robustness bool
	betas      []float64
	tasks      []string
	seeds      int
	workers    int
}

// eval scores every source and prints the results in their order. All are in
// work at once; the evaluator bounds what is trained at a time.
func (a *app) eval(ctx context.Context, sources []string, o evalOptions) error {
	if o.seeds < 1 {
		return usagef("--seeds is %d: want at least 1", o.seeds)
	}
	if err := knownTasks(o.tasks); err != nil {
		return usageError{err}
	}
	effort := evaluator.Effort{Tasks: o.tasks, Betas: o.betas, MinSeeds: o.seeds, MaxSeeds: o.seeds, NoScreen: true}
	if err := effort.Validate(); err != nil {
		return usageError{err}
	}
	if o.robustness {
		effort = effort.Thorough()
	}
	if o.catalog {
		for _, entry := range a.knownObjectives() {
			sources = append(sources, entry.Name)
		}
	}
	codes := make([]string, len(sources))
	for i, source := range sources {
		var err error
		if codes[i], err = a.readSource(source); err != nil {
			return err
		}
	}
	line := newStatusLine(a.err)
	defer line.clear()
	checker := newChecker("auto", len(sources))
	defer checker.Close()
	scorer := &scorer{checker: checker, evaluator: newEvaluator(o.workers, 0), effort: effort, tally: newTally(line, sources)}
	reports := make([]evaluator.Report, len(sources))
	err := inParallel(ctx, len(sources), func(ctx context.Context, i int) (err error) {
		reports[i], err = scorer.score(ctx, i, sources[i], codes[i])
		return err
	})
	if err != nil {
		return err
	}
	line.clear()
	if o.catalog {
		slices.SortStableFunc(reports, bestFirst)
	}
	setting, err := scorer.evaluator.Setting(effort)
	if err != nil {
		return err
	}
	return a.printReports(evaluator.Reports{Results: reports, Setting: setting})
}

// bestFirst orders reports by fitness; those without come last.
func bestFirst(x, y evaluator.Report) int {
	fitness := func(r evaluator.Report) float64 {
		if r.Fitness == nil {
			return math.Inf(-1)
		}
		return *r.Fitness
	}
	return cmp.Compare(fitness(y), fitness(x))
}

func (a *app) printReports(reports evaluator.Reports) error {
	if a.json {
		if err := a.printJSON(reports); err != nil {
			return err
		}
	} else if err := printEval(a.out, reports.Results); err != nil {
		return err
	}
	for _, r := range reports.Results {
		if r.Status == evaluator.StatusRejected {
			return errRejected
		}
	}
	return nil
}

// scorer checks and scores one source at a time.
type scorer struct {
	checker   checker
	evaluator *evaluator.Evaluator
	effort    evaluator.Effort
	tally     *tally
}

func (s *scorer) score(ctx context.Context, i int, source, code string) (evaluator.Report, error) {
	name := strings.TrimSuffix(source, ".go")
	compiled, rejection, err := s.checker.Check(ctx, code)
	if err != nil {
		return evaluator.Report{}, err
	}
	if rejection != nil {
		return evaluator.Rejected(name, rejection.Stage, rejection.Detail()), nil
	}
	metrics, failure, err := s.evaluator.Evaluate(ctx, compiled.Graph, s.effort, nil, func(e evaluator.Event) { s.tally.set(i, e.Done, e.Planned) })
	switch {
	case err != nil:
		return evaluator.Report{}, fmt.Errorf("%s: %w", name, err)
	case failure != nil:
		return evaluator.Failed(name, failure), nil
	}
	return evaluator.Scored(name, metrics), nil
}
