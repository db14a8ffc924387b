package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

// paddedDPO is dpo with four parts too many, one of them batch-dependent.
const paddedDPO = `package candidate

import "objective"

func Loss(b objective.Batch) objective.Vec {
	x := b.Margin().Mul(b.Beta).Scale(1.0003)
	noise := x.Square().Scale(0.0001).Add(x.Std().Scale(0.00002))
	return x.Neg().Softplus().Add(noise).Mul(objective.Param("strength", 0.9998))
}
`

// discoverIn runs one command line in a folder of runs and returns its output.
func discoverIn(t *testing.T, runs string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &out}
	root := a.root()
	root.SetArgs(append(args, "--runs", runs))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func mustDiscover(t *testing.T, runs string, args ...string) string {
	t.Helper()
	out, err := discoverIn(t, runs, args...)
	if err != nil {
		t.Fatalf("discover %q: %v\n%s", args, err, out)
	}
	return out
}

// newTakeHomeRun stores a run with candidate 1, padded dpo, and 2, a child of it.
func newTakeHomeRun(t *testing.T) (runs string) {
	t.Helper()
	runs = t.TempDir()
	lrml, _ := catalog.Lookup("lrml")
	newScoredRun(t, runs, []archive.Candidate{
		{Name: "padded <dpo> & \u2028more", Thought: "Tails.", Code: paddedDPO, Prompt: "a prompt", Model: "m", Attempts: []archive.Attempt{{Code: "x", Rejection: archive.Rejection{Stage: "parse", Reason: "no"}}}},
		{Name: "other", Code: lrml.Source, Parents: []string{"1"}, Operator: "mutate"},
	})
	return runs
}

