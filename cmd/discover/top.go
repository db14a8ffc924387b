package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

func (a *app) topCommand() *cobra.Command {
	var k int
	cmd := &cobra.Command{
		Use:   "top RUN",
		Short: "Print the leaderboard of a run",
		Long: `Print the best candidates of a run, the catalog's known losses among them.
Fitness is the reward gained over dpo at equal KL, with several tasks the mean
share of what dpo gains over the reference; the interval is over paired seeds. Then
of how many these are the best, and what each model and operator has earned: by how
much its candidates raised the mean fitness of the ten best. Works while the run is
going on.`,
		Example: "  discover top first\n  discover top first --k 30 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if k < 1 {
				return usagef("--k is %d: want at least 1", k)
			}
			return a.top(args[0], k)
		},
	}
	cmd.Flags().IntVar(&k, "k", 10, "how many candidates")
	return cmd
}

func (a *app) top(run string, k int) error {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return err
	}
	defer r.Close()
	candidates, err := r.Top(k)
	if err != nil {
		return err
	}
	totals, err := r.Totals()
	if err != nil {
		return err
	}
	scored := totals.Candidates[archive.Scored]
	ledger, err := discover.ReadLedger(r)
	if err != nil {
		return err
	}
	if a.json {
		board := leaderboardOf(run, scored, candidates)
		board.Ledger = &discover.Ledger{Models: orEmpty(ledger.Models), Operators: orEmpty(ledger.Operators)}
		return a.printJSON(board)
	}
	if err := errors.Join(printLeaderboard(a.out, candidates), printLuck(a.out, scored), printFreshSeeds(a.out, candidates)); err != nil {
		return err
	}
	return printLedger(a.out, ledger)
}

// orEmpty has JSON say {} of a run without models or proposals, not null.
func orEmpty(arms map[string]discover.Tally) map[string]discover.Tally {
	if arms == nil {
		return map[string]discover.Tally{}
	}
	return arms
}
