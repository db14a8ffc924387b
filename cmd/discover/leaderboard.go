package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

// leaderboard is the JSON form of the best candidates of a run.
type leaderboard struct {
	Run        string  `json:"run"`
	Scored     int     `json:"scored"` // of how many these are the best
	Candidates []entry `json:"candidates"`
	*discover.Ledger
}

type entry struct {
	ID          string      `json:"id"`
	Origin      string      `json:"origin"`
	Name        string      `json:"name"`
	Operator    string      `json:"operator,omitempty"`
	Model       string      `json:"model,omitempty"`
	Earned      float64     `json:"earned,omitempty"`
	Thought     string      `json:"thought"`
	Parents     []string    `json:"parents"`
	Status      string      `json:"status"`
	Stage       string      `json:"stage"`
	Reason      string      `json:"reason"`
	Fitness     *float64    `json:"fitness"`
	CI95        *[2]float64 `json:"ci95"`
	Verdict     string      `json:"verdict"`
	Fingerprint string      `json:"fingerprint"`
	Code        string      `json:"code"`
}

func entryOf(c archive.Candidate) entry {
	e := entry{
		ID: strconv.Itoa(c.ID), Origin: c.Origin, Name: c.Name, Operator: c.Operator, Model: c.Model, Earned: c.Earned, Thought: c.Thought, Parents: c.Parents,
		Status: c.Status, Stage: c.Stage, Reason: c.Reason, Fingerprint: c.Fingerprint, Code: c.Code,
	}
	if e.Parents == nil {
		e.Parents = []string{}
	}
	if c.Score != nil {
		e.Fitness, e.CI95, e.Verdict = &c.Score.Fitness, &c.Score.CI95, c.Score.Verdict
	}
	return e
}

func leaderboardOf(run string, scored int, candidates []archive.Candidate) leaderboard {
	board := leaderboard{Run: run, Scored: scored, Candidates: []entry{}}
	for _, c := range candidates {
		board.Candidates = append(board.Candidates, entryOf(c))
	}
	return board
}

// printLeaderboard writes the best candidates for a person.
func printLeaderboard(w io.Writer, candidates []archive.Candidate) error {
	rows := [][]string{{"rank", "id", "fitness", "95 % interval", "verdict", "origin", "name", "thought"}}
	for i, c := range candidates {
		rows = append(rows, []string{
			strconv.Itoa(i + 1), strconv.Itoa(c.ID), fmt.Sprintf("%+.4f", c.Score.Fitness), interval(c.Score.CI95),
			c.Score.Verdict, c.Origin, c.Name, clip(c.Thought, 60),
		})
	}
	return table(w, rows)
}

// printLuck says of how many scored candidates a leaderboard shows the best, and how
// many of so many chance alone would call better: an interval of 95 % lies above 0 in
// one of forty cases where there is nothing to find.
func printLuck(w io.Writer, scored int) error {
	if scored < 2 {
		return nil
	}
	chance := "less than one"
	if n := float64(scored) / 40; n >= 1.5 {
		chance = fmt.Sprintf("about %.0f", n)
	} else if n >= .5 {
		chance = "about one"
	}
	_, err := fmt.Fprintf(w, "\nThe best of %d scored; were all of them equal to dpo, chance would call %s of them better.\n", scored, chance)
	return err
}

// printFreshSeeds says what became of the candidates that confirm has scored again,
// which chance does not explain any more.
func printFreshSeeds(w io.Writer, candidates []archive.Candidate) error {
	var said []string
	for _, c := range candidates {
		if c.Confirmed != nil {
			said = append(said, fmt.Sprintf("%d %s %s", c.ID, c.Name, c.Confirmed.Verdict))
		}
	}
	if len(said) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "On fresh seeds, corrected for how many were compared: %s.\n", strings.Join(said, ", "))
	return err
}

// printLedger writes what every model and operator has done, the best earner
// first. A run without proposals has nothing to say.
func printLedger(w io.Writer, l discover.Ledger) error {
	for _, part := range []struct {
		kind string
		arms map[string]discover.Tally
	}{{"model", l.Models}, {"operator", l.Operators}} {
		if len(part.arms) == 0 {
			continue
		}
		rows := [][]string{{part.kind, "proposals", "scored", "earned", "calls", "tokens", "cost", "earned per $"}}
		for _, name := range byEarnings(part.arms) {
			rows = append(rows, tallyRow(name, part.arms[name]))
		}
		fmt.Fprintln(w)
		if err := table(w, rows); err != nil {
			return err
		}
	}
	return nil
}

func byEarnings(arms map[string]discover.Tally) []string {
	return slices.SortedFunc(maps.Keys(arms), func(a, b string) int {
		return cmp.Or(cmp.Compare(arms[b].Earned, arms[a].Earned), strings.Compare(a, b))
	})
}

func tallyRow(name string, t discover.Tally) []string {
	row := []string{name, strconv.Itoa(t.Candidates), strconv.Itoa(t.Scored), fmt.Sprintf("%+.5f", t.Earned), "", "", "", ""}
	if t.Calls > 0 {
		row[4], row[5], row[6] = strconv.Itoa(t.Calls), strconv.Itoa(t.InputTokens+t.OutputTokens), t.Cost()
	}
	if t.NanoUSD > 0 && (t.Priced == 0 || t.Priced == t.Calls) {
		row[7] = fmt.Sprintf("%+.4f", t.Earned/float64(t.NanoUSD)*1e9)
	}
	return row
}
