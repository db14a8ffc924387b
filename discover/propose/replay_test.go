package propose

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/prompts"
)

// tape is a Recording: proposals by candidate, in turn.
type tape map[string][]Proposal

func (r tape) Recorded(candidate string, turn int) (Proposal, bool, error) {
	if candidate == "broken" {
		return Proposal{}, false, errors.New("disk on fire")
	}
	if turn >= len(r[candidate]) {
		return Proposal{}, false, nil
	}
	return r[candidate][turn], true, nil
}

func TestReplay(t *testing.T) {
	first := Proposal{Name: "unreadable", Problem: "the reply is empty", Operator: "new", Model: "m"}
	second := Proposal{Name: "fixed", Thought: "t", Code: "c", Operator: "new", Model: "m", Prompt: "p", Parents: []string{"1"}}
	r := Replay{From: tape{"20": {first, second}}}
	got, err := r.Propose(t.Context(), Request{ID: "20"})
	if err != nil || !cmp.Equal(got, first) {
		t.Errorf("proposal %+v, %v", got, err)
	}
	got, err = r.Repair(t.Context(), Request{ID: "20"}, got, "rejected", 1)
	if err != nil || !cmp.Equal(got, second) {
		t.Errorf("repair %+v, %v", got, err)
	}
	if _, err := r.Repair(t.Context(), Request{ID: "20"}, got, "rejected", 2); !errors.Is(err, ErrNotRecorded) {
		t.Errorf("repair that was not recorded: %v", err)
	}
	if _, err := r.Propose(t.Context(), Request{ID: "21"}); !errors.Is(err, ErrNotRecorded) || !strings.Contains(err.Error(), "candidate 21") {
		t.Errorf("candidate that was not recorded: %v", err)
	}
	if _, err := r.Propose(t.Context(), Request{ID: "broken"}); err == nil || errors.Is(err, ErrNotRecorded) {
		t.Errorf("recording that fails: %v", err)
	}
}

// The prompt of a replay is that of its own history: none of its own where nothing is
// another, with the recorded task where something is, and with that of a new objective
// where a parent has no score.
func TestReplayRendersPromptsAnew(t *testing.T) {
	asked := asker(t, says(good), memory{})
	asked.Operators = []Arm{{prompts.Mutate, 1}}
	recorded, err := asked.Propose(t.Context(), asking("20"))
	if err != nil || len(recorded.Parents) != 1 {
		t.Fatalf("parents %v, %v", recorded.Parents, err)
	}
	parent := recorded.Parents[0]
	isParent := func(p Prior) bool { return p.ID == parent }
	tests := map[string]struct {
		change       func(*Request, *LLM)
		rendered     bool
		shows, hides string
	}{
		"nothing": {change: func(*Request, *LLM) {}},
		"a score": {
			change:   func(r *Request, _ *LLM) { r.Ranked[len(r.Ranked)-1].Fitness = -.5 },
			rendered: true, shows: "Fitness -50.00 %", hides: "Fitness -11.00 %",
		},
		"a rejection": {
			change:   func(r *Request, _ *LLM) { r.Rejected[0].Reason = "undefined: z" },
			rendered: true, shows: "undefined: z", hides: "undefined: y",
		},
		"a shorter history": {
			change:   func(_ *Request, p *LLM) { p.HistoryTokens = 500 },
			rendered: true, shows: "Improve `loss_" + parent + "`", hides: "id 12)",
		},
		"a parent without a score": {
			change:   func(r *Request, _ *LLM) { r.Ranked = slices.DeleteFunc(r.Ranked, isParent) },
			rendered: true, shows: "Propose a new objective", hides: "Improve `loss_",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req, prompter := asking("20"), asker(t, nil, memory{})
			test.change(&req, prompter)
			got, err := Replay{From: tape{"20": {recorded}}, Prompter: prompter}.Propose(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got.Prompt != recorded.Prompt || got.Code != recorded.Code || (got.Rendered != "") != test.rendered {
				t.Errorf("prompt of %d bytes, was %d; rendered anew %d", len(got.Prompt), len(recorded.Prompt), len(got.Rendered))
			}
			if !test.rendered {
				return
			}
			if !strings.Contains(got.Rendered, test.shows) || strings.Contains(got.Rendered, test.hides) || !strings.Contains(recorded.Prompt, test.hides) {
				t.Errorf("want %q in the place of %q:\n%s", test.shows, test.hides, got.Rendered)
			}
		})
	}
}
