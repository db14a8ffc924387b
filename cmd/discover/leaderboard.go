package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/objdisco/discover/archive"
)

// leaderboard is the JSON form of the best candidates of a run.
type leaderboard struct {
	Run        string  `json:"run"`
	Candidates []entry `json:"candidates"`
}

type entry struct {
	ID          string      `json:"id"`
	Origin      string      `json:"origin"`
	Name        string      `json:"name"`
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
		ID: strconv.Itoa(c.ID), Origin: c.Origin, Name: c.Name, Thought: c.Thought, Parents: c.Parents,
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

func leaderboardOf(run string, candidates []archive.Candidate) leaderboard {
	board := leaderboard{Run: run, Candidates: []entry{}}
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
