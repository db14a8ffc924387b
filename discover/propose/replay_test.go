package propose

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
