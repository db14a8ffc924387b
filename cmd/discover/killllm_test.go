package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
)

// A search that asks models which stall, drop, refuse and talk nonsense, and one of
// which cuts off long prompts in silence, is killed with SIGKILL again and again, and so
// are the commands that look after its file in between. It ends with the archive of an
// undisturbed one, and no reply that was stored is asked for again.
func TestKilledSearchBuysNothingTwice(t *testing.T) {
	const candidates = "10"
	model := newScriptedLLM(t, true)
	model.context = map[string]int{"n": 3400}
	// With many kills there is time for the screen, and so for tuned candidates.
	h := newHarnessWith(t, fmt.Sprintf("tasks: [bandit]\nseeds: 2\nscreen: %v\nrequest_timeout: 1s\nmodel: [m, n]\n", *kills > 10), "OPENAI_API_KEY=sk-none")
	h.plant(t, "known", model.URL+"/v1")
	h.copyRun(t, "known", "whole")
	began := time.Now()
	h.finish(t, "resume", "whole", "--candidates", candidates)
	undisturbed := time.Since(began)
	whole := h.stored(t, "whole")
	if n := len(whole); n < 10 {
		t.Fatalf("the undisturbed search stored %d replies of different conversations, want at least 10", n)
	}

	rng := rand.New(rand.NewPCG(uint64(*kills), 2))
	for run := 1; h.killed < *kills; run++ {
		name := fmt.Sprintf("killed%d", run)
		h.copyRun(t, "known", name)
		model.forget()
		bought := map[string]int{} // requests when all replies to a conversation were found stored
		for h.sitting(t, name, []string{"resume", name, "--candidates", candidates}, time.Duration(rng.Int64N(int64(undisturbed/2)))) {
			h.killed++
			requests := model.requests()
			for mark, n := range h.stored(t, name) {
				if _, known := bought[mark]; !known && n == whole[mark] {
					bought[mark] = requests[mark]
				}
			}
			care := []string{"compact", "reindex"}[rng.IntN(2)]
			h.sitting(t, name, []string{"db", care, name}, time.Duration(rng.Int64N(int64(100*time.Millisecond))))
		}
		for mark, n := range model.requests() {
			if before, known := bought[mark]; known && n != before {
				t.Errorf("run %s asked again for the stored reply %s", name, mark)
			}
		}
		h.compare(t, "whole", name)
	}
}

// plant makes a run that nothing was done in yet, with few known losses, so that
// the search soon comes to what a model proposes.
func (h *harness) plant(t *testing.T, name, server string) {
	t.Helper()
	h.plantFor(t, discover.ProposerLLM, name, server)
}

func (h *harness) plantFor(t *testing.T, proposer, name, server string) {
	t.Helper()
	text, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	config, err := configOf("quick", string(text))
	if err != nil {
		t.Fatal(err)
	}
	config.BaseURL = server
	data, err := json.Marshal(settings{Config: config, Catalog: []string{"dpo", "hinge", "lrml"}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := archive.Create(filepath.Join(h.dir, "runs"), name, archive.Settings{Config: data, ConfigHash: config.Hash(), Seed: config.Seed, Proposer: proposer})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// copyRun copies the file of a run that nothing has open.
func (h *harness) copyRun(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(h.dir, "runs", from, "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(h.dir, "runs", to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "runs", to, "run.db"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// stored returns how many replies with each mark a run holds, which nothing has open.
// A prompt that is cut short may be one that was asked before, and have several.
func (h *harness) stored(t *testing.T, name string) map[string]int {
	t.Helper()
	r, err := archive.OpenReadOnly(filepath.Join(h.dir, "runs"), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	next, err := r.NextID()
	if err != nil {
		t.Fatal(err)
	}
	marks := map[string]int{}
	for id := 1; id < next+8; id++ {
		replies, err := r.Replies(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range replies {
			m := markForm.FindStringSubmatch(reply.Raw)
			if m == nil {
				t.Fatalf("the reply for candidate %d has no mark: %s", id, reply.Raw)
			}
			marks[m[1]]++
		}
	}
	return marks
}
