package discover

import (
	"strings"
	"testing"
)

func TestChangedKeepsWhatScoresDependOn(t *testing.T) {
	c := defaults()
	changed, err := c.Changed("f.yaml", []byte("model: {a: 2}\nrequest_timeout: 20m\nhistory_tokens: 900\ntasks: [reviews, reviews-flip]\nseed: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := c
	want.Model, want.RequestTimeout, want.HistoryTokens = changed.Model, 20*60e9, 900
	if changed.Hash() != want.Hash() || changed.RequestTimeout != want.RequestTimeout || len(changed.Model) != 1 || changed.Model[0].Name != "a" {
		t.Errorf("changed to %+v", changed)
	}
	for text, says := range map[string]string{
		"seed: 2": "seed is 1", "lag: 5": "lag is 4", "proposer: evolve": "proposer is auto", "tasks: [bandit]": "tasks is [reviews reviews-flip]",
		"seeds: 5": "seeds is 4", "screen: false": "screen is true", "micro_batch: 4": "micro_batch is 2", "no_such: 1": `unknown key "no_such"`,
	} {
		if _, err := c.Changed("f.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "f.yaml") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", text, err, says)
		}
	}
}