// newScoredRun stores a finished run "first" of the candidates, all of them checked,
// and scored for real on the bandit with two seeds.
func newScoredRun(t *testing.T, runs string, candidates []archive.Candidate) {
	t.Helper()
	config, err := configOf("quick", "candidates: 0\ntasks: [bandit]\nseeds: 2")
	if err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(settings{Config: config})
	db, err := archive.Create(runs, "first", archive.Settings{Config: data, Seed: 3, Proposer: "evolve", Version: "test", Created: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, c := range candidates {
		c.ID, c.Origin, c.Status, c.Created = i+1, "llm", archive.Scored, time.Now().UTC()
		scoreForReal(t, db, &c)
		if err := db.Apply(c, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func scoreForReal(t *testing.T, db *archive.Archive, c *archive.Candidate) {
	t.Helper()
	compiled, rejection, err := newChecker("auto", 1).Check(t.Context(), c.Code)
	if err != nil || rejection != nil {
		t.Fatalf("%v %v", rejection, err)
	}
	if err := discover.Describe(c, compiled.Graph); err != nil {
		t.Fatal(err)
	}
	effort := evaluator.Effort{Tasks: []string{"bandit"}, MinSeeds: 2, MaxSeeds: 2, NoScreen: true}
	metrics, failure, err := newEvaluator(0, 0).Evaluate(t.Context(), compiled.Graph, effort, nil, nil)
	if err != nil || failure != nil {
		t.Fatalf("%v %v", failure, err)
	}
	if c.Score, err = discover.ScoreRecord(metrics); err != nil {
		t.Fatal(err)
	}
	for _, cell := range metrics.Cells {
		if err := db.SaveCell(c.ID, archive.Cell{Task: cell.Task, Beta: cell.Beta, Seed: cell.Seed, Reward: &cell.Reward, KL: &cell.KL, Seconds: cell.Seconds}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTakeHome tries the commands that work on what a run has found.
func TestTakeHome(t *testing.T) {
	runs := newTakeHomeRun(t)
	for name, test := range map[string]func(*testing.T, string){
		"simplify finds dpo": simplifyFindsDPO,
		"simplify refuses":   simplifyRefuses,
		"import round trip":  importRoundTrip,
		"import refuses":     importRefuses,
	} {
		t.Run(name, func(t *testing.T) { test(t, runs) })
	}
}

// Padded dpo is simplified to dpo, and what is printed is its source. Two seeds would
// not show that the square is padding.
func simplifyFindsDPO(t *testing.T, runs string) {
	var got simplified
	if err := json.Unmarshal([]byte(mustDiscover(t, runs, "simplify", "first", "1", "--evaluations", "20", "--seeds", "4", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if m := got.Simplest.Nearest; m.Name != "dpo" || !m.Same() || m.BetaScale != 1 || m.Factor != 1 {
		t.Errorf("simplified to %s, %v", got.Simplest.Formula, m)
	}
	if got.Simplest.Verdict != got.Original.Verdict || got.Simplest.Operations >= got.Original.Operations || got.Evaluations > 20 {
		t.Errorf("%+v", got)
	}
	var text bytes.Buffer
	if err := printSimplified(&text, got); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "// removed") || !strings.Contains(text.String(), "// kept") {
		t.Errorf("no parts in\n%s", &text)
	}
	compiled, rejection, err := newChecker("auto", 1).Check(t.Context(), text.String())
	if err != nil || rejection != nil {
		t.Fatalf("the output is not a candidate: %v %v\n%s", rejection, err, &text)
	}
	if formula := graph.Formula(compiled.Graph); formula != got.Simplest.Formula {
		t.Errorf("the output denotes %s, want %s", formula, got.Simplest.Formula)
	}
}

func simplifyRefuses(t *testing.T, runs string) {
	for want, args := range map[string][]string{
		"candidate id":          {"first", "x"},
		"--evaluations":         {"first", "1", "--evaluations", "0"},
		"candidate 9":           {"first", "9"},
		`run "none"`:            {"none", "1"},
		"--seeds of at least 2": {"first", "1", "--seeds", "1"},
	} {
		out, err := discoverIn(t, runs, append([]string{"simplify"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}

// What was exported as JSON and imported is exported as the same files again, in
// any format.
func importRoundTrip(t *testing.T, runs string) {
	files := t.TempDir()
	mustDiscover(t, runs, "export", "first", "--top", "2", "--format", "json", "-o", files)
	parent, child := exportedFile(t, files, "_1.json"), exportedFile(t, files, "_2.json")
	mustDiscover(t, runs, "import", parent, child, "--name", "second")
	mustDiscover(t, runs, "import", child, "--name", "third")
	if out, err := discoverIn(t, runs, "resume", "second"); err == nil || !strings.Contains(err.Error(), "was imported and is no search") {
		t.Errorf("an imported run was resumed, or not refused as such: %v\n%s", err, out)
	}
	for _, format := range []string{"json", "csv", "md", "go", "torch"} {
		want, got := t.TempDir(), t.TempDir()
		mustDiscover(t, runs, "export", "first", "--top", "2", "--format", format, "-o", want)
		mustDiscover(t, runs, "export", "second", "--top", "2", "--format", format, "-o", got)
		if diff := cmp.Diff(tree(t, want), tree(t, got)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	for run, want := range map[string][]string{"second": {"1"}, "third": nil} {
		r, err := archive.OpenReadOnly(runs, run)
		if err != nil {
			t.Fatal(err)
		}
		last, err := r.Top(10)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range last {
			if c.Name == "other" && cmp.Diff(want, c.Parents) != "" {
				t.Errorf("%s: parents %q, want %q", run, c.Parents, want)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"show", "third", "1"}, {"top", "second"}, {"list"}} {
		mustDiscover(t, runs, args...)
	}
}

func exportedFile(t *testing.T, dir, suffix string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q: %q, %v", suffix, found, err)
	}
	return found[0]
}

// tree reads every file below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = string(data)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d files, %v", len(out), err)
	}
	return out
}

// Foreign files are refused with a reason, and leave no run behind.
func importRefuses(t *testing.T, runs string) {
	files := t.TempDir()
	mustDiscover(t, runs, "export", "first", "--id", "1", "--format", "json", "-o", files)
	data, err := os.ReadFile(exportedFile(t, files, "_1.json"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	path := filepath.Join(files, "hostile.json")
	for name, tt := range map[string]struct{ old, new, want string }{
		"not JSON":         {good, "loss = 1", "invalid character"},
		"another format":   {"discover-objective/1", "discover-objective/7", `format "discover-objective/7"`},
		"unknown field":    {`"thought": "Tails."`, `"thought": "Tails.", "hidden": 1`, `unknown field "hidden"`},
		"too large":        {"a prompt", strings.Repeat("a prompt ", 2<<20), "16 MiB are too many"},
		"many cells":       {`"cells": [`, `"cells": [` + strings.Repeat(`{"task": "x", "beta": 1, "blew_up": true},`, 5001), "more than any candidate has"},
		"a cell twice":     {`"cells": [`, `"cells": [` + strings.Repeat(`{"task": "x", "beta": 1, "blew_up": true},`, 2), "a cell twice"},
		"hostile code":     {`import \"objective\"`, `import \"os\"`, "its code is refused"},
		"other code":       {"Scale(0.0001)", "Scale(0.5)", "denotes another objective than its graph"},
		"two graphs":       {`"output": `, `"output": 9`, "two graphs that differ"},
		"fingerprint":      {`"fingerprint": "`, `"fingerprint": "00`, "its fingerprint is"},
		"verdict":          {`"verdict": "`, `"verdict": "\u001b[2Jbest`, "is none"},
		"no candidate":     {`"id": "1"`, `"id": "0"`, "no candidate of a run"},
		"run name":         {`"name": "first"`, `"name": "../../first"`, `run name "../../first"`},
		"unknown task":     {`"bandit"`, `"stocks"`, "stocks"},
		"score of nothing": {`"status": "scored"`, `"status": "failed"`, "does not fit its score"},
		"blown-up number":  {`"blew_up": false`, `"blew_up": true`, "when it did not blow up"},
		"claims an import": {`"thought": "Tails."`, `"thought": "Tails.", "imported": {"run": {}, "candidate": {}}`, "claims to be imported"},
	} {
		if !strings.Contains(good, tt.old) {
			t.Fatalf("%s: no %q in\n%s", name, tt.old, good)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(good, tt.old, tt.new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := discoverIn(t, runs, "import", path, "--name", "bad")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q\n%s", name, err, tt.want, out)
		}
		if _, err := os.Stat(filepath.Join(runs, "bad")); !os.IsNotExist(err) {
			t.Fatalf("%s: a run was left behind", name)
		}
	}
}
