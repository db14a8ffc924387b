package catalog

import (
	"testing"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog/testdata/cheats/chosen_hybrid"
	"github.com/objdisco/discover/sandbox/objective/catalog/testdata/cheats/chosen_only"
	"github.com/objdisco/discover/sandbox/objective/catalog/testdata/cheats/factor"
	"github.com/objdisco/discover/sandbox/objective/catalog/testdata/cheats/linear"
	"github.com/objdisco/discover/sandbox/objective/catalog/testdata/cheats/sft"
)

// The cheats that an evaluation must not fall for are what they say, and none
// of them passes for a known objective.
func TestCheats(t *testing.T) {
	for name, cheat := range map[string]struct {
		loss             func(objective.Batch) objective.Vec
		formula          string
		chosen, rejected string
		factor           float64 // of dpo; 0 for another loss
	}{
		"sft":           {sft.Loss, "−log π(y₊)", "up", "still", 0},
		"linear":        {linear.Loss, "−β·h", "up", "down", 0},
		"factor":        {factor.Loss, "−1e+06·log σ(β·h)", "up", "down", 1e6},
		"chosen_only":   {chosen_only.Loss, "−log σ(β·h₊)", "up", "still", 0},
		"chosen_hybrid": {chosen_hybrid.Loss, "−0.1·log π(y₊) − log σ(β·h)", "up", "down", 0},
	} {
		g, err := objective.Trace(cheat.loss)
		if err != nil {
			t.Fatal(err)
		}
		if got := graph.Formula(g); got != cheat.formula {
			t.Errorf("%s is %s, want %s", name, got, cheat.formula)
		}
		d, err := graph.Inspect(g)
		if err != nil {
			t.Fatal(err)
		}
		if d.Start.Chosen != cheat.chosen || d.Start.Rejected != cheat.rejected {
			t.Errorf("%s moves chosen %s, rejected %s, want %s, %s", name, d.Start.Chosen, d.Start.Rejected, cheat.chosen, cheat.rejected)
		}
		m, err := Library().Nearest(g)
		if err != nil {
			t.Fatal(err)
		}
		if m.Same() != (cheat.factor != 0) || m.Same() && (m.Name != "dpo" || m.Factor != cheat.factor) {
			t.Errorf("%s is %v", name, m)
		}
	}
}
