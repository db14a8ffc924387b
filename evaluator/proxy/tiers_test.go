package proxy

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/objdisco/discover/evaluator"
	"github.com/objdisco/discover/evaluator/kernel"
)

var update = flag.Bool("update", false, "write the outcomes of this tier to testdata")

// tierCell is a cell whose outcome every tier must come to.
type tierCell struct {
	Task      string  `json:"task"`
	Objective string  `json:"objective"`
	Beta      float64 `json:"beta"`
	Reward    float64 `json:"reward"`
	KL        float64 `json:"kl"`
}

// tierCells trains what the tiers are compared on: a text task that takes
// milliseconds, and the bandit.
func tierCells(t *testing.T) []tierCell {
	setup, err := drawSetup(t.Context(), smallText(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text, err := newTextInstance(smallText(), 1, setup)
	if err != nil {
		t.Fatal(err)
	}
	bandit, err := Source{}.Prepare(t.Context(), "bandit", 1)
	if err != nil {
		t.Fatal(err)
	}
	var cells []tierCell
	for _, on := range []struct {
		task       string
		instance   evaluator.Instance
		objectives []string
	}{{"small text", text, []string{"dpo", "hinge", "lrml", "ipo"}}, {"bandit", bandit, []string{"dpo", "ipo", "exponential"}}} {
		for _, objective := range on.objectives {
			for _, beta := range []float64{.05, .5} {
				out := mustTrain(t, on.instance, planOf(t, objective), beta)
				cells = append(cells, tierCell{on.task, objective, beta, out.Reward, out.KL})
			}
		}
	}
	return cells
}

const tierFile = "testdata/tiers.json"

func storedTierCells(t *testing.T) []tierCell {
	data, err := os.ReadFile(tierFile)
	if err != nil {
		t.Fatal(err)
	}
	var cells []tierCell
	if err := json.Unmarshal(data, &cells); err != nil {
		t.Fatal(err)
	}
	return cells
}

// tierTolerance is how far the reward and the KL of a stable cell may be apart on the
// pure-Go tier and the SIMD tiers.
const tierTolerance = 1e-5

// The SIMD tiers agree bit for bit; the pure-Go one adds in another order. Where
// training is stable, that leaves a difference within this tolerance.
func TestTiersAgree(t *testing.T) {
	got := tierCells(t)
	if *update {
		data, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(tierFile, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	within := 0.
	if kernel.Tier() == "go" {
		within = tierTolerance
	}
	for i, want := range storedTierCells(t) {
		reward, kl := math.Abs(got[i].Reward-want.Reward), math.Abs(got[i].KL-want.KL)
		t.Logf("%-10s %-11s beta %-4g reward %.6f, off by %.1e; KL %.6f, off by %.1e", want.Task, want.Objective, want.Beta, got[i].Reward, reward, got[i].KL, kl)
		if reward > within || kl > within {
			t.Errorf("%s, %s at beta %g: reward %v and KL %v on the tier %s, want %v and %v within %g",
				want.Task, want.Objective, want.Beta, got[i].Reward, got[i].KL, kernel.Tier(), want.Reward, want.KL, within)
		}
	}
}
