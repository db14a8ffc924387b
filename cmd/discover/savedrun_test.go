package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// saveRun is the script command `saverun NAME PROPOSER`: a finished run with three
// known losses and two proposals whose scores are made up, for scripts that need an
// archive and not a search.
func saveRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: saverun NAME PROPOSER")
	}
	db, err := archive.Create(filepath.Join(ts.Getenv("WORK"), "runs"), args[0], savedSettings(ts.Check, args[1]))
	ts.Check(err)
	ts.Defer(func() { db.Close() })
	for i, name := range []string{"dpo", "hinge", "ipo", "lrml", "exponential"} {
		c := savedCandidate(ts.Check, name, float64(i)/1000)
		if c.ID = i + 1; c.ID > 3 {
			c.Origin, c.Parents, c.Operator = args[1], []string{"1"}, "mutate"
		}
		ts.Check(db.Apply(c, nil))
	}
	ts.Check(db.SetStatus(archive.Finished, ""))
	ts.Check(db.Close())
}

func savedSettings(check func(error), proposer string) archive.Settings {
	config, err := discover.Preset("quick")
	check(err)
	data, err := json.Marshal(settings{Config: config})
	check(err)
	return archive.Settings{Config: data, ConfigHash: config.Hash(), Seed: config.Seed, Proposer: proposer, Version: "v1", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func savedCandidate(check func(error), name string, fitness float64) archive.Candidate {
	entry, _ := catalog.Lookup(name)
	g, err := entry.Graph()
	check(err)
	data, err := json.Marshal(g)
	check(err)
	ci := evaluator.Interval{fitness - .01, fitness + .01}
	task := evaluator.TaskScore{
		Task: "reviews", Advantage: fitness, CI95: ci, Verdict: evaluator.Undecided,
		Budgets:    []evaluator.BudgetScore{{Beta: .1, KL: .4, Reward: .9, Advantage: fitness}},
		Robustness: evaluator.Robustness{Works: &[2]float64{.05, .1}, Collapsed: []float64{.01}},
		Sweep:      []evaluator.BetaScore{{Beta: .05, Reward: new(.93), KL: new(.5), Seeds: 2}, {Beta: .1, Reward: new(.9 + fitness), KL: new(.4), Seeds: 2}},
	}
	score, err := discover.ScoreRecord(&evaluator.Metrics{
		Fitness: fitness, CI95: ci, Verdict: evaluator.Undecided, PerSeed: []float64{0, 0}, Tasks: []evaluator.TaskScore{task},
		Stress:  []evaluator.BetaScore{{Beta: 2, BlewUp: 1, Seeds: 2}, {Beta: 5, BlewUp: 2, Seeds: 2}},
		Setting: evaluator.Setting{Tasks: []json.RawMessage{[]byte(`{"name":"reviews"}`)}, Tier: "avx2"},
	})
	check(err)
	return archive.Candidate{Origin: "catalog", Name: name, Thought: entry.Title, Code: entry.Source, Graph: data, Status: archive.Scored, Score: score}
}

func TestReportRepeatsTheConfiguration(t *testing.T) {
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	want, err := configOf("thorough", "tasks: [bandit]\nmax_time: 90s\nmax_usd: 1.5\nmodel: {b: 2, 'a: b': 1, '7': 0.25}\nbase_url: https://user:secret@host/v1?key=secret\n")
	check(err)
	data, err := json.Marshal(settings{Config: want})
	check(err)
	for _, test := range []struct{ proposer, command string }{
		{"evolve", "discover run --config run.yaml --proposer evolve --name run-again"},
		{"llm", "discover run --config run.yaml --proposer replay --from run --name run-again"},
	} {
		db, err := archive.Create(t.TempDir(), "run", archive.Settings{Config: data, Proposer: test.proposer})
		check(err)
		defer db.Close()
		text, commands, err := repeating(db.Reader, "run")
		check(err)
		if diff := cmp.Diff([]string{test.command}, commands); diff != "" {
			t.Error(diff)
		}
		got, err := configOf("quick", text)
		check(err)
		repeated := want
		repeated.BaseURL = "https://host/v1"
		if diff := cmp.Diff(repeated, got); diff != "" {
			t.Error(diff)
		}
	}
}

// configOf is a preset with the keys of a file.
func configOf(preset, text string) (discover.Config, error) {
	c, err := discover.Preset(preset)
	if err != nil {
		return c, err
	}
	return c.Overridden("run.yaml", []byte(text))
}
