package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/archive"
)

// What a run keeps of the user's templates is what it goes on with, is replayed with,
// and prints prompts from, whatever becomes of the folder.
func TestTemplatesAreKept(t *testing.T) {
	h := newTemplated(t)
	h.write(t, "Surprise me.")
	h.finish(t, "resume", "r", "--candidates", "2") // an older version kept no templates: they are read now
	h.goesOnWithItsOwn(t)
	h.needsNoFolder(t)
	h.isReplayedWithItsOwn(t)
	h.readsThemAgain(t)
}

// templated is a run "r" with a folder of the user's templates.
type templated struct {
	*harness
	folder string
}

func newTemplated(t *testing.T) *templated {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "templates")
	quoted, err := json.Marshal(folder)
	if err != nil {
		t.Fatal(err)
	}
	model := newScriptedLLM(t, false)
	h := newHarnessWith(t, "tasks: [bandit]\nseeds: 2\nscreen: false\nmodel: m\nprompts: "+string(quoted)+"\n", "OPENAI_API_KEY=sk-none", "OPENAI_BASE_URL="+model.URL+"/v1")
	h.plant(t, "r", model.URL+"/v1")
	return &templated{h, folder}
}

// write makes a text the folder's template of one operator.
func (h *templated) write(t *testing.T, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(h.folder, 0o755), os.WriteFile(filepath.Join(h.folder, "operator_new.tmpl"), []byte(text+"\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// next is the prompt that is printed as the next.
func (h *templated) next(t *testing.T) string {
	t.Helper()
	out, err := h.command(t.Context(), "prompt", "r", "--json").Output()
	var next struct{ Prompt string }
	if err := errors.Join(err, json.Unmarshal(out, &next)); err != nil {
		t.Fatalf("prompt: %v\n%s", err, out)
	}
	return next.Prompt
}

func (h *templated) goesOnWithItsOwn(t *testing.T) {
	before := h.next(t)
	h.write(t, "Bore me.")
	out, err := h.command(t.Context(), "resume", "r", "--candidates", "12").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "has other templates now") || !strings.Contains(string(out), "goes on with those that it was started with") {
		t.Errorf("resume after a change: %v\n%s", err, out)
	}
	after := h.whole(t, "r")
	if asked(after, "Surprise me.") == 0 || asked(after, "Bore me.") > 0 {
		t.Error("the prompts do not have the text of the run's template")
	}
	if diff := cmp.Diff(before, after[5].Prompt); diff != "" {
		t.Errorf("the prompt of candidate 6 is not the one that was printed as the next (-printed +asked):\n%s", diff)
	}
}

func (h *templated) needsNoFolder(t *testing.T) {
	if err := os.RemoveAll(h.folder); err != nil {
		t.Fatal(err)
	}
	if h.next(t) == "" {
		t.Error("without the folder there is no next prompt")
	}
}

func (h *templated) isReplayedWithItsOwn(t *testing.T) {
	h.setKey(t, "history_tokens: 500\n")
	h.finish(t, "run", "--proposer", "replay", "--from", "r", "--name", "replayed", "--candidates", "12")
	rendered := 0
	for _, c := range h.whole(t, "replayed") {
		if strings.Contains(c.Prompt, "Surprise me.") && c.Rendered != "" {
			rendered++
			if !strings.Contains(c.Rendered, "Surprise me.") {
				t.Errorf("candidate %d was rendered with other templates:\n%s", c.ID, taskOf(c.Rendered))
			}
		}
	}
	if rendered == 0 {
		t.Error("no prompt with the run's template was rendered anew")
	}
}

func (h *templated) readsThemAgain(t *testing.T) {
	h.write(t, "Bore me.")
	h.finish(t, "resume", "r", "--candidates", "20", "--config", h.config)
	if asked(h.whole(t, "r"), "Bore me.") == 0 {
		t.Error("a file with the key prompts did not have the folder read again")
	}
}

// asked counts the prompts that have a text.
func asked(candidates []archive.Candidate, text string) (n int) {
	for _, c := range candidates {
		if strings.Contains(c.Prompt, text) {
			n++
		}
	}
	return n
}
