package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/archive"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the runs",
		Example: "  discover list\n  discover list --runs elsewhere --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.list() },
	}
}

// runJSON is one line of `list --json`.
type runJSON struct {
	Run        string         `json:"run"`
	Status     string         `json:"status"`
	Live       bool           `json:"live"`
	Why        string         `json:"why,omitempty"`
	Created    string         `json:"created,omitempty"`
	Proposer   string         `json:"proposer,omitempty"`
	Seed       uint64         `json:"seed"`
	Candidates map[string]int `json:"candidates"`
	Best       *entry         `json:"best"`
	Error      string         `json:"error,omitempty"`
}

func (a *app) list() error {
	runs, err := archive.List(a.runs)
	if err != nil {
		return err
	}
	if a.json {
		out := []runJSON{}
		for _, s := range runs {
			out = append(out, runJSONOf(s))
		}
		return a.printJSON(struct {
			Runs []runJSON `json:"runs"`
		}{out})
	}
	if len(runs) == 0 {
		a.note("No runs in %q. Start one with \"discover run\".", a.runs)
		return nil
	}
	rows := [][]string{{"run", "status", "proposer", "candidates", "best", "fitness", "started", "ended by"}}
	for _, s := range runs {
		rows = append(rows, runRow(s))
	}
	return table(a.out, rows)
}

func runJSONOf(s archive.Summary) runJSON {
	out := runJSON{Run: s.Name, Status: runStatus(s), Live: s.Live, Proposer: s.Run.Proposer, Seed: s.Run.Seed, Candidates: s.Totals.Candidates}
	if s.Err != nil {
		out.Error = s.Err.Error()
		return out
	}
	out.Why = s.Run.Why
	out.Created = s.Run.Created.UTC().Format("2006-01-02T15:04:05Z")
	if s.Best != nil {
		best := entryOf(*s.Best)
		out.Best = &best
	}
	return out
}

// widestReason is how much of a reason the table shows, in characters; JSON has all.
const widestReason = 160

// runRow is a run in the table; the last column says what ended it early, or why it
// cannot be read.
func runRow(s archive.Summary) []string {
	if s.Err != nil {
		return []string{s.Name, runStatus(s), "", "", "", "", "", s.Err.Error()}
	}
	best, fitness := "", ""
	if s.Best != nil {
		best, fitness = s.Best.Name, fmt.Sprintf("%+.4f", s.Best.Score.Fitness)
	}
	return []string{s.Name, runStatus(s), s.Run.Proposer, strconv.Itoa(s.Totals.Applied()), best, fitness,
		s.Run.Created.Local().Format("2006-01-02 15:04"), clip(s.Run.Why, widestReason)}
}

// runStatus tells a run that is going on from one that was killed.
func runStatus(s archive.Summary) string {
	switch {
	case s.Live:
		return "running"
	case s.Err != nil:
		return "unreadable"
	case s.Run.Status == archive.Running:
		return "killed"
	}
	return string(s.Run.Status)
}
