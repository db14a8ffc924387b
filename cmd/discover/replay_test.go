package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover/propose"
)

// modelRun makes a finished run of candidates that a model proposed, with repairs,
// unreadable replies and prompts that are too long for one of the models.
func modelRun(t *testing.T) *harness {
	t.Helper()
	model := newScriptedLLM(t, true)
	model.context = map[string]int{"n": 3400}
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: true\nrequest_timeout: 1s\nmodel: [m, n]\nhistory_tokens: 4000\n", "OPENAI_API_KEY=sk-none")
	h.plant(t, "first", model.URL+"/v1")
	out, err := h.command(t.Context(), "resume", "first", "--candidates", "10").CombinedOutput()
	if text := string(out); err != nil || strings.Count(text, "its server read 1702 of them without an error") != 1 {
		t.Fatalf("%v; a person is to be told once that prompts are cut off:\n%s", err, text)
	}
	h.env = append(h.env, "OPENAI_API_KEY=", "OPENAI_BASE_URL=")
	model.Close() // a replay asks nobody
	return h
}

func TestReplay(t *testing.T) {
	h := modelRun(t)
	t.Run("as it was", func(t *testing.T) { replayAsItWas(t, h) })
	t.Run("another history", func(t *testing.T) { replayAnotherHistory(t, h) })
	t.Run("another evaluator", func(t *testing.T) { replayAnotherEvaluator(t, h) })
}

// A replay with the same settings has the content of the run that it replays; nothing
// is paid for twice.
func replayAsItWas(t *testing.T, h *harness) {
	cut, tuned := 0, 0
	r := h.open(t, "first")
	for _, c := range candidates(t, r) {
		if c.Tuning != nil {
			tuned++
		}
		replies, err := r.Replies(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range replies {
			if strings.Contains(reply.Raw, `"again":true`) {
				cut++
			}
		}
	}
	if totals(t, r).Usage.Calls < 12 || cut == 0 || tuned == 0 {
		t.Fatalf("the run has %d calls, in %d of them a prompt that is too long, and %d tuned candidates: there is little to reproduce", totals(t, r).Usage.Calls, cut, tuned)
	}
	if out, err := h.command(t.Context(), "run", "--proposer", "replay", "--from", "first", "--name", "second").CombinedOutput(); err != nil {
		t.Fatalf("a replay without any other configuration than the run's: %v\n%s", err, out)
	}
	h.compare(t, "first", "second")
	if calls := totals(t, h.open(t, "second")).Usage.Calls; calls != 0 {
		t.Errorf("the replay counts %d calls that another run paid for", calls)
	}
}

// A replay with another history, here of a replay, has the prompts as they would have
// been, beside those that the replies answered; a replay of it has the same.
func replayAnotherHistory(t *testing.T, h *harness) {
	h.setKey(t, "history_tokens: 500\n")
	h.finish(t, "run", "--proposer", "replay", "--from", "second", "--name", "what-if", "--candidates", "10")
	h.finish(t, "run", "--proposer", "replay", "--from", "what-if", "--name", "again", "--candidates", "10")
	h.compare(t, "what-if", "again")
	first, second := h.open(t, "first"), h.open(t, "what-if")
	shorter := 0
	for id := 4; id <= 13; id++ {
		asked, replayed := candidate(t, first, id), candidate(t, second, id)
		if asked.Prompt != replayed.Prompt || asked.Rendered != "" || asked.Code != replayed.Code || asked.Status != replayed.Status {
			t.Errorf("candidate %d is another one in the replay:\n%s", id, cmp.Diff(asked, replayed))
		}
		if replayed.Rendered == "" {
			continue
		}
		shorter++
		longer := len(replayed.Rendered) >= len(asked.Prompt) && historyTokens(t, first, id) >= 500
		if longer || taskOf(replayed.Rendered) != taskOf(asked.Prompt) {
			t.Errorf("candidate %d: a prompt of %d bytes where %d were sent; task %q, was %q", id, len(replayed.Rendered), len(asked.Prompt), taskOf(replayed.Rendered), taskOf(asked.Prompt))
		}
	}
	if shorter < 5 {
		t.Errorf("%d of 10 prompts were rendered anew", shorter)
	}
	out, err := h.command(t.Context(), "show", "what-if", "13").Output()
	if text := string(out); err != nil || !strings.Contains(text, "prompt that the reply answered\n") || !strings.Contains(text, "prompt as this replay renders it; nobody was asked it\n") {
		t.Errorf("show: %v\n%s", err, text)
	}
}

// A replay with another evaluator scores the same programs anew.
func replayAnotherEvaluator(t *testing.T, h *harness) {
	if err := os.WriteFile(h.config, []byte("tasks: [bandit-stress]\n"), 0o644); err != nil { // what is not named stays
		t.Fatal(err)
	}
	h.finish(t, "run", "--proposer", "replay", "--from", "first", "--name", "rescored", "--candidates", "10")
	first, second := h.open(t, "first"), h.open(t, "rescored")
	rescored := 0
	for id := 1; id <= 13; id++ {
		a, b := candidate(t, first, id), candidate(t, second, id)
		if a.Code != b.Code || a.Prompt != b.Prompt || a.Origin != b.Origin || !cmp.Equal(a.Parents, b.Parents) || !cmp.Equal(a.Tuning, b.Tuning) {
			t.Errorf("candidate %d is another one in the replay: %s of origin %s, tuning %+v, was %s of origin %s, tuning %+v", id, b.Name, b.Origin, b.Tuning, a.Name, a.Origin, a.Tuning)
		}
		if a.Score != nil && b.Score != nil && b.Score.Tasks[0].Task == "bandit-stress" && a.Score.Fitness != b.Score.Fitness {
			rescored++
		}
	}
	if rescored == 0 {
		t.Error("no candidate has another fitness")
	}
}

func candidate(t *testing.T, r *archive.Reader, id int) archive.Candidate {
	t.Helper()
	c, err := r.Candidate(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// historyTokens is what the first prompt of a candidate that was read whole could spend
// on the history: less than the configuration has where a context was too small.
func historyTokens(t *testing.T, r *archive.Reader, id int) int {
	t.Helper()
	replies, err := r.Replies(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range replies {
		var record propose.Record
		if err := json.Unmarshal([]byte(reply.Raw), &record); err != nil {
			t.Fatal(err)
		}
		if !record.Again {
			return record.HistoryTokens
		}
	}
	t.Fatalf("candidate %d has no reply", id)
	return 0
}

func taskOf(prompt string) string {
	_, task, _ := strings.Cut(prompt, "# Your task\n")
	return task
}

// setKey changes a line of the configuration.
func (h *harness) setKey(t *testing.T, line string) {
	t.Helper()
	text, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(line, ":")
	kept := ""
	for old := range strings.Lines(string(text)) {
		if !strings.HasPrefix(old, key+":") {
			kept += old
		}
	}
	if err := os.WriteFile(h.config, []byte(kept+line), 0o644); err != nil {
		t.Fatal(err)
	}
}

// whole returns the candidates of a run with their prompts.
func (h *harness) whole(t *testing.T, run string) []archive.Candidate {
	t.Helper()
	r, err := archive.OpenReadOnly(filepath.Join(h.dir, "runs"), run)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := candidates(t, r)
	for i, c := range all {
		all[i] = candidate(t, r, c.ID)
	}
	return all
}
