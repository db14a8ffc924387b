package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/discover"
)

func (a *app) resumeCommand() *cobra.Command {
	var workers, candidates int
	var budget budgetFlags
	cmd := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on exactly where a run stopped",
		Long: `Go on exactly where a run stopped, by Ctrl-C, a crash, kill -9 or a spent budget.
Nothing is scored or bought twice, and the result is the one that an undisturbed
run would have had. A run that spent its budget goes on with a larger one, for
example --max-usd 5: the limits are those of the whole run, not of this sitting,
but for --max-time.`,
		Example: "  discover resume first\n  discover resume first --candidates 64 --max-usd 10",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.resume(cmd.Context(), args[0], func(c *discover.Config) {
				if cmd.Flags().Changed("workers") {
					c.Workers = workers
				}
				if cmd.Flags().Changed("candidates") {
					c.Candidates = candidates
				}
				budget.apply(cmd.Flags(), c)
			})
		},
	}
	cmd.Flags().IntVar(&workers, "workers", 0, "cells trained at once (default as the run was started)")
	cmd.Flags().IntVar(&candidates, "candidates", 0, "proposals in all, to make a run longer (default as the run was started)")
	budget.add(cmd.Flags())
	return cmd
}

func (a *app) resume(ctx context.Context, run string, change func(*discover.Config)) error {
	s, err := a.openSitting(run, change)
	if err != nil {
		return err
	}
	return s.run(ctx)
}
